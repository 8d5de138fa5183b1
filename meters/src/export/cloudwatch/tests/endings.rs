//! Exports that end before everything is sent.

use super::*;

#[test]
fn nothing_is_asked_after_the_deadline() {
    let server = Server::new([]);
    let mut exporter = exporter(&server, settings());
    let report = block_on(exporter.export(gauges(["a"]), Cause::Asked, Instant::now()));
    assert_eq!((report.pending, report.requests, server.count()), (1, 0, 0));
    assert!(report.error.unwrap().is_timeout());
    assert_eq!(block_on(exporter.export(None, Cause::Asked, far())).sent, 1);
}

#[test]
fn a_wait_beyond_the_deadline_is_not_begun() {
    let server = Server::new([Answer::RetryAfter(3_600_000)]);
    let deadline = Instant::now() + Duration::from_secs(60);
    let report = block_on(exporter(&server, settings()).export(gauges(["a"]), Cause::Asked, deadline));
    assert_eq!((report.pending, report.requests), (1, 1));
}

#[test]
fn a_request_without_an_answer_is_ambiguous() {
    let cut = || Server::new([Answer::Cut]);
    let server = cut();
    let report = block_on(exporter(&server, settings()).export(gauges(["a", "b"]), Cause::Asked, far()));
    assert_eq!((report.sent, report.ambiguous, report.dropped, report.requests), (2, 2, 0, 2));
    let server = cut();
    let dropping = Settings { on_ambiguous: Ambiguous::Drop, ..settings() };
    let report = block_on(exporter(&server, dropping).export(gauges(["a", "b"]), Cause::Asked, far()));
    assert_eq!((report.sent, report.ambiguous, report.dropped, report.pending, report.requests), (0, 2, 2, 0, 1));
}

#[test]
fn an_answer_that_does_not_come_ends_with_the_deadline() {
    let server = Server::judging(|_| Answer::Hang);
    let mut exporter = exporter(&server, settings());
    let mut report = block_on(exporter.export(gauges(["a"]), Cause::Asked, Instant::now()));
    // A machine that is busy may reach the deadline before it reaches the server.
    while report.requests == 0 {
        report.merge(block_on(exporter.export(None, Cause::Asked, Instant::now() + Duration::from_millis(20))));
    }
    assert_eq!((report.pending, report.ambiguous, report.requests), (1, 1, 1));
    assert!(report.error.unwrap().to_string().contains("no answer"));
}

#[test]
fn an_export_that_is_dropped_loses_nothing() {
    for (on_ambiguous, sent, dropped) in [(Ambiguous::Resend, 2, 0), (Ambiguous::Drop, 0, 2)] {
        let server = Server::new([Answer::Ok, Answer::Hang]);
        let settings = Settings { max_datums_per_request: 2, on_ambiguous, ..settings() };
        let mut exporter = exporter(&server, settings);
        block_on(async {
            let mut export = std::pin::pin!(exporter.export(gauges(["a", "b", "c", "d"]), Cause::Asked, far()));
            while server.count() < 2 {
                tokio::select! {
                    biased;
                    report = &mut export => panic!("{report}"),
                    () = tokio::task::yield_now() => {}
                }
            }
        });
        let report = block_on(exporter.export(None, Cause::Asked, far()));
        assert_eq!((report.sent, report.dropped), (2 + sent, dropped), "the first two were sent before");
        assert_eq!((report.pending, report.ambiguous), (0, 2));
        assert_eq!(report.requests as usize, server.count());
    }
}

#[test]
fn a_queue_that_is_full_gives_up_the_oldest() {
    let server = Server::new([Answer::Error(503, None, ""), Answer::Error(503, None, "")]);
    let told = Told::default();
    let mut packed = batch::cut(&settings().namespace, vec![datum("0", 1.0)], 1).remove(0);
    packed.pack();
    let one = packed.memory();
    let settings =
        Settings { max_pending_bytes: 3 * one, max_datums_per_request: 1, max_attempts: 1, ..told.listen(settings()) };
    let mut exporter = exporter(&server, settings);
    let report = block_on(exporter.export(gauges(["0", "1", "2", "3", "4"]), Cause::Asked, far()));
    assert_eq!((report.dropped, report.pending), (2, 3));
    assert!(told.take()[0].starts_with("2 datums were given up since the queue is full, and 0"));
    let report = block_on(exporter.export(None, Cause::Asked, far()));
    assert_eq!((report.sent, report.dropped), (3, 0));
    let sent: Vec<_> = server.bodies()[2..].iter().flat_map(|body| names(body)).collect();
    assert_eq!(sent, ["2", "3", "4"]);
}

#[test]
fn a_panic_of_the_client_hurts_nothing() {
    let server = Server::judging(|_| panic!("within the SDK"));
    let mut exporter = exporter(&server, settings());
    let export = || block_on(exporter.export(gauges(["a"]), Cause::Asked, far()));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(export)).is_err());
    exporter.connect(Server::new([]).client());
    let report = block_on(exporter.export(None, Cause::Asked, far()));
    assert_eq!((report.sent, report.ambiguous), (1, 1));
}

/// A job of two days that sends at its end, or an interval longer than what may wait: nothing of it has waited yet.
#[test]
fn a_window_waits_from_its_end_on() {
    let (day, end) = (Duration::from_secs(24 * 3600), SystemTime::now());
    let second = Duration::from_secs(1);
    let of = |end: SystemTime| {
        let items = vec![(series("a", Kind::Gauge), Value::Gauge(1.0))];
        Some(Window::from_parts(end - 2 * day, end, 2 * day, items))
    };
    let later = |after: Duration| Some(Window::from_parts(end, end + after, after, Vec::new()));
    for (after, dropped) in [(second, 0), (day, 0), (day + second, 1)] {
        let server = Server::new([Answer::Error(403, None, "")]);
        let mut exporter = exporter(&server, settings());
        let report = block_on(exporter.export(of(end), Cause::Asked, far()));
        assert_eq!((report.pending, report.dropped), (1, 0), "{report}");
        let report = block_on(exporter.export(later(after), Cause::Asked, far()));
        assert_eq!((report.sent, report.dropped), (1 - dropped, dropped), "{after:?}: {report}");
    }
}

/// What the next start makes of a spooled window that ended at `end`, by a CloudWatch that refuses what is not of its time.
#[cfg(unix)]
fn respooled(end: SystemTime) -> (FlushReport, Vec<String>) {
    let path = std::env::temp_dir().join(format!("meters-respooled-{:016x}", fastrand::u64(..)));
    let (server, told) = (Server::new([Answer::Error(403, None, "")]), Told::default());
    let settings = Settings { spool: Some(path), ..told.listen(settings()) };
    let mut first = exporter(&server, settings.clone());
    let items = vec![(series("a", Kind::Gauge), Value::Gauge(1.0))];
    let window = Window::from_parts(end - Duration::from_secs(60), end, Duration::from_secs(60), items);
    let mut report = block_on(first.export(Some(window), Cause::Last, far()));
    first.conclude(&mut report, far());
    assert_eq!(report.spooled, 1, "{report}");
    told.take();
    server.push(Answer::Error(400, Some("InvalidParameterValue"), "The timestamp is out of range"));
    let mut next = exporter(&server, settings);
    next.recover();
    (block_on(next.export(None, Cause::Asked, far())), told.take())
}

#[cfg(unix)]
#[test]
fn what_is_spooled_and_not_of_its_time_stands_in_nobodys_way() {
    let day = Duration::from_secs(24 * 3600);
    let (report, told) = respooled(SystemTime::now() - 15 * day);
    assert_eq!((report.dropped, report.requests), (1, 0), "{report}");
    assert!(told[0].contains("1 since they are too old"), "{told:?}");
    // A clock that was ahead.
    let (report, told) = respooled(SystemTime::now() + day);
    assert_eq!((report.refused, report.pending), (1, 0), "{report}");
    assert!(told[0].contains("out of range"), "{told:?}");
}
