//! What earlier libraries got wrong, one test each; see also `golden` (units, order), `lifecycle` and `faults` (losses).

use std::time::{Duration, Instant, SystemTime};

use meters::{Registry, monitored};

use crate::alone::{alone, endpoint};
use crate::stage::{PATIENCE, Stage, builder, pairs};

#[test]
fn defect_whole_seconds_dropped() {
    #[monitored(name = "DefectSeconds")]
    fn slow() {
        std::thread::sleep(Duration::from_millis(1_100));
    }
    let stage = Stage::global();
    let around = Instant::now();
    slow();
    let around = around.elapsed().as_secs_f64() * 1e6;
    stage.flush();
    let most = stage.cw.metric("DefectSeconds").maximum().unwrap();
    // Two clocks, one of which is calibrated against the other.
    assert!(most >= 1.1e6 * 0.99 && most <= around * 1.01, "{most}");
}

/// Where the clock on the wall shows another hour than UTC.
fn in_time_zone(test: &str, zone: &str) {
    let cw = meters_local::start();
    let url = cw.endpoint_url();
    let before = SystemTime::now() - Duration::from_millis(1);
    let ran = alone(test, &[("CW", &url), ("TZ", zone)], || {
        let meters = builder(&endpoint()).start().unwrap();
        meters::counter("Orders").register().inc(1);
        meters.put_now("Deploy", 1.0).send().unwrap();
        assert!(meters.shutdown(PATIENCE).is_complete());
    });
    if ran.is_some() {
        let datums = cw.datums();
        assert_eq!(datums.len(), 2);
        for datum in datums {
            let window = before..=SystemTime::now();
            assert!(window.contains(&datum.timestamp), "{zone}: {datum:?}");
        }
    }
}

#[test]
fn defect_local_time_sent_as_utc_east() {
    in_time_zone("defects::defect_local_time_sent_as_utc_east", "JST-9");
}

#[test]
fn defect_local_time_sent_as_utc_west() {
    in_time_zone("defects::defect_local_time_sent_as_utc_west", "EST5EDT");
}

#[test]
fn defect_more_than_150_values() {
    let stage = Stage::new();
    for n in 0..400 {
        stage.registry.put("Batch", f64::from(n));
        stage.registry.put("Batch", f64::from(n));
    }
    let report = stage.flush();
    assert_eq!((report.sent, report.requests), (3, 1), "{report}");
    let datums = stage.cw.metric("Batch").datums();
    assert!(datums.iter().all(|datum| pairs(datum).len() <= 150));
    let mut all: Vec<_> = datums.iter().flat_map(pairs).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let truth: Vec<_> = (0..400).map(|n| (f64::from(n), 2.0)).collect();
    assert_eq!(all, truth);
}

#[test]
fn defect_far_more_values_than_are_kept_apart() {
    let stage = Stage::new();
    let mut sum = 0.0;
    for n in 0..5_000 {
        let value = f64::from(n) - 1_000.0;
        stage.registry.put("Batch", value);
        sum += value;
    }
    stage.flush();
    let batch = stage.cw.metric("Batch");
    assert_eq!(batch.sample_count(), 5_000.0);
    assert!((batch.sum().unwrap() - sum).abs() <= 1e-12 * sum);
    assert_eq!(batch.minimum(), Some(-1_000.0));
    assert_eq!(batch.maximum(), Some(3_999.0));
}

#[test]
fn defect_errors_not_recorded() {
    #[monitored(name = "DefectErrors")]
    fn failing() -> Result<(), &'static str> {
        Err("no")
    }
    #[monitored(name = "DefectErrorsAsync")]
    async fn failing_async() -> Result<(), &'static str> {
        Err("no")
    }
    let stage = Stage::global();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(failing(), Err("no"));
    assert_eq!(runtime.block_on(failing_async()), Err("no"));
    stage.flush();
    for name in ["DefectErrors", "DefectErrorsAsync"] {
        assert_eq!(stage.cw.metric(name).sample_count(), 1.0);
        let errors = stage.cw.metric(format!("{name}.Errors"));
        assert_eq!(errors.sum(), Some(1.0));
    }
}

#[test]
fn defect_a_bad_value_fails_its_batch() {
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    let depth = stage.registry.gauge("Depth").register();
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200, -1e200];
    let refused = meters::refused();
    for value in bad {
        size.observe(value);
        depth.set(value);
        stage.registry.put("Batch", value);
        stage.registry.put_statistic("Rows", value);
    }
    assert!(meters::refused() >= refused + 4 * bad.len() as u64);
    assert_eq!(stage.flush().sent, 0);
    size.observe(1.0);
    depth.set(2.0);
    stage.registry.put("Batch", 3.0);
    stage.registry.put_statistic("Rows", 4.0);
    assert_eq!(stage.flush().sent, 4);
    for (name, sum) in [("Size", 1.0), ("Depth", 2.0), ("Batch", 3.0), ("Rows", 4.0)] {
        let metric = stage.cw.metric(name);
        assert_eq!((metric.sample_count(), metric.sum()), (1.0, Some(sum)));
    }
}

#[test]
fn defect_a_sum_out_of_range_fails_its_batch() {
    let stage = Stage::new();
    for _ in 0..3 {
        stage.registry.put_statistic("Rows", 2f64.powi(360));
    }
    stage.registry.put("Batch", 1e-200);
    stage.registry.counter("Orders").register().inc(1);
    let report = stage.meters.flush(PATIENCE);
    assert_eq!(report.pending, 0, "{report}");
    assert_eq!(stage.cw.metric("Orders").sum(), Some(1.0));
    assert_eq!(stage.cw.request_count(), 1, "found out before it was sent");
}

#[test]
fn defect_a_bad_name_fails_its_batch() {
    let stage = Stage::new();
    let bad = stage.registry.counter("Bestellungen für heute\n");
    let bad = bad.dimension(":Straße", "Zürich\u{7}").dimension("", "x");
    bad.register().inc(1);
    stage.registry.counter("").register().inc(1);
    let long = stage.registry.counter(&"n".repeat(300));
    long.dimension("D", "v".repeat(2_000)).register().inc(1);
    stage.registry.counter("Orders").register().inc(1);
    assert_eq!(stage.flush().sent, 4);
    assert_eq!(stage.cw.request_count(), 1);
}

#[test]
fn defect_cumulative_totals_re_sent() {
    let stage = Stage::new();
    let orders = stage.registry.counter("Orders").register();
    let logins = stage.registry.meter("Logins").register();
    for _ in 0..3 {
        orders.inc(10);
        logins.mark(10);
        stage.registry.put("Batch", 10.0);
        stage.registry.put_statistic("Rows", 10.0);
        stage.flush();
    }
    for name in ["Orders", "Logins", "Batch", "Rows"] {
        assert_eq!(stage.cw.metric(name).sum(), Some(30.0), "{name}");
        assert_eq!(stage.cw.metric(name).datums().len(), 3, "{name}");
    }
}

#[test]
fn defect_twenty_per_call() {
    let stage = Stage::new();
    for n in 0..1_000 {
        stage.registry.put(&format!("Metric{n}"), 1.0);
    }
    assert_eq!(stage.flush().requests, 1);
    assert_eq!(stage.cw.datums().len(), 1_000);
}

#[test]
fn defect_a_program_that_never_ends() {
    let cw = meters_local::start();
    let url = cw.endpoint_url();
    let test = "defects::defect_a_program_that_never_ends";
    let ran = alone(test, &[("CW", &url)], || {
        let meters = builder(&endpoint()).interval("10ms").start().unwrap();
        meters::counter("Orders").register().inc(1);
        // Not stopped: its thread lives until the process ends.
        std::mem::forget(meters);
    });
    // That it returned at all is what is claimed.
    assert_eq!(ran.is_some(), std::env::var_os("CW").is_none());
}

#[test]
fn defect_stop_discards_what_is_buffered() {
    for manual in [true, false] {
        let (cw, registry) = (meters_local::start(), Registry::new());
        let builder = builder(&cw.endpoint_url()).registry(&registry).interval("1h");
        let meters = if manual { builder.manual().start().unwrap() } else { builder.start().unwrap() };
        registry.put("Batch", 1.0);
        assert_eq!(meters.shutdown(PATIENCE).sent, 1);
        assert_eq!(cw.metric("Batch").sum(), Some(1.0), "manual: {manual}");
    }
}
