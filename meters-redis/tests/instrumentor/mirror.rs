//! What a registry of `meters` records is shared with Python.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use meters_core::{Buckets, Ended, Monitor, Registry, Unit};

use super::*;

fn call(monitor: &Monitor, ended: Ended) {
    let call = monitor.enter_async();
    let run = call.run(std::future::ready(()));
    assert!(pin!(run).poll(&mut Context::from_waker(Waker::noop())).is_ready());
    call.finish(ended);
}

#[test]
fn all_kinds_are_shared_and_each_transfer_adds_what_is_new() {
    let server = Server::start();
    let shared = registry(&server.url()).buckets([0.5, 2.0]).start().unwrap();
    let ours = Registry::new();
    shared.mirror(&ours);
    let hits = ours.counter("http.hits").dimension("le", "a\"b").dimension("Route", "/x").register();
    let level = ours.gauge("level").register();
    let took = ours.histogram("took").unit(Unit::Seconds).register();
    let marks = ours.meter("marks").register();
    // Python counts there, too.
    server.ask(&["HINCRBY", NS, "marks::", "100"]);
    for round in 1..=2 {
        hits.inc(3);
        level.set(f64::from(round));
        marks.mark(1);
        [0.0, 0.25, 1.0, 3.0].into_iter().for_each(|value| took.observe(value));
        ours.put("size", -2.5);
        shared.transfer(PATIENCE).unwrap();
    }
    shared.transfer(PATIENCE).unwrap();
    let wanted = of([
        ("http_hits:t:", "c"),
        ("http_hits::Route=\"/x\",exported_le=\"a\\\"b\"", "6"),
        ("level:t:", "g"),
        ("level::", "2"),
        ("marks:t:", "c"),
        ("marks::", "102"),
        ("took:t:", "h"),
        ("took:b:le=\"0.5\"", "4"),
        ("took:b:le=\"2.0\"", "6"),
        ("took:b:le=\"+Inf\"", "8"),
        ("took:s:", "8.5"),
        ("took:c:", "8"),
        ("size:t:", "s"),
        ("size:s:", "-5"),
        ("size:c:", "2"),
    ]);
    assert_eq!(hash(&server), wanted);
    assert_eq!(page(&server).skipped(), 0);
    assert_eq!(shared.refused(), Default::default());
}

#[test]
fn calls_are_a_histogram_of_seconds_and_their_outcomes() {
    let server = Server::start();
    let shared = registry(&server.url()).buckets([3600]).start().unwrap();
    let ours = Registry::new();
    shared.mirror(&ours);
    let checkout = ours.monitor("Checkout").dimension("Tier", "gold").register();
    call(&checkout, Ended::Ok);
    call(&checkout, Ended::Error);
    shared.shutdown(PATIENCE).unwrap();
    let hash = hash(&server);
    assert_eq!(hash["Checkout_seconds:b:Tier=\"gold\",le=\"3600\""], "2");
    assert_eq!(
        (hash["Checkout_seconds:c:Tier=\"gold\""].as_str(), hash["Checkout_Errors::Tier=\"gold\""].as_str()),
        ("2", "1")
    );
    assert!(hash["Checkout_seconds:s:Tier=\"gold\""].parse::<f64>().unwrap() < 3600.0);
    assert!(!hash.keys().any(|field| field.contains("Cancelled")));
}

#[test]
fn a_gauge_is_said_when_it_changes_and_not_what_others_said_undone() {
    let server = Server::start();
    let shared = registry(&server.url()).start().unwrap();
    let ours = Registry::new();
    shared.mirror(&ours);
    let level = ours.gauge("level").register();
    level.set(2.5);
    shared.transfer(PATIENCE).unwrap();
    server.ask(&["HINCRBYFLOAT", NS, "level::", "1"]);
    shared.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "level::").unwrap(), "3.5");
}

#[test]
fn what_waits_for_the_redis_is_there_when_it_is_back() {
    let mut server = Server::start();
    let shared = registry(&server.url()).start().unwrap();
    let ours = Registry::new();
    shared.mirror(&ours);
    let hits = ours.counter("hits").register();
    server.kill();
    for _ in 0..3 {
        hits.inc(1);
        assert!(shared.transfer(AT_ONCE).is_err());
    }
    server.restart();
    shared.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "3");
}

#[test]
fn a_name_of_another_type_is_left_out_and_counted() {
    let server = Server::start();
    let shared = registry(&server.url()).start().unwrap();
    let ours = Registry::new();
    shared.mirror(&ours);
    shared.gauge("hits", "").register().unwrap().set(1);
    ours.counter("hits").register().inc(1);
    shared.transfer(PATIENCE).unwrap();
    assert_eq!((get(&server, "hits::").unwrap(), shared.refused().series), ("1".to_owned(), 1));
}

#[test]
fn what_is_internal_stays_here_and_what_is_known_of_a_metric_is_told() {
    let server = Server::start();
    let shared = registry(&server.url()).start().unwrap();
    let ours = Registry::new();
    shared.mirror(&ours);
    ours.counter("secret").internal().register().inc(1);
    ours.counter("hits").description("All\nhits.").register().inc(1);
    shared.transfer(PATIENCE).unwrap();
    assert_eq!(hash(&server), of([("hits:t:", "c"), ("hits:d:", "All\\nhits."), ("hits::", "1")]));
}

#[test]
fn buckets_of_a_histogram_s_own_are_exact() {
    let server = Server::start();
    let shared = registry(&server.url()).start().unwrap();
    let ours = Registry::new();
    shared.mirror(&ours);
    let took = ours.histogram("took").buckets(Buckets::explicit([0.999, 1.0, 1.001]).unwrap()).register();
    for value in [0.0, 0.9985, 0.9995, 1.0, 1.0005, 1.002] {
        took.observe(value);
    }
    shared.transfer(PATIENCE).unwrap();
    let hash = hash(&server);
    let buckets = ["0.999", "1.0", "1.001", "+Inf"].map(|bound| hash[&format!("took:b:le=\"{bound}\"")].as_str());
    assert_eq!(buckets, ["2", "4", "5", "6"]);
}
