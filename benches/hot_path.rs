//! What an annotated call costs, against an empty call, two bare reads of the counter, and `Instant` twice.
//!
//! All rows are sampled in turns, so that a slow moment of the machine meets them all; ratios are of medians and minima of
//! one run.
#![allow(unsafe_code, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::sync::{Barrier, LazyLock};
use std::time::{Duration, Instant};

use meters::{metered, monitored};
use meters_core::{Clicks, Counter, Family, FloatCounter, Histogram, HistogramSite, Level, Registry};

#[derive(Clone, Copy, meters::Dimension)]
enum Tier {
    Gold,
    Silver,
    Bronze,
}

const NAMES: [&str; 16] = [
    "checkout", "cart", "login", "logout", "search", "browse", "refund", "invoice", "ship", "track", "review", "wish",
    "return", "support", "profile", "settings",
];

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn counter() -> u64 {
    // SAFETY: RDTSC exists on every x86-64 processor and touches no memory.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn counter() -> u64 {
    0
}

#[inline(never)]
fn empty(n: u64) -> u64 {
    black_box(n)
}

#[inline(never)]
fn counter_twice(n: u64) -> u64 {
    let start = counter();
    black_box(n);
    counter().wrapping_sub(start)
}

#[inline(never)]
fn instant_twice(n: u64) -> u64 {
    let start = Instant::now();
    black_box(n);
    start.elapsed().as_nanos() as u64
}

#[inline(never)]
#[monitored(dimensions(Route = "a"))]
fn fixed(n: u64) -> u64 {
    black_box(n)
}

#[inline(never)]
#[monitored]
fn failing(n: u64) -> Result<u64, u64> {
    Err(black_box(n))
}

#[inline(never)]
fn by_enum(n: u64) -> u64 {
    #[inline(always)]
    #[monitored(dimensions(tier))]
    fn call(tier: Tier, n: u64) -> u64 {
        black_box(n)
    }
    call([Tier::Gold, Tier::Silver, Tier::Bronze, Tier::Gold][n as usize % 4], n)
}

#[inline(never)]
fn dynamic(n: u64) -> u64 {
    #[inline(always)]
    #[monitored(dimensions(route))]
    fn call(route: &str, n: u64) -> u64 {
        black_box(n)
    }
    call(NAMES[(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as usize], n)
}

#[monitored]
async fn ready(n: u64) -> u64 {
    black_box(n)
}

#[inline(never)]
fn async_ready(n: u64) -> u64 {
    let mut future = std::pin::pin!(ready(n));
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => 0,
    }
}

#[inline(never)]
#[monitored(sample = 1/64)]
fn sampled(n: u64) -> u64 {
    black_box(n)
}

#[inline(never)]
#[monitored(dimensions(Cache = _))]
fn slot(n: u64) -> u64 {
    meters::set!(Cache = "hit");
    black_box(n)
}

#[inline(never)]
#[monitored]
fn said(n: u64) -> u64 {
    meters::dimension("Tier", Tier::Gold);
    black_box(n)
}

#[inline(never)]
#[metered]
fn marked(n: u64) -> u64 {
    black_box(n)
}

#[inline(never)]
fn counted(n: u64) -> u64 {
    meters::counter!("Orders", Kind = "web").inc(1);
    black_box(n)
}

/// Seconds, of which each bucket holds some.
const WAITS: [f64; 8] = [0.004, 0.0075, 0.012, 0.04, 0.09, 0.3, 0.7, 2.0];

#[inline(never)]
fn observed(n: u64) -> u64 {
    meters::histogram!("Wait", Kind = "plain").observe(WAITS[n as usize % 8]);
    black_box(n)
}

#[inline(never)]
fn observed_in_buckets(n: u64) -> u64 {
    static SITE: HistogramSite = HistogramSite::new("WaitInBuckets", &[])
        .buckets(&[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]);
    SITE.at().observe(WAITS[n as usize % 8]);
    black_box(n)
}

#[inline(never)]
fn paid(n: u64) -> u64 {
    static PAID: LazyLock<FloatCounter> = LazyLock::new(|| Registry::global().float_counter("Paid").register());
    PAID.inc(WAITS[n as usize % 8]);
    black_box(n)
}

#[inline(never)]
fn in_family(n: u64) -> u64 {
    static FAMILY: LazyLock<Family<Counter>> =
        LazyLock::new(|| Registry::global().counter("Routed").labels(["route"]).family().unwrap());
    FAMILY.with([NAMES[(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as usize]]).inc(1);
    black_box(n)
}

#[inline(never)]
fn in_wide_family(n: u64) -> u64 {
    static FAMILY: LazyLock<Family<Counter>> =
        LazyLock::new(|| Registry::global().counter("Requests").labels(["code", "method"]).family().unwrap());
    FAMILY.with([["200", "404"][n as usize % 2], ["GET", "PUT"][n as usize / 2 % 2]]).inc(1);
    black_box(n)
}

#[inline(never)]
fn clicked(n: u64) -> u64 {
    static CLICKS: LazyLock<Clicks> =
        LazyLock::new(|| Registry::global().clicks("Hits").windows([1, 60].map(Duration::from_secs)));
    CLICKS.click(1);
    black_box(n)
}

#[inline(never)]
fn off(n: u64) -> u64 {
    static OFF: LazyLock<Counter> = LazyLock::new(|| Registry::global().counter("Off").level(Level::Debug).register());
    OFF.inc(1);
    black_box(n)
}

#[inline(never)]
fn unobserved(n: u64) -> u64 {
    static OFF: LazyLock<Histogram> =
        LazyLock::new(|| Registry::global().histogram("OffSize").level(Level::Debug).register());
    OFF.observe(n as f64);
    black_box(n)
}

type Cell = (&'static str, fn(u64) -> u64);

const CELLS: [Cell; 21] = [
    ("empty call", empty),
    ("counter twice", counter_twice),
    ("Instant twice", instant_twice),
    ("monitored, static", fixed),
    ("monitored, error", |n| failing(n).unwrap_or_else(|n| n)),
    ("monitored, enum of 3", by_enum),
    ("monitored, 16 dynamic", dynamic),
    ("monitored, async ready", async_ready),
    ("monitored, sample 1/64", sampled),
    ("monitored, a late slot", slot),
    ("monitored, dimension()", said),
    ("metered, static", marked),
    ("counter!, static", counted),
    ("histogram!, static", observed),
    ("histogram, 14 buckets", observed_in_buckets),
    ("float counter", paid),
    ("family, 1 label of 16", in_family),
    ("family, 2 labels", in_wide_family),
    ("clicks", clicked),
    ("counter, switched off", off),
    ("histogram, switched off", unobserved),
];

const CALLS: u64 = 20_000;

fn sample(act: fn(u64) -> u64) -> f64 {
    let start = Instant::now();
    repeat(act, CALLS);
    start.elapsed().as_nanos() as f64 / CALLS as f64
}

/// Nanoseconds a call, `rounds` samples of each cell, on `threads` threads that record into the same series.
fn measure(threads: usize, rounds: usize) -> Vec<Vec<f64>> {
    let barrier = Barrier::new(threads);
    let all: Vec<Vec<Vec<f64>>> = std::thread::scope(|scope| {
        let run = || {
            let mut samples = vec![Vec::with_capacity(rounds); CELLS.len()];
            for round in 0..rounds + 3 {
                for (place, (_, act)) in CELLS.iter().enumerate() {
                    barrier.wait();
                    let nanoseconds = sample(*act);
                    if round >= 3 {
                        samples[place].push(nanoseconds);
                    }
                }
            }
            samples
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    (0..CELLS.len()).map(|place| all.iter().flat_map(|samples| samples[place].clone()).collect()).collect()
}

fn median(samples: &mut [f64]) -> (f64, f64) {
    samples.sort_by(f64::total_cmp);
    (samples[0], samples[samples.len() / 2])
}

/// Runs one cell so many times and nothing else, for a counter of instructions outside.
fn only(name: &str, calls: u64) {
    meters_core::clock::settle();
    for (_, act) in CELLS.iter().filter(|(known, _)| *known == name) {
        repeat(*act, 1000);
        counted_calls(*act, calls);
    }
}

fn repeat(act: fn(u64) -> u64, calls: u64) {
    for n in 0..calls {
        black_box(act(black_box(n)));
    }
}

/// What callgrind counts: nothing before it, nothing after it.
#[inline(never)]
#[unsafe(no_mangle)]
fn counted_calls(act: fn(u64) -> u64, calls: u64) {
    repeat(act, calls);
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["--cells", ..] => return CELLS.iter().for_each(|(name, _)| println!("{name}")),
        ["--only", name, calls, ..] => return only(name, calls.parse().unwrap_or(0)),
        _ => {}
    }
    let quick = std::env::args().any(|argument| argument == "--test");
    let rounds = if quick { 3 } else { 101 };
    println!("clock: {}", if meters_core::clock::settle() { "processor counter" } else { "Instant" });
    let mut base = Vec::new();
    for threads in [1, 2] {
        println!("\n{threads} thread(s), ns a call       min  median | of counter twice: min  median | of 1 thread");
        let mut cells = measure(threads, rounds);
        let both: Vec<_> = cells.iter_mut().map(|samples| median(samples)).collect();
        let counter = both[1];
        for ((name, _), (min, mid)) in CELLS.iter().zip(&both) {
            print!("{name:<26} {min:>7.2} {mid:>7.2} |             {:>7.2} {:>7.2}", min / counter.0, mid / counter.1);
            match base.iter().find(|(known, _)| known == name) {
                Some((_, alone)) => println!(" | {:>7.2}", mid / alone),
                None => println!(),
            }
        }
        if threads == 1 {
            base = CELLS.iter().zip(&both).map(|((name, _), (_, mid))| (*name, *mid)).collect();
        }
    }
}
