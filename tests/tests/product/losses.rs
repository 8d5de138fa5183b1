//! How earlier libraries lose what was recorded, one test each; see also `defects`.

use std::time::Duration;

use meters::Registry;
use meters_local::{DatumValue, Fault};

use crate::stage::{PATIENCE, Stage, assert_close, builder};

/// `metrics_cloudwatch` 5.0 sends each record through a channel of 1,024: 2,092 of 100,000 were reported.
#[test]
fn defect_a_burst_overflows_a_channel() {
    let stage = Stage::new();
    let orders = stage.registry.counter("Orders").register();
    let size = stage.registry.histogram("Size").register();
    for n in 0..100_000 {
        orders.inc(1);
        size.observe(f64::from(n % 1_000));
    }
    stage.flush();
    assert_eq!(stage.cw.metric("Orders").sum(), Some(100_000.0));
    assert_eq!(stage.cw.metric("Size").sample_count(), 100_000.0);
    assert_close(stage.cw.metric("Size").sum().unwrap(), 49_950_000.0, 1e-12);
}

/// `metrics_cloudwatch` 5.0: 500 records, then a shutdown, and none arrived.
#[test]
fn defect_a_shutdown_discards_what_was_recorded_before_it() {
    let stage = Stage::new();
    let orders = stage.registry.counter("Orders").register();
    (0..500).for_each(|_| orders.inc(1));
    assert_eq!(stage.meters.shutdown(PATIENCE).sent, 1);
    assert_eq!(stage.cw.metric("Orders").sum(), Some(500.0));
}

/// `metrics_cloudwatch` 5.0 tries once more, and only where the text says "Throttling"; Micrometer never does.
#[test]
fn defect_a_send_that_fails_for_another_reason_than_throttling_is_lost() {
    for fault in [Fault::InternalServiceFault, Fault::Status(404), Fault::AccessDenied, Fault::RequestTimeout] {
        let stage = Stage::new();
        stage.registry.put("Batch", 1.0);
        stage.cw.faults().always(fault.clone());
        let report = stage.meters.flush(PATIENCE);
        assert_eq!((report.sent, report.pending, report.dropped), (0, 1, 0), "{fault:?}: {report}");
        stage.cw.faults().clear();
        stage.flush();
        assert_eq!(stage.cw.metric("Batch").sum(), Some(1.0), "{fault:?}");
    }
}

/// `cloudwatch-metrics-client` empties its aggregates, and then sends.
#[test]
fn defect_aggregates_are_cleared_before_the_send_succeeds() {
    let stage = Stage::new();
    let rows = stage.registry.histogram("Rows").register();
    stage.cw.faults().always(Fault::AccessDenied);
    for value in [1.0, 2.0, 4.0] {
        rows.observe(value);
        assert_eq!(stage.meters.flush(PATIENCE).sent, 0);
    }
    stage.cw.faults().clear();
    rows.observe(8.0);
    stage.flush();
    let rows = stage.cw.metric("Rows");
    assert_eq!(
        (rows.sample_count(), rows.sum(), rows.minimum(), rows.maximum()),
        (4.0, Some(15.0), Some(1.0), Some(8.0))
    );
    assert_eq!(rows.datums().len(), 4, "each window as it was");
}

/// `metrics_cloudwatch` 5.0 drops a batch that it split off while the sender is slow.
#[test]
fn defect_a_batch_is_dropped_while_the_sender_is_slow() {
    let stage = Stage::with(|builder| builder.max_datums_per_request(100));
    for n in 0..1_000 {
        stage.registry.put(&format!("Metric{n}"), 1.0);
    }
    stage.cw.faults().push_many(Fault::Slow(Duration::from_millis(20)), 10);
    assert_eq!(stage.flush().sent, 1_000);
    assert_eq!(stage.cw.datums().len(), 1_000);
}

/// `metrics_cloudwatch_embedded` keeps 100 values of a histogram: of 250 records, 100 arrived, or the caller was held up.
#[test]
fn defect_the_hundred_and_first_value_is_dropped() {
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    for value in 1..=250 {
        size.observe(f64::from(value));
        stage.registry.put("Batch", f64::from(value));
    }
    stage.flush();
    for name in ["Size", "Batch"] {
        assert_eq!(stage.cw.metric(name).sample_count(), 250.0, "{name}");
        assert_close(stage.cw.metric(name).sum().unwrap(), 31_375.0, 1e-12);
    }
}

/// CloudWatch's own agent gives a batch up after five tries, or one.
#[test]
fn defect_a_batch_is_given_up_after_some_tries() {
    let stage = Stage::new();
    stage.registry.put("Batch", 1.0);
    stage.cw.faults().always(Fault::LimitExceeded);
    for _ in 0..4 {
        let report = stage.meters.flush(PATIENCE);
        assert_eq!((report.pending, report.dropped), (1, 0), "{report}");
    }
    stage.cw.faults().clear();
    assert_eq!(stage.flush().sent, 1);
}

/// cloudwatch-fluent-metrics keeps a hundred datums, and drops the others with a line in the log.
#[test]
fn defect_what_is_given_up_is_not_counted() {
    let stage = Stage::with(|builder| builder.max_pending_bytes(1_000_000));
    stage.cw.faults().always(Fault::AccessDenied);
    let mut recorded = 0;
    let mut total = meters::FlushReport::default();
    while total.dropped == 0 {
        // Names that are told apart by chance do not pack well.
        for _ in 0..2_000 {
            let name = format!("{:032x}{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..), fastrand::u128(..));
            stage.registry.put(&name, fastrand::f64());
            recorded += 1;
        }
        total.merge(stage.meters.flush(PATIENCE));
        assert_eq!(total.pending + total.dropped, recorded, "{total}");
        assert!(recorded < 1_000_000, "it has no bound");
    }
    stage.cw.faults().clear();
    total.merge(stage.meters.flush(PATIENCE));
    assert_eq!((total.sent + total.dropped, total.pending), (recorded, 0), "{total}");
    assert_eq!(stage.cw.datums().len() as u64, total.sent);
}

/// cloudwatch-metrics-client: one call of several fails, and all that came after it are gone; ss-instrumentation says "OK".
#[test]
fn defect_a_batch_that_fails_takes_the_later_ones_along() {
    let stage = Stage::with(|builder| builder.max_datums_per_request(10));
    for n in 0..45 {
        stage.registry.put(&format!("Metric{n}"), 1.0);
    }
    stage.cw.faults().push(Fault::Pass).always(Fault::AccessDenied);
    let report = stage.meters.flush(PATIENCE);
    assert_eq!((report.sent, report.pending, report.dropped), (10, 35, 0), "{report}");
    assert!(!report.is_complete() && report.error.is_some(), "{report}");
    stage.cw.faults().clear();
    assert_eq!(stage.flush().sent, 35);
    for n in 0..45 {
        assert_eq!(stage.cw.metric(format!("Metric{n}")).sample_count(), 1.0, "{n}");
    }
}

/// cloudwatch-metrics-client answers False where there is no reporter yet, and forgets what it was told.
#[test]
fn defect_what_is_recorded_before_the_start_is_forgotten() {
    let registry = Registry::new();
    registry.counter("Orders").register().inc(2);
    registry.histogram("Size").register().observe(3.0);
    registry.put("Batch", 4.0);
    let stage = Stage::with(|builder| builder.registry(&registry));
    stage.flush();
    for (name, sum) in [("Orders", 2.0), ("Size", 3.0), ("Batch", 4.0)] {
        assert_eq!(stage.cw.metric(name).sum(), Some(sum), "{name}");
    }
}

/// cloudwatch-metrics-client: a stop that comes before the thread has begun is not noticed by it.
#[test]
fn defect_a_stop_right_after_the_start_is_not_noticed() {
    let cw = meters_local::start();
    for round in 1..=50 {
        let registry = Registry::new();
        let meters = builder(&cw.endpoint_url()).registry(&registry).interval("1h").start().unwrap();
        registry.put("Batch", 1.0);
        let report = meters.shutdown(PATIENCE);
        assert_eq!((report.sent, report.pending), (1, 0), "round {round}: {report}");
    }
    assert_eq!(cw.metric("Batch").sum(), Some(50.0));
}

/// satella: once a call had labels, calls without them vanish.
#[test]
fn defect_calls_without_dimensions_vanish_beside_calls_with_some() {
    let stage = Stage::new();
    for round in 0..3 {
        stage.registry.counter("Orders").register().inc(1);
        stage.registry.counter("Orders").dimension("Kind", "web").register().inc(10);
        stage.registry.put("Batch", 1.0);
        stage.registry.put("Batch", 10.0).dimension("Kind", "web");
        if round == 1 {
            stage.flush();
        }
    }
    stage.flush();
    for name in ["Orders", "Batch"] {
        assert_eq!(stage.cw.metric(name).exactly().sum(), Some(3.0), "{name}");
        assert_eq!(stage.cw.metric(name).with("Kind", "web").sum(), Some(30.0), "{name}");
    }
}

/// `metrics_cloudwatch` 5.0 forgets the level of a gauge with each interval: +5, +1 and -6 arrived as 5, 1 and -6.
#[test]
fn defect_a_level_is_forgotten_with_each_window() {
    let stage = Stage::new();
    let depth = stage.registry.gauge("Depth").register();
    for by in [5.0, 1.0, -6.0] {
        depth.inc(by);
        stage.flush();
    }
    let levels: Vec<_> = stage.cw.metric("Depth").datums().into_iter().map(|datum| datum.value).collect();
    assert_eq!(levels, [5.0, 6.0, 0.0].map(DatumValue::Value));
}
