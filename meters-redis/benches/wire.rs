//! What a delta batch costs: bytes a series, time to encode and to merge. `--test` runs each once.
#![allow(missing_docs, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use meters_core::{Calls, Dimensions, Distribution, Kind, MetricName, Resolution, Series, Unit, Value, Window};
use meters_redis::__private::{Merge, encode};

struct Case {
    name: &'static str,
    writers: usize,
    series: usize,
    kind: Of,
}

#[derive(Clone, Copy)]
enum Of {
    Counters,
    Gauges,
    /// Durations of that many calls a series, of which one in a hundred fails.
    Calls(u32),
    Histograms(u32),
    /// As an application has them: of ten series two are calls, four counters, one a gauge, one a histogram, two meters.
    Mixed,
}

const CASES: [Case; 8] = [
    Case { name: "counters", writers: 200, series: 200, kind: Of::Counters },
    Case { name: "gauges", writers: 200, series: 200, kind: Of::Gauges },
    Case { name: "calls, 1 a window", writers: 200, series: 200, kind: Of::Calls(1) },
    Case { name: "calls, 100 a window", writers: 200, series: 200, kind: Of::Calls(100) },
    Case { name: "histograms of 30", writers: 200, series: 200, kind: Of::Histograms(30) },
    Case { name: "mixed, 200 series", writers: 200, series: 200, kind: Of::Mixed },
    Case { name: "mixed, 1000 series", writers: 50, series: 1000, kind: Of::Mixed },
    Case { name: "mixed, 1000 writers", writers: 1000, series: 200, kind: Of::Mixed },
];

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

fn item(kind: Of, place: usize) -> (Series, Value) {
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

fn window(case: &Case) -> Window {
    // Each process met them in an order of its own.
    let mut items: Vec<_> = (0..case.series).map(|place| item(case.kind, place)).collect();
    fastrand::shuffle(&mut items);
    let end = SystemTime::now();
    Window::from_parts(end - Duration::from_secs(60), end, Duration::from_secs(60), items)
}

/// Least and median nanoseconds a series.
fn measure(rounds: usize, entries: usize, mut act: impl FnMut()) -> (f64, f64) {
    let mut samples: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            act();
            start.elapsed().as_nanos() as f64 / entries as f64
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    (samples[0], samples[samples.len() / 2])
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let rounds = if quick { 1 } else { 101 };
    println!(
        "{:<22} {:>9} | encode, ns/series: min median | merge, ns/series: min median | M series/s: best median",
        "", "B/series"
    );
    // One case alone, for a profiler.
    let only = std::env::args().skip_while(|argument| argument != "--only").nth(1);
    for mut case in CASES.into_iter().filter(|case| only.as_ref().is_none_or(|only| case.name == only)) {
        fastrand::seed(1);
        if quick {
            case.writers = case.writers.min(50);
        }
        let windows: Vec<Window> = (0..case.writers).map(|_| window(&case)).collect();
        let entries: Vec<Vec<u8>> = windows.iter().map(encode).collect();
        let series = case.writers * case.series;
        let bytes = entries.iter().map(Vec::len).sum::<usize>() as f64 / series as f64;
        let encoding = measure(rounds, series, || {
            windows.iter().for_each(|window| _ = black_box(encode(window)));
        });
        let merging = measure(rounds, series, || {
            let mut merge = Merge::default();
            for (writer, entry) in entries.iter().enumerate() {
                merge.add(&(writer as u64).to_be_bytes(), 1, entry).unwrap();
            }
            assert_eq!(black_box(merge.finish()).len(), case.series);
        });
        println!(
            "{:<22} {bytes:>9.1} | {:>24.1} {:>6.1} | {:>23.1} {:>6.1} | {:>16.1} {:>6.1}",
            case.name,
            encoding.0,
            encoding.1,
            merging.0,
            merging.1,
            1e3 / merging.0,
            1e3 / merging.1,
        );
    }
}
