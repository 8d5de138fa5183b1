//! A long life in a short time: threads that come and go, dimension values without end, windows after windows, and the
//! memory of the process meanwhile.
//!
//! `cargo run --release -p meters-campaign --bin soak`, or `-- --tenth` for a tenth of everything.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use meters::{Registry, monitored};

const PATIENCE: Duration = Duration::from_secs(30);

/// How much more a phase may hold at its end than after its first tenth, in bytes: allocators keep some of what they were
/// given back. 100,000 threads that left one shard each behind would hold 100,000 times 1.7 kB.
const ALLOWED: i64 = 8 << 20;

#[monitored(name = "Soak")]
fn call(n: u64) -> Result<(), u64> {
    if n.is_multiple_of(10) { Err(n) } else { Ok(()) }
}

fn main() -> ExitCode {
    let few = std::env::args().any(|argument| argument == "--tenth");
    let scale = |n: u64| if few { n / 10 } else { n };
    let mut flat = true;
    flat &= threads(scale(100_000));
    flat &= values(scale(2_000_000));
    flat &= windows(scale(10_000));
    ExitCode::from(u8::from(!flat))
}

/// Threads that record a little and end: what they recorded stays, what they owned is used again.
fn threads(count: u64) -> bool {
    const AT_ONCE: u64 = 8;
    let registry = Registry::new();
    let (orders, size) = (registry.counter("Orders").register(), registry.histogram("Size").register());
    let calls = || meters::snapshot().metric("Soak").calls().count();
    let before = calls();
    let flat = phase("short threads", count / AT_ONCE, |_| {
        let work = move || {
            for n in 0..40 {
                orders.inc(2);
                size.observe(n as f64);
                _ = call(n);
            }
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|_| std::thread::spawn(work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let snapshot = registry.snapshot();
    let count = count / AT_ONCE * AT_ONCE;
    let size = snapshot.metric("Size").distribution().unwrap();
    assert_eq!(snapshot.counter("Orders"), 80 * count);
    assert_eq!((size.count(), size.sum()), (40 * count, 780.0 * count as f64));
    assert_eq!(calls() - before, 40 * count);
    flat
}

/// Dimension values that are all different: what is beyond the limit counts together.
fn values(count: u64) -> bool {
    let registry = Registry::new();
    let flat = phase("dimension values", count / 100, |round| {
        for n in round * 100..(round + 1) * 100 {
            registry.counter("Orders").dimension("User", n).register().inc(1);
        }
    });
    assert_eq!(registry.snapshot().counter("Orders"), count / 100 * 100);
    flat
}

/// Windows of 100 series, each sent over a socket: a week of minutes and some.
fn windows(count: u64) -> bool {
    let (cw, registry) = (meters_local::start(), Registry::new());
    let meters =
        meters::namespace("Soak").region("us-east-1").endpoint_url(cw.endpoint_url()).credentials("test", "test");
    let meters = meters.registry(&registry).manual().start().unwrap();
    let orders: Vec<_> = (0..50u64).map(|n| registry.counter("Orders").dimension("N", n).register()).collect();
    let sizes: Vec<_> = (0..50u64).map(|n| registry.histogram("Size").dimension("N", n).register()).collect();
    let mut stored = 0.0;
    let flat = phase("windows", count, |round| {
        orders.iter().for_each(|orders| orders.inc(round + 1));
        sizes.iter().for_each(|size| size.observe(round as f64));
        let report = meters.flush(PATIENCE);
        assert!(report.is_complete() && report.sent == 100, "{report}");
        stored += cw.metric("Orders").sum().unwrap();
        cw.clear();
    });
    assert_eq!(stored, (1..=count).map(|round| 50.0 * round as f64).sum::<f64>());
    assert_eq!(registry.snapshot().metric("Size").distribution().unwrap().count(), 50 * count);
    flat
}

/// Does something many times, prints what the process holds meanwhile, and says whether that stayed as it was.
fn phase(name: &str, rounds: u64, mut round: impl FnMut(u64)) -> bool {
    let began = Instant::now();
    let (mut first, mut last) = (0, 0);
    println!("{name}:");
    for part in 0..10 {
        (rounds * part / 10..rounds * (part + 1) / 10).for_each(&mut round);
        last = resident();
        if part == 0 {
            first = last;
        }
        println!("  {:>3} % after {:>7.1?}: {:>8} kB", (part + 1) * 10, began.elapsed(), last >> 10);
    }
    let grown = last - first;
    let flat = grown <= ALLOWED;
    println!(
        "  grown by {} kB since the first tenth, of {} allowed: {}",
        grown >> 10,
        ALLOWED >> 10,
        if flat { "flat" } else { "NOT FLAT" }
    );
    flat
}

/// Bytes of this process in memory; 0 where the system does not say.
fn resident() -> i64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: i64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}
