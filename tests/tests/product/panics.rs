//! Panics on the flusher's way, of those who are told of it: nothing is lost by them, nothing is counted twice, and a
//! shutdown is still one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use meters::{Meters, Registry};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::alone::{alone, endpoint};
use crate::stage::{PATIENCE, builder};

/// A subscriber that panics at so many events of ours that are of this level or a graver one.
struct Panicking(Level, Arc<AtomicUsize>);

impl Subscriber for Panicking {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "meters" && *metadata.level() <= self.0
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        let left = self.1.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "meant");
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A window with one datum that is sent, and one that is refused and told of: then is when who listens panics.
fn stage(level: Level, panics: usize, standing: bool) -> (Meters, Registry) {
    tracing::subscriber::set_global_default(Panicking(level, Arc::new(AtomicUsize::new(panics)))).unwrap();
    let registry = Registry::new();
    let builder = builder(&endpoint()).registry(&registry);
    let builder = if standing { builder.interval("1h") } else { builder.manual() };
    let meters = builder.dimension("Env", "prod").start().unwrap();
    registry.counter("Orders").register().inc(3);
    let crowded = (0..30).fold(registry.counter("Crowded"), |crowded, n| crowded.dimension(&format!("D{n}"), n));
    crowded.register().inc(1);
    (meters, registry)
}

#[test]
fn a_panic_while_a_window_is_taken_in_loses_nothing() {
    let cw = meters_local::start();
    let test = "panics::a_panic_while_a_window_is_taken_in_loses_nothing";
    let ran = alone(test, &[("CW", &cw.endpoint_url())], || {
        let (meters, registry) = stage(Level::WARN, 1, true);
        let report = meters.flush(PATIENCE);
        assert_eq!((report.sent, report.refused, report.dropped, report.pending), (1, 1, 0, 0), "{report}");
        registry.counter("Orders").register().inc(4);
        assert_eq!(meters.shutdown(PATIENCE).sent, 1);
    });
    if ran.is_some() {
        assert_eq!(cw.metric("Orders").sum(), Some(7.0));
    }
}

fn assert_shutdown_sends_everything(test: &str, standing: bool) {
    let cw = meters_local::start();
    let ran = alone(test, &[("CW", &cw.endpoint_url())], || {
        let (meters, _) = stage(Level::WARN, 1, standing);
        let report = meters.shutdown(PATIENCE);
        assert_eq!((report.sent, report.refused, report.dropped), (1, 1, 0), "{report}");
        assert!(report.error.is_none(), "{report}");
    });
    if ran.is_some() {
        assert_eq!(cw.metric("Orders").sum(), Some(3.0));
    }
}

#[test]
fn a_shutdown_with_a_panic_in_it_sends_everything_and_ends() {
    assert_shutdown_sends_everything("panics::a_shutdown_with_a_panic_in_it_sends_everything_and_ends", true);
}

#[test]
fn a_shutdown_by_hand_with_a_panic_in_it_sends_everything() {
    assert_shutdown_sends_everything("panics::a_shutdown_by_hand_with_a_panic_in_it_sends_everything", false);
}

/// Each event of a flush, also the one that follows on the answer of CloudWatch.
#[test]
fn panics_of_who_is_told_of_each_step_lose_nothing_and_send_nothing_twice() {
    let cw = meters_local::start();
    let test = "panics::panics_of_who_is_told_of_each_step_lose_nothing_and_send_nothing_twice";
    let ran = alone(test, &[("CW", &cw.endpoint_url())], || {
        let (meters, registry) = stage(Level::TRACE, 1000, true);
        let report = meters.flush(PATIENCE);
        assert_eq!((report.sent, report.refused, report.ambiguous), (1, 1, 0), "{report}");
        registry.counter("Orders").register().inc(4);
        let report = meters.shutdown(PATIENCE);
        assert_eq!((report.sent, report.pending, report.ambiguous), (1, 0, 0), "{report}");
    });
    if ran.is_some() {
        assert_eq!((cw.metric("Orders").sum(), cw.request_count()), (Some(7.0), 2));
    }
}
