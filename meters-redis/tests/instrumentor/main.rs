//! Metrics of instrumentor on a real server.
#![allow(missing_docs)]

mod faults;
mod format;
mod mirror;
mod modes;
mod pages;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use meters_redis::RedisStorage;
use meters_redis::instrumentor::{CollectorRegistry, CollectorRegistryBuilder, Exposition, Page};
use meters_redis_tests::{PATIENCE, Server};

const NS: &str = "shop";

/// Nothing is too late here: tests run on a loaded machine.
fn registry(url: &str) -> CollectorRegistryBuilder {
    let storage = RedisStorage::builder(url).connect_timeout(PATIENCE).response_timeout(PATIENCE);
    CollectorRegistry::on(&storage.build(), NS)
}

fn hash(server: &Server) -> BTreeMap<String, String> {
    redis::from_redis_value(server.ask(&["HGETALL", NS])).unwrap()
}

fn get(server: &Server, field: &str) -> Option<String> {
    hash(server).remove(field)
}

fn of<const N: usize>(fields: [(&str, &str); N]) -> BTreeMap<String, String> {
    fields.into_iter().map(|(field, value)| (field.to_owned(), value.to_owned())).collect()
}

fn page(server: &Server) -> Page {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let storage = RedisStorage::builder(&server.url()).connect_timeout(PATIENCE).response_timeout(PATIENCE).build();
    let shop = Exposition::on(&storage, NS).unwrap();
    runtime.block_on(shop.page(Instant::now() + PATIENCE)).unwrap()
}

/// How often the server ran a script.
fn calls(server: &Server) -> u64 {
    let line = server.info("cmdstat_evalsha").unwrap_or_default();
    let calls = line.strip_prefix("calls=").and_then(|rest| rest.split(',').next());
    calls.map_or(0, |calls| calls.parse().unwrap())
}

const AT_ONCE: Duration = Duration::ZERO;
