//! Dimensions that are known late: slots, and what is returned.
#![deny(warnings)]
#![warn(clippy::pedantic, clippy::nursery)]

use std::future::Future;
use std::pin::Pin;

use meters::{Dimension, monitored};

#[derive(Dimension, Clone, Copy)]
enum Kind {
    New,
    Old,
}

struct Order {
    kind: Kind,
    lines: Vec<String>,
}

enum Error {
    Stock(u32),
    Card { issuer: String },
}

impl Error {
    fn reason(&self) -> &'static str {
        match self {
            Self::Stock(_) => "stock",
            Self::Card { .. } => "card",
        }
    }
}

#[monitored(name = "Slots", dimensions(Cache = _, Shard = _ "none", key))]
fn slots(key: u32) -> Result<u32, Error> {
    if key == 0 {
        return Err(Error::Stock(key));
    }
    meters::set!(Cache = "hit");
    meters::set!(Cache = key, Shard = %(key + 1));
    let also = || meters::set!(Shard = ?Some(key));
    also();
    Ok(key)
}

#[monitored(dimensions(unused = _))]
fn nobody_sets_it() {}

#[monitored(dimensions(r#type = _))]
async fn later(key: String) -> u32 {
    std::future::ready(()).await;
    meters::set!(r#type = key);
    let read = 3;
    std::future::ready(()).await;
    meters::set! { r#type = "b" }
    read
}

#[monitored(
    on_ok(|order| Sort = order.kind, Lines = order.lines.len(), Shown = %order.lines.len(), Fixed = "f"),
    on_err(|error| Reason = error.reason(), Sort = "none"),
    errors(ignore(Error::Stock(_)), kind = |error| error.reason())
)]
fn order(fine: bool) -> Result<Order, Error> {
    if !fine {
        Err(Error::Card { issuer: String::new() })?;
    }
    Ok(Order { kind: Kind::New, lines: Vec::new() })
}

#[monitored(on_ok(|Order { kind, .. }| kind), on_err(|Error::Card { issuer }| issuer))]
async fn destructured(fine: bool) -> Result<Order, Error> {
    std::future::ready(()).await;
    if fine { Ok(Order { kind: Kind::Old, lines: Vec::new() }) } else { Err(Error::Stock(1)) }
}

#[monitored(on_ok(|found| Found = found.is_some()))]
fn option(key: u32) -> Option<u32> {
    key.checked_sub(1)
}

#[monitored(on_ok(|Some(found)| Found = *found), errors(none))]
fn some(key: u32) -> Option<u32> {
    key.checked_sub(1)
}

#[monitored(on_ok(|size| Size = *size))]
async fn number() -> usize {
    std::future::ready(4).await
}

#[monitored(on_ok(|lengths| Count = lengths.clone().count()))]
fn lengths(text: &str) -> impl Iterator<Item = usize> + Clone {
    text.split(' ').map(str::len)
}

#[monitored(dimensions(Cache = _), on_ok(|read| Read = *read), record(in_flight, busy, polls), sample = 1/16, when = key > 0)]
fn boxed<'a>(key: u32) -> Pin<Box<dyn Future<Output = Result<u32, Error>> + Send + 'a>> {
    Box::pin(async move {
        std::future::ready(()).await;
        meters::set!(Cache = "miss");
        Ok(key)
    })
}

fn send<T: Send>(value: T) -> T {
    value
}

macro_rules! made {
    ($name:ident, $slot:ident) => {
        #[monitored(dimensions($slot = _))]
        fn $name() {
            meters::set!($slot = "set");
        }
    };
}
made!(made, Slot);

struct Store {
    table: &'static str,
}

#[monitored(
    dimensions(Table = self.table, Cache = _ "none"),
    on_ok(|_| Answer = "yes"),
    on_err(|error| Answer = error.reason()),
    errors(kind = |error| error.reason()),
    record(in_flight, busy),
    rollup([], [Table], [Function, Table])
)]
impl Store {
    fn get(&self, key: u32) -> Result<u32, Error> {
        meters::set!(Cache = "hit");
        if key == 0 { Err(Error::Stock(0)) } else { Ok(key) }
    }

    const fn not_measured(&self) -> usize {
        self.table.len()
    }

    #[monitored(sample = 1/2, dimensions(Kind = "count"))]
    fn count(&self) -> usize {
        self.table.len()
    }

    async fn load(&self) -> Result<(), Error> {
        std::future::ready(()).await;
        meters::set!(Cache = "miss");
        Ok(())
    }

    #[monitored(name = "All", on_ok(|all| Some = all.is_some()))]
    fn all(&self) -> Option<&str> {
        Some(self.table)
    }
}

fn main() {
    let _ = (slots(0), slots(1));
    nobody_sets_it();
    drop(send(later(String::new())));
    let _ = (order(true), order(false));
    drop(send(destructured(true)));
    let _ = (option(0), some(1), lengths("a b").sum::<usize>());
    drop(send(number()));
    drop(send(boxed(1)));
    made();
    let store = Store { table: "orders" };
    let _ = (store.get(0), store.not_measured(), store.count(), store.all());
    drop(send(store.load()));
}
