//! One connection, and how long it may take.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::answer::answer;
use super::listener::Serving;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) header: Duration,
    pub(super) write: Duration,
    /// How long a connection takes requests, and how long the last of them then takes.
    pub(super) whole: Duration,
    pub(super) last: Duration,
    pub(super) connections: usize,
    pub(super) pages: usize,
}

/// A scraper sends some ten headers, of a few hundred bytes.
const HEADERS: usize = 64;
const HEAD: usize = 16 * 1024;

pub(super) async fn serve(stream: TcpStream, serving: Arc<Serving>) {
    // The last part of a page would wait for the client's acknowledgement otherwise.
    _ = stream.set_nodelay(true);
    // Children have no part in it: the client would else wait for them to hang up.
    #[cfg(all(unix, not(miri)))]
    let Ok((stream, _own)) = meters_core::process::own(|| Ok(stream)) else { return };
    let limits = serving.limits;
    let stream = Timed { stream, limit: limits.write, stalled: None };
    let service = service_fn(|request| answer(request, Arc::clone(&serving)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_headers(HEADERS)
        .max_buf_size(HEAD)
        // Who says no more still wants an answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // However a connection ends, it concerns its client only.
    if timeout(limits.whole, connection.as_mut()).await.is_err() {
        // A scraper that is being answered gets its page, and comes back on another connection.
        connection.as_mut().graceful_shutdown();
        _ = timeout(limits.last, connection).await;
    }
}

/// A stream that fails where the client takes nothing for too long.
struct Timed {
    stream: TcpStream,
    limit: Duration,
    /// Runs out when it has taken too long.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    fn watched<T>(&mut self, context: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.stalled = None;
            return done;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        debug_assert!(stalled.deadline() <= Instant::now() + limit);
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Timed {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Timed {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(context, from);
        self.watched(context, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(context, from);
        self.watched(context, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(context);
        self.watched(context, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watched(context, done)
    }
}
