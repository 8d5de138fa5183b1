//! Counters, gauges, meters and timers as CloudWatch has them, window by window.

use std::time::{Duration, Instant};

use meters::{Registry, Unit};
use meters_local::DatumValue;

use crate::stage::{Stage, assert_close, next_milliseconds};

fn values(stage: &Stage, name: &str) -> Vec<f64> {
    let value = |datum: meters_local::Datum| match datum.value {
        DatumValue::Value(value) => value,
        other => panic!("no single value: {other:?}"),
    };
    let datums = stage.cw.metric(name).datums();
    datums.into_iter().map(value).collect()
}

#[test]
fn a_counter_sends_what_was_added_then_one_zero_then_nothing() {
    let stage = Stage::new();
    let orders = stage.registry.counter("Orders").register();
    let windows: [(u64, &[f64]); 7] =
        [(0, &[]), (3, &[3.0]), (5, &[5.0]), (0, &[0.0]), (0, &[]), (2, &[2.0]), (0, &[0.0])];
    for (window, (added, expected)) in windows.into_iter().enumerate() {
        if added > 0 {
            orders.inc(added);
        }
        stage.flush();
        assert_eq!(values(&stage, "Orders"), expected, "window {window}");
        stage.cw.clear();
    }
}

#[test]
fn amounts_are_sent_as_what_was_added_then_one_zero_then_nothing() {
    let stage = Stage::new();
    let paid = stage.registry.float_counter("Paid").register();
    let windows: [(&[f64], &[f64]); 6] =
        [(&[], &[]), (&[0.25, 0.5], &[0.75]), (&[], &[0.0]), (&[], &[]), (&[-1.0, 2.5], &[2.5]), (&[], &[0.0])];
    for (window, (added, expected)) in windows.into_iter().enumerate() {
        added.iter().for_each(|amount| paid.inc(*amount));
        stage.flush();
        assert_eq!(values(&stage, "Paid"), expected, "window {window}");
        stage.cw.clear();
    }
}

/// What Prometheus is shown of them changes nothing of what is sent.
#[test]
fn buckets_and_summaries_are_sent_as_the_histogram_of_the_same_values() {
    let stage = Stage::new();
    let plain = stage.registry.histogram("Plain").unit(Unit::Seconds).register();
    let buckets = meters_core::Buckets::explicit([0.0, 0.5, 1.0, 100.0]).unwrap();
    let bucketed = stage.registry.histogram("Bucketed").unit(Unit::Seconds).buckets(buckets).register();
    let summary = stage.registry.summary("Summary").unit(Unit::Seconds).maximum(1e3).register();
    for value in [0.0, 0.001, 0.5, 0.5, 1.0, 7.25, 900.0] {
        plain.observe(value);
        bucketed.observe(value);
        summary.observe(value);
    }
    summary.observe(2e3);
    stage.flush();
    let sent = |name: &str| stage.cw.metric(name).datums().into_iter().map(|datum| datum.value).collect::<Vec<_>>();
    assert_eq!((sent("Bucketed"), sent("Summary")), (sent("Plain"), sent("Plain")));
    assert_eq!(values(&stage, "Summary.Above"), [1.0]);
}

#[test]
fn a_gauge_sends_its_level_each_window_from_the_first_time_it_is_set() {
    let stage = Stage::new();
    let depth = stage.registry.gauge("Depth").register();
    stage.flush();
    assert!(!stage.cw.metric("Depth").exists());
    depth.set(5.0);
    stage.flush();
    depth.inc(2.5);
    depth.dec(1.0);
    stage.flush();
    stage.flush(); // nobody touched it
    depth.set(-3.0);
    stage.flush();
    assert_eq!(values(&stage, "Depth"), [5.0, 6.5, 6.5, -3.0]);
}

#[test]
fn an_idle_histogram_or_function_is_not_sent_nor_is_a_request_made_for_it() {
    #[meters::monitored(name = "InstrumentIdle")]
    fn function() {}
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    stage.registry.put("Batch", 1.0);
    stage.registry.put_statistic("Rows", 1.0);
    size.observe(1.0);
    assert_eq!(stage.flush().sent, 3);
    let report = stage.flush();
    assert_eq!((report.sent, report.requests), (0, 0));
    assert_eq!(stage.cw.request_count(), 1);

    let global = Stage::global();
    function();
    global.flush();
    assert!(global.cw.metric("InstrumentIdle").exists());
    global.cw.clear();
    global.flush();
    assert!(!global.cw.metric("InstrumentIdle").exists());
    assert!(!global.cw.metric("InstrumentIdle.Errors").exists());
}

#[test]
fn a_meter_sends_events_over_seconds_then_one_zero() {
    let before = Instant::now();
    let registry = Registry::new();
    let stage = Stage::with(|builder| builder.registry(&registry));
    let logins = registry.meter("Logins").register();
    let mut seconds = 0.0;
    for (window, events) in [10, 4, 0].into_iter().enumerate() {
        logins.mark(events);
        next_milliseconds();
        stage.flush();
        let datums = stage.cw.metric("Logins").datums();
        assert_eq!(datums.len(), window + 1);
        let DatumValue::Statistics { sample_count, sum, minimum, maximum, .. } = datums[window].value else {
            panic!("no statistic set: {datums:?}")
        };
        assert_eq!(datums[window].unit, "Count/Second");
        assert_eq!(sum, events as f64);
        assert_eq!(minimum, maximum);
        assert_close(minimum + 1.0, sum / sample_count + 1.0, 1e-12);
        assert!(sample_count >= 0.005, "{sample_count} s");
        seconds += sample_count;
    }
    // The windows follow each other without a gap, and are no longer than the time that passed.
    assert!(seconds <= before.elapsed().as_secs_f64() * 1.001);
    let logins = stage.cw.metric("Logins");
    assert_close(logins.average().unwrap(), 14.0 / seconds, 1e-12);
    stage.cw.clear();
    stage.flush();
    assert!(!stage.cw.metric("Logins").exists());
}

#[test]
fn a_timer_measures_no_less_than_what_it_timed_and_no_more_than_what_was_around_it() {
    let stage = Stage::new();
    let took = stage.registry.histogram("Took").unit(Unit::Milliseconds);
    let took = took.register();
    let around = Instant::now();
    let timer = took.start();
    let inside = Instant::now();
    while inside.elapsed() < Duration::from_millis(20) {
        std::hint::spin_loop();
    }
    drop(timer);
    let around = around.elapsed().as_secs_f64() * 1e3;
    took.observe_duration(Duration::from_micros(1_250));
    stage.flush();
    let metric = stage.cw.metric("Took");
    assert_eq!(metric.unit(), Some("Milliseconds"));
    assert_eq!(metric.minimum(), Some(1.25));
    let most = metric.maximum().unwrap();
    // Two clocks, one of which is calibrated against the other.
    assert!(most >= 20.0 * 0.99 && most <= around * 1.01, "{most}");
}

#[test]
fn macros_and_registered_handles_are_the_same_series() {
    let stage = Stage::global();
    let kind = String::from("web");
    meters::counter!("InstrumentSame", Kind = kind, Tier = "gold").inc(1);
    meters::counter!("InstrumentSame", Tier = "gold", Kind = "web").inc(2);
    let handle = meters::counter("InstrumentSame").dimension("Tier", "gold").dimension("Kind", "web");
    handle.register().inc(4);
    meters::gauge!("InstrumentLevel", Pool = "main").set(3.0);
    meters::histogram!("InstrumentSize", unit = Bytes, resolution = 1).observe(512.0);
    meters::meter!("InstrumentRate", Method = kind).mark(9);
    stage.flush();
    assert_eq!(values(&stage, "InstrumentSame"), [7.0]);
    assert_eq!(values(&stage, "InstrumentLevel"), [3.0]);
    let size = stage.cw.metric("InstrumentSize");
    assert_eq!((size.sum(), size.unit()), (Some(512.0), Some("Bytes")));
    assert_eq!(size.datums()[0].resolution, 1);
    let rate = stage.cw.metric("InstrumentRate").with("Method", "web");
    assert_eq!(rate.sum(), Some(9.0));
}
