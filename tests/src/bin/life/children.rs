//! Scenes with children that go on for a while.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use meters::{Meters, monitored};

use super::scenes::{PATIENCE, builder, fork, record, say, until_told, wait, work};

#[monitored(name = "Routed", dimensions(Route = route))]
pub(crate) fn routed(route: &str) {
    _ = route;
}

/// Workers that never say that they end; the test ends them when it has seen what they recorded.
pub(crate) fn prefork(meters: &Meters) {
    let workers: Vec<_> = (1..=3)
        .map(|n| {
            fork(|| {
                record(n);
                say(&n.to_string());
                loop {
                    std::thread::park();
                }
            })
        })
        .collect();
    record(2);
    until_told();
    for worker in workers {
        // SAFETY: a child of this process.
        unsafe {
            libc::kill(worker, libc::SIGKILL);
            libc::waitpid(worker, std::ptr::null_mut(), 0);
        }
    }
    assert!(meters.shutdown(PATIENCE).is_complete());
    say("7");
}

/// Children that cannot send while their parent holds a file of the spool.
pub(crate) fn spool_in_children(meters: &Meters) {
    let held = || {
        let file = std::fs::File::open(std::env::var("SPOOL").unwrap()).unwrap();
        assert!(file.try_lock().is_err(), "nobody holds the parent's file");
    };
    // From then on it has taken what there is.
    assert!(meters.flush(PATIENCE).pending > 0);
    held();
    for n in 1..=2 {
        wait(fork(|| {
            record(n);
            held();
            assert!(meters.flush(PATIENCE).pending > 0);
            assert!(meters.shutdown(PATIENCE).spooled > 0);
            held();
            say(&n.to_string());
        }));
        held();
    }
    record(4);
    let report = meters.shutdown(PATIENCE);
    assert!(report.spooled > 0 && report.dropped == 0, "{report}");
    say("4");
}

/// Forks while threads record everything that takes a lock, come and go, and the flusher seals every ten milliseconds.
pub(crate) fn busy() {
    const CHILDREN: usize = 40;
    let meters = builder().interval("10ms").limit(20).expire_after(2).start().unwrap();
    let (stop, total) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (stop, total) = (&stop, &total);
            scope.spawn(move || {
                let mut round = 0_u64;
                while !stop.load(SeqCst) {
                    record(1);
                    total.fetch_add(1, SeqCst);
                    routed(&format!("{}", round % 64));
                    meters::counter("Fresh").dimension("N", (round + thread) % 64).register().inc(1);
                    _ = meters::snapshot();
                    std::thread::spawn(work).join().unwrap();
                    round += 1;
                }
            });
        }
        for _ in 0..CHILDREN {
            wait(fork(|| {
                record(10);
                say("10");
            }));
        }
        stop.store(true, SeqCst);
    });
    assert!(meters.shutdown(PATIENCE).is_complete());
    say(&total.load(SeqCst).to_string());
}
