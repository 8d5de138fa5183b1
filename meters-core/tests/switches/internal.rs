//! Metrics that are for this process alone.

use meters_core::Registry;

use crate::kit::names;

/// satella's exporter sends them all the same.
#[test]
fn defect_internal_metrics_are_exported() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    registry.counter("Open").register().inc(1);
    registry.counter("Secret").internal().register().inc(7);
    registry.gauge("SecretLevel").internal().register().set(7.0);
    registry.histogram("SecretSize").internal().register().observe(7.0);
    for expected in [&["Open"][..], &[]] {
        assert_eq!(names(reader.window().iter()), expected.iter().map(|name| (*name).to_owned()).collect());
    }
    let snapshot = registry.snapshot();
    let internal: Vec<_> =
        snapshot.iter().filter(|(series, _)| series.is_internal()).map(|(series, _)| series.name()).collect();
    assert_eq!(internal, ["Secret", "SecretLevel", "SecretSize"]);
    assert_eq!((snapshot.counter("Secret"), snapshot.iter().len()), (7, 4));
}

#[test]
fn what_is_said_late_holds_for_series_that_are_there_and_in_every_registry() {
    let (one, other) = (Registry::new(), Registry::new());
    let (mut reader, mut others) = (one.reader(), other.reader());
    let early = one.counter("SaidLate").dimension("Kind", "early").register();
    let elsewhere = other.counter("SaidLate").dimension("Kind", "elsewhere").register();
    early.inc(1);
    assert_eq!(reader.window().counter("SaidLate"), 1);
    one.counter("SaidLate").dimension("Kind", "late").internal().register().inc(1);
    early.inc(1);
    elsewhere.inc(1);
    assert!(reader.window().is_empty() && others.window().is_empty());
    assert_eq!((one.snapshot().counter("SaidLate"), other.snapshot().counter("SaidLate")), (3, 1));
}

#[test]
fn an_internal_metric_that_is_taken_away_is_in_no_window_either() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    registry.counter("SecretGone").internal().register().inc(1);
    assert_eq!(registry.unregister("SecretGone"), 1);
    assert!(reader.window().is_empty());
}

#[test]
fn an_internal_metric_expires_and_comes_back_as_all_others() {
    let registry = Registry::new();
    registry.expire_after(1);
    let (secret, mut reader) = (registry.counter("SecretIdle").internal().register(), registry.reader());
    for total in [1, 2] {
        secret.inc(1);
        assert!(reader.window().is_empty());
        assert_eq!(registry.snapshot().counter("SecretIdle"), total);
        assert!(reader.window().is_empty());
        assert_eq!(registry.snapshot().iter().len(), 0);
    }
}
