//! Monitors: handles on the calls of what is no annotated function.
#![allow(missing_docs)]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use meters_core::{CallSite, Ended, Kind, Monitor, Registry, Resolution, Unit};

/// One call that ends so.
fn call(monitor: Monitor, ended: Ended) {
    let call = monitor.enter_async();
    let polled = call.poll(pin!(async { 7 }), &mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(7));
    call.finish(ended);
}

#[test]
fn a_monitor_by_name_records_into_its_registry() {
    let registry = Registry::new();
    let monitor = || registry.monitor("Ours").dimension("A", 1).register();
    call(monitor(), Ended::Ok);
    call(monitor(), Ended::Error);
    drop(monitor().enter_async());
    let calls = registry.snapshot().metric("Ours").with("A", "1").calls();
    assert_eq!((calls.count(), calls.errors, calls.cancelled), (3, 1, 1));
    assert_eq!(Registry::global().snapshot().metric("Ours").calls().count(), 0);
}

#[test]
fn its_unit_is_one_of_time() {
    let registry = Registry::new();
    for unit in Unit::ALL {
        let tried = registry.monitor("Timed").unit(unit).try_register();
        assert_eq!(tried.is_ok(), unit.per_second().is_some(), "{unit}");
        match tried {
            Ok(monitor) => call(monitor, Ended::Ok),
            Err(error) => assert!(error.is_invalid_input() && error.to_string().contains(unit.as_str()), "{error}"),
        }
    }
    let series = |registry: &Registry| -> Vec<(String, Unit)> {
        registry.snapshot().iter().map(|(series, _)| (series.name().to_owned(), series.unit())).collect()
    };
    assert_eq!(series(&registry).len(), 3, "what was refused is not there");
    let mended = Registry::new();
    assert_eq!(series(&mended), [], "a series without calls is not shown");
    call(mended.monitor("Timed").unit(Unit::Bytes).register(), Ended::Ok);
    assert_eq!(series(&mended), [("Timed".to_owned(), Unit::Microseconds)]);
    // Of nothing else is it asked.
    assert!(mended.histogram("Size").unit(Unit::Bytes).try_register().is_ok());
}

#[test]
fn a_site_gives_the_series_in_which_its_calls_are() {
    static FIXED: CallSite = CallSite::new("MonitorFixed", &[("A", Some("a"))]).named();
    static CLOSED: CallSite = CallSite::new("MonitorClosed", &[("A", None), ("B", Some("b"))]).named();
    static OPEN: CallSite = CallSite::new("MonitorOpen", &[("A", None), ("B", None)]).named();
    let count = |metric: &str, a: &str| Registry::global().snapshot().metric(metric).with("A", a).count();
    for _ in 0..3 {
        FIXED.enter_async().finish(Ended::Ok);
        call(FIXED.at(), Ended::Ok);
        for closed in [true, false] {
            CLOSED.enter_async_with((&closed, ())).finish(Ended::Ok);
            call(CLOSED.at_with((&closed, ())), Ended::Ok);
        }
        for open in ["one", "another", ""] {
            OPEN.enter_async_with((open, (&1, ()))).finish(Ended::Ok);
            call(OPEN.at_with((open, (&1, ()))), Ended::Ok);
        }
    }
    assert_eq!(count("MonitorFixed", "a"), 6);
    assert_eq!([count("MonitorClosed", "true"), count("MonitorClosed", "false")], [6, 6]);
    assert_eq!(["one", "another", "_"].map(|open| count("MonitorOpen", open)), [6, 6, 6]);
}

#[test]
fn what_stands_beside_it_is_found_again_and_by_name() {
    let registry = Registry::new();
    let beside = registry.monitor("Beside").unit(Unit::Seconds).resolution(Resolution::High);
    let monitor = beside.dimension("A", "a").register();
    monitor.items().inc(1);
    monitor.items().inc(2);
    registry.counter("Beside.Items").resolution(Resolution::High).dimension("A", "a").register().inc(4);
    monitor.time_to_first().observe(1.5);
    registry.monitor("Beside").unit(Unit::Seconds).register().items().inc(100);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.metric("Beside.Items").with("A", "a").count(), 7);
    assert_eq!(snapshot.metric("Beside.Items").count(), 107);
    assert_eq!(snapshot.metric("Beside.Items").series().count(), 2, "that of the same name is the same");
    let first = snapshot.metric("Beside.TimeToFirst").with("A", "a");
    assert_eq!(first.series().next().map(|(series, _)| (series.kind(), series.unit())), {
        Some((Kind::Histogram, Unit::Seconds))
    });
    assert_eq!(first.distribution().unwrap().sum(), 1.5);
}

#[test]
fn beside_an_unnamed_site_names_stand_alone() {
    static SITE: CallSite =
        CallSite::new("Duration", &[("Function", Some("monitors::unnamed"))]).unit(Unit::Milliseconds);
    SITE.at().items().inc(3);
    SITE.at().time_to_first().observe(1.0);
    let snapshot = Registry::global().snapshot();
    let of = |metric| snapshot.metric(metric).with("Function", "monitors::unnamed");
    assert_eq!(of("Items").count(), 3);
    assert_eq!(of("TimeToFirst").series().next().map(|(series, _)| series.unit()), Some(Unit::Milliseconds));
}

#[test]
fn what_is_over_the_limit_has_its_items_there_too() {
    static SITE: CallSite = CallSite::new("MonitorCrowd", &[("A", None)]).named().limit(2);
    for value in ["a", "b", "c", "d"] {
        let monitor = SITE.at_with((value, ()));
        call(monitor, Ended::Ok);
        monitor.items().inc(1);
    }
    let snapshot = Registry::global().snapshot();
    for metric in ["MonitorCrowd", "MonitorCrowd.Items"] {
        let counts = ["a", "b", "_other"].map(|value| snapshot.metric(metric).with("A", value).count());
        assert_eq!((counts, snapshot.metric(metric).count()), ([1, 1, 2], 4), "{metric}");
    }
}

#[test]
fn a_site_with_a_limit_of_its_own_has_it_for_items_too() {
    static SITE: CallSite = CallSite::new("MonitorMany", &[("A", None)]).named().limit(10_000);
    let registry_limit = 500_u32;
    let many = if cfg!(miri) { 5 } else { registry_limit + 5 };
    (0..many).for_each(|value| SITE.at_with((&value, ())).items().inc(1));
    let snapshot = Registry::global().snapshot();
    assert_eq!(snapshot.metric("MonitorMany.Items").series().count(), many as usize);
}

#[test]
fn what_is_said_late_stays_in_the_monitors_registry() {
    let registry = Registry::new();
    let call = registry.monitor("Late").dimension("A", "a").register().enter_async();
    let body = pin!(async { meters_core::dimension("Kind", "web") });
    assert!(call.poll(body, &mut Context::from_waker(Waker::noop())).is_ready());
    call.finish(Ended::Error);
    let calls = registry.snapshot().metric("Late").with("A", "a").with("Kind", "web").calls();
    assert_eq!((calls.count(), calls.errors), (1, 1));
    assert_eq!(Registry::global().snapshot().metric("Late").series().count(), 0);
}
