//! A process under one condition: it takes a sample of each row when it is told to.

use std::io::{BufRead, stdin};
use std::time::Duration;

use meters::Registry;

use crate::rows;

/// Nothing is sent by then that ever will be.
const PATIENCE: Duration = Duration::from_secs(600);

/// How much memory this process has, in MB; 0 where there is nowhere to read it.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// `endpoint` is empty where there is no flusher. One line for each that is read: samples, or the report of the shutdown.
pub(crate) fn play(endpoint: &str, interval: &str, series: u64, calls: u64) {
    meters_core::clock::settle();
    Registry::global().set_limit(series as usize + 1);
    let builder = meters::namespace("Outage").region("us-east-1").credentials("test", "test");
    let builder = builder.endpoint_url(endpoint).interval(interval);
    let meters = (!endpoint.is_empty()).then(|| builder.start().unwrap());
    let orders: Vec<_> = (0..series).map(|n| meters::counter("Orders").dimension("N", n).register()).collect();
    for line in stdin().lock().lines().map(Result::unwrap) {
        if line == "end" {
            let report = meters.as_ref().map(|meters| meters.shutdown(PATIENCE)).unwrap_or_default();
            println!("{} {} {report}", report.is_complete() && report.dropped == 0, memory());
            return;
        }
        let samples: Vec<_> = rows::sample(&orders, calls).iter().map(f64::to_string).collect();
        println!("{} {}", memory(), samples.join(" "));
    }
}
