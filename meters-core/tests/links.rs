//! Links that go offline and online, and clicks a period.
#![allow(missing_docs)]

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use meters_core::{Level, LinkState, Registry, Unit};

/// Failures, successes and status.
fn shown(registry: &Registry, name: &str) -> [f64; 3] {
    let snapshot = registry.snapshot();
    ["ConsecutiveFailures", "ConsecutiveSuccesses", "Status"]
        .map(|what| snapshot.metric(&format!("{name}.{what}")).gauge().unwrap())
}

/// satella 2.26's `linkfail`: the operations, and the data that it exports after them.
#[test]
fn golden_link_of_satella() {
    let registry = Registry::new();
    let link = registry.link("m").register();
    link.success();
    link.failure();
    assert_eq!(shown(&registry, "m"), [1.0, 0.0, 1.0]);
}

#[test]
fn exactly_so_many_in_a_row_change_it() {
    for (to_offline, to_online) in [(1, 1), (1, 3), (3, 1), (100, 10)] {
        let registry = Registry::new();
        let link = registry.link("L").failures_to_offline(to_offline).successes_to_online(to_online).register();
        for _ in 0..2 {
            for number in 1..=to_offline {
                assert!(link.is_online(), "{number} of {to_offline}");
                link.failure();
            }
            assert!(!link.is_online());
            assert_eq!(shown(&registry, "L"), [f64::from(to_offline), 0.0, 0.0]);
            for number in 1..=to_online {
                assert!(!link.is_online(), "{number} of {to_online}");
                link.success();
            }
            assert_eq!(shown(&registry, "L"), [0.0, f64::from(to_online), 1.0]);
        }
    }
}

#[test]
fn one_success_between_failures_begins_the_row_anew() {
    let registry = Registry::new();
    let link = registry.link("Row").failures_to_offline(3).successes_to_online(2).register();
    for _ in 0..5 {
        link.failure();
        link.failure();
        link.success();
    }
    assert!(link.is_online());
    (0..3).for_each(|_| link.failure());
    for _ in 0..5 {
        link.success();
        link.failure();
    }
    assert!(!link.is_online());
    assert_eq!(shown(&registry, "Row"), [1.0, 0.0, 0.0]);
}

#[test]
fn callbacks_come_once_a_change_and_a_panic_in_one_does_no_harm() {
    let registry = Registry::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (offline, online) = (told.clone(), told.clone());
    let link = registry
        .link("Told")
        .failures_to_offline(2)
        .successes_to_online(2)
        .on_offline(move || {
            offline.lock().unwrap().push("offline");
            std::panic::panic_any("a callback panics");
        })
        .on_online(move || online.lock().unwrap().push("online"))
        .register();
    for _ in 0..3 {
        (0..5).for_each(|_| link.failure());
        (0..5).for_each(|_| link.success());
    }
    assert_eq!(*told.lock().unwrap(), ["offline", "online"].repeat(3));
}

#[test]
fn a_callback_may_use_its_link_and_what_it_changes_is_told_after_it() {
    let registry = Registry::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let link: Arc<Mutex<Option<LinkState>>> = Arc::default();
    let (offline, online, inner) = (told.clone(), told.clone(), link.clone());
    let made = registry
        .link("Within")
        .failures_to_offline(1)
        .successes_to_online(1)
        .on_offline(move || {
            let link = inner.lock().unwrap().clone().unwrap();
            assert!(!link.is_online());
            link.success();
            offline.lock().unwrap().push("offline");
        })
        .on_online(move || online.lock().unwrap().push("online"))
        .register();
    *link.lock().unwrap() = Some(made.clone());
    made.failure();
    assert_eq!((told.lock().unwrap().clone(), made.is_online()), (vec!["offline", "online"], true));
}

#[test]
fn a_slow_callback_holds_nobody_up() {
    let registry = Registry::new();
    let meet = Arc::new(Barrier::new(2));
    let (within, told) = (meet.clone(), Arc::new(AtomicU64::new(0)));
    let online = told.clone();
    let link = registry
        .link("Slow")
        .failures_to_offline(1)
        .successes_to_online(1)
        .on_offline(move || {
            within.wait();
            within.wait();
        })
        .on_online(move || _ = online.fetch_add(1, Relaxed))
        .register();
    thread::scope(|scope| {
        scope.spawn(|| link.failure());
        meet.wait();
        link.success();
        assert_eq!((link.is_online(), told.load(Relaxed)), (true, 0), "it is told after the other");
        meet.wait();
    });
    assert_eq!(told.load(Relaxed), 1);
}

#[test]
fn of_many_threads_each_change_is_told_once_and_in_order() {
    let registry = Registry::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tell = |what: bool| {
        let (told, at_once, most) = (told.clone(), at_once.clone(), most.clone());
        move || {
            // A panic here would be caught.
            most.fetch_max(at_once.fetch_add(1, Relaxed) + 1, Relaxed);
            told.lock().unwrap().push(what);
            at_once.fetch_sub(1, Relaxed);
        }
    };
    let link = registry
        .link("Raced")
        .failures_to_offline(2)
        .successes_to_online(2)
        .on_offline(tell(false))
        .on_online(tell(true))
        .register();
    thread::scope(|scope| {
        for number in 0..4 {
            let link = &link;
            scope.spawn(move || {
                for round in 0..if cfg!(miri) { 20 } else { 5000 } {
                    if (round / 3 + number) % 2 == 0 { link.failure() } else { link.success() }
                }
            });
        }
    });
    assert!(most.load(Relaxed) <= 1, "two threads told at once");
    let told = told.lock().unwrap();
    assert!(told.iter().enumerate().all(|(place, online)| *online == (place % 2 == 1)), "they alternate");
    assert_eq!(told.last().copied().unwrap_or(true), link.is_online(), "the last one is how it stands");
}

#[test]
fn a_link_works_on_without_its_metrics_which_may_be_registered_again() {
    let registry = Registry::new();
    let dropped = Arc::new(AtomicBool::new(true));
    let held = dropped.clone();
    let make = || {
        registry.link("Unseen").failures_to_offline(1).dimension("To", "db").description("Answers").level(Level::Debug)
    };
    let held_by = move || _ = held.load(Relaxed);
    let link = make().on_online(held_by).register();
    assert_eq!(registry.snapshot().iter().len(), 0);
    link.failure();
    assert!(!link.is_online());
    registry.set_level(Level::Debug);
    assert_eq!(shown(&registry, "Unseen"), [1.0, 0.0, 0.0]);
    let snapshot = registry.snapshot();
    assert!(
        snapshot
            .iter()
            .all(|(series, _)| series.dimension("To") == Some("db") && series.description() == Some("Answers"))
    );
    let again = make().register();
    assert_eq!(shown(&registry, "Unseen"), [0.0, 0.0, 1.0]);
    for what in ["ConsecutiveFailures", "ConsecutiveSuccesses", "Status"] {
        assert_eq!(registry.unregister(&format!("Unseen.{what}")), 1);
    }
    drop(link);
    assert_eq!(Arc::strong_count(&dropped), 1, "what it held is dropped with it");
    assert!(again.is_online());
}

#[test]
fn clicks_are_gauges_by_their_periods() {
    let registry = Registry::new();
    let windows = [Duration::from_secs(600), Duration::from_secs(3600), Duration::from_millis(600_500)];
    let hits = registry.clicks("Hits").dimension("Site", "a").description("Hits of late").windows(windows);
    hits.click(2);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..100).for_each(|_| hits.click(1)));
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.iter().len(), 3);
    for period in ["600", "3600", "600.5"] {
        let of = snapshot.metric("Hits").with("Period", period).with("Site", "a");
        assert_eq!(of.gauge(), Some(302.0), "{period}");
    }
    let (series, _) = snapshot.iter().next().unwrap();
    assert_eq!((series.unit(), series.description()), (Unit::Count, Some("Hits of late")));
    let same = registry.clicks("Hits").dimension("Site", "a").windows(windows);
    let other = registry.clicks("Hits").dimension("Site", "b").windows([Duration::from_secs(600)]);
    same.click(1);
    other.click(5);
    let of = |site: &str| registry.snapshot().metric("Hits").with("Period", "600").with("Site", site).gauge();
    assert_eq!((of("a"), of("b")), (Some(303.0), Some(5.0)));
}

#[test]
fn windows_that_are_none_are_mended() {
    let registry = Registry::new();
    registry.clicks("Unsaid").windows([]).click(1);
    registry.clicks("Short").windows([Duration::ZERO]).click(1);
    let periods: Vec<_> =
        registry.snapshot().iter().map(|(series, _)| series.dimension("Period").unwrap().to_owned()).collect();
    assert_eq!(periods, ["1", "0.001"]);
}

#[test]
fn clicks_come_and_go_with_their_metric() {
    let registry = Registry::new();
    let hour = [Duration::from_secs(3600)];
    let shown = || registry.snapshot().metric("Gone").gauge();
    let hits = registry.clicks("Gone").windows(hour);
    hits.click(1);
    assert_eq!((shown(), registry.unregister("Gone"), shown()), (Some(1.0), 1, None));
    hits.click(2);
    registry.clicks("Gone").windows(hour).click(4);
    hits.click(8);
    assert_eq!(shown(), Some(13.0), "what was clicked while it was gone is not counted");
    let debug = registry.clicks("Debugged").level(Level::Debug).windows(hour);
    debug.click(1);
    registry.set_level(Level::Debug);
    debug.click(2);
    assert_eq!(registry.snapshot().metric("Debugged").gauge(), Some(2.0));
}

#[test]
fn clicks_over_the_limit_are_counted_together_in_each_window() {
    let registry = Registry::new();
    registry.set_limit(2);
    let windows = [1, 60].map(Duration::from_secs);
    for user in 0..6u32 {
        registry.clicks("Hits").dimension("User", user).windows(windows).click(1);
        registry.clicks("Hits").dimension("User", user).windows(windows).click(1);
    }
    let told = |user: &str| registry.snapshot().metric("Hits").with("Period", "60").with("User", user).gauge();
    assert_eq!(["0", "1", "2", "_other"].map(told), [Some(2.0), Some(2.0), None, Some(8.0)]);
    let periods: std::collections::BTreeSet<_> = registry
        .snapshot()
        .metric("Hits")
        .series()
        .flat_map(|(series, _)| {
            series.dimensions().find(|(key, _)| *key == "Period").map(|(_, period)| period.to_owned())
        })
        .collect();
    assert!(periods.into_iter().eq(["1", "60"]));
}
