//! The body of an answer, watched to its end.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use bytes::Buf;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body::{Body, Frame, SizeHint};
use meters_core::Ended;
use pin_project_lite::pin_project;

use super::exchange::{Exchange, Polling};

pin_project! {
    /// The body of an answer: the one inside, unchanged; made by [`MonitorService`](super::MonitorService).
    ///
    /// The default one is of no request, and records nothing.
    #[derive(Default)]
    pub struct MonitorBody<B> {
        #[pin]
        inner: B,
        exchange: Option<Exchange>,
        // How many bytes are to come, where that is known.
        left: Option<u64>,
    }
}

impl<B: Body> MonitorBody<B> {
    pub(super) fn wrap(response: Response<B>, exchange: Option<Exchange>) -> Response<Self> {
        let Some(mut exchange) = exchange else {
            return response.map(|inner| Self { inner, exchange: None, left: None });
        };
        let no_content = exchange.answered(&response);
        let length = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let left = length.or_else(|| response.body().size_hint().exact()).filter(|_| !exchange.is_grpc());
        // What a server has no reason to ask for again, it drops.
        if no_content || left == Some(0) || response.body().is_end_stream() {
            exchange.complete();
            return response.map(|inner| Self { inner, exchange: None, left: None });
        }
        response.map(|inner| Self { inner, exchange: Some(exchange), left })
    }
}

impl<B> MonitorBody<B> {
    /// The body inside.
    pub fn get_ref(&self) -> &B {
        &self.inner
    }
}

impl<B: Body> Body for MonitorBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let polling = Polling(this.exchange);
        let frame = pin!(poll_fn(|context| this.inner.as_mut().poll_frame(context)));
        let polled = match &*polling.0 {
            Some(exchange) => exchange.poll(frame, context),
            None => frame.poll(context),
        };
        let end = match &polled {
            Poll::Pending => None,
            Poll::Ready(None) => Some(Ended::Ok),
            Poll::Ready(Some(Err(_))) => Some(Ended::Error),
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(trailers), Some(exchange)) = (frame.trailers_ref(), polling.0.as_mut()) {
                    exchange.trailers(trailers);
                }
                let last = frame.is_trailers() || frame.data_ref().is_some_and(|data| is_last(this.left, data));
                (last || this.inner.is_end_stream()).then_some(Ended::Ok)
            }
        };
        std::mem::forget(polling);
        if let Some(ended) = end
            && let Some(exchange) = this.exchange.take()
        {
            if ended == Ended::Ok { exchange.complete() } else { exchange.failed(ended) }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        let end = self.inner.is_end_stream();
        if let (true, Some(exchange)) = (end, &self.exchange) {
            exchange.told_end.store(true, Relaxed);
        }
        end
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Whether nothing is to come after this: a server that has all bytes it told of asks for no more.
fn is_last(left: &mut Option<u64>, data: &impl Buf) -> bool {
    let Some(left) = left else { return false };
    *left = left.saturating_sub(data.remaining() as u64);
    *left == 0
}

impl<B: fmt::Debug> fmt::Debug for MonitorBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorBody").field("inner", &self.inner).finish_non_exhaustive()
    }
}
