//! Meters of ss-instrumentation on a real server, beside threads that write them as Python does.
#![allow(missing_docs)]

mod beside;
mod faults;
mod format;
mod recovery;

use std::collections::BTreeMap;
use std::time::Instant;

use meters_core::Value;
use meters_redis::RedisStorage;
use meters_redis::ss::{Drained, Meters};
use meters_redis_tests::{PATIENCE, Server};

const COUNTS: &str = "ssinstr:meter:counts";
const START: &str = "ssinstr:meter:periodstart";
const CLAIM: &str = "ssinstr:meter:claim";

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Nothing is too late here: tests run on a loaded machine.
fn meters(url: &str) -> Meters {
    let storage =
        RedisStorage::builder(url).connect_timeout(PATIENCE).response_timeout(PATIENCE).claim_time(PATIENCE * 60);
    Meters::on(&storage.build()).unwrap()
}

/// As `incr_meter` does.
fn python(server: &Server, field: &str) {
    server.ask(&["HINCRBY", COUNTS, field, "1"]);
}

/// Events by metric.
fn events(drained: &Drained) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for (series, value) in drained.window.iter() {
        let Value::Meter(events) = value else { panic!("{value:?}") };
        *all.entry(series.name().to_owned()).or_default() += events;
    }
    all
}

fn of<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

async fn drained(meters: &Meters) -> Drained {
    meters.drain(deadline()).await.unwrap().expect("something to report")
}

async fn nothing(meters: &Meters) {
    let drained = meters.drain(deadline()).await.unwrap();
    assert!(drained.is_none(), "{drained:?}");
}
