//! Requests that left and were not answered: sent again, and counted as perhaps counted twice.

use std::time::Duration;

use meters_local::Fault;

use crate::faults::{DATUMS, assert_holds, record};
use crate::stage::{PATIENCE, Stage, assert_close};

/// Less than what one request may take.
const BRIEF: Duration = Duration::from_secs(1);

#[test]
fn a_reset_before_storing_is_sent_again_and_told_as_ambiguous() {
    for fault in [Fault::Reset, Fault::ResetMidBody] {
        let stage = Stage::new();
        record(&stage);
        stage.cw.faults().push(fault.clone());
        let report = stage.meters.flush(PATIENCE);
        assert_eq!((report.sent, report.pending), (DATUMS, 0), "{report}");
        assert_eq!(report.ambiguous, DATUMS, "{fault:?}: {report}");
        assert_holds(&stage, 1.0);
    }
}

#[test]
fn a_reset_after_storing_counts_twice_and_says_so() {
    let stage = Stage::new();
    record(&stage);
    stage.cw.faults().push(Fault::ResetAfterStoring);
    let report = stage.meters.flush(PATIENCE);
    assert_eq!((report.sent, report.ambiguous), (DATUMS, DATUMS));
    assert_holds(&stage, 2.0);
    // The same data, not data of another time.
    let stamps = |name: &str| {
        let datums = stage.cw.metric(name).datums();
        (datums[0].timestamp, datums[1].timestamp)
    };
    let (first, second) = stamps("Size");
    assert_eq!(first, second);
}

#[test]
fn an_answer_that_is_cut_off_is_an_answer() {
    let stage = Stage::new();
    record(&stage);
    stage.cw.faults().push(Fault::TruncatedAnswer);
    let report = stage.flush();
    assert_eq!((report.sent, report.ambiguous), (DATUMS, 0), "{report}");
    assert_eq!(report.requests, 1);
    assert_holds(&stage, 1.0);
}

#[test]
fn a_server_that_hangs_holds_a_flush_up_no_longer_than_its_timeout() {
    let stage = Stage::new();
    record(&stage);
    stage.cw.faults().push(Fault::HangBeforeStoring);
    let report = stage.meters.flush(BRIEF);
    // A report at all: the caller of a flush that overran would be told that there was none.
    assert_eq!((report.sent, report.pending), (0, DATUMS), "{report}");
    assert_eq!((report.ambiguous, report.requests), (DATUMS, 1));
    assert!(report.error.unwrap().is_timeout());
    stage.cw.faults().clear();
    let sent = stage.flush().sent;
    // The counters of the first window fell silent, and say so.
    assert_eq!(sent, DATUMS + 20);
    assert_eq!(stage.cw.metric("Orders").sum(), Some(210.0));
    assert_eq!(stage.cw.metric("Size").sample_count(), 100.0);
}

#[test]
fn what_a_hanging_server_stored_is_counted_twice_and_says_so() {
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    (1..=10).for_each(|value| size.observe(f64::from(value)));
    stage.cw.faults().push(Fault::HangAfterStoring);
    let report = stage.meters.flush(BRIEF);
    assert_eq!((report.pending, report.ambiguous), (1, 1), "{report}");
    let report = stage.flush();
    assert_eq!((report.sent, report.ambiguous), (1, 0), "{report}");
    let size = stage.cw.metric("Size");
    assert_eq!(size.sample_count(), 20.0);
    assert_close(size.sum().unwrap(), 110.0, 1e-12);
}

#[test]
fn other_batches_do_not_become_ambiguous() {
    let stage = Stage::with(|builder| builder.max_datums_per_request(10));
    for n in 0..25 {
        let orders = stage.registry.counter("Orders").dimension("N", n);
        orders.register().inc(1);
    }
    stage.cw.faults().push(Fault::Pass).push(Fault::ResetAfterStoring);
    let report = stage.meters.flush(PATIENCE);
    assert_eq!((report.sent, report.ambiguous), (25, 10), "{report}");
    assert_eq!(stage.cw.datums().len(), 35);
}
