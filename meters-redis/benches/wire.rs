//! What a delta batch costs: bytes a series, time to encode and to merge. `--test` runs each once.
#![allow(missing_docs, clippy::print_stdout)]

mod load;

use std::hint::black_box;
use std::time::{Instant, SystemTime};

use meters_core::Window;
use meters_redis::__private::{Merge, encode};

use self::load::{Of, window};

struct Case {
    name: &'static str,
    writers: usize,
    series: usize,
    kind: Of,
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
        let windows: Vec<Window> =
            (0..case.writers).map(|_| window(case.kind, case.series, SystemTime::now())).collect();
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
