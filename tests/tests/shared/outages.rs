//! The storage or CloudWatch is away: nobody notices but those who are told.

use std::sync::{Arc, Mutex};

use meters::Registry;
use meters_local::Fault;
use meters_redis_tests::{Append, Server};

use super::*;

#[test]
fn a_redis_that_dies_and_comes_back_costs_nothing() {
    let (cw, mut redis) = (meters_local::start(), Server::build().append(Append::Always).start());
    let registry = Registry::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let storage = storage(&redis.url()).connect_timeout(Duration::from_secs(1)).build();
    let heard = told.clone();
    let meters = builder(&cw)
        .interval("1s")
        .registry(&registry)
        .storage(storage)
        .on_error(move |error| heard.lock().unwrap().push(format!("{error:?}")))
        .start()
        .unwrap();
    let orders = registry.counter("Orders").register();
    orders.inc(1);
    assert_eq!(meters.flush(PATIENCE).pushed, 1);
    redis.kill();
    orders.inc(10);
    let report = meters.flush(Duration::from_secs(1));
    assert_eq!((report.pushed, report.pending, report.dropped), (0, 1, 0), "{report}");
    assert!(report.error.is_some());
    redis.restart();
    orders.inc(100);
    let report = meters.flush(PATIENCE);
    assert_eq!((report.pending, report.dropped), (0, 0), "{report}");
    assert!(cw.wait_until(|cw| cw.metric("Orders").sum() == Some(111.0), PATIENCE));
    let told = told.lock().unwrap();
    assert!(!told.is_empty(), "nobody was told");
}

#[test]
fn what_cloudwatch_does_not_take_stays_in_redis_and_is_sent_once() {
    let (cw, redis) = (meters_local::start(), Server::start());
    cw.faults().push_many(Fault::Throttle, 3).push(Fault::Status(500));
    let registry = Registry::new();
    let meters = builder(&cw).interval("1s").registry(&registry).storage(storage(&redis.url()).build());
    let meters = meters.start().unwrap();
    registry.counter("Orders").register().inc(7);
    assert!(cw.wait_until(|cw| cw.metric("Orders").sum() == Some(7.0), PATIENCE));
    let report = meters.shutdown(PATIENCE);
    assert_eq!((report.pending, report.dropped), (0, 0), "{report}");
    assert_eq!(cw.metric("Orders").sum(), Some(7.0));
}

#[test]
fn a_shutdown_without_its_redis_says_what_is_lost_and_ends_in_time() {
    let (cw, mut redis) = (meters_local::start(), Server::start());
    let registry = Registry::new();
    let storage = storage(&redis.url()).connect_timeout(Duration::from_millis(500)).build();
    let meters = builder(&cw).interval("1h").registry(&registry).storage(storage).start().unwrap();
    redis.kill();
    registry.counter("Orders").register().inc(7);
    let report = meters.shutdown(Duration::from_secs(1));
    assert_eq!((report.pushed, report.pending, report.dropped), (0, 0, 1), "{report}");
    assert!(!report.is_complete() && report.error.is_some(), "{report}");
}

#[test]
fn a_report_that_a_flush_cut_off_is_this_process_s_to_finish() {
    let (cw, redis) = (meters_local::start(), Server::start());
    cw.faults().push(Fault::HangBeforeStoring);
    let registry = Registry::new();
    let meters = builder(&cw).interval("1s").registry(&registry).storage(storage(&redis.url()).build());
    let meters = meters.start().unwrap();
    registry.counter("Orders").register().inc(7);
    assert!(cw.wait_until(|cw| cw.requests().len() == 1, PATIENCE), "the request that is not answered");
    let report = meters.flush(Duration::from_secs(1));
    assert_eq!((report.pending, report.dropped), (0, 0), "{report}");
    assert!(cw.wait_until(|cw| cw.metric("Orders").sum() == Some(7.0), PATIENCE), "nobody else is there to report it");
}

#[test]
fn a_redis_that_is_away_at_start_is_told_of_at_once() {
    let (cw, mut redis) = (meters_local::start(), Server::start());
    redis.kill();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let storage = storage(&redis.url()).connect_timeout(Duration::from_millis(500)).build();
    let _meters = builder(&cw)
        .interval("1h")
        .registry(&Registry::new())
        .storage(storage)
        .push_only()
        .on_error(move |error| heard.lock().unwrap().push(error.to_string()))
        .start()
        .unwrap();
    let at_start = told.lock().unwrap().clone();
    assert!(matches!(&at_start[..], [one] if one.contains("is a Redis running there")), "{at_start:?}");
}
