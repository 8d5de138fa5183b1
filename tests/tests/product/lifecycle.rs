//! From start to shutdown: who sends what, and when.

use std::time::Duration;

use meters::Registry;
use meters_local::{Fault, Server};

use crate::alone::{alone, endpoint};
use crate::stage::{PATIENCE, Stage, builder};

fn standing(cw: &Server, registry: &Registry, interval: &str) -> meters::Meters {
    let builder = builder(&cw.endpoint_url()).registry(registry);
    builder.interval(interval).start().unwrap()
}

#[test]
fn windows_are_sent_at_each_interval_without_being_asked() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    let meters = standing(&cw, &registry, "50ms");
    let orders = registry.counter("Orders").register();
    for round in 1..=3 {
        orders.inc(1);
        let arrived = |cw: &Server| cw.metric("Orders").sum() == Some(f64::from(round));
        assert!(cw.wait_until(arrived, PATIENCE), "round {round}");
    }
    assert!(meters.shutdown(PATIENCE).is_complete());
    assert_eq!(cw.metric("Orders").sum(), Some(3.0));
}

#[test]
fn dropping_the_guard_sends_the_last_window() {
    for manual in [true, false] {
        let (cw, registry) = (meters_local::start(), Registry::new());
        let builder = builder(&cw.endpoint_url()).registry(&registry);
        let builder = if manual { builder.manual() } else { builder };
        let meters = builder.start().unwrap();
        registry.counter("Orders").register().inc(4);
        drop(meters);
        assert_eq!(cw.metric("Orders").sum(), Some(4.0), "manual: {manual}");
    }
}

#[test]
fn a_panic_in_main_still_sends_the_last_window() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    let main = std::panic::AssertUnwindSafe(|| {
        let _meters = standing(&cw, &registry, "1h");
        registry.counter("Orders").register().inc(4);
        panic!("meant");
    });
    assert!(std::panic::catch_unwind(main).is_err());
    assert_eq!(cw.metric("Orders").sum(), Some(4.0));
}

#[test]
fn a_second_shutdown_reports_nothing_and_the_guard_adds_nothing() {
    for manual in [true, false] {
        let (cw, registry) = (meters_local::start(), Registry::new());
        let builder = builder(&cw.endpoint_url()).registry(&registry);
        let builder = if manual { builder.manual() } else { builder };
        let meters = builder.start().unwrap();
        registry.counter("Orders").register().inc(1);
        assert_eq!(meters.shutdown(PATIENCE).sent, 1);
        registry.counter("Orders").register().inc(1);
        let again = meters.shutdown(PATIENCE);
        assert_eq!((again.sent, again.requests), (0, 0));
        assert!(again.error.is_none(), "{again}");
        drop(meters);
        assert_eq!(cw.request_count(), 1);
    }
}

/// All of them are told when it is over, and nothing is sent twice.
#[test]
fn shutdowns_at_the_same_time_are_one_and_all_wait_for_it() {
    for manual in [true, false] {
        let (cw, registry) = (meters_local::start(), Registry::new());
        let builder = builder(&cw.endpoint_url()).registry(&registry);
        let builder = if manual { builder.manual() } else { builder };
        let meters = builder.start().unwrap();
        registry.counter("Orders").register().inc(1);
        cw.faults().push(Fault::Slow(Duration::from_millis(200)));
        let shutdown = || {
            let report = meters.shutdown(PATIENCE);
            assert!(report.is_complete(), "{report}");
            assert_eq!(cw.metric("Orders").sum(), Some(1.0), "it did not wait");
            report.sent
        };
        let sent: u64 = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(shutdown)).collect();
            all.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!((sent, cw.request_count()), (1, 1), "manual: {manual}");
    }
}

/// A second panic there would end the process.
#[test]
fn a_shutdown_in_a_drop_during_a_panic_sends_everything() {
    struct Farewell(meters::Meters);
    impl Drop for Farewell {
        fn drop(&mut self) {
            assert!(std::thread::panicking());
            assert!(self.0.shutdown(PATIENCE).is_complete());
        }
    }
    let (cw, registry) = (meters_local::start(), Registry::new());
    let main = std::panic::AssertUnwindSafe(|| {
        let _farewell = Farewell(standing(&cw, &registry, "1h"));
        registry.counter("Orders").register().inc(4);
        panic!("meant");
    });
    assert!(std::panic::catch_unwind(main).is_err());
    assert_eq!(cw.metric("Orders").sum(), Some(4.0));
}

#[test]
fn a_flush_after_shutdown_returns_with_an_error() {
    for manual in [true, false] {
        let (cw, registry) = (meters_local::start(), Registry::new());
        let builder = builder(&cw.endpoint_url()).registry(&registry);
        let builder = if manual { builder.manual() } else { builder };
        let meters = builder.start().unwrap();
        assert!(meters.shutdown(PATIENCE).error.is_none());
        registry.counter("Orders").register().inc(1);
        let report = meters.flush(PATIENCE);
        assert!(report.error.is_some(), "manual: {manual}: {report}");
        assert!(meters.put_now("Late", 1.0).send().is_err(), "manual: {manual}");
        assert_eq!((report.sent, cw.request_count()), (0, 0));
    }
}

/// As where a configuration is read anew: the old one sends what it has while the new one begins.
#[test]
fn who_starts_while_another_still_ends_is_told_nothing_that_is_told_already() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    let orders = registry.counter("Orders").register();
    let old = standing(&cw, &registry, "1h");
    orders.inc(1);
    cw.faults().push(Fault::HangBeforeStoring);
    std::thread::scope(|scope| {
        scope.spawn(|| old.flush(PATIENCE));
        assert!(cw.wait_for_requests(1, PATIENCE));
        // The shutdown comes after the flush.
        orders.inc(2);
        let ended = scope.spawn(|| old.shutdown(2 * PATIENCE));
        let new = loop {
            let builder = builder(&cw.endpoint_url()).registry(&registry);
            match builder.interval("1h").start() {
                Ok(new) => break new,
                // Its shutdown was not asked for yet.
                Err(_) => std::thread::yield_now(),
            }
        };
        assert!(!ended.is_finished(), "the fault was over too soon");
        orders.inc(4);
        assert!(ended.join().unwrap().is_complete());
        assert!(new.shutdown(PATIENCE).is_complete());
    });
    assert_eq!(cw.metric("Orders").sum(), Some(7.0));
}

#[test]
fn two_namespaces_both_get_everything() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    let start = |namespace: &str| {
        let builder = meters::namespace(namespace).region("us-east-1").manual();
        let builder = builder.endpoint_url(cw.endpoint_url()).credentials("test", "test");
        builder.registry(&registry).start().unwrap()
    };
    let (one, other) = (start("One"), start("Other"));
    let orders = registry.counter("Orders").register();
    let size = registry.histogram("Size").register();
    // They flush at different times, and miss nothing.
    for round in 1..=6 {
        orders.inc(round);
        size.observe(round as f64);
        if round % 2 == 0 {
            assert!(one.flush(PATIENCE).is_complete());
        }
        if round % 3 == 0 {
            assert!(other.flush(PATIENCE).is_complete());
        }
    }
    for namespace in ["One", "Other"] {
        let orders = cw.metric("Orders").namespace(namespace);
        assert_eq!(orders.sum(), Some(21.0), "{namespace}");
        let size = cw.metric("Size").namespace(namespace);
        assert_eq!(size.sample_count(), 6.0, "{namespace}");
        assert_eq!((size.minimum(), size.maximum()), (Some(1.0), Some(6.0)));
    }
}

#[test]
fn one_flush_by_hand_after_another_needs_one_request_each() {
    let stage = Stage::new();
    let orders = stage.registry.counter("Orders").register();
    for round in 1..=20 {
        orders.inc(1);
        let report = stage.flush();
        assert_eq!((report.sent, report.requests), (1, 1), "round {round}");
        assert_eq!(report.ambiguous, 0, "round {round}: {report}");
    }
    assert_eq!(stage.cw.metric("Orders").sum(), Some(20.0));
}

#[test]
fn what_is_recorded_during_a_flush_waits_for_nothing_and_is_sent_by_the_next() {
    let stage = Stage::new();
    let orders = stage.registry.counter("Orders").register();
    orders.inc(1);
    stage.cw.faults().push(Fault::HangBeforeStoring);
    std::thread::scope(|scope| {
        let flushing = scope.spawn(|| stage.meters.flush(Duration::from_secs(3)));
        assert!(stage.cw.wait_for_requests(1, PATIENCE));
        orders.inc(1);
        stage.registry.put("Batch", 1.0);
        assert_eq!(stage.registry.snapshot().counter("Orders"), 2);
        assert!(!flushing.is_finished(), "recording waited for the flush");
        assert_eq!(flushing.join().unwrap().pending, 1);
    });
    stage.flush();
    assert_eq!(stage.cw.metric("Orders").sum(), Some(2.0));
    assert_eq!(stage.cw.metric("Batch").sum(), Some(1.0));
}

#[test]
fn a_program_that_does_not_shut_down_ends() {
    let cw = meters_local::start();
    let url = cw.endpoint_url();
    let test = "lifecycle::a_program_that_does_not_shut_down_ends";
    let ran = alone(test, &[("CW", &url)], || {
        assert!(builder(&endpoint()).interval("1h").start_once().unwrap());
        let kept = meters::namespace("Kept").region("us-east-1").endpoint_url(endpoint());
        let kept = kept.credentials("test", "test").interval("1h").start().unwrap();
        meters::counter("Orders").register().inc(1);
        assert_eq!(kept.flush(PATIENCE).sent, 1);
        std::mem::forget(kept);
    });
    if ran.is_some() {
        // The one was flushed, the other's last window was sent at the exit.
        for namespace in ["Kept", "Product"] {
            assert_eq!(cw.metric("Orders").namespace(namespace).sum(), Some(1.0), "{namespace}");
        }
    }
}
