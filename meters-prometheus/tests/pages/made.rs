//! Metrics with hostile names, labels and descriptions.

use meters_core::{Ended, Kind, Registry, Snapshot, Unit};
use proptest::prelude::*;

/// One series, and what is recorded of it: `nth` is told from all others by its numbers.
#[derive(Clone, Debug)]
pub(crate) struct One {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) dimensions: Vec<(String, String)>,
    pub(crate) description: Option<String>,
    /// 0 for the lattice, else with buckets or quantiles of its own.
    pub(crate) shape: u8,
    pub(crate) value: f64,
}

fn names() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "orders",
        "orders_total",
        "orders_count",
        "orders_sum",
        "orders_bucket",
        "orders_created",
        "orders_errors",
        "orders_errors_total",
        "orders_seconds",
        "orders_seconds_total",
        "orders_bytes",
        "orders_min",
        "orders_counter",
        "orders_counter_total",
        "_total",
        "seconds",
        "_seconds",
        "U__orders",
        "U__a_2e_b",
        "a.b",
        "Orders.Above",
        "Orders_above",
        "Orders_above_total",
        "Orders",
        "Orders.Errors",
        "Orders_errors_by_kind",
        "a.b.InFlight",
        "a.b_in_flight",
        ".Above",
        "9lives",
        "a b",
        "a:b",
        ":",
        "x\"y",
        "back\\slash",
        "# HELP",
        "{}",
        "le",
        "\u{7e}",
    ];
    prop_oneof![3 => prop::sample::select(KNOWN).prop_map(String::from), 1 => "[!-~][ -~]{0,12}"]
}

fn dimensions() -> impl Strategy<Value = Vec<(String, String)>> {
    const KNOWN: &[&str] = &[
        "le",
        "quantile",
        "__name__",
        "__x",
        "exported_le",
        "exported_exported_le",
        "env",
        "exported_env",
        "kind",
        "a.b",
        "a:b",
        "U__a_2e_b",
        "U__kind",
        "9",
        "x\"y",
        "back\\slash",
        "a=b",
        "{",
        " a",
    ];
    let key = prop_oneof![3 => prop::sample::select(KNOWN).prop_map(String::from), 1 => "[!-9;-~][ -~]{0,6}"];
    let known = ["a", "b", "\"", "\\", "\\n", "a\\", "\\\"", "}", ",x=\"y\"", " a "].map(String::from);
    let value = prop_oneof![prop::sample::select(known.to_vec()), "[!-~][ -~]{0,8}"];
    prop::collection::btree_map(key, value, 0..4).prop_map(|all| all.into_iter().collect())
}

const KINDS: [Kind; 8] = [
    Kind::Counter,
    Kind::Gauge,
    Kind::Meter,
    Kind::Histogram,
    Kind::Calls,
    Kind::Values,
    Kind::Statistic,
    Kind::FloatCounter,
];

fn one() -> impl Strategy<Value = One> {
    let description = prop_oneof![
        2 => Just(None),
        1 => "\\PC{0,12}".prop_map(Some),
        1 => "[a\\\\\"\n# {}]{0,12}".prop_map(Some),
    ];
    let value = prop_oneof![
        0.0..1e6f64,
        Just(0.0),
        (-30i32..30).prop_map(|exponent| f64::from(exponent).exp2()),
        1e-100..1e100f64,
        (0u32..1 << 30).prop_map(f64::from),
    ];
    let what = (prop::sample::select(&KINDS[..]), prop::sample::select(&Unit::ALL[..]), 0u8..4);
    (names(), what, dimensions(), description, value).prop_map(
        |(name, (kind, unit, shape), dimensions, description, value)| {
            let unit = if kind == Kind::Calls && unit.per_second().is_none() { Unit::Microseconds } else { unit };
            One { name, kind, unit, dimensions, description, shape, value }
        },
    )
}

/// Metrics, no two of them the same series.
pub(crate) fn metrics(most: usize) -> impl Strategy<Value = Vec<One>> {
    prop::collection::vec(one(), 1..most).prop_map(|mut all| {
        let mut seen = std::collections::HashSet::new();
        all.retain(|one| seen.insert((one.name.clone(), one.kind, one.unit, one.dimensions.clone())));
        all
    })
}

/// What is recorded of the `nth`, told by count or by level.
pub(crate) fn marker(nth: usize) -> u64 {
    20 + nth as u64
}

/// As long as it lives no other test records: what is said of a metric is said of it in all of the process, and the tests share
/// names.
pub(crate) fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// All of them recorded.
pub(crate) fn snapshot(all: &[One]) -> Snapshot {
    let registry = Registry::new();
    for (nth, one) in all.iter().enumerate() {
        record(&registry, one, marker(nth));
    }
    registry.snapshot()
}

macro_rules! registered {
    ($register:expr, $one:expr) => {{
        let mut register = $register.unit($one.unit);
        for (name, value) in &$one.dimensions {
            register = register.dimension(name, value.as_str());
        }
        if let Some(description) = &$one.description {
            register = register.description(description);
        }
        register.register()
    }};
}

fn record(registry: &Registry, one: &One, marker: u64) {
    let name = one.name.as_str();
    match one.kind {
        Kind::Counter => registered!(registry.counter(name), one).inc(marker),
        Kind::Meter => registered!(registry.meter(name), one).mark(marker),
        Kind::FloatCounter => registered!(registry.float_counter(name), one).inc(marker as f64 + 0.25),
        Kind::Gauge => registered!(registry.gauge(name), one).set(marker as f64 + one.value),
        Kind::Histogram => {
            let bounds = || meters_core::Buckets::exponential(0.25, 4.0, 5).unwrap();
            match one.shape {
                1 => {
                    let histogram = registered!(registry.histogram(name).buckets(bounds()), one);
                    (0..marker).for_each(|_| histogram.observe(one.value));
                }
                2 => {
                    let summary = registered!(registry.summary(name).quantiles([0.0, 0.5, 1.0]), one);
                    (0..marker).for_each(|_| summary.observe(one.value));
                }
                _ => {
                    let histogram = registered!(registry.histogram(name), one);
                    (0..marker).for_each(|_| histogram.observe(one.value));
                }
            }
        }
        Kind::Calls => {
            let monitor = registered!(registry.monitor(name), one);
            (0..marker).for_each(|nth| monitor.enter_async().finish(ended(nth)));
        }
        Kind::Values | Kind::Statistic => (0..marker).for_each(|_| put(registry, one)),
        other => panic!("{other:?}"),
    }
}

/// Of ten calls, so many end otherwise than well: three, two and one.
fn ended(nth: u64) -> Ended {
    match nth % 10 {
        0..3 => Ended::Error,
        3..5 => Ended::Panic,
        5 => Ended::Cancelled,
        _ => Ended::Ok,
    }
}

fn put(registry: &Registry, one: &One) {
    let value = if one.shape == 0 { 0.0 - one.value } else { one.value };
    let put = match one.kind {
        Kind::Values => registry.put(&one.name, value),
        _ => registry.put_statistic(&one.name, value),
    };
    let mut put = put.unit(one.unit);
    for (name, value) in &one.dimensions {
        put = put.dimension(name, value.as_str());
    }
}
