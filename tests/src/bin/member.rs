//! One process of a fleet that shares its metrics: counts until its input ends, then says how much.
//!
//! `member URL-OF-REDIS [push-only|prefork|report]`, with CloudWatch at `CW`. Prints a line for each thousand of orders that was recorded and
//! pushed: what is known to be stored when it is killed.
#![allow(clippy::print_stdout, unsafe_code)]

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
    let part = arguments.get(1).map_or("", String::as_str);
    let reports = part.is_empty() || part == "report";
    let meters = if reports { builder } else { builder.push_only() }.start()?;
    if part == "prefork" {
        prefork(meters);
        return Ok(());
    }
    std::thread::spawn(|| {
        std::io::stdin().lock().lines().for_each(drop);
        OVER.store(true, Relaxed);
    });
    let mut orders = 0u64;
    while !OVER.load(Relaxed) {
        for _ in 0..if part == "report" { 0 } else { 1_000 } {
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

/// A server that starts, forks three workers, and goes on: each of them counts a thousand orders, itself two.
#[cfg(unix)]
fn prefork(meters: meters::Meters) {
    let thousand = || (1..=1_000u64).for_each(|number| _ = order("web", number.is_multiple_of(10)));
    thousand();
    let patience = Duration::from_secs(30);
    assert_eq!(meters.flush(patience).pending, 0);
    let children: Vec<_> = (0..3)
        .map(|_| {
            // SAFETY: the child calls nothing that a lock of another thread could hold up but what is made for that.
            let child = unsafe { libc::fork() };
            if child == 0 {
                thousand();
                let report = meters.shutdown(patience);
                std::process::exit(i32::from(report.pending + report.dropped > 0 || report.pushed == 0));
            }
            child
        })
        .collect();
    for child in children {
        let mut status = 0;
        // SAFETY: `status` lives.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0, "a worker did not push what it counted");
    }
    thousand();
    println!("end 5000 {}", meters.shutdown(patience));
}

#[cfg(not(unix))]
fn prefork(_: meters::Meters) {}
