//! Timing the making of a future would be a lie.

use std::future::Future;
use std::pin::Pin;

use meters::monitored;

async fn inner() -> u32 {
    1
}

#[monitored]
fn passed_on() -> impl Future<Output = u32> {
    inner()
}

#[monitored]
fn boxed() -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(inner())
}

fn main() {
    drop(passed_on());
    drop(boxed());
}
