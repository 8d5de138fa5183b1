//! What many series cost: memory of a cold one, and sealing a window in which all of them changed, none did, or all expired.
#![allow(unsafe_code, clippy::print_stdout, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use meters::__private::CallSite;
use meters::__private::Ended;
use meters::Registry;

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Counts bytes asked for; the allocator's own rounding is what `resident` adds.
struct Counting;

// SAFETY: everything is handed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = pages.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}

static SITE: CallSite =
    CallSite::new("Duration", &[("Function", Some("orders::place")), ("User", None)]).limit(1_000_000);

fn record(user: &str, times: usize) {
    for _ in 0..times {
        SITE.enter_with((user, ())).finish(Ended::Ok);
    }
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let series = if quick { 1_000 } else { 100_000 };
    meters_core::clock::settle();
    let users: Vec<String> = (0..series).map(|n| format!("user-{n:08}")).collect();
    let mut reader = Registry::global().reader();

    let before = (LIVE.load(Relaxed), resident());
    for user in &users {
        record(user, 10);
    }
    let after = (LIVE.load(Relaxed), resident());
    println!("{series} cold series, 2 dimensions, 10 records each");
    println!("  allocated {:>6} B a series", (after.0 - before.0) / series);
    println!("  resident  {:>6} B a series", after.1.saturating_sub(before.1) / series);

    let mut times = Vec::new();
    for round in 0..8 {
        if round > 0 {
            users.iter().for_each(|user| record(user, 1));
        }
        let start = Instant::now();
        let window = reader.window();
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(window.iter().len(), series);
    }
    let start = Instant::now();
    assert!(reader.window().is_empty());
    let idle = start.elapsed().as_secs_f64() * 1e3;
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    println!(
        "  first window {first:.2} ms; sealing all changed: min {:.2} ms, median {:.2} ms; none changed {idle:.2} ms",
        times[0],
        times[times.len() / 2]
    );
    let start = Instant::now();
    let snapshot = Registry::global().snapshot();
    println!("  snapshot of {} series {:.2} ms", snapshot.iter().len(), start.elapsed().as_secs_f64() * 1e3);

    Registry::global().expire_after(1);
    let windows = [(); 2].map(|()| {
        let start = Instant::now();
        assert!(reader.window().is_empty());
        start.elapsed().as_secs_f64() * 1e3
    });
    println!("  all of them expire {:.2} ms, and are expired {:.2} ms", windows[0], windows[1]);
}
