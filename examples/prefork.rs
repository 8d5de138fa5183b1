//! A pre-forking server: a parent and four workers that only push, and one report for all of them.
//!
//! The workers are this program, started again, as a server's master starts its workers; they have no AWS credentials. The
//! parent joins the same Redis, and is the only one that reports. `cargo run --example prefork`
#![allow(clippy::print_stdout)]

#[path = "shared/server.rs"]
mod server;

use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use meters::{RedisStorage, monitored};
use server::Server;

const WORKERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(30);

#[monitored(name = "Request", dimensions(Route = route))]
fn request(route: &str, number: u64) -> Result<u64, &'static str> {
    std::hint::black_box((0..number % 500).sum::<u64>());
    if number.is_multiple_of(50) { Err("no such page") } else { Ok(number) }
}

/// What all processes of a service say alike. A period is a second here, to be seen soon; a minute is usual.
fn storage(url: &str) -> RedisStorage {
    let second = Duration::from_secs(1);
    RedisStorage::builder(url).period(second).grace(second / 5).lease(second / 2).build()
}

fn main() -> Result<ExitCode, meters::Error> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, url] = &arguments[..]
        && word == "worker"
    {
        return worker(url);
    }
    let Some(redis) = Server::start() else { return Ok(ExitCode::SUCCESS) };
    let local = meters_local::start();
    let meters = meters::namespace("Web")
        .region("us-east-1")
        .endpoint_url(local.endpoint_url())
        .credentials("local", "local")
        .interval("1s")
        .storage(storage(redis.url()))
        .start()?;

    let workers: Vec<Child> = (0..WORKERS).map(|_| start(redis.url())).collect();
    let counted: u64 = workers.into_iter().map(counted).sum();
    println!("{WORKERS} workers served {counted} requests");

    // What they pushed last is reported when its period is over.
    let all = |local: &meters_local::Server| served(local) >= counted as f64;
    if !local.wait_until(all, PATIENCE) {
        println!("not all of it arrived in time");
    }
    let report = meters.shutdown(PATIENCE);
    println!("CloudWatch holds {} requests, {} of them errors", served(&local), errors(&local));
    Ok(if served(&local) == counted as f64 && report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn served(local: &meters_local::Server) -> f64 {
    local.metric("Request").with("Route", "/cart").sample_count()
}

fn errors(local: &meters_local::Server) -> f64 {
    local.metric("Request.Errors").with("Route", "/cart").sum().unwrap_or(0.0)
}

fn start(url: &str) -> Child {
    let program = std::env::current_exe().expect("this program has a path");
    Command::new(program).args(["worker", url]).stdout(Stdio::piped()).spawn().expect("a worker starts")
}

/// What a worker says it served, at its end.
fn counted(worker: Child) -> u64 {
    let output = worker.wait_with_output().expect("a worker ends");
    assert!(output.status.success(), "a worker failed");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a worker says how many requests it served")
}

fn worker(url: &str) -> Result<ExitCode, meters::Error> {
    let meters = meters::namespace("Web").interval("1s").storage(storage(url)).push_only().start()?;
    let seconds = std::env::var("METERS_EXAMPLE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3.0);
    let (began, mut served) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs_f64(seconds) {
        served += 1;
        _ = request("/cart", served);
        std::thread::sleep(Duration::from_micros(200));
    }
    let report = meters.shutdown(PATIENCE);
    println!("{served}");
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
