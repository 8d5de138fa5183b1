//! A service that ends well: at SIGTERM or Ctrl-C it takes no more work, finishes what it has, and sends the last window.
//!
//! `cargo run --example graceful`, then Ctrl-C; with `METERS_EXAMPLE_SECONDS` set it ends by itself.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::time::Duration;

use meters::monitored;
use tokio::task::JoinSet;

#[monitored(name = "Order", unit = Milliseconds)]
async fn order(number: u64) -> Result<u64, String> {
    tokio::time::sleep(Duration::from_millis(20 + number % 7)).await;
    if number.is_multiple_of(25) { Err(format!("order {number} has no items")) } else { Ok(number) }
}

/// Takes an order every few milliseconds until it is told to stop, and then waits for those under way.
async fn serve(stop: impl Future<Output = &'static str>) {
    let mut stop = std::pin::pin!(stop);
    let mut orders = JoinSet::new();
    let mut next = tokio::time::interval(Duration::from_millis(5));
    for number in 1.. {
        tokio::select! {
            why = &mut stop => {
                println!("{why}: no more orders, {} under way", orders.len());
                break;
            }
            _ = next.tick() => {
                orders.spawn(order(number));
            }
        }
        while orders.try_join_next().is_some() {}
    }
    orders.join_all().await;
}

/// Why the service is to end: what an orchestrator sends, what a terminal sends, or the time given to this example.
async fn stopped() -> &'static str {
    tokio::select! {
        () = terminated() => "SIGTERM",
        _ = tokio::signal::ctrl_c() => "Ctrl-C",
        () = time_is_up() => "time is up",
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => _ = terminate.recv().await,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

async fn time_is_up() {
    match std::env::var("METERS_EXAMPLE_SECONDS").ok().and_then(|text| text.parse().ok()) {
        Some(seconds) => tokio::time::sleep(Duration::from_secs_f64(seconds)).await,
        None => std::future::pending().await,
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode, meters::Error> {
    let local = meters_local::start();
    let meters = meters::namespace("Orders")
        .region("us-east-1")
        .endpoint_url(local.endpoint_url())
        .credentials("local", "local")
        .start()?;

    println!("taking orders; Ctrl-C ends it");
    serve(stopped()).await;

    // Before `main` ends, and within what the orchestrator allows between SIGTERM and SIGKILL.
    let report = meters.shutdown_async(Duration::from_secs(5)).await;
    println!("{report}");
    print!("{}", meters::snapshot());
    println!("CloudWatch holds {} orders", local.metric("Order").sample_count());
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
