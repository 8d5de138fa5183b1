//! The service, and the future of one request.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::Body;
use meters_core::Ended;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::MonitorBody;
use super::exchange::{Exchange, Polling};
use super::settings::Shared;

/// A service whose requests are recorded; made by [`MonitorLayer`](super::MonitorLayer).
///
/// It is ready when the service inside is, and answers what that answers.
#[derive(Clone)]
pub struct MonitorService<S> {
    pub(super) inner: S,
    pub(super) shared: Arc<Shared>,
}

impl<S> MonitorService<S> {
    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service inside.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service inside; requests under way are recorded still.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: fmt::Debug> fmt::Debug for MonitorService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, Q, A> Service<Request<Q>> for MonitorService<S>
where
    S: Service<Request<Q>, Response = Response<A>>,
    A: Body,
{
    type Response = Response<MonitorBody<A>>;
    type Error = S::Error;
    type Future = MonitorFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let (exchange, request) = Exchange::begin(&self.shared, request);
        let mut exchange = Some(exchange);
        let calling = Polling(&mut exchange);
        let inner = self.inner.call(request);
        std::mem::forget(calling);
        MonitorFuture { inner, exchange }
    }
}

pin_project! {
    /// The future of one request; made by [`MonitorService`].
    #[must_use = "a future does nothing unless it is polled"]
    pub struct MonitorFuture<F> {
        #[pin]
        inner: F,
        exchange: Option<Exchange>,
    }
}

impl<F, A, E> Future for MonitorFuture<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: Body,
{
    type Output = Result<Response<MonitorBody<A>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polling = Polling(this.exchange);
        let polled = match &*polling.0 {
            Some(exchange) => exchange.poll(this.inner, context),
            None => this.inner.poll(context),
        };
        std::mem::forget(polling);
        let answered = ready!(polled);
        let exchange = this.exchange.take();
        Poll::Ready(match answered {
            Ok(response) => Ok(MonitorBody::wrap(response, exchange)),
            Err(error) => {
                if let Some(exchange) = exchange {
                    exchange.failed(Ended::Error);
                }
                Err(error)
            }
        })
    }
}

impl<F: fmt::Debug> fmt::Debug for MonitorFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorFuture").field("inner", &self.inner).finish_non_exhaustive()
    }
}
