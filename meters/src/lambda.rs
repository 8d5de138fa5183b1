//! AWS Lambda, which freezes a process as soon as an invocation was answered: what is not sent by then may never be.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::{FlushReport, Meters, running};

impl Meters {
    /// Runs the handler of one invocation, and sends everything that was recorded before it hands over what the handler
    /// returns; also where the handler panics, which goes on when everything is sent. Takes no longer than `timeout` after the
    /// handler. What is not sent by then stays, and is sent after the next invocation with its own timestamp.
    ///
    /// For AWS Lambda, whose processes stand still between invocations: start with [`manual`](crate::Builder::manual), as a
    /// thread would not run, and connections that were kept would be dead when it does.
    ///
    /// ```no_run
    /// # async fn next() -> String { String::new() }
    /// # async fn answer(_: usize) {}
    /// # async fn run() -> Result<(), meters::Error> {
    /// use std::time::Duration;
    /// let meters = meters::namespace("Shop").manual().start()?;
    /// loop {
    ///     let event = next().await; // of the runtime of your choice
    ///     let length = meters.flush_after(Duration::from_secs(2), async { event.len() }).await;
    ///     answer(length).await;
    /// }
    /// # }
    /// ```
    pub async fn flush_after<T>(&self, timeout: Duration, handler: impl Future<Output = T>) -> T {
        after(handler, self.flush_async(timeout)).await
    }
}

/// [`Meters::flush_after`] of what was started last, for programs that used
/// [`Builder::start_once`](crate::Builder::start_once). Where nothing was started it only runs the handler.
pub async fn flush_after<T>(timeout: Duration, handler: impl Future<Output = T>) -> T {
    let flush = async {
        match running::latest() {
            Some(flusher) => flusher.flush_async(timeout).await,
            None => FlushReport::default(),
        }
    };
    after(handler, flush).await
}

async fn after<T>(handler: impl Future<Output = T>, flush: impl Future<Output = FlushReport>) -> T {
    let mut handler = pin!(handler);
    let ended =
        std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(panic)),
        })
        .await;
    // Failures reach `on_error`, as those of any flush.
    _ = flush.await;
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}
