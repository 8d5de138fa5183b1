//! What many threads record is all there, once, whoever reads meanwhile and whoever ends.
#![allow(missing_docs)]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use meters_core::{CallSite, CounterSite, Ended, Registry, Value};

const THREADS: u64 = 8;
const RECORDS: u64 = if cfg!(miri) { 60 } else { 200_000 };

#[test]
fn totals_are_exact_while_a_ninth_thread_takes_snapshots() {
    let registry = Registry::new();
    let histogram = registry.histogram("Size").register();
    let counter = registry.counter("Orders").register();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    for n in 0..RECORDS {
                        histogram.observe((thread * RECORDS + n) as f64);
                        counter.inc(2);
                    }
                })
            })
            .collect();
        let reader = scope.spawn(|| {
            let (mut before, mut snapshots) = (0, 0u64);
            while !done.load(Relaxed) {
                let seen = registry.snapshot().metric("Size").distribution().unwrap();
                assert!(seen.count() >= before, "a cumulative count went back");
                assert_eq!(seen.count(), seen.zero_count() + seen.buckets().iter().map(|b| b.count).sum::<u64>());
                before = seen.count();
                snapshots += 1;
            }
            snapshots
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
    let all = THREADS * RECORDS;
    let seen = registry.snapshot().metric("Size").distribution().unwrap();
    assert_eq!(seen.count(), all);
    assert_eq!(seen.sum(), (all * (all - 1) / 2) as f64);
    assert_eq!((seen.min(), seen.max()), (Some(0.0), Some((all - 1) as f64)));
    assert_eq!(registry.snapshot().counter("Orders"), 2 * all);
}

/// Every window alone is consistent, and all together are everything, each record once.
#[test]
fn windows_add_up_and_each_is_consistent() {
    let registry = Registry::new();
    let histogram = registry.histogram("Size").register();
    let (mut one, mut other) = (registry.reader(), registry.reader());
    let mut windows = Vec::new();
    thread::scope(|scope| {
        let writers: Vec<_> = (1..=THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    for n in 1..=RECORDS {
                        // Between 1 and 1.5: a window's sum must lie between its count and one and a half of it.
                        histogram.observe(1.0 + (n * thread % 512) as f64 / 1024.0);
                    }
                })
            })
            .collect();
        while !writers.iter().all(thread::ScopedJoinHandle::is_finished) {
            windows.push(one.window());
        }
    });
    windows.push(one.window());
    let (mut count, mut sum) = (0, 0.0);
    for window in &windows {
        let Some(part) = window.metric("Size").distribution() else {
            continue;
        };
        let (min, max) = (part.min().unwrap(), part.max().unwrap());
        assert!((1.0..1.5).contains(&min) && (min..1.5).contains(&max), "{min} {max}");
        assert!(part.sum() >= min * part.count() as f64 && part.sum() <= max * part.count() as f64);
        let pairs = part.pairs(150);
        let told: f64 = pairs.iter().map(|(value, count)| value * count).sum();
        assert!((told - part.sum()).abs() <= part.sum() * 1e-12);
        count += part.count();
        sum += part.sum();
    }
    let truth: f64 =
        (1..=THREADS).flat_map(|thread| (1..=RECORDS).map(move |n| 1.0 + (n * thread % 512) as f64 / 1024.0)).sum();
    assert_eq!(count, THREADS * RECORDS);
    assert!((sum - truth).abs() <= truth * 1e-12, "{sum} {truth}");
    let all = other.window().metric("Size").distribution().unwrap();
    assert_eq!(all.count(), count);
    assert!((all.sum() - truth).abs() <= truth * 1e-12);
}

#[test]
fn the_extremes_of_a_window_are_its_own() {
    let registry = Registry::new();
    let histogram = registry.histogram("Size").register();
    let mut reader = registry.reader();
    // Cold, then hot: 40 records make it a series whose threads own shards.
    for round in 0..100u32 {
        let values = [f64::from(round % 7) + 1.0, f64::from(round % 11) + 3.5];
        for value in values {
            histogram.observe(value);
        }
        let seen = reader.window().metric("Size").distribution().unwrap();
        assert_eq!(seen.min(), Some(values[0].min(values[1])), "round {round}");
        assert_eq!(seen.max(), Some(values[0].max(values[1])), "round {round}");
        assert_eq!(seen.count(), 2);
    }
    assert!(reader.window().is_empty());
}

#[test]
fn threads_that_ended_are_still_counted_and_leave_nothing_behind() {
    let registry = Registry::new();
    let histogram = registry.histogram("Size").register();
    let counter = registry.counter("Orders").register();
    let rounds = if cfg!(miri) { 3 } else { 200 };
    let mut reader = registry.reader();
    let mut count = 0;
    for round in 0..rounds {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..50 {
                        histogram.observe(f64::from(n));
                        counter.inc(1);
                    }
                });
            }
        });
        if round % 3 == 0 {
            count += reader.window().metric("Size").count();
        }
    }
    count += reader.window().metric("Size").count();
    assert_eq!(count, rounds * 200);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.metric("Size").count(), rounds * 200);
    assert_eq!(snapshot.counter("Orders"), rounds * 200);
}

/// A destructor of the thread's own storage that records: the shards may be gone by then, the record is not.
#[test]
fn a_record_from_a_destructor_at_the_thread_s_end_counts() {
    static SITE: CounterSite = CounterSite::new("Farewells", &[("Test", Some("destructor"))]);
    static CALLS: CallSite = CallSite::new("Farewell", &[("Test", Some("destructor"))]);
    struct Farewell;
    impl Drop for Farewell {
        fn drop(&mut self) {
            SITE.at().inc(1);
            CALLS.enter().finish(Ended::Error);
        }
    }
    thread_local! {
        static BEFORE: Farewell = const { Farewell };
        static AFTER: Farewell = const { Farewell };
    }
    thread::spawn(|| {
        BEFORE.with(|_| ());
        SITE.at().inc(1);
        CALLS.enter().finish(Ended::Ok);
        AFTER.with(|_| ());
    })
    .join()
    .unwrap();
    let snapshot = Registry::global().snapshot();
    assert_eq!(snapshot.metric("Farewells").count(), 3);
    let calls = snapshot.metric("Farewell").calls();
    assert_eq!((calls.count(), calls.errors), (3, 2));
}

#[test]
fn two_handles_of_one_identity_are_one_series() {
    let registry = Registry::new();
    registry.counter("Orders").dimension("A", 1).dimension("B", 2).register().inc(1);
    registry.counter("Orders").dimension("B", 2).dimension("A", 1).register().inc(1);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.iter().len(), 1);
    assert_eq!(snapshot.counter("Orders"), 2);
}

#[test]
fn a_unit_is_part_of_the_identity() {
    let registry = Registry::new();
    registry.put("m", 1.0).unit(meters_core::Unit::Count);
    registry.put("m", 2.0).unit(meters_core::Unit::Bytes);
    assert_eq!(registry.snapshot().iter().len(), 2);
}

#[test]
fn what_cannot_be_counted_is_refused_and_counted_as_such() {
    let registry = Registry::new();
    let histogram = registry.histogram("Size").register();
    let gauge = registry.gauge("Level").register();
    gauge.set(1.0);
    let before = meters_core::refused();
    for value in [f64::NAN, f64::INFINITY, -1.0, f64::MAX] {
        histogram.observe(value);
    }
    gauge.set(f64::NAN);
    registry.put("Put", f64::NAN);
    assert!(meters_core::refused() >= before + 6);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.metric("Size").count(), 0);
    assert_eq!(snapshot.metric("Level").gauge(), Some(1.0));
}

#[test]
fn over_the_limit_totals_stay_exact() {
    let registry = Registry::new();
    registry.set_limit(10);
    for n in 0..1000 {
        registry.counter("Orders").dimension("User", n).register().inc(1);
    }
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.iter().len(), 11);
    assert_eq!(snapshot.counter("Orders"), 1000);
    assert_eq!(snapshot.metric("Orders").with("User", "_other").count(), 990);
}

/// Restating totals each time is the defect: a window holds only what came since.
#[test]
fn cumulative_totals_are_not_sent_again() {
    let registry = Registry::new();
    let counter = registry.counter("Orders").register();
    let mut reader = registry.reader();
    let mut told = 0;
    for _ in 0..3 {
        counter.inc(10);
        told += reader.window().counter("Orders");
    }
    assert_eq!(told, 30);
}

#[test]
fn a_snapshot_changes_nothing() {
    let registry = Registry::new();
    let counter = registry.counter("Orders").register();
    let mut reader = registry.reader();
    counter.inc(1);
    for _ in 0..3 {
        assert_eq!(registry.snapshot().counter("Orders"), 1);
    }
    assert_eq!(reader.window().counter("Orders"), 1);
}

#[test]
fn an_empty_gauge_is_no_series_and_a_set_one_stays() {
    let registry = Registry::new();
    let gauge = registry.gauge("Level").register();
    let mut reader = registry.reader();
    assert!(reader.window().is_empty());
    gauge.set(5.0);
    for _ in 0..2 {
        assert!(matches!(reader.window().iter().next(), Some((_, Value::Gauge(level))) if *level == 5.0));
    }
}
