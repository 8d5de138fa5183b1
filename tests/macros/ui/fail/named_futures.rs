//! Futures and streams behind names that do not tell: the making alone would be timed.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use futures_core::Stream;
use meters::monitored;

type Fut<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type RowStream = Pin<Box<dyn Stream<Item = u32>>>;

#[monitored]
fn alias() -> Fut<Result<u32, String>> {
    Box::pin(ready(Ok(1)))
}

#[monitored(dimensions(key))]
fn named(key: u32) -> Ready<u32> {
    ready(key)
}

#[monitored]
fn task() -> tokio::task::JoinHandle<u32> {
    tokio::spawn(ready(1))
}

#[monitored]
fn generic<F: Future>(future: F) -> F {
    future
}

#[monitored]
fn rows() -> RowStream {
    unimplemented!()
}

struct Store;

#[monitored]
impl Store {
    fn get(&self) -> Ready<u32> {
        ready(1)
    }
}

fn main() {
    drop((alias(), named(1), task(), generic(ready(1)), rows(), Store.get()));
}
