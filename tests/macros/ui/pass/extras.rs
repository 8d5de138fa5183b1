//! Samples, conditions, records, rollups, limits, and functions that are told what they return.
#![deny(warnings)]
#![warn(clippy::pedantic, clippy::nursery)]

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use meters::{metered, monitored};

#[monitored(sample = 1/64)]
fn sampled(a: &str) -> usize {
    a.len()
}

#[monitored(sample = 1/3, dimensions(a))]
async fn sampled_async(a: &str) -> Result<usize, String> {
    ready(()).await;
    Ok(a.len())
}

#[monitored(when = key > 3)]
fn sometimes(key: u32) -> Result<u32, String> {
    Ok(key)
}

#[monitored(when = !text.is_empty(), dimensions(text))]
async fn sometimes_async(text: String) -> String {
    ready(()).await;
    text
}

#[metered(when = *flag, rollup([]), limit(key = 9), dimensions(key))]
fn marked(flag: &bool, key: u32) -> u32 {
    u32::from(*flag) + key
}

#[monitored(record(in_flight))]
fn in_flight() {}

#[monitored(name = "Recorded", record(polls, in_flight, busy,), unit = Milliseconds)]
async fn recorded() {
    ready(()).await;
}

#[monitored(
    dimensions(Route = "cart", tenant, "any key" = tenant.len()),
    limit = 1000,
    limit(tenant = 200, "any key" = 3),
    rollup([], [Route], [Function, Route], [Route, "any key"]),
    resolution = 1
)]
fn rolled_up(tenant: &str) -> usize {
    tenant.len()
}

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[monitored(future = true)]
fn alias() -> Later<Result<u32, String>> {
    Box::pin(ready(Ok(1)))
}

#[monitored(future = true)]
fn alias_with_block() -> Later<u32> {
    Box::pin(async { 1 })
}

#[monitored(future = false)]
fn only_made() -> impl Future<Output = u32> {
    ready(1)
}

#[monitored(future = false, errors(if = |_| false))]
fn only_the_box() -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(ready(1))
}

trait Later2: Future<Output = u32> {}
impl Later2 for Ready<u32> {}

/// Documented.
///
/// * a list
#[monitored(doc = false)]
pub fn undocumented() {}

/// Documented.
///
/// # Errors
///
/// Never.
#[monitored(dimensions(Tick = "`", other))]
pub fn documented(other: u32) -> Result<u32, String> {
    Ok(other)
}

fn send<T: Send>(value: T) -> T {
    value
}

fn main() {
    sampled("a");
    drop(send(sampled_async("a")));
    let _ = sometimes(1);
    drop(send(sometimes_async(String::new())));
    marked(&true, 1);
    in_flight();
    drop(send(recorded()));
    rolled_up("a");
    drop((send(alias()), alias_with_block(), only_made(), only_the_box()));
    undocumented();
    let _ = documented(1);
    let _: &dyn Later2 = &ready(1);
}
