//! One request and its answer.

use crate::body::{self, Answer};
use crate::error::{self, AwsError};
use crate::fault::Fault;
use crate::operation;
use crate::page;
use crate::protocol::{self, Protocol, Value};
use crate::request::LoggedRequest;
use crate::server::Shared;
use crate::signature;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use std::convert::Infallible;
use std::future;
use tokio::sync::Notify;

/// Bytes that a truncated answer promises beyond those that it has.
const PROMISED: usize = 64;

/// Answers a request. `reset` asks for the connection to be reset.
pub(crate) async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
    reset: &Notify,
) -> Result<Response<Answer>, Infallible> {
    let (head, body) = request.into_parts();
    if head.method == Method::GET || head.method == Method::HEAD {
        return Ok(page::answer(head.uri.path(), shared));
    }
    let fault = shared.faults.take();
    let mut log = LoggedRequest::new(&head, fault.clone(), shared.next_request_id());
    let stop = (fault == Fault::ResetMidBody).then(|| content_length(&head) / 2);
    let wire = body::read(body, stop).await;
    log.wire_bytes = wire.as_ref().map_or(0, |wire| wire.len);
    let (Some(wire), None) = (wire, stop) else {
        shared.log(log);
        return hang_up(reset).await;
    };
    if let Fault::Slow(delay) = fault {
        tokio::time::sleep(delay).await;
    }
    let (protocol, result) = run(&head, wire, shared, &mut log);
    let response = respond(protocol, result, &mut log);
    match fault {
        Fault::HangBeforeStoring | Fault::HangAfterStoring => {
            (log.status, log.error) = (None, None);
            shared.log(log);
            future::pending().await
        }
        Fault::Reset | Fault::ResetAfterStoring => {
            (log.status, log.error) = (None, None);
            shared.log(log);
            hang_up(reset).await
        }
        _ => {
            shared.log(log);
            Ok(response)
        }
    }
}

/// Asks for a reset and leaves the answer open until it comes.
async fn hang_up(reset: &Notify) -> Result<Response<Answer>, Infallible> {
    reset.notify_one();
    future::pending().await
}

fn content_length(head: &Parts) -> usize {
    let length = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// Treats the request, as far as its fault lets it, and the protocol to answer in.
fn run(
    head: &Parts,
    wire: body::Wire,
    shared: &Shared,
    log: &mut LoggedRequest,
) -> (Protocol, Result<Value, AwsError>) {
    let coding = head.headers.get("content-encoding").and_then(|value| value.to_str().ok());
    let (raw_bytes, body) = body::inflate(wire, coding);
    log.raw_bytes = raw_bytes;
    let (protocol, operation) = match protocol::route(head) {
        Ok(route) => route,
        Err(error) => return (Protocol::Cbor, Err(error)),
    };
    (log.protocol, log.operation) = (Some(protocol), operation);
    // Read before the fault is looked at, so that the log knows the datums of failed attempts too.
    let request = body.and_then(|body| protocol.decode(&body));
    if let Some(Value::List(datums)) = request.as_ref().ok().and_then(|request| request.get("MetricData")) {
        log.datums = datums.len();
    }
    if let (true, Ok(request)) = (shared.log_datums && log.operation == "PutMetricData", &request) {
        log.contents = operation::put_metric_data::contents(request, protocol, shared.now());
    }
    if let Some(error) = log.fault.error() {
        return (protocol, Err(error));
    }
    let untouched = matches!(log.fault, Fault::HangBeforeStoring | Fault::Reset) || log.fault.raw().is_some();
    if untouched {
        return (protocol, Ok(Value::Map(Vec::new())));
    }
    let done = protocol::check_headers(protocol, head)
        .and_then(|()| authenticate(head))
        .and_then(|()| shared.signature.map_or(Ok(()), |lifetime| signature::check(head, lifetime, shared.now())))
        .and(request)
        .and_then(|request| operation::run(&log.operation, protocol, &request, shared, shared.now()));
    (
        protocol,
        done.map(|done| {
            log.stored = done.stored;
            done.output
        }),
    )
}

/// Demands a signature for the service, whose value is not checked.
fn authenticate(head: &Parts) -> Result<(), AwsError> {
    let header = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("");
    let credential = header.strip_prefix("AWS4-HMAC-SHA256").and_then(|rest| rest.split("Credential=").nth(1));
    let scope = credential.and_then(|credential| credential.split(',').next()).unwrap_or("").trim();
    // Key, date, region, service and terminator; a key has no slash.
    let mut steps = scope.split('/').skip(3);
    if (steps.next(), steps.next(), steps.next()) == (Some("monitoring"), Some("aws4_request"), None) {
        return Ok(());
    }
    let message = "Missing Authentication Token: a signature (version 4) for the service monitoring is required";
    Err(AwsError::new(&error::MISSING_AUTHENTICATION, message))
}

/// The answer, noted in the log.
fn respond(protocol: Protocol, result: Result<Value, AwsError>, log: &mut LoggedRequest) -> Response<Answer> {
    if let Some((status, content_type, body)) = log.fault.raw() {
        log.status = Some(status);
        let mut response = Response::new(Answer::whole(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        return response;
    }
    let (status, body) = match &result {
        Ok(output) => (200, protocol.encode(output)),
        Err(error) => (error.kind.status, protocol.encode(&error_body(error))),
    };
    log.status = Some(status);
    log.error = result.as_ref().err().map(|error| error.kind.code);
    let mut response = match log.fault {
        Fault::TruncatedAnswer => truncated(body),
        _ => Response::new(Answer::whole(body)),
    };
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(protocol.content_type()));
    if let Ok(id) = HeaderValue::from_str(&log.request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    if protocol == Protocol::Cbor {
        headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    if let Err(error) = &result {
        let value = format!("{};{}", error.kind.code, error.kind.party());
        headers.extend(
            HeaderValue::from_str(&value)
                .map(|value| (hyper::header::HeaderName::from_static("x-amzn-query-error"), value)),
        );
    }
    if let Fault::RetryAfter(delay) = log.fault {
        headers.insert("x-amz-retry-after", HeaderValue::from(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)));
    }
    response
}

fn error_body(error: &AwsError) -> Value {
    let shape = format!("com.amazonaws.cloudwatch#{}", error.kind.shape);
    let message = Value::text(error.message.as_str());
    if error.kind == &error::INTERNAL {
        // The only modelled error of these operations whose member is spelt with a capital.
        return Value::map([("__type", Value::Text(shape)), ("message", message.clone()), ("Message", message)]);
    }
    Value::map([("__type", Value::Text(shape)), ("message", message)])
}

/// Half of the body, under a length that never comes.
fn truncated(mut body: Vec<u8>) -> Response<Answer> {
    let length = HeaderValue::from(body.len() + PROMISED);
    body.truncate(body.len().div_ceil(2));
    let mut response = Response::new(Answer::Cut(Some(Bytes::from(body))));
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}
