//! Async functions, and functions that return futures.
#![deny(warnings)]
#![allow(dead_code)]

use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Mutex;

use meters::{metered, monitored};

type E = Box<dyn std::error::Error>;

trait Animal {}
struct Dog;
impl Animal for Dog {}

struct Dropped(u32);
impl Drop for Dropped {
    fn drop(&mut self) {}
}

#[monitored]
async fn unit(text: &mut String) {
    text.push('a')
}

#[monitored]
async fn plain() -> Vec<u8> {
    "".bytes().collect()
}

#[monitored]
async fn question_mark(text: &str) -> Result<u32, E> {
    let n: u32 = text.parse()?;
    unit(&mut String::new()).await;
    Ok(n)
}

#[monitored]
async fn coerced(early: bool) -> Result<Box<dyn Animal>, E> {
    if early {
        return Ok(Box::new(Dog));
    }
    Ok(Box::new(Dog))
}

#[monitored]
async fn coerced_plain(early: bool) -> Box<dyn Animal> {
    if early {
        return Box::new(Dog);
    }
    Box::new(Dog)
}

#[monitored]
async fn any<T: Default>() -> T {
    Default::default()
}

#[monitored]
async fn not_send() -> Result<u32, E> {
    let one = Rc::new(1);
    unit(&mut String::new()).await;
    Ok(*one)
}

#[monitored]
async fn iterator(n: u32) -> impl Iterator<Item = u32> {
    (0..n).map(|x| x * 2)
}

#[monitored]
async fn tail_temporary(n: &Mutex<u32>) -> u32 {
    n.lock().unwrap().count_ones()
}

#[monitored(dimensions(a, Length = b.len(), Text = &*b))]
async fn moves_its_arguments(a: String, b: String) -> Result<String, E> {
    drop(a);
    ready(()).await;
    Ok(b)
}

#[monitored]
async fn changes_its_arguments(mut a: u32, mut b: Vec<u32>) -> Result<Vec<u32>, E> {
    a += 1;
    b.push(a);
    Ok(b)
}

#[monitored]
async fn drops_its_arguments(a: Dropped, b: Dropped) -> Result<u32, E> {
    let _ = &a;
    Ok(b.0)
}

#[monitored]
async fn never() -> ! {
    loop {
        pending::<()>().await
    }
}

#[monitored]
async fn diverges() -> u32 {
    panic!()
}

#[monitored]
async fn diverges_unit() {
    panic!()
}

#[metered]
#[monitored]
async fn both() -> Result<u32, E> {
    Ok(1)
}

#[monitored]
fn returned(n: u32) -> impl Future<Output = u32> + Send {
    async move { n }
}

#[monitored]
fn returned_boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<&'a str, E>> + 'a>> {
    let kept = text;
    Box::pin(async move {
        if kept.is_empty() {
            return Ok("");
        }
        let _: u32 = kept.parse()?;
        Ok(kept)
    })
}

#[metered]
fn passed_on() -> impl Future<Output = Vec<u8>> {
    plain()
}

struct Service(u32);

impl Service {
    // What `#[async_trait]` makes of `async fn call(&mut self, n: u32) -> Result<u32, E>`.
    #[monitored(dimensions(n, Shard = self.0))]
    fn call<'life0, 'async_trait>(
        &'life0 mut self,
        n: u32,
    ) -> ::core::pin::Pin<
        Box<dyn ::core::future::Future<Output = Result<u32, E>> + ::core::marker::Send + 'async_trait>,
    >
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            if let ::core::option::Option::Some(__ret) =
                ::core::option::Option::None::<Result<u32, E>>
            {
                #[allow(unreachable_code)]
                return __ret;
            }
            let __self = self;
            let n = n;
            let __ret: Result<u32, E> = {
                __self.0 += n;
                Ok(__self.0)
            };
            #[allow(unreachable_code)]
            __ret
        })
    }
}

fn send<T: Send>(_: T) {}

fn main() {
    send(unit(&mut String::new()));
    send(question_mark(""));
    send(moves_its_arguments(String::new(), String::new()));
    send(drops_its_arguments(Dropped(1), Dropped(2)));
    send(returned(1));
    send(Service(1).call(1));
    // Nobody polled any of them, so nothing was called.
    assert_eq!(meters::snapshot().metric("Duration").count(), 0);
}
