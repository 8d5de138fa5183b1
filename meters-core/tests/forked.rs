//! What a child of `fork` shows of instruments that are more than a number.
#![cfg(all(unix, not(miri)))]
#![allow(missing_docs, unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use meters_core::Registry;

/// Runs this in a child, which ends without any farewell. What it asserts is told by how it ends.
fn in_a_child(act: impl FnOnce()) {
    // SAFETY: the child goes on with this thread alone; the allocator and these crates are made for that.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let status = i32::from(catch_unwind(AssertUnwindSafe(act)).is_err());
        // SAFETY: ends the process.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: it only writes the status.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child failed: see above");
}

#[test]
fn a_child_begins_with_nothing_and_its_parent_goes_on() {
    let registry = Registry::new();
    let gauge = |name: &str| registry.snapshot().metric(name).gauge().unwrap();
    let hour = Duration::from_secs(3600);
    let began = Instant::now();
    registry.uptime("Up");
    let hits = registry.clicks("Hits").windows([hour]);
    let link = registry.link("Link").failures_to_offline(2).register();
    let (total, of_process) = (Arc::new(AtomicU64::new(10)), Arc::new(AtomicU64::new(10)));
    let (kept, own) = (total.clone(), of_process.clone());
    registry.float_counter("Kept").from_fn(move || kept.load(Relaxed) as f64);
    registry.float_counter("Own").from_fn_of_process(move || own.load(Relaxed) as f64);
    // So that the parent has been up for longer than it takes to fork.
    while began.elapsed() < Duration::from_millis(50) {
        std::hint::spin_loop();
    }
    let mut reader = registry.reader();
    hits.click(3);
    (0..2).for_each(|_| link.failure());
    assert_eq!((gauge("Hits"), gauge("Link.Status")), (3.0, 0.0));
    assert_eq!(reader.window().metric("Kept").amount(), 10.0);
    let up = gauge("Up");
    let forked = Instant::now();
    in_a_child(|| {
        // The system begins anew; what lies in memory is the parent's so far.
        of_process.store(4, Relaxed);
        assert!(link.is_online());
        assert_eq!((gauge("Hits"), gauge("Link.Status"), gauge("Link.ConsecutiveFailures")), (0.0, 1.0, 0.0));
        hits.click(1);
        link.failure();
        assert_eq!((gauge("Hits"), gauge("Link.ConsecutiveFailures"), gauge("Link.Status")), (1.0, 1.0, 1.0));
        let up_here = gauge("Up");
        assert!(up_here <= forked.elapsed().as_secs_f64(), "{up_here} of the parent's {up}");
        let amounts = || {
            let snapshot = registry.snapshot();
            (snapshot.metric("Kept").amount(), snapshot.metric("Own").amount())
        };
        _ = amounts();
        total.store(12, Relaxed);
        of_process.store(5, Relaxed);
        assert_eq!(amounts(), (2.0, 5.0));
    });
    assert_eq!((gauge("Hits"), gauge("Link.ConsecutiveFailures"), gauge("Link.Status")), (3.0, 2.0, 0.0));
    assert!(gauge("Up") > up);
    assert_eq!(registry.snapshot().metric("Own").amount(), 10.0);
}

/// A thread of the parent asks a function at the moment of the fork: in the child nobody ever ends that.
#[test]
fn a_function_that_is_asked_while_its_process_forks_is_asked_in_the_child() {
    let registry = Registry::new();
    let (asked, go_on) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (seen, wait) = (asked.clone(), go_on.clone());
    registry.gauge("Asked").from_fn(move || {
        seen.fetch_add(1, Relaxed);
        while wait.load(Relaxed) == 0 {
            std::thread::yield_now();
        }
        1.0
    });
    std::thread::scope(|scope| {
        scope.spawn(|| registry.snapshot());
        while asked.load(Relaxed) == 0 {
            std::thread::yield_now();
        }
        in_a_child(|| {
            go_on.store(1, Relaxed);
            assert_eq!(registry.snapshot().metric("Asked").gauge(), Some(1.0));
        });
        go_on.store(1, Relaxed);
    });
}
