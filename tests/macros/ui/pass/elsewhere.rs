//! Futures that are only passed on, and streams.
#![deny(warnings)]
#![warn(clippy::pedantic, clippy::nursery)]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::{BoxFuture, LocalBoxFuture};
use futures_core::stream::{BoxStream, LocalBoxStream};
use meters::{metered, monitored};

async fn inner(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[monitored]
fn passed_on() -> impl Future<Output = u32> + Send {
    std::future::ready(1)
}

#[monitored(dimensions(text), sample = 1/2, rollup([]))]
fn borrowed(text: &str) -> impl Future<Output = Result<u32, std::num::ParseIntError>> + Send {
    let text = text.trim();
    inner(text)
}

#[monitored]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<u32, std::num::ParseIntError>> + Send + 'a>> {
    if text.is_empty() {
        return Box::pin(std::future::ready(Ok(1)));
    }
    Box::pin(inner(text))
}

#[monitored(errors(ignore(_)))]
fn named(text: &str) -> BoxFuture<'_, Result<u32, std::num::ParseIntError>> {
    Box::pin(inner(text))
}

#[monitored(errors(if = |number| *number == 0))]
fn local<'a>() -> LocalBoxFuture<'a, u32> {
    Box::pin(std::future::ready(0))
}

#[monitored]
fn unpinned() -> Box<dyn Future<Output = u32> + Send + Unpin> {
    Box::new(std::future::ready(0))
}

#[monitored]
fn of_a_generic<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
    future
}

trait Service {
    type Future;
    fn call(&mut self) -> Self::Future;
}

struct Served(u32);

impl Service for Served {
    type Future = BoxFuture<'static, Result<u32, String>>;

    #[monitored(dimensions(Number = self.0))]
    fn call(&mut self) -> Self::Future {
        self.0 += 1;
        Box::pin(std::future::ready(Ok(self.0)))
    }
}

struct Numbers(u32);

impl Stream for Numbers {
    type Item = Result<u32, String>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0 += 1;
        Poll::Ready((self.0 < 4).then_some(Ok(self.0)))
    }
}

#[monitored(dimensions(most))]
fn numbers(most: u32) -> impl Stream<Item = Result<u32, String>> + Send {
    Numbers(most)
}

#[monitored(errors(ignore(_)))]
fn boxed_stream<'a>(most: u32) -> BoxStream<'a, Result<u32, String>> {
    Box::pin(Numbers(most))
}

#[monitored(name = "Pinned")]
fn pinned_stream(most: &u32) -> Pin<Box<dyn Stream<Item = Result<u32, String>> + '_>> {
    if *most == 0 {
        return Box::pin(Numbers(0));
    }
    Box::pin(Numbers(*most))
}

#[monitored(errors(if = |item| item.is_err()))]
fn local_stream<'a>() -> LocalBoxStream<'a, Result<u32, String>> {
    Box::pin(Numbers(0))
}

#[monitored(future = false)]
fn only_made() -> impl Stream<Item = Result<u32, String>> {
    Numbers(0)
}

/// The stream is a value like any other: the call is its making.
#[monitored]
async fn made_async() -> impl Stream<Item = Result<u32, String>> {
    std::future::ready(()).await;
    Numbers(0)
}

#[metered]
fn marked() -> impl Stream<Item = Result<u32, String>> {
    Numbers(0)
}

struct Store(u32);

#[monitored(dimensions(Shard = self.0, Cache = _), on_err(|error| Reason = error), errors(kind = |error| error.len()), record(in_flight, polls))]
impl Store {
    fn rows(&self) -> impl Stream<Item = Result<u32, String>> {
        Numbers(self.0)
    }

    fn row(&self) -> impl Future<Output = Result<u32, String>> + Send {
        std::future::ready(Ok(self.0))
    }

    fn early(&self) -> Result<u32, String> {
        meters::set!(Cache = "hit");
        Ok(self.0)
    }
}

fn send<T: Send>(value: T) -> T {
    value
}

fn main() {
    drop((send(passed_on()), send(borrowed("a")), send(boxed("a")), send(named("a")), local()));
    drop((send(unpinned()), send(of_a_generic(std::future::ready(()))), send(Served(1).call())));
    drop((send(numbers(1)), send(boxed_stream(1)), pinned_stream(&1), local_stream(), only_made(), made_async(), marked()));
    let store = Store(1);
    drop((store.rows(), send(store.row()), store.early()));
}
