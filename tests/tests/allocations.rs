//! A call made before on this thread allocates nothing.
#![allow(unsafe_code, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::sync::{Barrier, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use meters::{Dimension, metered, monitored};

/// Counts what each thread asks for, so that no thread sees the allocations of another.
struct Counting;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

fn note() {
    // A thread that is ending has no such variable any more.
    _ = ASKED.try_with(|asked| asked.set(asked.get() + 1));
}

// SAFETY: All is left to the system's allocator; counting allocates nothing, as the variable needs no initialisation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: As the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: As the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: As the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: As the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` asks for memory.
fn asked(work: impl FnOnce()) -> u64 {
    let before = ASKED.get();
    work();
    ASKED.get() - before
}

/// One test at a time: a snapshot asks something of all threads.
static TURN: Mutex<()> = Mutex::new(());

/// How many calls of each kind, with how many values: whatever varies does so with the number of the call.
const KINDS: u32 = 16;
const CALLS: u32 = 200;

/// Calls that take from almost nothing to 0.2 ms, so that each series has met more values than it has room for at first.
fn warm_up(call: fn(u32, Duration)) {
    for nth in 0..CALLS {
        let time = Duration::from_nanos(50).mul_f64(4_000_f64.powf(f64::from(nth) / f64::from(CALLS)));
        (0..KINDS).for_each(|kind| call(kind, time));
    }
}

fn measured(call: fn(u32, Duration)) -> u64 {
    asked(|| (0..2_000).for_each(|kind| call(kind, Duration::ZERO)))
}

/// On one thread, and then on three new ones at once, none of which asks for memory in any call.
fn assert_allocates_nothing(call: fn(u32, Duration)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for threads in [1, 3] {
        let barrier = Barrier::new(threads);
        let between = || {
            if barrier.wait().is_leader() {
                _ = meters::snapshot();
            }
            barrier.wait();
        };
        let one = || {
            // What is recorded after a snapshot has a place of its own, turn by turn.
            for _ in 0..2 {
                warm_up(call);
                between();
            }
            let first = measured(call);
            between();
            (first, measured(call))
        };
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
            for thread in running {
                assert_eq!(thread.join().unwrap(), (0, 0), "of {threads} threads");
            }
        });
    }
}

fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

const NAMES: [&str; 16] = [
    "a",
    "checkout",
    "cart",
    "login",
    "logout",
    "search",
    "browse",
    "refund",
    "invoice",
    "ship",
    "track",
    "review",
    "wish",
    "return",
    "support",
    "a-name-that-is-longer-than-sixteen-bytes",
];

fn name(n: u32) -> &'static str {
    NAMES[n as usize % NAMES.len()]
}

#[derive(Clone, Copy, Dimension)]
enum Tier {
    Gold,
    Silver,
}

fn tier(n: u32) -> Tier {
    if n.is_multiple_of(2) { Tier::Gold } else { Tier::Silver }
}

fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Not ready at its first poll.
async fn pause() {
    let mut polled = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[test]
fn the_counter_counts() {
    assert_eq!(asked(|| drop(std::hint::black_box(vec![1_u8; 100]))), 1);
    assert!(asked(|| _ = std::hint::black_box("a".repeat(10) + "b")) >= 1);
}

#[test]
fn monitored_with_nothing_that_varies() {
    #[monitored]
    fn call(kind: u32, time: Duration) -> Result<u32, u32> {
        spin(time);
        if kind.is_multiple_of(3) { Err(kind) } else { Ok(kind) }
    }
    assert_allocates_nothing(|kind, time| _ = call(kind, time));
}

#[test]
fn a_value_unlike_all_before_costs_two_allocations_at_the_most() {
    #[monitored(name = "AllocationsOutliers")]
    fn call(time: Duration) {
        spin(time);
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (0..100).for_each(|_| call(Duration::ZERO));
    let mut all = 0;
    for _ in 0..10 {
        all += asked(|| (0..CALLS).for_each(|nth| call(Duration::from_nanos(50) * nth * nth)));
        _ = meters::snapshot();
    }
    assert!(all <= 2, "{all}");
}

#[test]
fn monitored_with_an_enum() {
    #[monitored(dimensions(Tier = tier, Route = "cart"))]
    fn call(tier: Tier, time: Duration) -> Result<(), ()> {
        spin(time);
        if matches!(tier, Tier::Gold) { Err(()) } else { Ok(()) }
    }
    assert_allocates_nothing(|kind, time| _ = call(tier(kind), time));
}

#[test]
fn monitored_with_a_text_seen_before() {
    #[monitored(dimensions(Route = route))]
    fn call(route: &str, time: Duration) -> usize {
        spin(time);
        route.len()
    }
    assert_allocates_nothing(|kind, time| _ = call(name(kind), time));
}

#[test]
fn monitored_with_several_values_seen_before() {
    #[monitored(dimensions(Route = route, Tier = tier, Shard = shard))]
    fn call(route: &str, tier: Tier, shard: u32, time: Duration) -> usize {
        spin(time);
        _ = (tier, shard);
        route.len()
    }
    assert_allocates_nothing(|kind, time| _ = call(name(kind), tier(kind), kind % 4, time));
}

#[test]
fn async_monitored_ready_pending_and_dropped() {
    #[monitored]
    async fn ready(kind: u32, time: Duration) -> Result<u32, u32> {
        spin(time);
        if kind.is_multiple_of(3) { Err(kind) } else { Ok(kind) }
    }
    #[monitored(dimensions(Route = route, Tier = tier))]
    async fn pending(route: &str, tier: Tier, time: Duration) -> usize {
        spin(time);
        pause().await;
        _ = tier;
        route.len()
    }
    assert_allocates_nothing(|kind, time| _ = run(ready(kind, time)));
    assert_allocates_nothing(|kind, time| _ = run(pending(name(kind), tier(kind), time)));
    assert_allocates_nothing(|kind, time| {
        let mut future = pin!(pending(name(kind), tier(kind), time));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    });
}

#[test]
fn metered_with_and_without_values() {
    #[metered]
    fn fixed() {}
    #[metered(dimensions(Tier = tier))]
    fn by_enum(tier: Tier) {
        _ = tier;
    }
    #[metered(dimensions(Route = route))]
    fn by_text(route: &str) {
        _ = route;
    }
    assert_allocates_nothing(|_, _| fixed());
    assert_allocates_nothing(|kind, _| by_enum(tier(kind)));
    assert_allocates_nothing(|kind, _| by_text(name(kind)));
}

#[test]
fn handles_where_they_stand() {
    assert_allocates_nothing(|kind, _| meters::counter!("AllocationsFixed", Kind = "web").inc(kind.into()));
    assert_allocates_nothing(|kind, _| {
        let route = name(kind);
        meters::counter!("AllocationsText", Route = route).inc(1);
    });
    assert_allocates_nothing(|kind, _| meters::meter!("AllocationsRate").mark(kind.into()));
    assert_allocates_nothing(|kind, _| meters::gauge!("AllocationsLevel").set(kind.into()));
    assert_allocates_nothing(|kind, time| {
        meters::histogram!("AllocationsSize").observe(time.as_secs_f64() * f64::from(kind % KINDS));
    });
}
