//! A shop under load, whose metrics Prometheus scrapes and Grafana shows: see the README beside this file.
//!
//! `cargo run --example observability` serves http://127.0.0.1:9464/metrics until Ctrl-C; with `METERS_EXAMPLE_SECONDS` set it ends
//! by itself.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use meters::{metered, monitored};

#[derive(Debug)]
struct Declined;

/// Pages of the shop that were shown.
#[monitored(dimensions(route), record(in_flight))]
async fn browse(route: &str) -> usize {
    work(3).await;
    route.len()
}

/// Orders that were to be paid.
#[monitored(record(in_flight))]
async fn pay(order: u32) -> Result<u32, Declined> {
    work(12).await;
    match order % 100 {
        0..4 => Err(Declined),
        42 => panic!("nobody ever pays order 42"),
        _ => Ok(order),
    }
}

#[metered]
fn login(user: u32) -> bool {
    !user.is_multiple_of(7)
}

/// Mostly short, at times long.
async fn work(milliseconds: u64) {
    let long = if fastrand::u8(..) < 5 { 20.0 } else { 1.0 };
    tokio::time::sleep(Duration::from_millis(milliseconds).mul_f64(0.5 + fastrand::f64() * long)).await;
}

async fn customer() {
    loop {
        login(fastrand::u32(..1000));
        for route in ["/", "/product/{id}", "/basket"] {
            browse(route).await;
        }
        // As a server does with the task of a request.
        _ = tokio::spawn(async { pay(fastrand::u32(..1000)).await.is_ok() }).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), meters::Error> {
    std::panic::set_hook(Box::new(|_| {})); // the panic of order 42 is meant
    let port = std::env::var("METERS_EXAMPLE_PORT").unwrap_or_else(|_| "9464".to_owned());
    let meters = meters::namespace("Shop")
        .without_cloudwatch()
        .prometheus_listener(format!("127.0.0.1:{port}"))
        .process_metrics()
        .start()?;
    println!("serving http://127.0.0.1:{port}/metrics; Ctrl-C ends it");
    let customers: Vec<_> = (0..8).map(|_| tokio::spawn(customer())).collect();
    match std::env::var("METERS_EXAMPLE_SECONDS").ok().and_then(|text| text.parse().ok()) {
        Some(seconds) => tokio::time::sleep(Duration::from_secs_f64(seconds)).await,
        None => _ = tokio::signal::ctrl_c().await,
    }
    customers.iter().for_each(tokio::task::JoinHandle::abort);
    println!("{}", meters.shutdown_async(Duration::from_secs(5)).await);
    Ok(())
}
