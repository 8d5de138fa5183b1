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
    // Two that are packed, and the last, which is not.
    let mut one = batch::cut(&settings().namespace, vec![datum("0", 1.0)], 1).remove(0);
    let last = one.memory();
    one.pack();
    let max_pending_bytes = 2 * one.memory() + last;
    let settings =
        Settings { max_pending_bytes, max_datums_per_request: 1, max_attempts: 1, ..told.listen(settings()) };
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
