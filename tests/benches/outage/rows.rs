//! What is recorded, and how long it takes.

use std::hint::black_box;
use std::time::Instant;

use meters::{Counter, metered, monitored};

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
    Instant::now().elapsed().as_nanos() as u64
}

#[inline(never)]
fn counter_twice(n: u64) -> u64 {
    let start = counter();
    black_box(n);
    counter().wrapping_sub(start)
}

#[inline(never)]
#[monitored(dimensions(Route = "a"))]
fn fixed(n: u64) -> u64 {
    black_box(n)
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

#[inline(never)]
#[metered]
fn marked(n: u64) -> u64 {
    black_box(n)
}

#[inline(never)]
fn counted(n: u64) -> u64 {
    meters::counter!("Hits", Kind = "web").inc(1);
    black_box(n)
}

type Row = (&'static str, fn(u64) -> u64);

/// Everything is told against the first.
const CALLS: [Row; 5] = [
    ("counter twice", counter_twice),
    ("monitored, static", fixed),
    ("monitored, 16 dynamic", dynamic),
    ("metered, static", marked),
    ("counter!, static", counted),
];

/// The last row is what makes the windows large: each of many series once.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CALLS.iter().map(|(name, _)| *name).chain(["each of many series once"])
}

/// One sample of each row, in nanoseconds a record.
pub(crate) fn sample(orders: &[Counter], calls: u64) -> Vec<f64> {
    let timed = |act: &dyn Fn(), records: u64| {
        let start = Instant::now();
        act();
        start.elapsed().as_nanos() as f64 / records as f64
    };
    let repeat = |act: fn(u64) -> u64| (0..calls).for_each(|n| _ = black_box(act(black_box(n))));
    let mut samples: Vec<_> = CALLS.iter().map(|(_, act)| timed(&|| repeat(*act), calls)).collect();
    samples.push(timed(&|| orders.iter().for_each(|one| one.inc(1)), orders.len() as u64));
    samples
}
