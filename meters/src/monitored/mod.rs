//! Futures and streams that are monitored where they are used, not where they are made.

mod poll;
mod rule;
mod watch;

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use meters_core::{Ended, Monitor};
use pin_project_lite::pin_project;

use crate::metric::Handle;
use crate::{Outcome, Timed};
use poll::Pollable;
use rule::{By, Rule};
use watch::Watch;

pub use rule::{ByType, If};

/// Monitors any future or stream; import it as `use meters::MonitoredExt as _`.
///
/// A [`Monitor`] comes from [`monitor`](fn@crate::monitor), and may be copied and used for any number of calls.
///
/// # Futures
///
/// ```
/// use meters::MonitoredExt as _;
/// # futures_util::FutureExt::now_or_never(async {
/// async fn fetch(path: &str) -> Result<u32, String> {
///     path.len().try_into().map_err(|_| "too long".to_owned())
/// }
///
/// let fetched = meters::monitor("Fetch").dimension("Route", "home").register();
/// let size = fetch("/home").monitored(fetched).await;
///
/// assert_eq!(size, Ok(5));
/// assert_eq!(meters::snapshot().metric("Fetch").with("Route", "home").calls().ok(), 1);
/// # }).unwrap();
/// ```
///
/// The time runs from the first poll to the output; a future that is never polled is no call. The call ends
///
/// * **ok** or with an **error**, as the output's [`Outcome`] or the rule of [`monitored_if`](Self::monitored_if) says;
/// * with a **panic**, where polling panics;
/// * **cancelled**, where the future is dropped before it is done: by a timeout, `select!`, an aborted task.
///
/// # Streams
///
/// A stream is one call, from its first poll to its end.
///
/// | metric | unit | what |
/// |---|---|---|
/// | `Name` | Microseconds, or the monitor's | the time from the first poll to the end |
/// | `Name.Errors` | Count | streams with an error among their items, and those that panicked |
/// | `Name.Cancelled` | Count | streams dropped before their end |
/// | `Name.Items` | Count | the items, as they come |
/// | `Name.TimeToFirst` | as `Name` | the time from the first poll to the first item; of an empty stream there is none |
///
/// It ends with an **error** once one of its items is one, whatever items come after it. A stream dropped before its end is
/// **cancelled**; but where its last item was an error it ended with that **error**, since whoever stops at the first
/// error, as `?` and `try_collect` do, never asks for the end. (Whoever takes the first few items of a stream and drops it
/// cancels it.)
///
/// ```
/// use futures_util::{StreamExt as _, stream};
/// use meters::MonitoredExt as _;
/// # futures_util::FutureExt::now_or_never(async {
/// let rows = stream::iter([Ok(1), Ok(2), Err("broken"), Ok(3)]);
/// let scan = meters::monitor("Scan").register();
/// let read = rows.monitored(scan).count().await;
///
/// let seen = meters::snapshot();
/// assert_eq!((read, seen.counter("Scan.Items")), (4, 4));
/// assert_eq!(seen.metric("Scan").calls().errors, 1);
/// assert_eq!(seen.metric("Scan.TimeToFirst").count(), 1);
/// # }).unwrap();
/// ```
///
/// Once done, polling again is handed on and records nothing. What is said by [`dimension`](fn@crate::dimension) while it is
/// polled goes to the call: to its duration and its outcome, not to its items.
pub trait MonitoredExt: Sized {
    /// Records it as one call of `monitor`; whether it fails is for the type of its output, or of its items, to say.
    ///
    /// That type is an [`Outcome`]: `Result` is one. For others there is [`monitored_if`](Self::monitored_if), with the rule
    /// `|_| false` where nothing is an error.
    ///
    /// In place of a monitor it takes a [`Histogram`](crate::Histogram) or [`Summary`](crate::Summary), which is told the time
    /// alone, in its unit, however it ends.
    fn monitored<P, M: Timed>(self, monitor: M) -> Monitored<Self, ByType, M::Handle>
    where
        Self: Pollable<P>,
        Self::Value: Outcome,
    {
        Monitored::new(self, monitor.handle(), ByType)
    }

    /// Records it as one call of `monitor`; `is_error` says whether an output, or an item, is an error.
    ///
    /// It is called once with the output of a future, and with each item of a stream.
    ///
    /// ```
    /// use meters::MonitoredExt as _;
    /// # futures_util::FutureExt::now_or_never(async {
    /// let asked = meters::monitor("Ask").register();
    /// let status = async { 503 }.monitored_if(asked, |status| *status >= 500).await;
    ///
    /// assert_eq!(status, 503);
    /// assert_eq!(meters::snapshot().metric("Ask").calls().errors, 1);
    /// # }).unwrap();
    /// ```
    fn monitored_if<P, R>(self, monitor: Monitor, is_error: R) -> Monitored<Self, If<R>>
    where
        Self: Pollable<P>,
        R: FnMut(&Self::Value) -> bool,
    {
        Monitored::new(self, monitor, If(is_error))
    }
}

impl<T> MonitoredExt for T {}

pin_project! {
    /// A future or a stream that is recorded as one call; made by [`MonitoredExt`], which says what is recorded.
    ///
    /// It is a future where `T` is one, and a stream where `T` is one; and `Send`, `Sync` and `Unpin` where `T` is.
    #[must_use = "nothing is recorded unless it is polled or awaited"]
    pub struct Monitored<T, R = ByType, H: Handle = Monitor> {
        #[pin]
        inner: T,
        rule: R,
        watch: Watch<H>,
    }
}

impl<T, R, H: Handle> Monitored<T, R, H> {
    fn new(inner: T, handle: H, rule: R) -> Self {
        Self { inner, rule, watch: Watch::new(handle) }
    }
}

impl<F: Future, R: Rule<F::Output>, H: Handle> Future for Monitored<F, R, H> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (inner, rule) = (this.inner, this.rule);
        this.watch.future(inner, |output| rule.ended(output), context)
    }
}

impl<S: Stream, R: Rule<S::Item>, H: Handle> Stream for Monitored<S, R, H> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let (inner, rule) = (this.inner, this.rule);
        this.watch.stream(inner, |item| rule.ended(item), context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

/// A future that an annotated function passes on.
#[doc(hidden)]
pub fn future<F: Future, H: Handle, R>(future: F, handle: H, rule: R) -> Monitored<F, By<R>, H>
where
    R: FnMut(&F::Output) -> Ended,
{
    Monitored::new(future, handle, By(rule))
}

/// A stream that an annotated function returns.
#[doc(hidden)]
pub fn stream<S: Stream, H: Handle, R>(stream: S, handle: H, rule: R) -> Monitored<S, By<R>, H>
where
    R: FnMut(&S::Item) -> Ended,
{
    Monitored::new(stream, handle, By(rule))
}
