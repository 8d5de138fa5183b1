//! Plain functions of every shape compile as they would without the attribute.
#![deny(warnings)]
#![allow(dead_code)]

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Mutex;
use std::task::Poll;

use meters::{metered, monitored};

type E = Box<dyn std::error::Error>;

trait Animal {}
struct Dog;
impl Animal for Dog {}

struct Pair {
    x: u32,
    y: Either,
}
enum Either {
    Left(u32),
    Right(u32),
}

#[monitored]
fn generics<T: Clone + Debug, const N: usize>(a: [T; N]) -> Result<Vec<T>, E>
where
    T: Send,
{
    Ok(a.to_vec())
}

#[monitored]
fn impl_arguments(mut f: impl FnMut(u32) -> u32, g: &mut dyn FnMut()) -> Result<u32, E> {
    g();
    Ok(f(1))
}

#[monitored]
fn lifetimes<'a, 'b: 'a>(a: &'a str, b: &'b str) -> Result<&'a str, E> {
    Ok(if a.is_empty() { b } else { a })
}

#[monitored]
fn never() -> ! {
    panic!()
}

#[monitored]
unsafe fn not_safe(p: *const u32) -> Result<u32, E> {
    Ok(unsafe { *p })
}

#[monitored]
unsafe extern "C" fn foreign(a: u32) -> u32 {
    a
}

#[monitored(dimensions(a, y))]
fn destructured(
    (a, mut b): (u32, u32),
    [c, ..]: [u32; 3],
    Pair { x, y: Either::Left(y) | Either::Right(y) }: Pair,
    &d: &u32,
) -> Result<u32, E> {
    b += 1;
    Ok(a + b + c + d + x + y)
}

#[monitored]
fn coerced(early: bool) -> Result<Box<dyn Animal>, E> {
    if early {
        return Ok(Box::new(Dog));
    }
    Ok(Box::new(Dog))
}

#[monitored]
fn coerced_plain(early: bool) -> Box<dyn Animal> {
    if early {
        return Box::new(Dog);
    }
    Box::new(Dog)
}

#[monitored]
fn inferred() -> Result<Vec<u8>, E> {
    Ok("".bytes().collect())
}

#[monitored]
fn any<T: Default>() -> T {
    Default::default()
}

#[monitored]
fn recursive(n: u32) -> Result<u32, E> {
    if n == 0 { Ok(0) } else { recursive(n - 1) }
}

#[monitored]
fn borrowed(a: &RefCell<u32>) -> Result<Ref<'_, u32>, E> {
    Ok(a.borrow())
}

#[monitored]
fn borrowed_mut(a: &RefCell<u32>) -> Result<RefMut<'_, u32>, E> {
    Ok(a.borrow_mut())
}

#[monitored]
fn exclusive<'a>(map: &'a mut HashMap<u32, String>, key: u32) -> Result<&'a mut String, E> {
    Ok(map.get_mut(&key).ok_or("none")?)
}

#[monitored]
fn lent(map: &mut HashMap<u32, String>) -> Result<impl Iterator<Item = &mut String>, E> {
    Ok(map.values_mut())
}

#[monitored]
fn returns_a_closure() -> impl Fn(u32) -> u32 {
    |x| x + 1
}

#[monitored]
fn may_return_a_closure(k: u32) -> Result<impl Fn(u32) -> u32, E> {
    Ok(move |x: u32| x + k)
}

#[monitored]
fn iterator(n: u32) -> impl Iterator<Item = u32> + Clone {
    (0..n).map(|x| x * 2)
}

#[monitored]
fn cow(n: &str) -> Cow<'_, str> {
    n.into()
}

#[monitored]
fn tail_temporary(n: &Mutex<u32>) -> u32 {
    n.lock().unwrap().count_ones()
}

#[monitored]
fn tail_temporary_checked(n: &Mutex<u32>) -> Result<u32, E> {
    Ok(*n.lock().map_err(|_| "poisoned")?)
}

#[monitored]
fn labelled(n: u32) -> Result<u32, E> {
    'outer: loop {
        for i in 0..n {
            if i == 3 {
                break 'outer;
            }
        }
        return Ok(3);
    }
    Ok(1)
}

#[monitored(dimensions(a, Length = b.len(), Text = &*b, Sum = a.len() + 1))]
fn moves_its_arguments(a: String, b: String) -> Result<String, E> {
    drop(a);
    Ok(b)
}

#[monitored]
fn changes_its_arguments(mut a: u32, mut b: Vec<u32>) -> Result<Vec<u32>, E> {
    a += 1;
    b.push(a);
    Ok(b)
}

#[monitored]
fn inner_attributes() -> Result<u32, E> {
    #![allow(unused_variables)]
    //! Inner documentation.
    let a = 1;
    Ok(1)
}

/// Outer documentation.
#[monitored]
#[inline(always)]
#[cfg(not(windows))]
fn outer_attributes(#[allow(unused)] a: u32) -> Result<u32, E> {
    Ok(1)
}

#[inline]
#[monitored]
pub(crate) fn unnamed_arguments(_: u32, _b: u32) -> Result<(), E> {
    Ok(())
}

#[monitored]
fn nested() -> Result<u32, E> {
    #[monitored]
    fn inside() -> Result<u32, E> {
        Ok(1)
    }
    inside()
}

#[monitored]
#[metered]
fn both() -> Result<u32, E> {
    Ok(1)
}

#[monitored]
fn pointer(a: &u32) -> *const u32 {
    a
}

#[monitored]
fn let_else(a: Option<u32>) -> Result<u32, E> {
    let Some(x) = a else { return Err("none".into()) };
    Ok(x)
}

#[monitored]
fn unfinished() -> Result<u32, E> {
    todo!()
}

#[monitored]
fn tuple() -> (Result<u32, E>, u32) {
    (Ok(1), 1)
}

#[monitored]
fn alias() -> std::io::Result<()> {
    Ok(())
}

#[monitored]
fn poll() -> Poll<Result<u32, E>> {
    Poll::Pending
}

#[monitored]
fn associated<T: Iterator>(mut t: T) -> Result<T::Item, E> {
    t.next().ok_or_else(|| "none".into())
}

#[monitored]
fn unsized_behind<'a>(a: &'a dyn Animal) -> Result<&'a (dyn Animal + 'a), E> {
    Ok(a)
}

#[monitored]
fn cell(a: &Cell<u32>) -> Result<(), E> {
    a.set(1);
    Ok(())
}

#[monitored()]
fn r#match(r#type: u32, __meters_call: u32, __meters_result: u32) -> Result<u32, E> {
    Ok(r#type + __meters_call + __meters_result)
}

macro_rules! made {
    ($name:ident, $type:ty, $body:block, $value:expr, $literal:literal) => {
        #[monitored(name = $literal, dimensions(Value = $value, Literal = $literal))]
        fn $name() -> $type $body
    };
}
made!(by_macro, Result<u32, E>, { Ok(1) }, computed(), "MadeByMacro");
made!(by_macro_plain, u32, { 1 }, "text", "MadeByMacroPlain");

fn computed() -> u32 {
    7
}

macro_rules! item {
    ($item:item) => {
        #[monitored]
        $item
    };
}
item! { fn as_item() -> Result<u32, E> { Ok(1) } }

fn main() {
    assert_eq!(destructured((1, 1), [1, 2, 3], Pair { x: 1, y: Either::Right(1) }, &1).unwrap(), 7);
    assert_eq!(by_macro().unwrap() + by_macro_plain() + as_item().unwrap(), 3);
    let all = meters::snapshot();
    assert_eq!(all.metric("MadeByMacro").with("Value", "7").with("Literal", "MadeByMacro").count(), 1);
}
