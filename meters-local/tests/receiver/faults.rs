//! Every fault as it looks on a socket.

use crate::client::{Answer, PATIENCE, PROTOCOLS, Request, put, start};
use meters_local::{Fault, Protocol, Server};
use serde_json::{Value as Json, json};
use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

fn datums() -> Json {
    json!([{"MetricName": "m", "Value": 1.0}, {"MetricName": "n", "Value": 2.0}])
}

fn request(protocol: Protocol) -> Request {
    Request::put(protocol, &json!({"Namespace": "Shop", "MetricData": datums()}))
}

/// The only request in the log.
fn logged(cw: &Server) -> meters_local::LoggedRequest {
    let requests = cw.requests();
    assert_eq!(requests.len(), 1);
    requests.into_iter().next().unwrap()
}

#[test]
fn errors_in_the_protocol() {
    let faults = [
        (Fault::Throttle, 400, "Throttling", "ThrottlingException"),
        (Fault::TooManyRequests, 429, "TooManyRequestsException", "TooManyRequestsException"),
        (Fault::LimitExceeded, 400, "LimitExceeded", "LimitExceededFault"),
        (Fault::RequestTimeout, 400, "RequestTimeout", "RequestTimeoutException"),
        (Fault::InternalServiceFault, 500, "InternalServiceError", "InternalServiceFault"),
        (Fault::RetryAfter(Duration::from_millis(700)), 503, "ServiceUnavailable", "ServiceUnavailableException"),
        (Fault::EntityTooLarge, 413, "RequestEntityTooLarge", "RequestEntityTooLargeException"),
        (Fault::ExpiredToken, 403, "ExpiredToken", "ExpiredTokenException"),
        (Fault::AccessDenied, 403, "AccessDenied", "AccessDeniedException"),
        (Fault::InvalidClientTokenId, 403, "InvalidClientTokenId", "InvalidClientTokenIdException"),
        (Fault::UnrecognizedClient, 400, "UnrecognizedClient", "UnrecognizedClientException"),
    ];
    for protocol in PROTOCOLS {
        for (fault, status, code, shape) in faults.clone() {
            let cw = start();
            cw.faults().push(fault.clone());
            let answer = put(&cw, protocol, datums());
            answer.refused(status, code, shape);
            let after = if matches!(fault, Fault::RetryAfter(_)) { "700" } else { "" };
            assert_eq!(answer.header("x-amz-retry-after"), after);
            let log = logged(&cw);
            assert_eq!((log.fault, log.status, log.error), (fault, Some(status), Some(code)));
            assert_eq!((log.datums, log.stored), (2, false));
            assert!(cw.datums().is_empty());
            // Taken by one request only.
            put(&cw, protocol, datums()).accepted();
        }
    }
}

#[test]
fn answers_outside_of_the_protocol() {
    let faults = [
        (Fault::TooManyRequestsRaw, 429, "text/plain"),
        (Fault::ServiceUnavailable, 503, "text/html"),
        (Fault::Status(502), 502, "text/plain"),
        (Fault::Status(99), 500, "text/plain"),
    ];
    for protocol in PROTOCOLS {
        for (fault, status, content_type) in faults.clone() {
            let cw = start();
            cw.faults().push(fault);
            let answer = put(&cw, protocol, datums());
            assert_eq!((answer.status, answer.header("content-type")), (status, content_type));
            assert_eq!(answer.header("x-amzn-query-error"), "");
            assert!(answer.body.is_ascii() && !answer.body.is_empty());
            assert_eq!((logged(&cw).status, cw.datums().len()), (Some(status), 0));
        }
    }
}

#[test]
fn a_hang_leaves_the_connection_open_and_says_nothing() {
    for (fault, stored) in [(Fault::HangBeforeStoring, 0), (Fault::HangAfterStoring, 2)] {
        let cw = start();
        cw.faults().push(fault);
        let mut stream = request(Protocol::Cbor).open(&cw).unwrap();
        assert!(cw.wait_for_requests(1, PATIENCE));
        assert_eq!((cw.datums().len(), logged(&cw).stored), (stored, stored > 0));
        assert_eq!(logged(&cw).status, None);
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let error = stream.read(&mut [0]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
        // Other connections are served meanwhile.
        put(&cw, Protocol::Cbor, datums()).accepted();
        // And the end of the server is the end of the connection.
        drop(cw);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        assert!(!matches!(stream.read(&mut [0]), Ok(1)));
    }
}

#[test]
fn a_reset_is_a_reset() {
    for (fault, stored) in [(Fault::Reset, 0), (Fault::ResetAfterStoring, 2)] {
        let cw = start();
        cw.faults().push(fault);
        let error = request(Protocol::Cbor).open(&cw).and_then(Answer::read).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!((logged(&cw).status, cw.datums().len()), (None, stored));
    }
}

#[test]
fn a_reset_in_the_middle_of_the_body() {
    let cw = start();
    cw.faults().push(Fault::ResetMidBody);
    let padding = "x".repeat(900_000);
    let body = json!({"Namespace": "Shop", "MetricData": datums(), "X": padding});
    let request = Request::put(Protocol::Json, &body);
    let error = request.open(&cw).and_then(Answer::read).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(cw.wait_for_requests(1, PATIENCE));
    let log = logged(&cw);
    assert_eq!((log.status, cw.datums().len()), (None, 0));
    assert!((450_000..900_000).contains(&log.wire_bytes), "{} bytes were read", log.wire_bytes);
}

#[test]
fn a_truncated_answer_promises_more_than_it_brings() {
    for protocol in PROTOCOLS {
        let cw = start();
        cw.faults().push(Fault::TruncatedAnswer);
        let answer = put(&cw, protocol, datums());
        let promised: usize = answer.header("content-length").parse().unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.body.len() == 1 && promised > 1, "{answer:?}");
        assert_eq!(cw.datums().len(), 2);
    }
}

#[test]
fn a_slow_answer_is_a_good_one() {
    let cw = start();
    let delay = Duration::from_millis(30);
    cw.faults().push(Fault::Slow(delay));
    let sent = Instant::now();
    put(&cw, Protocol::Json, datums()).accepted();
    assert!(sent.elapsed() >= delay);
    assert_eq!(cw.datums().len(), 2);
}

#[test]
fn the_queue_goes_before_the_standing_fault() {
    let cw = start();
    let status = || put(&cw, Protocol::Cbor, datums()).status;
    cw.faults().always(Fault::InternalServiceFault).push(Fault::Pass).push_many(Fault::Throttle, 2);
    assert_eq!(cw.faults().pending(), 3);
    assert_eq!([status(), status(), status(), status(), status()], [200, 400, 400, 500, 500]);
    assert_eq!(cw.faults().pending(), 0);
    cw.faults().always(Fault::Pass);
    assert_eq!(status(), 200);
    cw.faults().push_many(Fault::Throttle, 0).push(Fault::Throttle).always(Fault::Throttle).poison("m");
    cw.faults().clear();
    assert_eq!((cw.faults().pending(), status()), (0, 200));
}

#[test]
fn poison_fails_the_requests_that_carry_it() {
    let cw = start();
    let bad = ("InvalidParameterValue", "InvalidParameterValueException");
    cw.faults().poison("n").poison_if(|datum| datum.dimension("Tenant") == Some("evil"));
    for protocol in PROTOCOLS {
        let message = put(&cw, protocol, datums()).refused(400, bad.0, bad.1);
        assert!(message.contains("MetricData.member.2 "), "{message}");
        let evil = json!([{"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "Tenant", "Value": "evil"}]}]);
        put(&cw, protocol, evil).refused(400, bad.0, bad.1);
        assert!(cw.datums().is_empty());
    }
    put(&cw, Protocol::Cbor, json!([{"MetricName": "m", "Value": 1.0}])).accepted();
    cw.faults().clear();
    put(&cw, Protocol::Cbor, datums()).accepted();
}

#[test]
fn the_pages_take_no_fault() {
    let cw = start();
    cw.faults().push(Fault::Throttle);
    let mut stream = std::net::TcpStream::connect(cw.address()).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let answer = Answer::read(stream).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok\n"[..]));
    assert_eq!((cw.faults().pending(), cw.request_count()), (1, 0));
}
