//! Who asked waits until the deadline, where that may be of use.

use super::deliver::Delivery;
use super::retry::{Failure, Reached};
use super::*;

fn insisting() -> Settings {
    let backoff = backoff::Backoff { first: Duration::from_millis(1), most: Duration::from_millis(2) };
    Settings { insist: true, backoff, ..settings() }
}

#[test]
fn a_flush_goes_on_until_cloudwatch_is_back() {
    for answer in [Answer::NoConnection, Answer::Error(503, None, ""), Answer::Error(400, Some("Throttling"), "")] {
        let server = Server::new(vec![answer.clone(); 60]);
        let told = Told::default();
        let settings = Settings { max_datums_per_request: 1, ..told.listen(insisting()) };
        let mut exporter = exporter(&server, settings);
        let report = block_on(exporter.export(gauges(["a", "b"]), Cause::Asked, far()));
        assert_eq!((report.sent, report.pending, server.count()), (2, 0, 62), "{answer:?}: {report}");
        assert!(report.is_complete() && told.take().is_empty(), "{answer:?}");
        // And nothing is held against it.
        assert!(!exporter.pause.is_probing());
    }
}

#[test]
fn a_periodic_export_does_not() {
    let server = Server::judging(|_| Answer::NoConnection);
    let report = block_on(exporter(&server, insisting()).export(gauges(["a"]), Cause::Interval, far()));
    assert_eq!((report.pending, server.count()), (1, 5));
}

#[test]
fn what_asking_again_does_not_mend_is_not_asked_again() {
    for (answer, requests) in [
        (Answer::Error(403, Some("AccessDenied"), ""), 1),
        (Answer::Error(404, None, ""), 1),
        (Answer::Error(413, None, ""), 1),
    ] {
        let server = Server::judging(move |_| answer.clone());
        block_on(exporter(&server, insisting()).export(gauges(["a"]), Cause::Asked, far()));
        assert_eq!(server.count(), requests);
    }
}

/// Each may count: a flush of an hour must not count it a thousand times.
#[test]
fn what_may_have_been_counted_is_not_sent_without_end() {
    for (on_ambiguous, dropped) in [(Ambiguous::Resend, 0), (Ambiguous::Drop, 5)] {
        let server = Server::judging(|_| Answer::Cut);
        let settings = Settings { on_ambiguous, max_datums_per_request: 1, ..insisting() };
        let numbers = (0..20).map(|number| number.to_string());
        let report = block_on(exporter(&server, settings).export(gauges(numbers), Cause::Asked, far()));
        assert_eq!((report.dropped, report.pending), (dropped, 20 - dropped), "{report}");
        assert!(report.ambiguous <= 6, "{report}");
    }
}

#[test]
fn the_rest_of_the_time_is_used_whatever_was_drawn_and_a_wait_that_is_asked_for_is_kept() {
    let server = Server::new([]);
    let hour = Duration::from_secs(3600);
    let settings = Settings { backoff: backoff::Backoff { first: hour, most: hour }, ..insisting() };
    let client = server.client();
    let failure = |retry_after| {
        Ended::Failed(Failure { reached: Reached::Answer(503), code: None, message: String::new(), retry_after })
    };
    let again = |deadline, asked| {
        let mut delivery = Delivery::new(&client, &settings, deadline).insisting();
        delivery.again(&failure(asked))
    };
    assert!(again(far(), None).unwrap() <= Duration::from_secs(300));
    assert_eq!(again(Instant::now(), None), None);
    assert_eq!(again(far(), Some(hour)), None);
}

#[test]
fn after_the_last_export_nobody_is_told_that_it_is_sent_again() {
    let server = Server::judging(|_| Answer::Error(503, None, ""));
    let told = Told::default();
    let mut exporter = exporter(&server, told.listen(settings()));
    let mut report = block_on(exporter.export(gauges(["a"]), Cause::Last, far()));
    exporter.conclude(&mut report, far());
    let why = "CloudWatch did not take the metrics: HTTP status 503: allow more time, or name a spool";
    let lost = "1 datums are lost: there is no export after this one, and no spool";
    assert_eq!(told.take(), [why, lost]);
    assert!(report.to_string().starts_with(&format!("LOST: 1 datum dropped ({why}); sent 0 datums")), "{report}");
}

#[test]
fn what_may_count_twice_or_not_at_all_is_told() {
    for (on_ambiguous, says) in [(Ambiguous::Resend, "may be counted twice"), (Ambiguous::Drop, "were given up")] {
        for cause in [Cause::Asked, Cause::Interval] {
            let server = Server::new([Answer::Cut]);
            let told = Told::default();
            let mut exporter = exporter(&server, Settings { on_ambiguous, ..told.listen(settings()) });
            let report = block_on(exporter.export(gauges(["a", "b"]), cause, far()));
            let told = told.take();
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with("2 datums ") && told[0].contains(says), "{told:?}");
            let error = report.error.map(|error| error.to_string());
            assert_eq!(error, (on_ambiguous == Ambiguous::Drop).then(|| told[0].clone()));
        }
    }
}

#[test]
fn a_window_larger_than_the_bound_is_packed_before_any_of_it_is_given_up() {
    let server = Server::new([]);
    let mut settings = Settings { max_pending_bytes: 1_000_000, ..settings() };
    let dimensions = (0..30).map(|n| (format!("D{n}"), "v".to_owned()));
    settings.said.dimensions = Dimensions::try_from_iter(dimensions).unwrap();
    let mut exporter = exporter(&server, settings);
    let report = block_on(exporter.export(gauges((0..3_000).map(|n| n.to_string())), Cause::Asked, far()));
    assert_eq!((report.sent, report.dropped), (3_000, 0), "{report}");
}
