//! Callbacks are the user's code: they are told, and their panics stop nothing.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use meters::{Meters, Registry};
use meters_local::{Fault, Server};

use crate::stage::{PATIENCE, Stage, builder};

struct Standing {
    meters: Meters,
    registry: Registry,
    cw: Server,
    calls: Arc<AtomicU64>,
}

/// With a thread of its own, and callbacks that count and then panic.
fn panicking() -> Standing {
    let (cw, registry) = (meters_local::start(), Registry::new());
    let calls = Arc::new(AtomicU64::new(0));
    let (errors, refusals) = (calls.clone(), calls.clone());
    let meters = builder(&cw.endpoint_url())
        .registry(&registry)
        .interval("50ms")
        .on_error(move |_| {
            errors.fetch_add(1, SeqCst);
            panic!("meant")
        })
        .on_refused(move |_| {
            refusals.fetch_add(1, SeqCst);
            panic!("meant")
        })
        .start()
        .unwrap();
    Standing { meters, registry, cw, calls }
}

#[test]
fn a_panic_in_on_error_does_not_stop_the_flusher() {
    let standing = panicking();
    let orders = standing.registry.counter("Orders").register();
    standing.cw.faults().always(Fault::AccessDenied);
    orders.inc(1);
    let told = |_: &Server| standing.calls.load(SeqCst) > 0;
    assert!(standing.cw.wait_until(told, PATIENCE) || told(&standing.cw));
    standing.cw.faults().clear();
    orders.inc(1);
    let arrived = |cw: &Server| cw.metric("Orders").sum() == Some(2.0);
    assert!(standing.cw.wait_until(arrived, PATIENCE));
    assert!(standing.meters.shutdown(PATIENCE).is_complete());
}

#[test]
fn a_panic_in_on_refused_does_not_stop_the_flusher() {
    let standing = panicking();
    standing.cw.faults().poison("Bad");
    standing.registry.put("Bad", 1.0);
    standing.registry.put("Good", 1.0);
    let arrived = |cw: &Server| cw.metric("Good").exists();
    assert!(standing.cw.wait_until(arrived, PATIENCE));
    // The next window is sent by the same thread, after the callback panicked.
    let report = standing.meters.flush(PATIENCE);
    assert_eq!((report.pending, report.dropped), (0, 0), "{report}");
    assert_eq!(standing.calls.load(SeqCst), 1);
    standing.registry.put("Later", 1.0);
    let arrived = |cw: &Server| cw.metric("Later").exists();
    assert!(standing.cw.wait_until(arrived, PATIENCE));
    assert_eq!(standing.cw.metric("Good").sample_count(), 1.0);
}

#[test]
fn a_flush_by_hand_outlives_a_panic_in_a_callback() {
    let stage = Stage::with(|builder| builder.on_error(|_| panic!("meant")).on_refused(|_| panic!("meant")));
    stage.cw.faults().poison("Bad").push(Fault::ExpiredToken);
    stage.registry.put("Bad", 1.0);
    stage.registry.put("Good", 1.0);
    let report = stage.meters.flush(PATIENCE);
    assert_eq!(report.pending, 2, "{report}");
    let report = stage.meters.flush(PATIENCE);
    assert_eq!((report.sent, report.refused), (1, 1), "{report}");
    assert_eq!(stage.cw.metric("Good").sample_count(), 1.0);
}

#[test]
fn on_error_is_not_told_of_what_was_overcome() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = told.clone();
    let stage = Stage::with(|builder| builder.on_error(move |error| tell.lock().unwrap().push(error.to_string())));
    stage.registry.put("Good", 1.0);
    stage.cw.faults().push(Fault::Throttle);
    stage.flush();
    assert_eq!(*told.lock().unwrap(), [""; 0]);
    stage.registry.put("Good", 1.0);
    stage.cw.faults().always(Fault::Throttle);
    stage.meters.flush(PATIENCE);
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[test]
fn a_callback_may_record() {
    let registry = Registry::new();
    let failures = registry.counter("Failures").register();
    let stage = Stage::with(|builder| builder.registry(&registry).on_error(move |_| failures.inc(1)));
    registry.put("Good", 1.0);
    stage.cw.faults().push(Fault::AccessDenied);
    stage.meters.flush(PATIENCE);
    stage.flush();
    assert_eq!(stage.cw.metric("Failures").sum(), Some(1.0));
}
