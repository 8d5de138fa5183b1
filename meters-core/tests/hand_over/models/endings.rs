//! Who asks a flusher for what while it ends. Nobody waits for ever, which loom would tell, and everybody is told what came of
//! it.

use std::sync::Arc;

use loom::thread;

use super::explore;
use crate::flusher::FlushReport::{Dropped, Nothing, Refused, Sent};
use crate::flusher::{FlushReport, Flusher};

/// Starts a flusher, has it asked by several at once, and returns what they were told.
fn ask<const N: usize>(questions: [fn(&Flusher) -> FlushReport; N]) -> [FlushReport; N] {
    let flusher = Arc::new(Flusher::new());
    let running = flusher.clone();
    let running = thread::spawn(move || running.run());
    let mut asking: Vec<_> = questions[1..]
        .iter()
        .map(|question| {
            let (flusher, question) = (flusher.clone(), *question);
            thread::spawn(move || question(&flusher))
        })
        .collect();
    let first = questions[0](&flusher);
    let mut told = [first; N];
    told[1..].iter_mut().zip(asking.drain(..)).for_each(|(told, one)| *told = one.join().unwrap());
    running.join().unwrap();
    told
}

#[test]
fn a_flush_meets_a_shutdown() {
    explore("flush against shutdown", || {
        let [shutdown, flush] = ask([Flusher::shutdown, Flusher::flush]);
        assert_eq!(shutdown, Sent);
        assert!(matches!(flush, Sent | Refused | Dropped), "{flush:?}");
    });
}

/// One of them is told what was sent, the other that nothing was left to do: not before it was sent.
#[test]
fn a_shutdown_meets_a_shutdown() {
    explore("shutdown against shutdown", || {
        let mut told = ask([Flusher::shutdown, Flusher::shutdown]);
        told.sort_by_key(|told| *told != Sent);
        assert_eq!(told, [Sent, Nothing]);
    });
}

#[test]
fn shutdowns_meet_a_flush() {
    explore("two shutdowns against a flush", || {
        let [one, other, flush] = ask([Flusher::shutdown, Flusher::shutdown, Flusher::flush]);
        assert!(matches!((one, other), (Sent, Nothing) | (Nothing, Sent)), "{one:?} {other:?}");
        assert!(matches!(flush, Sent | Refused | Dropped), "{flush:?}");
    });
}

/// A guard is dropped by one thread while another still flushes.
#[test]
fn flushes_meet_a_shutdown() {
    explore("two flushes against a shutdown", || {
        let [shutdown, one, other] = ask([Flusher::shutdown, Flusher::flush, Flusher::flush]);
        assert_eq!(shutdown, Sent);
        assert!([one, other].iter().all(|flush| matches!(flush, Sent | Refused | Dropped)), "{one:?} {other:?}");
    });
}
