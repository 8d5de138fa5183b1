//! What each request is answered.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, VARY};
use hyper::http::HeaderValue;
use hyper::{Method, Request, Response, StatusCode};
use meters_core::Error;
use tokio::sync::OwnedSemaphorePermit;

use super::body::Body;
use super::listener::Serving;
use crate::{Format, Page};

pub(super) async fn answer(request: Request<Incoming>, serving: Arc<Serving>) -> Result<Response<Body>, Infallible> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let answer = match request.uri().path() {
        "/metrics" | "/healthz" if !is_read => {
            let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "use GET or HEAD\n");
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            answer
        }
        "/metrics" => metrics(&request, serving).await,
        "/healthz" => plain(StatusCode::OK, "ok\n"),
        path => {
            let path = path.to_owned();
            let other = move |serving: &Serving| is_read.then(|| serving.source.other(&path)).flatten().transpose();
            match made(serving, other).await {
                Ok((Some(page), _room)) => {
                    let mut answer = plain(StatusCode::OK, page);
                    let format = HeaderValue::from_static(Format::TEXT.content_type());
                    answer.headers_mut().insert(CONTENT_TYPE, format);
                    answer
                }
                Ok((None, _)) => {
                    plain(StatusCode::NOT_FOUND, "metrics are at /metrics, and /healthz says that they are served\n")
                }
                Err(trouble) => trouble,
            }
        }
    };
    Ok(answer)
}

/// What a source makes, apart from the thread that serves, as it may wait for others; and the room that it takes.
async fn made<T: Send + 'static>(
    serving: Arc<Serving>,
    make: impl FnOnce(&Serving) -> Result<T, Error> + Send + 'static,
) -> Result<(T, OwnedSemaphorePermit), Response<Body>> {
    let Ok(room) = Arc::clone(&serving.pages).acquire_owned().await else {
        return Err(plain(StatusCode::SERVICE_UNAVAILABLE, "this endpoint ends\n"));
    };
    // The room goes along: who asked may leave while it is made.
    match tokio::task::spawn_blocking(move || (make(&serving), room)).await {
        Ok((Ok(made), room)) => Ok((made, room)),
        Ok((Err(error), _)) => Err(plain(StatusCode::SERVICE_UNAVAILABLE, format!("no metrics now: {error}\n"))),
        Err(_) => {
            tracing::error!("the source of metrics panicked");
            Err(plain(StatusCode::INTERNAL_SERVER_ERROR, "the source of metrics panicked\n"))
        }
    }
}

async fn metrics(request: &Request<Incoming>, serving: Arc<Serving>) -> Response<Body> {
    let format = Format::accepted(&all(request.headers(), &ACCEPT));
    let gzip = accepts_gzip(&all(request.headers(), &ACCEPT_ENCODING));
    let body = if *request.method() == Method::HEAD {
        Body::Unsent
    } else {
        match made(serving, move |serving| page(format, serving)).await {
            Ok((page, room)) => Body::page(page, gzip, room),
            Err(trouble) => return trouble,
        }
    };
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
    if gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

fn page(format: Format, serving: &Serving) -> Result<Page<meters_core::Snapshot>, Error> {
    Ok(serving.exposition.page(serving.source.snapshot()?, format))
}

fn plain(status: StatusCode, text: impl Into<hyper::body::Bytes>) -> Response<Body> {
    let mut answer = Response::new(Body::text(text.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

/// All values of a header as one list.
fn all(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

/// Whether this value of `Accept-Encoding` allows gzip; the more specific of `gzip` and `*` is heard.
fn accepts_gzip(accepted: &str) -> bool {
    let weighed = |coding: &str| {
        accepted.split(',').rev().find_map(|part| {
            let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
            let refused = parameters
                .trim()
                .strip_prefix("q=")
                .is_some_and(|weight| weight.trim().parse().is_ok_and(|weight: f32| weight <= 0.0));
            name.trim().eq_ignore_ascii_case(coding).then_some(!refused)
        })
    };
    weighed("gzip").or_else(|| weighed("*")).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::accepts_gzip;

    #[test]
    fn gzip_is_for_those_who_accept_it() {
        for (accepted, wanted) in [
            ("", false),
            ("gzip", true),
            ("GZIP;q=0.5, deflate", true),
            ("deflate, br", false),
            ("*", true),
            ("gzip;q=0, *", false),
            ("*;q=0, gzip", true),
            ("gzip; q=0.000", false),
            ("identity", false),
        ] {
            assert_eq!(accepts_gzip(accepted), wanted, "{accepted}");
        }
    }
}
