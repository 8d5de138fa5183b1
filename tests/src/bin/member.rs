//! One process of a fleet that shares its metrics: counts until its input ends, then says how much.
//!
//! `member URL-OF-REDIS [push-only]`, with CloudWatch at `CW`. Prints a line for each thousand of orders that was recorded and
//! pushed: what is known to be stored when it is killed.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use meters::RedisStorage;

static OVER: AtomicBool = AtomicBool::new(false);

#[meters::monitored(name = "Order", dimensions(Kind = kind))]
fn order(kind: &str, fails: bool) -> Result<(), String> {
    if fails { Err(format!("no {kind}")) } else { Ok(()) }
}

fn main() -> Result<(), meters::Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let storage = RedisStorage::builder(&arguments[0])
        .period(Duration::from_secs(1))
        .grace(Duration::from_millis(200))
        .lease(Duration::from_millis(500))
        .claim_time(Duration::from_secs(8))
        .takeover_after(Duration::from_secs(1))
        .connect_timeout(Duration::from_secs(30))
        .response_timeout(Duration::from_secs(30))
        .build();
    let builder = meters::namespace("Shared").region("us-east-1").credentials("test", "test").interval("1s");
    let builder = builder.endpoint_url(std::env::var("CW").unwrap()).storage(storage);
    let push_only = arguments.get(1).is_some_and(|argument| argument == "push-only");
    let meters = if push_only { builder.push_only() } else { builder }.start()?;
    std::thread::spawn(|| {
        std::io::stdin().lock().lines().for_each(drop);
        OVER.store(true, Relaxed);
    });
    let mut orders = 0u64;
    while !OVER.load(Relaxed) {
        for _ in 0..1_000 {
            orders += 1;
            _ = order("web", orders.is_multiple_of(10));
        }
        let report = meters.flush(Duration::from_secs(30));
        if report.pending == 0 && report.dropped == 0 {
            println!("{orders}");
            std::io::stdout().flush().unwrap();
        }
    }
    let report = meters.shutdown(Duration::from_secs(30));
    println!("end {orders} {report}");
    Ok(())
}
