//! Start, end, bounds, the log and waiting.

use crate::client::{Answer, PATIENCE, PROTOCOLS, Request, put, start};
use meters_local::{Fault, Protocol, Server};
use serde_json::json;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

fn put_one(cw: &Server) -> Answer {
    put(cw, Protocol::Cbor, json!([{"MetricName": "m", "Value": 1.0}]))
}

fn get(cw: &Server, path: &str) -> Answer {
    let mut stream = TcpStream::connect(cw.address()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    Answer::read(stream).unwrap()
}

#[test]
fn a_dropped_server_is_gone() {
    let cw = start();
    let address = cw.address();
    assert!(address.ip().is_loopback());
    assert_eq!(cw.endpoint_url(), format!("http://{address}"));
    let mut idle = TcpStream::connect(address).unwrap();
    put_one(&cw).accepted();
    drop(cw);
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    idle.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
    // The port is free again.
    drop(Server::builder().port(address.port()).start().unwrap());
}

#[test]
fn a_port_in_use_is_an_error() {
    let cw = start();
    let error = Server::builder().port(cw.address().port()).start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn a_connection_serves_many_requests() {
    let cw = start();
    let mut stream = TcpStream::connect(cw.address()).unwrap();
    let body = r#"{"Namespace":"N","MetricData":[{"MetricName":"m","Value":1}]}"#;
    let head = "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: GraniteServiceVersion20100801.PutMetricData\r\n\
                content-type: application/x-amz-json-1.0\r\n\
                authorization: AWS4-HMAC-SHA256 Credential=k/d/r/monitoring/aws4_request\r\n";
    for _ in 0..2 {
        write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    }
    write!(stream, "{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    write!(stream, "{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3);
    assert_eq!(cw.metric("m").sample_count(), 3.0);
}

#[test]
fn the_log_says_what_came() {
    for protocol in PROTOCOLS {
        let cw = start();
        let before = (SystemTime::now(), Instant::now());
        let input =
            json!({"Namespace": "N", "MetricData": [{"MetricName": "m", "Value": 1.0}], "X": "x".repeat(5_000)});
        let request = Request::put(protocol, &input);
        let raw = request.body.len();
        let request = request.gzip().header("user-agent", "test/1").header("amz-sdk-request", "attempt=2; max=3");
        request.send(&cw).accepted();
        let log = cw.requests().pop().unwrap();
        assert_eq!((log.operation.as_str(), log.protocol), ("PutMetricData", Some(protocol)));
        assert_eq!((log.raw_bytes, log.wire_bytes, log.gzip), (raw, request.body.len(), true));
        assert_eq!((log.datums, log.stored, log.status, log.error), (1, true, Some(200), None));
        assert_eq!(log.fault, Fault::Pass);
        assert_eq!(log.user_agent.as_deref(), Some("test/1"));
        assert_eq!(log.attempt.as_deref(), Some("attempt=2; max=3"));
        assert!(log.arrived >= before.0 && log.arrived_at >= before.1);
        // A refused request is there as well.
        Request::new(protocol, "PutMetricData", &json!({})).send(&cw);
        let log = cw.requests().pop().unwrap();
        assert_eq!((log.stored, log.status, log.error), (false, Some(400), Some("MissingParameter")));
        assert!(!log.gzip);
    }
}

#[test]
fn a_client_that_leaves_is_logged() {
    let cw = start();
    let mut stream = TcpStream::connect(cw.address()).unwrap();
    let head = "POST /service/GraniteServiceVersion20100801/operation/PutMetricData HTTP/1.1\r\nhost: x\r\n";
    write!(stream, "{head}content-length: 1000\r\n\r\nhalf").unwrap();
    drop(stream);
    assert!(cw.wait_for_requests(1, PATIENCE));
    assert_eq!((cw.requests()[0].status, cw.datums().len()), (None, 0));
    put_one(&cw).accepted();
}

#[test]
fn stored_bytes_are_bounded() {
    let cw = Server::builder().max_stored_bytes(100_000).start().unwrap();
    let values: Vec<f64> = (0..150).map(f64::from).collect();
    for i in 0..100 {
        put(&cw, Protocol::Cbor, json!([{"MetricName": format!("m{i}"), "Values": values}])).accepted();
    }
    let held = cw.datums().len();
    assert!((20..42).contains(&held), "{held} datums of 2.4 kB are held in 100 kB");
    assert_eq!(cw.dropped_datums(), 100 - held as u64);
    // The newest remain.
    assert!(cw.metric("m99").exists() && !cw.metric("m0").exists());
    cw.clear();
    assert_eq!(cw.dropped_datums(), 0);
}

#[test]
fn the_log_is_bounded() {
    let cw = Server::builder().max_logged_requests(2).start().unwrap();
    for name in ["a", "b", "c"] {
        Request::put(Protocol::Json, &json!({})).header("user-agent", name).send(&cw);
    }
    let agents: Vec<_> = cw.requests().into_iter().filter_map(|request| request.user_agent).collect();
    assert_eq!((agents, cw.request_count()), (vec!["b".to_owned(), "c".to_owned()], 3));
}

#[test]
fn waiting_ends_with_the_condition_or_the_time() {
    let cw = start();
    assert!(cw.wait_for_requests(0, Duration::ZERO));
    assert!(!cw.wait_for_requests(1, Duration::from_millis(10)));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| cw.wait_until(|cw| cw.metric("m").sample_count() >= 3.0, PATIENCE));
        for _ in 0..3 {
            put_one(&cw).accepted();
        }
        assert!(waiting.join().unwrap());
    });
    assert!(cw.wait_for_requests(3, Duration::ZERO));
    cw.clear();
    assert!(cw.requests().is_empty() && cw.datums().is_empty());
    assert!(!cw.wait_for_requests(1, Duration::ZERO));
    // Without an end, too.
    put_one(&cw).accepted();
    assert!(cw.wait_for_requests(1, Duration::MAX));
}

#[test]
fn clearing_leaves_the_faults() {
    let cw = start();
    cw.faults().push(Fault::Throttle);
    cw.clear();
    assert_eq!(cw.faults().pending(), 1);
}

#[test]
fn the_page_lists_what_is_held() {
    let cw = start();
    let dimensions = json!([{"Name": "Function", "Value": "f"}]);
    let datums = json!([
        {"MetricName": "Duration", "Unit": "Seconds", "Values": [1.0, 2.0], "Dimensions": dimensions},
        {"MetricName": "Errors", "StatisticValues": {"SampleCount": 2.0, "Sum": 1.0, "Minimum": 0.0, "Maximum": 1.0}},
    ]);
    put(&cw, Protocol::Cbor, datums).accepted();
    let page = get(&cw, "/");
    let text = String::from_utf8(page.body).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("meters-local: 2 datums in "), "{text}");
    assert_eq!(lines[2], "Shop Duration {Function=f}  unit=Seconds n=2 sum=3 min=1 max=2 p50=1 p99=2");
    assert_eq!(lines[3], "Shop Errors {}  unit=None n=2 sum=1 min=0 max=1");
    assert_eq!(get(&cw, "/healthz").status, 200);
    assert_eq!(get(&cw, "/nothing").status, 404);
}

#[test]
fn the_environment_leads_to_the_server() {
    let cw = start();
    let environment = cw.environment();
    assert_eq!(environment[0], ("AWS_ENDPOINT_URL_CLOUDWATCH", cw.endpoint_url()));
    assert!(environment.contains(&("AWS_EC2_METADATA_DISABLED", "true".to_owned())));
}

#[test]
fn the_log_has_the_datums_of_requests_that_failed_where_it_is_asked_to() {
    let cw = Server::builder().log_datums().start().unwrap();
    cw.faults().push(Fault::Throttle).push(Fault::Pass).push(Fault::HangBeforeStoring);
    let send = |value: f64| {
        Request::put(Protocol::Json, &json!({"Namespace": "N", "MetricData": [{"MetricName": "m", "Value": value}]}))
    };
    assert_eq!(send(1.0).send(&cw).status, 400);
    send(2.0).send(&cw).accepted();
    let hanging = send(3.0).open(&cw).unwrap();
    assert!(cw.wait_for_requests(3, PATIENCE));
    let requests = cw.requests();
    let held: Vec<_> = requests.iter().map(|one| (one.stored, one.contents[0].value.clone())).collect();
    let value = meters_local::DatumValue::Value;
    assert_eq!(held, [(false, value(1.0)), (true, value(2.0)), (false, value(3.0))]);
    assert_eq!(requests[1].contents, cw.datums());
    drop(hanging);
    let plain = start();
    put_one(&plain).accepted();
    assert!(plain.requests()[0].contents.is_empty());
}
