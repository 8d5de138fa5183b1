//! Who answers need not be CloudWatch: a proxy, a portal, a server that hangs in the middle of its answer.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use meters::{FlushReport, Registry};

use crate::stage::builder;

/// Enough for a try, and waited to the end where there is no answer.
const BRIEF: Duration = Duration::from_secs(2);

/// Reads a request to its end.
fn swallow(stream: &mut TcpStream) {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            let start = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            if bytes.len() >= start + length.unwrap_or(0) {
                return;
            }
        }
        match stream.read(&mut part) {
            Ok(count) if count > 0 => bytes.extend(&part[..count]),
            _ => return,
        }
    }
}

/// Flushes one datum to a server that says `answer` to each request and then keeps still, for as long as it is asked.
fn flushed(scheme: &str, answer: &'static str) -> FlushReport {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{scheme}://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            if answer.is_empty() {
                continue;
            }
            swallow(&mut stream);
            _ = stream.write_all(answer.as_bytes());
            open.push(stream);
        }
    });
    let registry = Registry::new();
    let meters = builder(&url).manual().registry(&registry).start().unwrap();
    registry.put("Batch", 1.0);
    let report = meters.flush(BRIEF);
    assert_eq!(report.sent + report.pending, 1, "{report}");
    let last = meters.shutdown(Duration::ZERO);
    assert_eq!(last.dropped, report.pending, "{last}");
    report
}

fn because(report: &FlushReport) -> String {
    report.error.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn an_answer_that_hangs_after_its_head_is_an_answer() {
    let head = "HTTP/1.1 200 OK\r\nsmithy-protocol: rpc-v2-cbor\r\ncontent-type: application/cbor\r\ncontent-length: 9\r\n\r\n";
    let report = flushed("http", head);
    assert_eq!((report.sent, report.ambiguous, report.requests), (1, 0, 1), "{report}");
    let report = flushed("http", "HTTP/1.1 503 Busy\r\ncontent-type: application/cbor\r\ncontent-length: 9\r\n\r\n");
    assert_eq!((report.pending, report.ambiguous), (1, 0), "{report}");
}

#[test]
fn a_page_is_no_yes_of_cloudwatch() {
    for kind in ["text/html; charset=utf-8", "text/plain"] {
        let page = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: 5\r\n\r\nLogin");
        let report = flushed("http", page.leak());
        assert_eq!((report.pending, report.sent), (1, 0), "{report}");
        assert!(because(&report).ends_with("HTTP status 200: check the endpoint URL and the answer"), "{report}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let cw = meters_local::start();
    let elsewhere = format!("HTTP/1.1 307 Moved\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n", cw.endpoint_url());
    let report = flushed("http", elsewhere.leak());
    assert_eq!((report.pending, report.requests, cw.request_count()), (1, 1, 0), "{report}");
    assert!(because(&report).contains("HTTP status 307"), "{report}");
}

#[test]
fn what_is_no_http_may_have_taken_it() {
    let report = flushed("http", "SSH-2.0-OpenSSH_9.9\r\n");
    assert!(report.pending == 1 && report.ambiguous > 0, "{report}");
}

#[test]
fn without_tls_nothing_is_sent() {
    for answer in ["", "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"] {
        let report = flushed("https", answer);
        assert_eq!((report.pending, report.ambiguous, report.requests), (1, 0, 0), "{report}");
    }
}

#[test]
fn a_name_that_nobody_knows_is_no_connection() {
    let registry = Registry::new();
    let meters = builder("http://no-such-host.invalid").manual().registry(&registry).start().unwrap();
    registry.put("Batch", 1.0);
    let report = meters.flush(BRIEF);
    assert_eq!((report.pending, report.ambiguous, report.requests), (1, 0, 0), "{report}");
    assert_eq!(meters.shutdown(Duration::ZERO).dropped, 1);
}
