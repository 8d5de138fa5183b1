//! Series that cool under threads which record them.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use meters_core::{Histogram, Registry, Window};

use crate::kit::weigh;

/// Expiring all the time under threads that record in bursts, end, and come back.
#[test]
fn nothing_is_lost_while_series_cool_under_threads() {
    let rounds = if cfg!(miri) { 3 } else { 300 };
    let registry = Registry::new();
    registry.expire_after(1);
    let (counter, histogram) = (registry.counter("Orders").register(), registry.histogram("Size").register());
    let others: Vec<Histogram> = (0..8u32).map(|n| registry.histogram("Other").dimension("N", n).register()).collect();
    let done = AtomicBool::new(false);
    let (mut count, mut sum, mut orders, mut other) = (0, 0.0, 0, 0);
    let mut add = |window: &Window| {
        let (gained, weight) = window.metric("Size").value().as_ref().map_or((0, 0.0), weigh);
        (count, sum) = (count + gained, sum + weight);
        orders += window.counter("Orders");
        other += window.metric("Other").count();
    };
    let (mut differences, empty) = ([0; 3], registry.snapshot());
    thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let (mut before, mut gained) = (empty, [0; 3]);
            let mut look = || {
                let now = registry.snapshot();
                let window = now.since(&before);
                let found = ["Orders", "Size", "Other"].map(|name| window.metric(name).count());
                (0..3).for_each(|nth| gained[nth] += found[nth]);
                before = now;
            };
            while !done.load(SeqCst) {
                look();
            }
            look();
            gained
        });
        let reading = scope.spawn(|| {
            let mut reader = registry.reader();
            let mut windows = Vec::new();
            while !done.load(SeqCst) {
                windows.push(reader.window());
            }
            windows.push(reader.window());
            windows
        });
        let writers: Vec<_> = (0..4usize)
            .map(|thread| {
                let others = &others;
                scope.spawn(move || {
                    for round in 0..rounds {
                        for n in 0..50u32 {
                            counter.inc(1);
                            histogram.observe(f64::from(n % 4));
                        }
                        // A series that others may have heated, and that makes this thread give back what cooled.
                        (0..40).for_each(|_| others[(round + thread) % others.len()].observe(1.0));
                        thread::yield_now();
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, SeqCst);
        reading.join().unwrap().iter().for_each(&mut add);
        differences = looking.join().unwrap();
    });
    let all = 4 * rounds as u64;
    assert_eq!((count, sum, orders, other), (50 * all, 73.0 * all as f64, 50 * all, 40 * all));
    assert_eq!(differences, [50 * all, 50 * all, 40 * all]);
    let snapshot = registry.snapshot();
    let all_told = snapshot.since(&Registry::new().snapshot());
    assert_eq!([all_told.counter("Orders"), all_told.metric("Other").count()], [50 * all, 40 * all]);
}
