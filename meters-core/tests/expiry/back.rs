//! When a series expires, and what is known of it then and when it is back.

use meters_core::Registry;

use crate::kit::{seal, tenant, weigh};

#[test]
fn one_window_fewer_keeps_a_series_and_that_many_expire_it() {
    for after in [1, 2, 5] {
        let registry = Registry::new();
        registry.expire_after(after);
        let (orders, mut reader) = (registry.counter("Orders").register(), registry.reader());
        for round in 0..3 {
            orders.inc(1);
            seal(&mut reader, after as usize);
            assert_eq!(registry.snapshot().iter().len(), 1, "{after} windows, of which one moved, round {round}");
            seal(&mut reader, 1);
            assert_eq!(registry.snapshot().iter().len(), 0, "{after} idle windows, round {round}");
        }
    }
}

#[test]
fn a_series_without_any_record_expires_after_as_many_windows() {
    let registry = Registry::new();
    registry.expire_after(3);
    let mut reader = registry.reader();
    seal(&mut reader, 7);
    registry.counter("Orders").register();
    seal(&mut reader, 2);
    assert_eq!(registry.snapshot().iter().len(), 1);
    seal(&mut reader, 1);
    assert_eq!(registry.snapshot().iter().len(), 0);
}

#[test]
#[cfg_attr(miri, ignore = "too long under miri")]
fn zero_windows_are_never() {
    let registry = Registry::new();
    registry.expire_after(0);
    let (orders, mut reader) = (registry.counter("Orders").register(), registry.reader());
    orders.inc(1);
    seal(&mut reader, 3000);
    assert_eq!(registry.snapshot().counter("Orders"), 1);
    let (usual, mut reader) = (Registry::new(), registry.reader());
    _ = reader.window();
    let mut reader = usual.reader();
    usual.counter("Orders").register();
    seal(&mut reader, 1439);
    assert_eq!(usual.snapshot().iter().len(), 1);
    seal(&mut reader, 1);
    assert_eq!(usual.snapshot().iter().len(), 0, "a day of minutes, unless told");
}

#[test]
fn the_same_identity_is_the_same_series_after_it_expired() {
    let registry = Registry::new();
    registry.expire_after(1);
    let mut reader = registry.reader();
    let old = tenant(&registry, 1);
    old.inc(1);
    seal(&mut reader, 2);
    let new = tenant(&registry, 1);
    assert_eq!(registry.snapshot().iter().len(), 0, "asking for it records nothing");
    new.inc(2);
    old.inc(4);
    let snapshot = registry.snapshot();
    assert_eq!((snapshot.iter().len(), snapshot.counter("Orders")), (1, 7));
    assert_eq!(reader.window().counter("Orders"), 6);
}

#[test]
fn a_snapshot_without_a_series_still_knows_what_it_held() {
    let registry = Registry::new();
    registry.expire_after(1);
    let (orders, mut reader) = (registry.counter("Orders").register(), registry.reader());
    let size = registry.histogram("Size").register();
    let empty = registry.snapshot();
    orders.inc(5);
    size.observe(2.0);
    let held = registry.snapshot();
    seal(&mut reader, 2);
    let without = registry.snapshot();
    assert_eq!((without.iter().len(), without.to_string()), (0, String::new()));
    orders.inc(2);
    size.observe(3.0);
    let back = registry.snapshot();
    for (now, then, gained, sum) in [
        (&back, &without, 2, 3.0),
        (&back, &held, 2, 3.0),
        (&back, &empty, 7, 5.0),
        (&without, &held, 0, 0.0),
        (&without, &empty, 5, 2.0),
        (&without, &without, 0, 0.0),
    ] {
        let window = now.since(then);
        assert_eq!(window.counter("Orders"), gained);
        assert_eq!(window.metric("Size").value().map_or(0.0, |value| weigh(&value).1), sum);
        assert_eq!(window.is_empty(), gained == 0);
    }
}

#[test]
fn merged_snapshots_of_two_processes_never_fall() {
    let at = |registry: &Registry, other: &Registry| {
        let mut merged = registry.snapshot();
        merged.merge(&other.snapshot());
        merged
    };
    let (one, other) = (Registry::new(), Registry::new());
    let mut readers = [&one, &other].map(|registry| {
        registry.expire_after(1);
        registry.counter("Orders").register().inc(3);
        registry.counter("Alone").register().inc(1);
        registry.reader()
    });
    let before = at(&one, &other);
    seal(&mut readers[0], 2);
    let half = at(&one, &other);
    assert_eq!((half.counter("Orders"), half.since(&before).is_empty()), (6, true));
    assert_eq!(at(&other, &one).counter("Orders"), 6);
    seal(&mut readers[1], 2);
    let none = at(&one, &other);
    assert_eq!((none.iter().len(), none.since(&before).is_empty()), (0, true));
    other.counter("Orders").register().inc(2);
    let back = at(&one, &other);
    assert_eq!((back.iter().len(), back.counter("Orders")), (1, 8));
    assert_eq!(back.since(&none).counter("Orders"), 2);
    assert_eq!(back.since(&before).counter("Orders"), 2);
}
