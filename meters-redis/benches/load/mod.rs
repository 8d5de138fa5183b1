//! What the benchmarks record.

use std::time::{Duration, SystemTime};

use meters_core::{Calls, Dimensions, Distribution, Kind, MetricName, Resolution, Series, Unit, Value, Window};

#[derive(Clone, Copy)]
pub(crate) enum Of {
    Counters,
    Gauges,
    /// Durations of that many calls a series, of which one in a hundred fails.
    Calls(u32),
    Histograms(u32),
    /// As an application has them: of ten series two are calls, four counters, one a gauge, one a histogram, two meters.
    Mixed,
}

const FUNCTIONS: [&str; 8] = [
    "shop::checkout::place",
    "shop::checkout::price",
    "shop::cart::add",
    "shop::cart::remove",
    "shop::user::login",
    "shop::user::logout",
    "shop::search::find",
    "shop::search::suggest",
];

fn series(name: &str, kind: Kind, unit: Unit, place: usize) -> Series {
    let (function, shard) = (FUNCTIONS[place % 8], (place / 8).to_string());
    let dimensions = Dimensions::try_from_iter([("Env", "prod"), ("Function", function), ("Shard", &shard)]).unwrap();
    Series::new(&MetricName::new(name).unwrap(), kind, unit, Resolution::Standard, &dimensions)
}

fn durations(origin: f64, count: u32) -> Distribution {
    let mut durations = Distribution::with_origin(origin);
    for _ in 0..count {
        // Around 3 ms, as durations are spread: within a factor of 20.
        let spread: f64 = (0..4).map(|_| fastrand::f64() - 0.5).sum();
        durations.record((3e6 * (spread * 1.5).exp()).round());
    }
    durations
}

/// A series and what a process recorded of it in a window.
pub(crate) fn item(kind: Of, place: usize) -> (Series, Value) {
    match kind {
        Of::Counters => (series("Orders", Kind::Counter, Unit::Count, place), Value::Counter(fastrand::u64(1..500))),
        Of::Gauges => (series("Open", Kind::Gauge, Unit::Count, place), Value::Gauge(fastrand::u8(..).into())),
        Of::Calls(count) => {
            let calls = Calls { duration: durations(1e9, count), errors: u64::from(count >= 100), ..Calls::new() };
            (series("Duration", Kind::Calls, Unit::Microseconds, place), Value::Calls(Box::new(calls)))
        }
        Of::Histograms(count) => {
            (series("Size", Kind::Histogram, Unit::Bytes, place), Value::Histogram(Box::new(durations(1.0, count))))
        }
        Of::Mixed => match place % 10 {
            0 | 1 => item(Of::Calls(20), place),
            2 => item(Of::Gauges, place),
            3 => item(Of::Histograms(20), place),
            4 | 5 => (series("Logins", Kind::Meter, Unit::CountPerSecond, place), Value::Meter(fastrand::u64(1..9000))),
            _ => item(Of::Counters, place),
        },
    }
}

/// What one process recorded in that minute, each having met the series in an order of its own.
pub(crate) fn window(kind: Of, series: usize, end: SystemTime) -> Window {
    let mut items: Vec<_> = (0..series).map(|place| item(kind, place)).collect();
    fastrand::shuffle(&mut items);
    Window::from_parts(end - Duration::from_secs(60), end, Duration::from_secs(60), items)
}
