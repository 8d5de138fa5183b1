//! One request, from when it comes in to the end of its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Response, StatusCode};
use meters_core::{AsyncCall, Ended, UnderWay};

use super::answer::{Answer, NONE, asks_for_grpc};
use super::method;
use super::settings::Shared;
use super::table::Place;

/// A request under way: dropped, it is cancelled.
pub(super) struct Exchange {
    shared: Arc<Shared>,
    call: AsyncCall,
    method: u8,
    place: Place,
    /// The path of a call of gRPC, until the answer shows whether there is such a method.
    asked: Option<PathAndQuery>,
    answer: Option<Answer>,
    /// Who reads the answer was told that nothing more comes, and need not ask again.
    pub(super) told_end: AtomicBool,
    done: bool,
    _under_way: Option<UnderWay>,
}

impl Exchange {
    /// Begins; the request is the same afterwards.
    pub(super) fn begin<B>(shared: &Arc<Shared>, request: Request<B>) -> (Self, Request<B>) {
        let (call, _under_way) = (shared.any().enter_async(), shared.under_way());
        let (mut place, mut request) = (None, request);
        if shared.settings.template.is_some() {
            let (parts, body) = request.into_parts();
            place = shared.told(&parts);
            request = Request::from_parts(parts, body);
        }
        let mut asked = None;
        let place = place.unwrap_or_else(|| {
            if asks_for_grpc(request.headers()) {
                asked = request.uri().path_and_query().cloned();
            }
            shared.matched(request.extensions())
        });
        let method = method::place(request.method());
        let (shared, told_end) = (shared.clone(), AtomicBool::new(false));
        (Self { shared, call, method, place, asked, answer: None, told_end, done: false, _under_way }, request)
    }

    /// Polls what is part of it: what that says of its call is said of this one.
    pub(super) fn poll<F: Future>(&self, work: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.call.poll(work, context)
    }

    /// The headers came. Whether that is all: what follows `HEAD` and statuses without content is no body, whatever it is.
    pub(super) fn answered<B>(&mut self, response: &Response<B>) -> bool {
        let (status, answer) = (response.status(), Answer::new(response.status(), response.headers()));
        self.answer = Some(answer);
        if let Some(asked) = self.asked.take() {
            let routes = &self.shared.routes;
            let known = is_method(asked.path()).then(|| routes.find(asked.path())).flatten();
            let shown = || (answer.shows_method() && is_method(asked.path())).then(|| routes.place(asked.path()));
            if answer.is_grpc() {
                self.place = known.or_else(shown).unwrap_or(self.place);
            }
        }
        let no_content = status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
            || self.method == method::HEAD
            || (self.method == method::CONNECT && status.is_success());
        if answer.refuses_method() {
            self.method = method::OTHER;
        }
        if self.shared.settings.time_to_first {
            let first = self.shared.routes.route(self.place).first(&self.shared.settings, self.method);
            first.observe_duration(std::time::Duration::from_nanos(self.call.nanoseconds()));
        }
        no_content
    }

    /// Whether it is a call of gRPC, whose end is its trailers.
    pub(super) fn is_grpc(&self) -> bool {
        self.answer.is_some_and(|answer| answer.is_grpc())
    }

    pub(super) fn trailers(&mut self, trailers: &HeaderMap) {
        if let Some(answer) = &mut self.answer {
            answer.told(trailers);
        }
    }

    /// The answer came to its end.
    pub(super) fn complete(mut self) {
        self.end_complete();
    }

    fn end_complete(&mut self) {
        let error = self.answer.is_none_or(|answer| self.shared.settings.is_error(&answer));
        self.end(if error { Ended::Error } else { Ended::Ok }, true);
    }

    /// It ended otherwise.
    pub(super) fn failed(mut self, ended: Ended) {
        self.end(ended, false);
    }

    fn end(&mut self, ended: Ended, complete: bool) {
        self.done = true;
        // Of a call that was given up before its answer, only what is known already can be said.
        if let Some(asked) = self.asked.take() {
            self.place = self.shared.routes.find(asked.path()).unwrap_or(self.place);
        }
        let status = self.answer.map_or(NONE, |answer| answer.place(complete));
        let settings = &self.shared.settings;
        let recorded = self.shared.routes.route(self.place).recorded(settings, self.method, status);
        self.call.finish_as(recorded.calls, ended);
        if let Some(answers) = recorded.answers {
            answers.inc(1);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.done {
        } else if self.told_end.load(Relaxed) {
            self.end_complete();
        } else {
            self.end(Ended::Cancelled, false);
        }
    }
}

/// While it is polled: left by a panic, the request ends with it, whoever catches that and keeps the rest.
pub(super) struct Polling<'e>(pub(super) &'e mut Option<Exchange>);

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        if let Some(exchange) = self.0.take() {
            exchange.failed(Ended::Panic);
        }
    }
}

/// `/package.Service/Method`, as [gRPC writes it](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
fn is_method(path: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    path.strip_prefix('/')
        .and_then(|path| path.split_once('/'))
        .is_some_and(|(service, method)| part(service) && part(method))
}

#[cfg(test)]
mod tests {
    use super::is_method;

    #[test]
    fn a_method_of_grpc_has_a_service_and_a_name() {
        assert!(is_method("/grpc.health.v1.Health/Check") && is_method("/S/M_1"));
        for path in ["", "/", "//", "/a", "/a/", "//b", "a/b", "/a/b/c", "/a b/c", "/a/b%20", "/ä/b", "/a-b/c", "*"] {
            assert!(!is_method(path), "{path}");
        }
    }
}
