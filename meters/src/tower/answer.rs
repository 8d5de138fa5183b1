//! What a request was answered with.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

/// How a request was answered: by HTTP, and by gRPC where it is a call of gRPC.
///
/// It is what [`MonitorLayer::error_if`](super::MonitorLayer::error_if) judges, once the answer has ended.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    status: StatusCode,
    grpc: Grpc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grpc {
    /// The answer is none of gRPC.
    No,
    /// It is, and has not told its code so far.
    Open,
    Code(u32),
}

/// The codes of gRPC by number, then those of HTTP by hundreds; see `place`.
pub(super) const STATUSES: [&str; 24] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
    "1xx",
    "2xx",
    "3xx",
    "4xx",
    "5xx",
    "_other",
    "_none",
];

const CODES: u32 = 17;
const HUNDREDS: usize = 16;
const OTHER: usize = 22;

/// The place of a request that was not answered.
pub(super) const NONE: usize = 23;

const UNKNOWN: u32 = 2;

impl Answer {
    pub(super) fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        let mut answer = Self { status, grpc: if is_grpc(headers) { Grpc::Open } else { Grpc::No } };
        // An answer without messages tells its code here.
        answer.told(headers);
        answer
    }

    /// Headers or trailers came: a call of gRPC has its code in one of them.
    pub(super) fn told(&mut self, headers: &HeaderMap) {
        if let (Grpc::Open, Some(code)) = (self.grpc, headers.get("grpc-status")) {
            let code = code.to_str().ok().and_then(|code| code.parse().ok());
            // What is no number is what a client takes it for.
            self.grpc = Grpc::Code(code.unwrap_or(UNKNOWN));
        }
    }

    /// The status of HTTP: of gRPC it is nearly always 200.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The [code of gRPC](https://grpc.io/docs/guides/status-codes/), from the trailers or, where there were no messages, from
    /// the headers; `None` where the answer is none of gRPC. An answer that ended without one has 2, as clients see it.
    pub fn grpc(&self) -> Option<u32> {
        match self.grpc {
            Grpc::No => None,
            Grpc::Open => Some(UNKNOWN),
            Grpc::Code(code) => Some(code),
        }
    }

    /// What counts as an error where nothing else is said: statuses from 500 on; of gRPC the codes that OpenTelemetry calls
    /// [errors of a server](https://opentelemetry.io/docs/specs/semconv/rpc/grpc/), `UNKNOWN`, `DEADLINE_EXCEEDED`,
    /// `UNIMPLEMENTED`, `INTERNAL`, `UNAVAILABLE`, `DATA_LOSS`, and those that nobody knows.
    pub fn is_error(&self) -> bool {
        self.status.as_u16() >= 500
            || self.grpc().is_some_and(|code| matches!(code, 2 | 4 | 12 | 13 | 14 | 15) || code >= CODES)
    }

    /// Whether it is one of gRPC.
    pub(super) fn is_grpc(&self) -> bool {
        self.grpc != Grpc::No
    }

    /// Whether a method of gRPC is there, as far as this answer shows: what has no method, who may not call it and who sends
    /// too much is told so by any path.
    pub(super) fn shows_method(&self) -> bool {
        self.status == StatusCode::OK
            && match self.grpc {
                Grpc::No => false,
                Grpc::Open => true,
                Grpc::Code(code) => code < CODES && !matches!(code, 7 | 8 | 12 | 14 | 16),
            }
    }

    /// Whether what answered knows no such method for this path: who tries them all makes no series of each.
    pub(super) fn refuses_method(&self) -> bool {
        matches!(self.status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED)
    }

    /// The place among [`STATUSES`]; `complete` says that nothing more will be told.
    pub(super) fn place(&self, complete: bool) -> usize {
        match (self.grpc, self.grpc()) {
            (Grpc::Open, _) if !complete => NONE,
            (_, Some(code)) if code < CODES => code as usize,
            (_, Some(_)) => OTHER,
            (_, None) => match self.status.as_u16() / 100 {
                hundreds @ 1..=5 => HUNDREDS + usize::from(hundreds),
                _ => OTHER,
            },
        }
    }
}

/// Whether these are headers of gRPC, in its own form: that of browsers has its code where no server sees it.
fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.as_bytes().strip_prefix(b"application/grpc"));
    kind.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';' | b' ')))
}

/// The path of a call of gRPC, as far as headers show that it is one.
pub(super) fn asks_for_grpc(headers: &HeaderMap) -> bool {
    is_grpc(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
    }

    #[test]
    fn each_status_has_its_class() {
        let place =
            |status| STATUSES[Answer::new(StatusCode::from_u16(status).unwrap(), &HeaderMap::new()).place(true)];
        let classes = [100, 200, 226, 304, 404, 499, 500, 599, 600, 999].map(place);
        assert_eq!(classes, ["1xx", "2xx", "2xx", "3xx", "4xx", "4xx", "5xx", "5xx", "_other", "_other"]);
        assert_eq!((STATUSES[OTHER], STATUSES[NONE]), ("_other", "_none"));
    }

    #[test]
    fn a_call_of_grpc_has_its_code() {
        let of = |kind: &str, code: &str| {
            Answer::new(StatusCode::OK, &headers(&[("content-type", kind), ("grpc-status", code)]))
        };
        let place = |kind: &str, code: &str| STATUSES[of(kind, code).place(true)];
        assert_eq!(place("application/grpc", "0"), "OK");
        assert_eq!(place("application/grpc+proto", "16"), "UNAUTHENTICATED");
        assert_eq!(place("application/grpc;x=y", "17"), "_other");
        assert_eq!(place("application/grpc", "99999999999"), "UNKNOWN");
        assert_eq!(place("application/grpc", "-1"), "UNKNOWN");
        assert_eq!(place("application/grpc-web", "5"), "2xx");
        assert_eq!(place("text/html", "5"), "2xx");
        let errors: Vec<u32> = (0..20).filter(|code| of("application/grpc", &code.to_string()).is_error()).collect();
        assert_eq!(errors, [2, 4, 12, 13, 14, 15, 17, 18, 19]);
        let hidden: Vec<u32> =
            (0..20).filter(|code| !of("application/grpc", &code.to_string()).shows_method()).collect();
        assert_eq!(hidden, [7, 8, 12, 14, 16, 17, 18, 19]);
    }

    #[test]
    fn what_comes_in_trailers_counts_once() {
        let mut answer = Answer::new(StatusCode::OK, &headers(&[("content-type", "application/grpc")]));
        assert_eq!((answer.place(false), answer.place(true)), (NONE, 2));
        answer.told(&headers(&[("grpc-status", "5")]));
        answer.told(&headers(&[("grpc-status", "0")]));
        assert_eq!((answer.grpc(), answer.place(false)), (Some(5), 5));
        // A trailer of this name says nothing where nobody speaks gRPC.
        let mut answer = Answer::new(StatusCode::OK, &HeaderMap::new());
        answer.told(&headers(&[("grpc-status", "13")]));
        assert_eq!((answer.grpc(), answer.is_error()), (None, false));
    }
}
