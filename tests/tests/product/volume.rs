//! Many series: how many requests, how large, at what cost.

use meters::{Registry, monitored};
use proptest::prelude::*;

use crate::alone::{alone, endpoint};
use crate::stage::{PATIENCE, Stage, builder};

const MOST_BYTES: usize = 999_000;
const MOST_DATUMS: usize = 1_000;

/// A quarter counters, gauges, meters and histograms.
fn record(registry: &Registry, series: u64) {
    for n in 0..series {
        match n % 4 {
            0 => registry.counter("Orders").dimension("N", n).register().inc(n + 1),
            1 => registry.gauge("Depth").dimension("N", n).register().set(n as f64),
            2 => registry.meter("Logins").dimension("N", n).register().mark(n),
            _ => {
                let size = registry.histogram("Size").dimension("N", n).register();
                (0..20).for_each(|value| size.observe(f64::from(value * value + 1)));
            }
        }
    }
}

#[test]
fn a_thousand_series_are_one_request() {
    let stage = Stage::new();
    record(&stage.registry, 1_000);
    let report = stage.flush();
    assert_eq!((report.sent, report.requests), (1_000, 1));
    assert_eq!(stage.cw.request_count(), 1);
    assert_eq!(stage.cw.datums().len(), 1_000);
    assert!(stage.cw.requests()[0].gzip);
}

#[monitored(name = "VolumeOne", dimensions(N = n))]
fn one(n: u32) {
    _ = n;
}

#[monitored(name = "VolumeOther", dimensions(N = n))]
fn other(n: u32) {
    _ = n;
}

#[test]
fn a_thousand_series_of_annotated_functions_are_two_requests() {
    let cw = meters_local::start();
    let url = cw.endpoint_url();
    let ran = alone("volume::a_thousand_series_of_annotated_functions_are_two_requests", &[("CW", &url)], || {
        let meters = builder(&endpoint()).manual().start().unwrap();
        for n in 0..500 {
            (0..20).for_each(|_| one(n));
            (0..20).for_each(|_| other(n));
        }
        let report = meters.flush(PATIENCE);
        assert!(report.is_complete(), "{report}");
    });
    if ran.is_some() {
        // Each has its durations and its errors.
        assert_eq!(cw.datums().len(), 2_000);
        assert_eq!(cw.request_count(), 2);
        assert_eq!(cw.metric("VolumeOne").sample_count(), 10_000.0);
        assert_eq!(cw.metric("VolumeOther.Errors").sample_count(), 10_000.0);
    }
}

/// Of user and system together, of all threads of this process.
#[cfg(target_os = "linux")]
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    // Fields 14 and 15, of which the first two stand before the parenthesis; Linux counts 100 ticks a second.
    (ticks(11) + ticks(12)) / 100.0
}

/// A claim about processor time, so that it does not depend on what else this machine does.
#[test]
#[cfg(target_os = "linux")]
fn ten_thousand_series_cost_less_than_a_second_of_processor_time() {
    let cw = meters_local::start();
    let url = cw.endpoint_url();
    let ran = alone("volume::ten_thousand_series_cost_less_than_a_second_of_processor_time", &[("CW", &url)], || {
        let registry = Registry::new();
        let builder = builder(&endpoint()).manual().registry(&registry);
        let meters = builder.limit(20_000).flush_at_exit(false).start().unwrap();
        record(&registry, 10_000);
        let before = processor_seconds();
        let report = meters.flush(PATIENCE);
        let seconds = processor_seconds() - before;
        println!("{report}: {seconds:.2} s of processor time");
        // Its farewell would send gauges and zeros once more.
        std::mem::forget(meters);
        assert_eq!(report.sent, 10_000, "{report}");
        assert!(seconds < 1.0 || cfg!(debug_assertions), "{seconds} s");
    });
    if let Some(printed) = ran {
        let line = printed.lines().find(|line| line.contains("processor time"));
        println!("{}", line.unwrap());
        assert_eq!(cw.datums().len(), 10_000);
        assert!(cw.request_count() <= 11, "{} requests", cw.request_count());
        for request in cw.requests() {
            assert!(request.raw_bytes <= MOST_BYTES, "{request:?}");
            assert!(request.datums <= MOST_DATUMS, "{request:?}");
        }
        let orders: u64 = (0..10_000).step_by(4).map(|n| n + 1).sum();
        assert_eq!(cw.metric("Orders").sum(), Some(orders as f64));
        assert_eq!(cw.metric("Size").sample_count(), 2_500.0 * 20.0);
    }
}

#[test]
fn large_datums_are_cut_by_bytes_and_the_reported_bytes_are_those_that_went_out() {
    let stage = Stage::new();
    stage.meters.shutdown(PATIENCE);
    // Some 3 kB each, with 150 values and long dimensions.
    for n in 0..900_u32 {
        let size = stage.registry.histogram("Size").dimension("N", n);
        let size = size.dimension("Long", "x".repeat(900)).register();
        (0..150).for_each(|value| size.observe(1.07_f64.powi(value)));
    }
    let stage = Stage {
        meters: builder(&stage.cw.endpoint_url()).manual().limit(5_000).registry(&stage.registry).start().unwrap(),
        ..stage
    };
    let report = stage.flush();
    let requests = stage.cw.requests();
    assert!(requests.len() > 1);
    let raw: usize = requests.iter().map(|request| request.raw_bytes).sum();
    assert_eq!(report.bytes, raw as u64);
    for request in &requests {
        assert!(request.raw_bytes <= MOST_BYTES, "{request:?}");
    }
    // As few as they can be: two that follow each other would not fit one.
    for two in requests.windows(2) {
        assert!(two[0].raw_bytes + two[1].raw_bytes > MOST_BYTES);
    }
    assert_eq!(stage.cw.metric("Size").sample_count(), 900.0 * 150.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_request_is_larger_than_it_may_be(
        most in 1..=MOST_DATUMS,
        metrics in prop::collection::vec((1..=255_usize, 0..=30_usize, 1..=1024_usize, 1..400_i32), 1..160),
    ) {
        let stage = Stage::with(|builder| builder.max_datums_per_request(most));
        let mut count = 0;
        for (n, (name, dimensions, value, values)) in metrics.iter().enumerate() {
            let name = format!("{n:x<name$}");
            let mut size = stage.registry.histogram(&name);
            for dimension in 0..*dimensions {
                size = size.dimension(&format!("D{dimension}"), "v".repeat(*value));
            }
            let size = size.register();
            (0..*values).for_each(|value| size.observe(1.05_f64.powi(value)));
            count += *values;
        }
        let report = stage.flush();
        prop_assert_eq!(report.sent, metrics.len() as u64);
        let requests = stage.cw.requests();
        for request in &requests {
            prop_assert!(request.raw_bytes <= MOST_BYTES);
            prop_assert!(request.datums <= most);
        }
        prop_assert_eq!(report.bytes, requests.iter().map(|request| request.raw_bytes as u64).sum::<u64>());
        let names: std::collections::BTreeSet<_> = stage.cw.datums().into_iter().map(|datum| datum.name).collect();
        let held: f64 = names.into_iter().map(|name| stage.cw.metric(name).sample_count()).sum();
        prop_assert_eq!(held, f64::from(count));
    }
}

#[test]
fn more_series_than_the_limit_are_counted_together_and_none_is_lost() {
    let stage = Stage::with(|builder| builder.limit(3));
    for n in 0..10 {
        let orders = stage.registry.counter("Orders").dimension("N", n);
        orders.register().inc(1);
    }
    stage.flush();
    let orders = stage.cw.metric("Orders");
    assert_eq!(orders.series().len(), 4);
    assert_eq!(orders.sum(), Some(10.0));
    assert_eq!(orders.with("N", "_other").sum(), Some(7.0));
}
