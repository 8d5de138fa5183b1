//! The log of requests.

use crate::datum::Datum;
use crate::fault::Fault;
use crate::protocol::Protocol;
use hyper::http::request::Parts;
use std::time::{Instant, SystemTime};

/// What is remembered of one request to an operation, whether it succeeded or not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The operation, such as `PutMetricData`; empty if the request names none.
    pub operation: String,
    /// The protocol; none if the request is in neither.
    pub protocol: Option<Protocol>,
    /// Bytes of the body before compression. The limit of CloudWatch counts these.
    pub raw_bytes: usize,
    /// Bytes of the body as sent.
    pub wire_bytes: usize,
    /// Whether the body came compressed.
    pub gzip: bool,
    /// Elements of `MetricData`, accepted or not; 0 if the body could not be read.
    pub datums: usize,
    /// The datums themselves, stored or not, where [`Builder::log_datums`](crate::Builder::log_datums) asks for them and
    /// they could be read.
    pub contents: Vec<Datum>,
    /// Whether these were stored.
    pub stored: bool,
    /// The status answered; none where the client got no answer.
    pub status: Option<u16>,
    /// The error code answered, as `x-amzn-query-error` gives it.
    pub error: Option<&'static str>,
    /// The scripted fault; [`Fault::Pass`] where there was none.
    pub fault: Fault,
    /// The header `user-agent`.
    pub user_agent: Option<String>,
    /// The header `amz-sdk-request`, such as `attempt=2; max=3`.
    pub attempt: Option<String>,
    /// The identifier answered as `x-amzn-RequestId`.
    pub request_id: String,
    /// When the head of the request was read, by the system's clock.
    pub arrived: SystemTime,
    /// The same, by the monotonic clock: differences are the gaps between retries.
    pub arrived_at: Instant,
}

impl LoggedRequest {
    pub(crate) fn new(head: &Parts, fault: Fault, request_id: String) -> Self {
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            operation: String::new(),
            protocol: None,
            raw_bytes: 0,
            wire_bytes: 0,
            gzip: header("content-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("gzip")),
            datums: 0,
            contents: Vec::new(),
            stored: false,
            status: None,
            error: None,
            fault,
            user_agent: header("user-agent"),
            attempt: header("amz-sdk-request"),
            request_id,
            arrived: SystemTime::now(),
            arrived_at: Instant::now(),
        }
    }
}
