//! A small shop under load, reported to CloudWatch through the real AWS SDK, and read back.
//!
//! `cargo run --example quickstart` needs no AWS account and no server: it starts a strict CloudWatch-compatible receiver on
//! loopback. With `--aws`, or with `AWS_ENDPOINT_URL_CLOUDWATCH` set, it talks to AWS or to that endpoint instead.
#![allow(clippy::print_stdout)]

mod report;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use meters::{metered, monitored};

/// How long the shop is open, unless `METERS_EXAMPLE_SECONDS` says otherwise.
const SECONDS: f64 = 4.0;

#[derive(Clone, Copy, meters::Dimension)]
enum Tier {
    Gold,
    Standard,
}

#[derive(Debug)]
struct OutOfStock;

/// One in fifty fails, and one in a hundred is slow: what percentiles are for.
#[monitored(dimensions(Tier = tier))]
async fn checkout(tier: Tier, item: u32) -> Result<u32, OutOfStock> {
    let tail = if item.is_multiple_of(100) { 40 } else { 0 };
    tokio::time::sleep(Duration::from_millis(2 + u64::from(item % 5) + tail)).await;
    reserve(item)?;
    Ok(item * 3)
}

#[monitored(name = "Reserve", unit = Microseconds)]
fn reserve(item: u32) -> Result<(), OutOfStock> {
    busy(Duration::from_micros(20 + u64::from(item % 7) * 15));
    if item.is_multiple_of(50) { Err(OutOfStock) } else { Ok(()) }
}

/// The page is a dimension whose values are known at run time only.
#[monitored(dimensions(Page = page))]
fn render(page: &str) -> usize {
    busy(Duration::from_micros(60 + 10 * page.len() as u64));
    page.len()
}

#[metered]
fn login(user: u32) -> bool {
    !user.is_multiple_of(3)
}

fn busy(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// One customer after another until closing time; says how many calls of `checkout` were made.
async fn customer(number: u32, closing: Instant) -> u64 {
    let pages = ["home", "search", "product", "basket"];
    let (mut item, mut calls) = (number * 7919, 0);
    while Instant::now() < closing {
        item = item.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) % 100_000;
        login(item);
        render(pages[item as usize % pages.len()]);
        let tier = if item.is_multiple_of(4) { Tier::Gold } else { Tier::Standard };
        // A customer who gives up drops the future: a cancelled call, not an error.
        if item.is_multiple_of(97) {
            _ = tokio::time::timeout(Duration::from_millis(1), checkout(tier, item)).await;
        } else if let Ok(total) = checkout(tier, item).await {
            meters::counter!("ItemsSold", Kind = "online").inc(u64::from(total > 0));
            meters::histogram!("BasketValue").observe(f64::from(item % 200));
        }
        calls += 1;
    }
    calls
}

/// What was recorded so far, by a snapshot, which changes nothing; and what has arrived of it.
fn progress(local: Option<&meters_local::Server>) {
    let seen = meters::snapshot();
    let checkouts = seen.metric("Duration").with("Function", "quickstart::checkout").calls();
    let arrived = local.map_or(String::new(), |local| format!(", requests arrived: {}", local.request_count()));
    println!(
        "  {} checkouts, {} failed, {} given up{arrived}",
        checkouts.count(),
        checkouts.errors,
        checkouts.cancelled
    );
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let elsewhere = std::env::args().any(|argument| argument == "--aws")
        || std::env::var_os("AWS_ENDPOINT_URL_CLOUDWATCH").is_some();
    let seconds = std::env::var("METERS_EXAMPLE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let local = (!elsewhere).then(meters_local::start);

    let mut shop = meters::namespace("Shop").interval("1s").dimension("Env", "quickstart");
    if let Some(local) = &local {
        println!("A CloudWatch-compatible receiver listens on {}.", local.endpoint_url());
        shop = shop.region("us-east-1").endpoint_url(local.endpoint_url()).credentials("local", "local");
    }
    let shop =
        shop.on_error(|error| println!("  {error}")).on_refused(|refused| println!("  refused: {refused}")).start()?;

    println!("The shop is open for {seconds} s, with 8 customers at a time; a window is sent each second.");
    let closing = Instant::now() + Duration::from_secs_f64(seconds);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let calls = runtime.block_on(async {
        let customers: Vec<_> = (1..=8).map(|number| tokio::spawn(customer(number, closing))).collect();
        let shopping = async {
            let mut calls = 0;
            for customer in customers {
                calls += customer.await.unwrap_or_default();
            }
            calls
        };
        let mut shopping = std::pin::pin!(shopping);
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.tick().await; // the first comes at once
        loop {
            tokio::select! {
                calls = &mut shopping => break calls,
                _ = second.tick() => progress(local.as_ref()),
            }
        }
    });

    let last = shop.shutdown(Duration::from_secs(5));
    println!("The last window: {last}.\n");
    println!("checkout was called {calls} times.");
    if !last.is_complete() {
        println!(
            "Not all of it has arrived. Look at the credentials, their permission cloudwatch:PutMetricData, the region and"
        );
        println!(
            "the endpoint in your environment; without any of them, and without --aws, this needs neither AWS nor a server."
        );
        return Ok(ExitCode::FAILURE);
    }
    match &local {
        Some(local) => report::print(local, seconds),
        None if std::env::var_os("AWS_ENDPOINT_URL_CLOUDWATCH").is_some() => {
            println!("The endpoint of AWS_ENDPOINT_URL_CLOUDWATCH holds it now, in the namespace Shop.")
        }
        None => {
            println!("Look for the namespace Shop in the CloudWatch console; new metrics take some minutes to appear.")
        }
    }
    Ok(ExitCode::SUCCESS)
}
