//! What is polled elsewhere has no body that runs inside the call.

use std::future::{Future, ready};
use std::pin::Pin;

use meters::monitored;

#[monitored(dimensions(Cache = _))]
fn slot() -> impl Future<Output = u32> {
    ready(1)
}

#[monitored(on_ok(|v| Kind = *v))]
fn on_ok() -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(ready(1))
}

#[monitored(when = true)]
fn when() -> impl Future<Output = u32> {
    ready(1)
}

#[monitored(record(polls))]
fn record() -> impl Future<Output = u32> {
    ready(1)
}

#[monitored(errors(kind = |e| *e))]
fn kind() -> impl Future<Output = Result<u32, u32>> {
    ready(Ok(1))
}

#[monitored(errors(none))]
fn none() -> impl Future<Output = u32> {
    ready(1)
}

struct Store;

#[monitored(when = true)]
impl Store {
    fn get(&self) -> impl Future<Output = u32> {
        ready(1)
    }
}

fn main() {
    drop((slot(), on_ok(), when(), record(), kind(), none(), Store.get()));
}
