//! A CloudWatch that is away for long, and comes back.

use super::*;

const SECOND: backoff::Backoff = backoff::Backoff { first: Duration::from_secs(3600), most: Duration::from_secs(3600) };

fn window_of(exporter: &mut CloudWatch, name: &str, cause: Cause) -> FlushReport {
    block_on(exporter.export(gauges([name]), cause, far()))
}

#[test]
fn it_is_left_alone_while_it_is_away_unless_somebody_asks() {
    let server = Server::judging(|_| Answer::NoConnection);
    let mut exporter = exporter(&server, Settings { pause: SECOND, ..settings() });
    // With a pause of an hour on average, a second request would be chance.
    while !exporter.pause.holds(Cause::Interval, Instant::now() + Duration::from_secs(60)) {
        window_of(&mut exporter, "a", Cause::Interval);
    }
    let (before, waiting) = (server.count(), exporter.queue.datums());
    for window in 1..=100 {
        let report = window_of(&mut exporter, "a", Cause::Interval);
        assert_eq!((report.pending, report.requests, report.error.is_none()), (waiting + window, 0, true));
    }
    assert_eq!(server.count(), before);
    server.push(Answer::Ok);
    let report = window_of(&mut exporter, "a", Cause::Asked);
    assert_eq!((report.sent, report.pending, report.requests), (waiting + 101, 0, 1), "{report}");
    // And all is as it was.
    assert_eq!(window_of(&mut exporter, "a", Cause::Interval).sent + exporter.queue.datums(), 1);
}

#[test]
fn one_request_shows_whether_it_is_back() {
    let server = Server::judging(|_| Answer::Error(503, None, ""));
    let mut exporter = exporter(&server, Settings { pause: NO_WAIT, ..settings() });
    assert_eq!(window_of(&mut exporter, "a", Cause::Interval).pending, 1);
    assert_eq!(server.count(), 5);
    for window in 1..=10 {
        window_of(&mut exporter, "a", Cause::Interval);
        assert_eq!(server.count(), 5 + window, "one in each");
    }
    // Once it answers, a failure is tried again as ever.
    for answer in [Answer::Ok, Answer::Error(503, None, ""), Answer::Error(503, None, ""), Answer::Ok] {
        server.push(answer);
    }
    exporter.settings.max_datums_per_request = 1;
    let report = window_of(&mut exporter, "b", Cause::Interval);
    assert_eq!((report.sent, report.pending, server.count()), (12, 0, 19), "{report}");
}

#[test]
fn a_wait_that_is_asked_for_outlasts_the_export() {
    let server = Server::new([Answer::RetryAfter(250_000)]);
    let mut exporter = exporter(&server, Settings { pause: NO_WAIT, ..settings() });
    let soon = Instant::now() + Duration::from_secs(100);
    let report = block_on(exporter.export(gauges(["a"]), Cause::Interval, soon));
    assert_eq!((report.pending, report.requests), (1, 1));
    let report = window_of(&mut exporter, "a", Cause::Interval);
    assert_eq!((report.pending, report.requests), (2, 0));
    assert!(exporter.pause.holds(Cause::Interval, soon) && !exporter.pause.holds(Cause::Asked, soon));
}

#[test]
fn a_backlog_is_sent_in_order_and_at_a_bounded_rate() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let note = times.clone();
    let server = Server::judging(move |body| {
        note.lock().unwrap().push((Instant::now(), names(body)));
        Answer::Ok
    });
    let gap = Duration::from_millis(30);
    let settings = Settings { gap, max_datums_per_request: 1, ..settings() };
    let mut exporter = exporter(&server, settings);
    // Late before it begins: what it was given waits.
    let backlog = gauges(["0", "1", "2", "3", "4"]);
    block_on(exporter.export(backlog, Cause::Interval, Instant::now()));
    assert_eq!(window_of(&mut exporter, "5", Cause::Interval).sent, 6);
    let times = std::mem::take(&mut *times.lock().unwrap());
    assert_eq!(times.iter().flat_map(|(_, names)| names.clone()).collect::<String>(), "012345");
    assert!(times.windows(2).all(|two| two[1].0 - two[0].0 >= gap), "{times:?}");
}

#[test]
fn a_backlog_is_done_by_the_next_window_if_that_can_be() {
    let server = Server::new([]);
    let settings = Settings { gap: Duration::from_secs(3600), max_datums_per_request: 1, ..settings() };
    let mut exporter = exporter(&server, settings);
    let backlog = gauges((0..5).map(|one| one.to_string()));
    block_on(exporter.export(backlog, Cause::Interval, Instant::now()));
    let deadline = Instant::now() + Duration::from_millis(300);
    let mut report = block_on(exporter.export(None, Cause::Interval, deadline));
    // A machine that is busy may be late for the last.
    report.merge(block_on(exporter.export(None, Cause::Asked, far())));
    assert_eq!((report.sent, report.pending), (5, 0));
}

/// The SDK stops retrying after some 39 of its own retries, whatever comes later.
#[test]
fn defect_retries_run_dry() {
    for answer in [Answer::Error(503, None, ""), Answer::Error(400, Some("Throttling"), ""), Answer::NoConnection] {
        let server = Server::judging(move |_| answer.clone());
        let mut exporter = exporter(&server, settings());
        for _ in 0..60 {
            let before = server.count();
            window_of(&mut exporter, "a", Cause::Asked);
            assert_eq!(server.count() - before, 5, "each is a request of its own");
        }
        server.push(Answer::Ok);
        assert_eq!(window_of(&mut exporter, "a", Cause::Asked).sent, 61);
    }
}

/// As `metrics_cloudwatch` does: what one request failed to bring is lost.
#[test]
fn defect_a_failed_send_loses_its_data() {
    for answer in [
        Answer::Error(500, None, ""),
        Answer::Error(400, Some("InternalFailure"), ""),
        Answer::Error(403, Some("ExpiredToken"), ""),
        Answer::Error(404, None, ""),
        Answer::NoConnection,
        Answer::Cut,
    ] {
        let server = Server::judging({
            let answer = answer.clone();
            move |_| answer.clone()
        });
        let mut exporter = exporter(&server, settings());
        let report = window_of(&mut exporter, "a", Cause::Asked);
        assert_eq!((report.sent, report.pending, report.dropped), (0, 1, 0), "{answer:?}");
        (0..2).for_each(|_| server.push(Answer::Ok));
        assert_eq!(window_of(&mut exporter, "b", Cause::Asked).sent, 2, "{answer:?}");
    }
}

#[test]
fn what_waits_is_packed_and_comes_out_as_it_was() {
    let server = Server::judging(|_| Answer::Error(503, None, ""));
    let settings = Settings { max_datums_per_request: 10, ..settings() };
    let mut exporter = exporter(&server, settings);
    let all: Vec<_> = (0..100).map(|one| one.to_string()).collect();
    block_on(exporter.export(gauges(&all), Cause::Asked, far()));
    let memory: usize = exporter.queue.iter().map(batch::Batch::memory).sum();
    let unpacked: usize =
        batch::cut(&exporter.settings.namespace, exporter.queue.iter().flat_map(batch::Batch::datums).collect(), 10)
            .iter()
            .map(batch::Batch::memory)
            .sum();
    assert!(memory < unpacked / 2, "{memory} of {unpacked}");
    (0..10).for_each(|_| server.push(Answer::Ok));
    let before = server.count();
    assert_eq!(block_on(exporter.export(None, Cause::Asked, far())).sent, 100);
    assert_eq!(server.bodies()[before..].iter().flat_map(|body| names(body)).collect::<Vec<_>>(), all);
}

/// Windows that ended while a request hung are taken in all at once.
#[test]
fn what_was_sealed_during_one_long_send_is_packed_before_anything_is_given_up() {
    let server = Server::judging(|_| Answer::Error(503, None, ""));
    let mut exporter = exporter(&server, Settings { max_pending_bytes: 1_000_000, ..settings() });
    let names: Vec<_> = (0..1_000).map(|one| one.to_string()).collect();
    let windows: Vec<_> = (0..20).flat_map(|_| gauges(&names)).collect();
    let report = block_on(exporter.export(windows, Cause::Asked, far()));
    assert_eq!((report.pending, report.dropped), (20_000, 0), "{report}");
    assert!(exporter.queue.iter().map(batch::Batch::memory).sum::<usize>() <= 1_000_000);
}
