//! Arguments beyond the plain ones: each mistake once, at its token.

use meters::{metered, monitored};

#[monitored(rollup([Rout]), dimensions(Route = "a"))]
fn rollup_misspelt() {}

#[monitored(rollup([Function, Route]), dimensions(Route = "a"))]
fn rollup_of_all() {}

#[monitored(rollup([Route], [], [Route]), dimensions(Route = "a"))]
fn rollup_twice() {}

#[monitored(rollup([Route, Route]), dimensions(Route = "a"))]
fn rollup_key_twice() {}

#[monitored(rollup)]
fn rollup_alone() {}

#[monitored(rollup(Route), dimensions(Route = "a"))]
fn rollup_without_brackets() {}

#[monitored(limit(Tenat = 5), dimensions(Tenant = "a"))]
fn limit_misspelt() {}

#[monitored(limit(Tenant), dimensions(Tenant = "a"))]
fn limit_without_number() {}

#[monitored(limit(Tenant = 0), dimensions(Tenant = "a"))]
fn limit_of_none() {}

#[monitored(limit(Tenant = 1, Tenant = 2), dimensions(Tenant = "a"))]
fn limit_twice() {}

#[monitored(sample = 64)]
fn sample_whole() {}

#[monitored(sample = 1/1)]
fn sample_of_one() {}

#[monitored(sample = 2/3)]
fn sample_two() {}

#[monitored(record(busy))]
fn busy_not_async() {}

#[monitored(record(bussy))]
async fn record_misspelt() {}

#[monitored(record)]
async fn record_alone() {}

#[monitored(future = true)]
async fn future_of_async() {}

#[monitored(future = true)]
fn future_of_nothing() {}

#[monitored(future = yes)]
fn future_unknown() {}

#[monitored(doc = "no")]
fn doc_unknown() {}

#[monitored(when)]
fn when_alone() {}

#[monitored(when = true, when = false)]
fn when_twice() {}

#[metered(sample = 1/2)]
fn metered_sample() {}

#[metered(on_ok(|v| Kind = v))]
fn metered_on_ok() {}

#[metered(record(in_flight))]
fn metered_record() {}

#[metered(dimensions(Cache = _))]
fn metered_slot() {}

fn main() {}
