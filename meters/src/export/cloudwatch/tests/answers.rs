//! What CloudWatch says, and what is done about it.

use super::*;

#[test]
fn a_busy_server_is_asked_again_with_the_same_words() {
    for answer in [
        Answer::Error(400, Some("Throttling"), "Rate exceeded"),
        Answer::Error(429, None, ""),
        Answer::Error(500, Some("InternalServiceError"), "oops"),
        Answer::Error(503, None, ""),
        Answer::RetryAfter(1),
        Answer::NoConnection,
    ] {
        let server = Server::new([answer.clone(), answer.clone()]);
        let told = Told::default();
        let report = block_on(exporter(&server, told.listen(settings())).export(gauges(["a"]), Cause::Asked, far()));
        let requests = if matches!(answer, Answer::NoConnection) { 1 } else { 3 };
        assert_eq!((report.sent, report.pending, report.ambiguous, report.requests), (1, 0, 0, requests), "{answer:?}");
        let bodies = server.bodies();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the timestamp of a resent datum is its first");
        assert_eq!((bodies.len(), told.take(), report.error.is_none()), (3, vec![], true));
    }
}

#[test]
fn attempts_are_limited_and_what_is_left_is_sent_by_the_next_export() {
    let unavailable = || Answer::Error(503, Some("ServiceUnavailable"), "down");
    for (attempts, requests) in [(1, 1), (4, 4), (5, 5)] {
        let server = Server::judging(move |_| unavailable());
        let told = Told::default();
        let settings = Settings { max_attempts: attempts, ..told.listen(settings()) };
        let mut exporter = exporter(&server, settings);
        let report = block_on(exporter.export(gauges(["a", "b"]), Cause::Asked, far()));
        assert_eq!((report.sent, report.pending, report.requests), (0, 2, requests));
        let expected = "CloudWatch did not take the metrics: ServiceUnavailable: \
                        nothing needs to be done, it is sent again";
        assert_eq!((report.error.unwrap().to_string(), told.take()), (expected.to_owned(), vec![expected.to_owned()]));
        server.push(Answer::Ok);
        let report = block_on(exporter.export(gauges(["c"]), Cause::Asked, far()));
        assert_eq!((report.sent, report.pending, report.requests), (3, 0, 1), "one request for both windows");
    }
}

#[test]
fn a_batch_that_cannot_be_digested_does_not_stand_in_the_way() {
    for (status, requests) in [(500, 6), (400, 2)] {
        let server = Server::judging(move |body| match names(body)[0].as_str() {
            "bad" => Answer::Error(status, None, ""),
            _ => Answer::Ok,
        });
        let mut exporter = exporter(&server, Settings { max_datums_per_request: 1, ..settings() });
        let report = block_on(exporter.export(gauges(["bad", "b", "c"]), Cause::Asked, far()));
        assert_eq!((report.sent, report.pending), (2, 1), "{status}");
        assert_eq!(report.requests, requests + 1);
        // Where all fail alike, one try of another batch shows it.
        let server = Server::judging(move |_| Answer::Error(status, None, ""));
        exporter.connect(server.client());
        let report = block_on(exporter.export(gauges(["d", "e"]), Cause::Asked, far()));
        assert_eq!((report.sent, report.pending, report.requests), (0, 3, requests), "{status}");
    }
}

#[test]
fn too_large_a_request_is_sent_in_halves() {
    let server = Server::judging(|body| match names(body).len() {
        4.. => Answer::Error(413, Some("RequestEntityTooLarge"), "Request size 2 exceeded 1 bytes"),
        _ => Answer::Ok,
    });
    let report = block_on(exporter(&server, settings()).export(
        gauges((0..12).map(|number| number.to_string())),
        Cause::Asked,
        far(),
    ));
    assert_eq!((report.sent, report.refused, report.pending, report.requests), (12, 0, 0, 6));
    let server = Server::judging(|_| Answer::Error(413, None, ""));
    let report = block_on(exporter(&server, settings()).export(gauges(["a"]), Cause::Asked, far()));
    assert_eq!((report.sent, report.refused, report.pending, report.requests), (0, 1, 0, 1));
}

#[test]
fn a_poison_datum_is_refused_alone_in_the_words_of_cloudwatch() {
    let server = Server::judging(|body| match names(body).iter().any(|name| name == "617") {
        true => Answer::Error(400, Some("InvalidParameterValue"), "The value is invalid"),
        false => Answer::Ok,
    });
    let told = Told::default();
    let numbers = (0..1_000).map(|number| number.to_string());
    let report = block_on(exporter(&server, told.listen(settings())).export(gauges(numbers), Cause::Asked, far()));
    assert_eq!((report.sent, report.refused, report.pending), (999, 1, 0));
    assert!(report.requests <= 13, "{report}");
    assert_eq!(told.take(), ["a datum of \"617\" was refused: InvalidParameterValue: The value is invalid"]);
    assert!(report.error.is_none());
}

#[test]
fn a_spoilt_export_costs_few_requests() {
    let server =
        Server::judging(|_| Answer::Error(400, Some("InvalidParameterValue"), "The timestamp is in the future"));
    let numbers = (0..1_000).map(|number| number.to_string());
    let report = block_on(exporter(&server, settings()).export(gauges(numbers), Cause::Asked, far()));
    assert_eq!((report.sent, report.refused + report.pending, report.requests), (0, 1_000, 64));
    assert!(report.error.unwrap().to_string().ends_with("InvalidParameterValue: check the clock of this host"));
}

#[test]
fn trouble_with_credentials_keeps_everything_and_is_told_once() {
    let denied = |code| Answer::Error(403, Some(code), "no");
    let script = [
        (Some("ExpiredToken"), 1),
        (Some("ExpiredToken"), 0),
        (Some("AccessDenied"), 1),
        (Some("AccessDenied"), 0),
        (None, 0),
        (Some("AccessDenied"), 1),
    ];
    let server = Server::new(script.iter().map(|(code, _)| code.map_or(Answer::Ok, denied)));
    let told = Told::default();
    let mut exporter = exporter(&server, told.listen(settings()));
    let mut waiting = 0;
    for (place, (code, tells)) in script.into_iter().enumerate() {
        let report = block_on(exporter.export(gauges([place.to_string()]), Cause::Asked, far()));
        waiting += 1;
        assert_eq!((server.count(), told.take().len()), (place + 1, tells), "{place}");
        match code {
            Some(code) => {
                assert_eq!((report.sent, report.pending), (0, waiting));
                assert!(report.error.unwrap().to_string().contains(code));
            }
            None => assert_eq!((report.sent, report.pending), (std::mem::take(&mut waiting), 0)),
        }
    }
}
