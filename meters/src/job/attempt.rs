//! One attempt, before it begins.

use std::fmt;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use meters_core::DimensionValue;

use super::kind::{By, Kinds, Untold};
use super::running::{Running, Under};
use super::{Done, Job};
use crate::Outcome;

/// One attempt at one job; made by [`Job::attempt`].
#[must_use = "an attempt is recorded when it is run"]
pub struct Attempt<K = Untold> {
    pub(super) said: About,
    kind: K,
}

/// What was said of it.
#[derive(Clone)]
pub(super) struct About {
    pub(super) job: Job,
    pub(super) number: u32,
    enqueued: Option<SystemTime>,
    waited: Option<Duration>,
}

impl About {
    /// How long it waited, now that it begins. Clocks of two machines may differ: nothing waited less than no time.
    pub(super) fn waited(&self) -> Option<Duration> {
        let since = |enqueued| SystemTime::now().duration_since(enqueued).unwrap_or_default();
        self.waited.or_else(|| self.enqueued.map(since))
    }
}

impl Attempt {
    pub(super) fn new(job: &Job) -> Self {
        Self { said: About { job: job.clone(), number: 1, enqueued: None, waited: None }, kind: Untold }
    }

    /// Says of which kind an error is: a short text or an enum, of which there are few.
    ///
    /// It is counted as `name.Errors` with the dimension `Kind`. Panics and cancelled attempts have no kind, nor
    /// has an error where the closure panics.
    pub fn kind<E, V: DimensionValue, F: Fn(&E) -> V>(self, kind: F) -> Attempt<By<F>> {
        Attempt { said: self.said, kind: By(kind) }
    }
}

impl<K> Attempt<K> {
    /// When the job came into its queue, or when this attempt became due: how long it waited is the time from then until it
    /// is run. By the clocks of who put it there and of this machine; where they say that it was later than now, it waited 0.
    pub fn enqueued_at(mut self, time: SystemTime) -> Self {
        self.said.enqueued = Some(time);
        self
    }

    /// How long it waited, where that is what is known.
    pub fn waited(mut self, time: Duration) -> Self {
        self.said.waited = Some(time);
        self
    }

    /// Which attempt at this job it is, from 1 on, as queues count deliveries.
    pub fn number(mut self, number: u32) -> Self {
        self.said.number = number;
        self
    }

    /// Runs it, and returns what it returns; whether that is an error is for its type to say, an [`Outcome`]. A panic is recorded,
    /// and goes on.
    pub fn run<R: Outcome>(self, work: impl FnOnce() -> R) -> R
    where
        K: Kinds<R>,
    {
        let mut work = Some(work);
        // Polled once, it is an attempt as those of futures are.
        let returned = std::future::poll_fn(|_| match work.take() {
            Some(work) => Poll::Ready(work()),
            None => Poll::Pending,
        });
        let mut under = Under::begin(self.said);
        match under.poll(pin!(returned), &self.kind, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(returned) => returned,
            Poll::Pending => unreachable!("it is ready when it is polled first"),
        }
    }

    /// Runs it, and returns what it returns; as [`run`](Self::run). It begins with the first poll; a future that is dropped
    /// before it is done was cancelled.
    ///
    /// ```
    /// # futures_util::FutureExt::now_or_never(async {
    /// let job = meters::job::Job::new("Resize").register();
    /// let size = job.attempt().run_async(async { Ok::<_, std::io::Error>(640) }).await;
    /// assert_eq!(size.unwrap(), 640);
    /// assert_eq!(meters::snapshot().metric("Resize").calls().ok(), 1);
    /// # }).unwrap();
    /// ```
    pub fn run_async<F: Future>(self, work: F) -> Running<F, K>
    where
        F::Output: Outcome,
        K: Kinds<F::Output>,
    {
        Running::new(self.said, self.kind, work)
    }
}

impl<K> fmt::Debug for Attempt<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("job", &self.said.job)
            .field("number", &self.said.number)
            .finish_non_exhaustive()
    }
}

impl Done {
    /// Whether it ended well.
    pub fn is_ok(&self) -> bool {
        self.ended == meters_core::Ended::Ok
    }
}
