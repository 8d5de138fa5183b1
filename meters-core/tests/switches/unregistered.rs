//! Metrics that are taken away, and registered again.

use std::collections::BTreeSet;
use std::thread;

use meters_core::{CallSite, CounterSite, Ended, Registry};

use crate::kit::{global, names};

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// instrumentor adds what is pending again with each transfer, for ever.
#[test]
fn defect_unregistered_with_pending_data_it_counts_twice() {
    let registry = Registry::new();
    let (mut one, mut other) = (registry.reader(), registry.reader());
    let orders = registry.counter("Orders").register();
    orders.inc(1);
    assert_eq!(one.window().counter("Orders"), 1);
    orders.inc(2);
    assert_eq!(registry.unregister("Orders"), 1);
    assert_eq!(registry.unregister("Orders"), 0, "it is gone");
    orders.inc(4);
    assert_eq!(registry.snapshot().iter().len(), 0);
    assert_eq!((one.window().counter("Orders"), other.window().counter("Orders")), (2, 3));
    (0..3).for_each(|_| assert!(one.window().is_empty() && other.window().is_empty()));
    let again = registry.counter("Orders").register();
    assert_eq!(registry.snapshot().counter("Orders"), 3, "totals go on");
    again.inc(8);
    orders.inc(16);
    assert_eq!((registry.snapshot().counter("Orders"), one.window().counter("Orders")), (27, 24));
}

#[test]
fn every_kind_goes_and_comes_back() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let record = |n: u64| {
        let amount = n as f64;
        registry.counter("GoneCounter").register().inc(n);
        registry.float_counter("GoneFloat").register().inc(amount);
        registry.meter("GoneMeter").register().mark(n);
        registry.gauge("GoneGauge").register().set(amount);
        registry.histogram("GoneHistogram").register().observe(amount);
        registry.put("GonePut", amount);
        registry.put_statistic("GoneStatistic", amount);
        registry.monitor("GoneMonitor").register().enter_async().finish(Ended::Ok);
    };
    let all = [
        "GoneCounter",
        "GoneFloat",
        "GoneMeter",
        "GoneGauge",
        "GoneHistogram",
        "GonePut",
        "GoneStatistic",
        "GoneMonitor",
    ];
    let (counter, size) = (registry.counter("GoneCounter").register(), registry.histogram("GoneHistogram").register());
    for round in 1..4 {
        record(1);
        // Parts of these are this thread's own.
        (0..200).for_each(|_| counter.inc(1));
        (0..200).for_each(|_| size.observe(1.0));
        all.iter().for_each(|name| assert_eq!(registry.unregister(name), 1, "{name}"));
        (0..200).for_each(|_| counter.inc(1));
        (0..200).for_each(|_| size.observe(1.0));
        assert_eq!(registry.snapshot().iter().len(), 0);
        let window = reader.window();
        assert_eq!(names(window.iter()), set(&all));
        assert_eq!((window.counter("GoneCounter"), window.metric("GoneHistogram").count()), (201, 201));
        assert_eq!(window.metric("GoneGauge").gauge(), Some(1.0));
        assert!(reader.window().is_empty());
        record(2);
        let window = reader.window();
        assert_eq!(names(window.iter()), set(&all));
        assert_eq!((window.counter("GoneCounter"), window.metric("GoneHistogram").count()), (2, 1));
        assert_eq!(window.metric("GoneGauge").gauge(), Some(2.0));
        assert_eq!(registry.snapshot().counter("GoneCounter"), 203 * round);
    }
}

#[test]
fn one_series_goes_and_its_sisters_stay() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let tenant = |tenant: &str| registry.counter("Apart").dimension("Tenant", tenant);
    let (a, b) = (tenant("a").register(), tenant("b").register());
    a.inc(1);
    b.inc(1);
    assert!(tenant("a").unregister() && !tenant("a").unregister() && !tenant("c").unregister());
    assert!(!registry.gauge("Apart").dimension("Tenant", "b").unregister(), "there is no gauge of this name");
    a.inc(2);
    b.inc(2);
    assert_eq!(names(registry.snapshot().iter()), set(&["Apart{Tenant=\"b\"}"]));
    assert_eq!(reader.window().counter("Apart"), 4);
    a.inc(4);
    assert!(reader.window().is_empty());
    tenant("a").register().inc(8);
    a.inc(16);
    assert_eq!(reader.window().counter("Apart"), 24);
}

#[test]
fn sisters_of_what_is_registered_again_are_back_once_they_are_recorded() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let tenant = |tenant: &str| registry.counter("Sisters").dimension("Tenant", tenant).register();
    let (a, b) = (tenant("a"), tenant("b"));
    a.inc(1);
    b.inc(1);
    assert_eq!(registry.unregister("Sisters"), 2);
    drop(reader.window());
    tenant("a");
    assert_eq!(names(registry.snapshot().iter()), set(&["Sisters{Tenant=\"a\"}"]));
    b.inc(2);
    assert_eq!(names(registry.snapshot().iter()), set(&["Sisters{Tenant=\"a\"}", "Sisters{Tenant=\"b\"}"]));
    assert_eq!((registry.snapshot().counter("Sisters"), reader.window().counter("Sisters")), (4, 2));
}

#[test]
fn its_room_is_another_s() {
    let registry = Registry::new();
    registry.set_limit(2);
    let tenant = |tenant: u32| registry.counter("Room").dimension("Tenant", tenant);
    (0..2).for_each(|number| tenant(number).register().inc(1));
    assert!(tenant(0).unregister());
    tenant(2).register().inc(1);
    assert_eq!(names(registry.snapshot().iter()), set(&["Room{Tenant=\"1\"}", "Room{Tenant=\"2\"}"]));
    tenant(0).register().inc(1);
    assert_eq!(registry.snapshot().metric("Room").with("Tenant", "0").count(), 2, "it is back where there is no room");
    tenant(3).register().inc(1);
    assert_eq!(registry.snapshot().metric("Room").with("Tenant", "_other").count(), 1);
}

#[test]
fn call_sites_of_what_is_gone_stay_silent_also_on_threads_that_did_not_know_it() {
    static SITE: CounterSite = CounterSite::new("GoneSite", &[("Kind", None)]);
    static CALLS: CallSite = CallSite::new("GoneCalls", &[]).named().in_flight();
    let (_turn, registry) = global();
    let mut reader = registry.reader();
    let act = || {
        ["a", "b"].iter().for_each(|kind| SITE.at_with((kind, ())).inc(1));
        CALLS.enter_full((), &[]).finish(Ended::Ok);
    };
    let shown = || registry.snapshot().iter().filter(|(series, _)| series.name().starts_with("Gone")).count();
    act();
    assert_eq!((shown(), registry.unregister("GoneSite"), registry.unregister("GoneCalls"), shown()), (4, 2, 2, 0));
    drop(reader.window());
    act();
    thread::spawn(move || {
        act();
        SITE.at_with((&"c", ())).inc(1);
    })
    .join()
    .unwrap();
    assert_eq!(shown(), 0);
    let window = reader.window();
    assert_eq!((window.counter("GoneSite"), window.metric("GoneCalls").count()), (0, 0));
    registry.counter("GoneSite").dimension("Kind", "a").register();
    registry.monitor("GoneCalls").register();
    act();
    let window = reader.window();
    assert_eq!((window.counter("GoneSite"), window.metric("GoneCalls").count()), (2, 1));
    assert_eq!(window.metric("GoneCalls.InFlight").gauge(), Some(0.0));
}

#[test]
fn registered_and_unregistered_for_ever_it_takes_no_more_room() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let mut told = 0;
    let rounds = if cfg!(miri) { 20 } else { 2000 };
    for _ in 0..rounds {
        let handle = registry.counter("Looped").dimension("Kind", "a").register();
        handle.inc(1);
        assert_eq!(registry.unregister("Looped"), 1);
        told += reader.window().counter("Looped");
    }
    assert_eq!(told, rounds);
    assert_eq!(format!("{registry:?}"), "Registry { series: 1 }");
}

#[test]
fn a_name_that_nobody_has_is_no_loss() {
    let registry = Registry::new();
    assert_eq!(registry.unregister("Nobody"), 0);
    registry.counter("Nobody").register().inc(1);
    assert_eq!(registry.snapshot().counter("Nobody"), 1);
}
