//! Scripted faults.

use crate::datum::Datum;
use crate::error::{self, AwsError, Kind};
use crate::lock;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to a request instead of, or besides, what it asked for.
///
/// Unless said otherwise nothing is stored. Statuses and codes are those that AWS was observed or is documented to give.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// No fault: lets one request of a script through.
    Pass,
    /// 400 `Throttling`, "Rate exceeded".
    Throttle,
    /// 429 `TooManyRequestsException` in the protocol of the request.
    TooManyRequests,
    /// 429 with a text body that belongs to no protocol.
    TooManyRequestsRaw,
    /// 400 `LimitExceeded`.
    LimitExceeded,
    /// 400 `RequestTimeout`.
    RequestTimeout,
    /// 500 `InternalServiceFault`.
    InternalServiceFault,
    /// 503 with an HTML body, as a load balancer gives it.
    ServiceUnavailable,
    /// 503 with the header `x-amz-retry-after`, in milliseconds.
    RetryAfter(Duration),
    /// 413 `RequestEntityTooLarge`.
    EntityTooLarge,
    /// Any status from 200 to 599 with a short text body (500 for others).
    Status(u16),
    /// 403 `ExpiredToken`.
    ExpiredToken,
    /// 403 `AccessDenied`.
    AccessDenied,
    /// 403 `InvalidClientTokenId`.
    InvalidClientTokenId,
    /// 400 `UnrecognizedClient`.
    UnrecognizedClient,
    /// Waits, then treats the request as usual.
    Slow(Duration),
    /// Reads the request, stores nothing and never answers.
    HangBeforeStoring,
    /// Treats the request as usual, but never answers: the client cannot know that its data arrived.
    HangAfterStoring,
    /// Reads the request, then resets the connection (RST).
    Reset,
    /// Treats the request as usual, then resets the connection instead of answering.
    ResetAfterStoring,
    /// Resets the connection when half of the body was read.
    ResetMidBody,
    /// Treats the request as usual and answers 200, but closes the connection before the end of the answer.
    TruncatedAnswer,
}

impl Fault {
    /// The error that stands for the fault, if it is one in the protocol.
    pub(crate) fn error(&self) -> Option<AwsError> {
        let (kind, message): (&'static Kind, &str) = match self {
            Self::Throttle => (&error::THROTTLING, "Rate exceeded"),
            Self::TooManyRequests => (&error::TOO_MANY_REQUESTS, "Too many requests"),
            Self::LimitExceeded => (&error::LIMIT_EXCEEDED, "The limit is exceeded"),
            Self::RequestTimeout => (&error::REQUEST_TIMEOUT, "The request was not read in time"),
            Self::InternalServiceFault => (&error::INTERNAL, "The request failed for a reason unknown"),
            Self::RetryAfter(_) => (&error::UNAVAILABLE, "The service is unavailable"),
            Self::EntityTooLarge => (&error::TOO_LARGE, "Request size exceeded the limit"),
            Self::ExpiredToken => (&error::EXPIRED_TOKEN, "The security token included in the request is expired"),
            Self::AccessDenied => (&error::ACCESS_DENIED, "Not authorized to perform: cloudwatch:PutMetricData"),
            Self::InvalidClientTokenId => {
                (&error::INVALID_CLIENT_TOKEN, "The security token included in the request is invalid.")
            }
            Self::UnrecognizedClient => {
                (&error::UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.")
            }
            _ => return None,
        };
        Some(AwsError::new(kind, message))
    }

    /// Status, content type and body, if the fault is an answer outside of the protocol.
    pub(crate) fn raw(&self) -> Option<(u16, &'static str, &'static str)> {
        match self {
            Self::TooManyRequestsRaw => Some((429, "text/plain", "Too Many Requests\n")),
            Self::ServiceUnavailable => {
                let body = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>\n";
                Some((503, "text/html", body))
            }
            Self::Status(status @ 200..=599) => Some((*status, "text/plain", "scripted by meters-local\n")),
            Self::Status(_) => Some((500, "text/plain", "scripted by meters-local\n")),
            _ => None,
        }
    }
}

type Predicate = Arc<dyn Fn(&Datum) -> bool + Send + Sync>;

/// The script of faults of one server.
///
/// Each call of an operation, of any kind, takes the first entry of the queue, and if the queue is empty the standing
/// fault. The pages at `/` and `/healthz` take none. Poison applies to PutMetricData only, besides the script.
///
/// ```
/// use meters_local::Fault;
///
/// let cw = meters_local::start();
/// cw.faults().push(Fault::Throttle).push_many(Fault::InternalServiceFault, 2);
/// assert_eq!(cw.faults().pending(), 3);
/// cw.faults().clear();
/// assert_eq!(cw.faults().pending(), 0);
/// ```
#[derive(Default)]
pub struct Faults {
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    queue: VecDeque<(Fault, usize)>,
    standing: Option<Fault>,
    poison: Vec<Predicate>,
}

impl Faults {
    /// Queues a fault for one request.
    pub fn push(&self, fault: Fault) -> &Self {
        self.push_many(fault, 1)
    }

    /// Queues a fault for each of `n` requests.
    pub fn push_many(&self, fault: Fault, n: usize) -> &Self {
        if n > 0 {
            lock(&self.script).queue.push_back((fault, n));
        }
        self
    }

    /// Sets the standing fault, for every request that finds the queue empty. [`Fault::Pass`] takes it away.
    pub fn always(&self, fault: Fault) -> &Self {
        lock(&self.script).standing = Some(fault);
        self
    }

    /// Answers 400 `InvalidParameterValue` to each PutMetricData with a datum of this metric name, until
    /// [`clear`](Self::clear).
    pub fn poison(&self, metric: impl Into<String>) -> &Self {
        let metric = metric.into();
        self.poison_if(move |datum| datum.name == metric)
    }

    /// As [`poison`](Self::poison), for datums that the predicate selects. The predicate runs on the server's thread.
    pub fn poison_if(&self, predicate: impl Fn(&Datum) -> bool + Send + Sync + 'static) -> &Self {
        lock(&self.script).poison.push(Arc::new(predicate));
        self
    }

    /// Takes away queue, standing fault and poison.
    pub fn clear(&self) {
        *lock(&self.script) = Script::default();
    }

    /// How many queued faults no request has taken yet. The standing fault does not count.
    #[must_use]
    pub fn pending(&self) -> usize {
        lock(&self.script).queue.iter().map(|(_, n)| n).sum()
    }

    /// The fault of the request that arrives now.
    pub(crate) fn take(&self) -> Fault {
        let mut script = lock(&self.script);
        let Some((fault, left)) = script.queue.front_mut() else {
            return script.standing.clone().unwrap_or(Fault::Pass);
        };
        *left -= 1;
        let (fault, left) = (fault.clone(), *left);
        if left == 0 {
            script.queue.pop_front();
        }
        fault
    }

    /// The index of the first datum that is poison.
    pub(crate) fn first_poison(&self, datums: &[Datum]) -> Option<usize> {
        // Not under the lock: a predicate may look at the script.
        let poison = lock(&self.script).poison.clone();
        datums.iter().position(|datum| poison.iter().any(|predicate| predicate(datum)))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = lock(&self.script);
        f.debug_struct("Faults")
            .field("queue", &script.queue)
            .field("standing", &script.standing)
            .field("poison", &script.poison.len())
            .finish()
    }
}
