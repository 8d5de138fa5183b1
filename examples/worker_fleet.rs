//! A fleet of queue workers without a parent: each pushes, and whichever has the lease reports for all. Some live long, some
//! end at once. What they counted is what CloudWatch holds.
//!
//! `cargo run --example worker_fleet`
#![allow(clippy::print_stdout)]

#[path = "shared/server.rs"]
mod server;

use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use meters::{Meters, RedisStorage, monitored};
use server::Server;

const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<ExitCode, meters::Error> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, redis, endpoint, life] = &arguments[..]
        && word == "work"
    {
        return work(redis, endpoint, Duration::from_secs_f64(life.parse().unwrap_or(1.0)));
    }
    let Some(redis) = Server::start() else { return Ok(ExitCode::SUCCESS) };
    let local = meters_local::start();
    let longest: f64 = std::env::var("METERS_EXAMPLE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4.0);
    // A command that lives for an instant counts as much as one that works for long.
    let lives = [longest, longest, longest / 2.0, longest / 4.0, 0.0, 0.0];
    let fleet: Vec<Child> =
        lives.iter().map(|life| start([redis.url(), &local.endpoint_url(), &life.to_string()])).collect();
    let counted: Vec<u64> = fleet.into_iter().map(counted).collect();
    println!("jobs of each process: {counted:?}");

    // What was pushed last is reported by whoever comes next, which here counts nothing.
    let total: u64 = counted.iter().sum();
    let next = join(redis.url(), &local.endpoint_url())?;
    if !local.wait_until(|local| done(local) >= total as f64, PATIENCE) {
        println!("not all of it arrived in time");
    }
    let report = next.shutdown(PATIENCE);
    println!("counted {total}, CloudWatch holds {}", done(&local));
    Ok(if done(&local) == total as f64 && report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn done(local: &meters_local::Server) -> f64 {
    local.metric("Job").with("Queue", "mail").sample_count()
}

#[monitored(name = "Job", dimensions(Queue = queue))]
fn job(queue: &str) -> usize {
    std::hint::black_box(queue.len())
}

/// What every process of the fleet says. A period is a second here, to be seen soon; a minute is usual.
fn join(redis: &str, endpoint: &str) -> Result<Meters, meters::Error> {
    let second = Duration::from_secs(1);
    let storage = RedisStorage::builder(redis).period(second).grace(second / 5).lease(second / 2).build();
    let builder = meters::namespace("Fleet").region("us-east-1").endpoint_url(endpoint).credentials("local", "local");
    builder.interval("1s").storage(storage).start()
}

fn start(arguments: [&str; 3]) -> Child {
    let program = std::env::current_exe().expect("this program has a path");
    Command::new(program).arg("work").args(arguments).stdout(Stdio::piped()).spawn().expect("a worker starts")
}

/// What a worker says it did, at its end.
fn counted(worker: Child) -> u64 {
    let output = worker.wait_with_output().expect("a worker ends");
    assert!(output.status.success(), "a worker failed");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a worker says how many jobs it did")
}

fn work(redis: &str, endpoint: &str, life: Duration) -> Result<ExitCode, meters::Error> {
    let meters = join(redis, endpoint)?;
    let (began, mut jobs) = (Instant::now(), 0);
    loop {
        job("mail");
        jobs += 1;
        if began.elapsed() >= life {
            break;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let report = meters.shutdown(PATIENCE);
    println!("{jobs}");
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
