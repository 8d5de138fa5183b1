//! Which returned values are errors.
#![deny(warnings)]

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::Poll;

use meters::{Outcome, monitored};

#[derive(Debug, PartialEq)]
enum Error {
    NotFound,
    Gone,
    Http(u16),
}

#[derive(Outcome)]
enum Reply<T> {
    Fine(T),
    #[outcome(error)]
    Broken,
    #[outcome(error)]
    Late {
        _by: u32,
    },
}

#[monitored(name = "None", errors(none))]
fn none(found: bool) -> Option<u32> {
    let found: Option<u32> = found.then_some(1);
    Some(found?)
}

#[monitored(name = "NoneAsync", errors(none))]
async fn none_async(found: bool) -> Option<u32> {
    found.then_some(1)
}

#[monitored(name = "If", errors(if = |returned| returned.is_empty()))]
fn empty(text: &str) -> String {
    text.to_owned()
}

#[monitored(name = "IfResult", errors(if = |returned: &Result<u32, Error>| returned.as_ref().is_ok_and(|n| *n > 9)))]
fn large(number: u32) -> Result<u32, Error> {
    if number == 0 { Err(Error::Gone) } else { Ok(number) }
}

#[monitored(name = "Ignore", errors(ignore(Error::NotFound | Error::Gone | Error::Http(400..=499))))]
fn ignore(error: Error) -> Result<u32, Error> {
    Err(error)
}

#[monitored(name = "IgnoreAll", errors(ignore(_)))]
fn ignore_all(error: Error) -> Result<u32, Error> {
    Err(error)
}

#[monitored(name = "IgnoreBoxed", errors(ignore(Error::Gone), none))]
fn boxed(error: Error) -> Pin<Box<dyn Future<Output = Result<u32, Error>> + Send>> {
    Box::pin(async move { Err(error) })
}

#[monitored(name = "Poll")]
fn poll(ready: bool) -> Poll<Result<u32, Error>> {
    if ready { Poll::Ready(Err(Error::Gone)) } else { Poll::Pending }
}

#[monitored(name = "Flow")]
fn flow(stop: bool) -> ControlFlow<u32, u32> {
    if stop { ControlFlow::Break(1) } else { ControlFlow::Continue(1) }
}

#[monitored(name = "Reply")]
fn reply(kind: u32) -> Reply<u32> {
    match kind {
        0 => Reply::Fine(1),
        1 => Reply::Broken,
        _ => Reply::Late { _by: 2 },
    }
}

struct Store;

#[monitored(errors(none, ignore(Error::NotFound)), prefix = "S")]
impl Store {
    fn unit(&self) {}
    fn find(&self) -> Option<u32> {
        None
    }
    fn get(&self) -> Result<u32, Error> {
        Err(Error::NotFound)
    }
    #[monitored(errors())]
    fn strict(&self) -> Result<u32, Error> {
        Err(Error::NotFound)
    }
    fn itself(&self) -> &Self {
        self
    }
    fn own(self) -> Self {
        self
    }
}

fn now<F: Future>(future: F) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = std::pin::pin!(future).as_mut().poll(&mut context);
}

fn main() {
    let _ = (none(true), none(false));
    now(none_async(true));
    now(none_async(false));
    let _ = (empty(""), empty("a"), large(0), large(5), large(10));
    for error in [Error::NotFound, Error::Gone, Error::Http(404), Error::Http(500)] {
        let _ = ignore(error);
    }
    let _ = ignore_all(Error::Gone);
    now(boxed(Error::Gone));
    now(boxed(Error::NotFound));
    let _ = (poll(true), poll(false), flow(true), flow(false));
    for kind in 0..3 {
        if let Reply::Fine(value) = reply(kind) {
            assert_eq!(value, 1);
        }
    }
    Store.unit();
    let _ = (Store.find(), Store.get(), Store.strict());
    Store.itself().unit();
    let _ = Store.own();

    let all = meters::snapshot();
    let ended = |name: &str| {
        let calls = all.metric(name).calls();
        (calls.ok(), calls.errors)
    };
    for (name, ok, errors) in [
        ("None", 1, 1),
        ("NoneAsync", 1, 1),
        ("If", 1, 1),
        ("IfResult", 2, 1),
        ("Ignore", 3, 1),
        ("IgnoreAll", 1, 0),
        ("IgnoreBoxed", 1, 1),
        ("Poll", 1, 1),
        ("Flow", 1, 1),
        ("Reply", 1, 2),
    ] {
        assert_eq!(ended(name), (ok, errors), "{name}");
    }
    let method = |name: &str| {
        let function = format!("{}::S::{name}", module_path!());
        let calls = all.metric("Duration").with("Function", &function).calls();
        (calls.ok(), calls.errors)
    };
    assert_eq!((method("unit"), method("find"), method("get"), method("strict")), ((2, 0), (0, 1), (1, 0), (0, 1)));
    assert_eq!((method("itself"), method("own")), ((1, 0), (1, 0)));
}
