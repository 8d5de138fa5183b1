//! An AWS Lambda function on loopback: what was recorded in an invocation arrives before its answer does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meters::Meters;
use meters_local::{Fault, Server};

use crate::alone::alone;
use crate::stage::{PATIENCE, Stage, builder};

/// One request over HTTP/1.1: its first line and its body.
fn request(stream: &mut BufReader<TcpStream>) -> (String, String) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    (lines[0].clone(), String::from_utf8(body).unwrap())
}

fn write(stream: &TcpStream, head: &str, body: &str) {
    let text = format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    { stream }.write_all(text.as_bytes()).unwrap();
}

/// What an invocation was answered, and what CloudWatch had by then.
type Answered = (String, Option<f64>);

/// The runtime API as a function sees it: events to fetch, and where to put the answers. At each answer `look` is asked what
/// CloudWatch has by then.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
fn runtime_api(events: u32, look: impl Fn() -> Option<f64> + Send + 'static) -> (String, Arc<Mutex<Vec<Answered>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = listener.local_addr().unwrap().to_string();
    let answers = Arc::new(Mutex::new(Vec::new()));
    let kept = answers.clone();
    std::thread::spawn(move || {
        for event in 1..=events {
            let mut next = BufReader::new(listener.accept().unwrap().0);
            assert_eq!(request(&mut next).0, "GET /2018-06-01/runtime/invocation/next HTTP/1.1");
            let head = format!("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-{event}");
            write(next.get_ref(), &head, &event.to_string());
            // Which ends the connection.
            drop(next);
            let mut answer = BufReader::new(listener.accept().unwrap().0);
            let (line, body) = request(&mut answer);
            assert_eq!(line, format!("POST /2018-06-01/runtime/invocation/id-{event}/response HTTP/1.1"));
            kept.lock().unwrap().push((body, look()));
            write(answer.get_ref(), "HTTP/1.1 202 Accepted", "");
        }
    });
    (api, answers)
}

/// What a runtime for Lambda does with a handler.
fn serve<F: Future<Output = String>>(api: &str, events: u32, handler: impl Fn(String) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let call = |line: &str, body: &str| {
        let stream = TcpStream::connect(api).unwrap();
        write(&stream, &format!("{line} HTTP/1.1\r\nhost: {api}"), body);
        let mut text = String::new();
        { &stream }.read_to_string(&mut text).unwrap();
        text
    };
    for _ in 0..events {
        let event = call("GET /2018-06-01/runtime/invocation/next", "");
        let id = event.lines().find_map(|line| line.strip_prefix("Lambda-Runtime-Aws-Request-Id: ")).unwrap();
        let body = event.split("\r\n\r\n").nth(1).unwrap().to_owned();
        let answer = runtime.block_on(handler(body));
        call(&format!("POST /2018-06-01/runtime/invocation/{id}/response"), &answer);
    }
}

async fn handler(meters: &Meters, registry: &meters::Registry, event: String) -> String {
    let handle = async {
        registry.counter("Invocations").register().inc(event.parse().unwrap());
        format!("answer {event}")
    };
    meters.flush_after(PATIENCE, handle).await
}

#[test]
fn what_an_invocation_recorded_has_arrived_when_it_is_answered() {
    let stage = Stage::new();
    let cw: Arc<Server> = Arc::new(stage.cw);
    let look = cw.clone();
    let (api, answers) = runtime_api(3, move || look.metric("Invocations").sum());
    serve(&api, 3, |event| handler(&stage.meters, &stage.registry, event));
    let expected = [(1, 1.0), (2, 3.0), (3, 6.0)].map(|(n, sum)| (format!("answer {n}"), Some(sum)));
    assert_eq!(*answers.lock().unwrap(), expected);
}

#[test]
fn an_invocation_is_answered_in_time_where_cloudwatch_is_away_and_the_next_one_sends_both() {
    let stage = Stage::new();
    stage.cw.faults().push(Fault::HangBeforeStoring);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let invoke = |timeout: Duration| {
        let handle = async { stage.registry.counter("Invocations").register().inc(1) };
        runtime.block_on(stage.meters.flush_after(timeout, handle));
    };
    invoke(Duration::from_millis(300));
    assert_eq!(stage.cw.metric("Invocations").sum(), None);
    invoke(PATIENCE);
    assert_eq!(stage.cw.metric("Invocations").sum(), Some(2.0));
}

#[test]
fn an_invocation_that_panics_is_reported_before_the_panic_goes_on() {
    let stage = Stage::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = async {
        stage.registry.counter("Invocations").register().inc(1);
        panic!("meant");
    };
    let invoke = || runtime.block_on(stage.meters.flush_after(PATIENCE, handle));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(invoke)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"meant"));
    assert_eq!(stage.cw.metric("Invocations").sum(), Some(1.0));
}

#[test]
fn a_program_that_started_once_flushes_without_its_guard() {
    // In a process of its own: it flushes what was started last, whoever did.
    alone("lambda::a_program_that_started_once_flushes_without_its_guard", &[], || {
        let cw = meters_local::start();
        assert!(builder(&cw.endpoint_url()).manual().start_once().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = async {
            meters::counter("Invocations").register().inc(1);
            7
        };
        assert_eq!(runtime.block_on(meters::lambda::flush_after(PATIENCE, handle)), 7);
        assert_eq!(cw.metric("Invocations").sum(), Some(1.0));
    });
}
