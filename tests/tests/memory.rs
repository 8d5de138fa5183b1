//! What a series holds in memory: cold, hot, and after it expired. The documentation of `Registry` states these figures.
#![allow(unsafe_code, clippy::print_stdout, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::mpsc::channel;

use meters::{Histogram, Registry};

static LIVE: AtomicI64 = AtomicI64::new(0);

/// Counts the bytes that are in use.
struct Counting;

// SAFETY: all is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as i64, Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as i64, Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SERIES: u32 = 4096;

fn per_series(work: impl FnOnce()) -> i64 {
    let before = LIVE.load(Relaxed);
    work();
    (LIVE.load(Relaxed) - before) / i64::from(SERIES)
}

fn registry() -> Registry {
    let registry = Registry::new();
    registry.set_limit(SERIES as usize);
    registry.expire_after(1);
    registry
}

fn sizes(registry: &Registry, first: u32) -> Vec<Histogram> {
    let size = |n: u32| registry.histogram("Size").dimension("Pod", format!("pod-{:08}", first + n)).register();
    (0..SERIES).map(size).collect()
}

/// Fifty values over two octaves, as the durations of one function are.
fn heat(sizes: &[Histogram]) {
    for size in sizes {
        (0..50).for_each(|n| size.observe(1.0 + f64::from(n) * 0.06));
    }
}

fn told(what: &str, (least, most): (i64, i64), work: impl FnOnce()) {
    let bytes = per_series(work);
    println!("{what}: {bytes} B");
    assert!((least..=most).contains(&bytes), "{what}: {bytes} B");
}

/// What `act` makes each series hold, as long as the thread lives that does it.
fn on_another_thread(act: impl FnOnce() + Send) -> i64 {
    std::thread::scope(|scope| {
        let ((done, wait), (end, hold)) = (channel(), channel::<()>());
        let thread = scope.spawn(move || {
            let bytes = per_series(act);
            done.send(bytes).unwrap();
            _ = hold.recv();
        });
        let bytes = wait.recv().unwrap();
        drop(end);
        thread.join().unwrap();
        bytes
    })
}

/// One after the other: they count what the whole process holds, and what threads gave back is used again.
#[test]
fn what_a_series_holds_is_as_documented() {
    a_cold_series_holds_two_hundred_bytes_and_a_hot_one_some_kilobytes();
    an_expired_series_holds_little_however_hot_it_was();
}

fn a_cold_series_holds_two_hundred_bytes_and_a_hot_one_some_kilobytes() {
    let registry = registry();
    let mut made = Vec::with_capacity(SERIES as usize);
    let mut reader = registry.reader();
    told("cold", (170, 240), || {
        made.extend(sizes(&registry, 0));
        made.iter().for_each(|size| size.observe(1.0));
    });
    let before = LIVE.load(Relaxed);
    heat(&made);
    _ = reader.window();
    let hot = (LIVE.load(Relaxed) - before) / i64::from(SERIES);
    println!("hot: {hot} B");
    assert!((3000..=4500).contains(&hot), "{hot}");
    let another = on_another_thread(|| heat(&made));
    println!("each further thread: {another} B");
    assert!((1200..=2500).contains(&another), "{another}");
    let counters: Vec<_> = (0..SERIES).map(|n| registry.counter("Orders").dimension("Pod", n).register()).collect();
    let counting = on_another_thread(|| counters.iter().for_each(|counter| (0..50).for_each(|_| counter.inc(1))));
    println!("counter, each thread: {counting} B");
    assert!((128..=256).contains(&counting), "{counting}");
}

/// Values that never come twice, each hot for one window: what threads had goes to the next ones.
fn an_expired_series_holds_little_however_hot_it_was() {
    let registry = registry();
    let mut reader = registry.reader();
    for generation in 0..6 {
        let grown = per_series(|| {
            heat(&sizes(&registry, generation * SERIES));
            (0..2).for_each(|_| drop(reader.window()));
            assert_eq!(registry.snapshot().iter().len(), 0);
        });
        println!("of generation {generation}: {grown} B");
        // 220, 130 for that it was hot, and 16 for each of 50 buckets. The shards of each go on as those of the next.
        assert!(generation == 0 || (900..1250).contains(&grown), "{grown}");
    }
}
