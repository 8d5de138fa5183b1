//! One attempt under way.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use meters_core::clock::{self, Moment};
use meters_core::{AsyncCall, Ended, UnderWay};
use pin_project_lite::pin_project;

use super::Done;
use super::attempt::About;
use super::kind::Kinds;
use crate::Outcome;

pin_project! {
    /// The future of an attempt; made by [`Attempt::run_async`](super::Attempt::run_async).
    #[must_use = "nothing is run unless it is awaited"]
    pub struct Running<F, K> {
        #[pin]
        work: F,
        kind: K,
        state: State,
    }
}

enum State {
    Waits(About),
    Runs(Under),
    Done,
}

impl<F, K> Running<F, K> {
    pub(super) fn new(about: About, kind: K, work: F) -> Self {
        Self { work, kind, state: State::Waits(about) }
    }
}

impl<F: Future<Output: Outcome>, K: Kinds<F::Output>> Future for Running<F, K> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let State::Waits(about) = this.state {
            *this.state = State::Runs(Under::begin(about.clone()));
        }
        // Taken out, so that a panic ends it, whoever catches that and keeps the future.
        match std::mem::replace(this.state, State::Done) {
            State::Runs(mut under) => {
                let polled = under.poll(this.work, this.kind, context);
                if polled.is_pending() {
                    *this.state = State::Runs(under);
                }
                polled
            }
            _ => this.work.poll(context),
        }
    }
}

impl<F, K> fmt::Debug for Running<F, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

/// An attempt that has begun: dropped before its end, it panicked where it is polled, and was cancelled where it is not.
pub(super) struct Under {
    // Ends before the rest, which tells of it.
    call: Option<AsyncCall>,
    about: About,
    waited: Option<Duration>,
    start: Moment,
    polled: bool,
    under_way: Option<UnderWay>,
}

impl Under {
    pub(super) fn begin(about: About) -> Self {
        let waited = about.waited();
        if let Some(waited) = waited {
            about.job.wait().observe_duration(waited);
        }
        if about.number > 1 {
            about.job.retries().inc(1);
        }
        let under_way = about.job.0.in_flight.under_way();
        let call = Some(about.job.0.monitor.enter_async());
        Self { call, about, waited, start: clock::now(), polled: false, under_way }
    }

    pub(super) fn poll<F: Future<Output: Outcome>>(
        &mut self,
        work: Pin<&mut F>,
        kind: &impl Kinds<F::Output>,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        self.polled = true;
        let Some(call) = &self.call else { return work.poll(context) };
        let polled = call.poll(work, context);
        if let Poll::Ready(returned) = &polled {
            let error = returned.is_error();
            if error {
                // What was done is done, whatever a rule of the user's makes of it.
                let told = || kind.kind(returned, |kind| self.about.job.kind(kind));
                _ = catch_unwind(AssertUnwindSafe(told));
            }
            self.end(if error { Ended::Error } else { Ended::Ok });
        }
        self.polled = false;
        polled
    }

    fn end(&mut self, ended: Ended) {
        let Some(call) = self.call.take() else { return };
        call.finish(ended);
        drop(self.under_way.take());
        let Some(after) = &self.about.job.0.said.after else { return };
        let took = Duration::from_nanos(self.start.nanoseconds());
        let done = Done { ended, took, waited: self.waited, number: self.about.number };
        // It may be unwinding already: one more panic would end the process.
        _ = catch_unwind(AssertUnwindSafe(|| after(&done)));
    }
}

impl Drop for Under {
    fn drop(&mut self) {
        self.end(if self.polled { Ended::Panic } else { Ended::Cancelled });
    }
}
