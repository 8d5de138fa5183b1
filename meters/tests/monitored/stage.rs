//! A registry of one's own, and futures and streams that do as they are told.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::Stream;
use meters::{Monitor, Registry};

/// A registry, and the monitor `Call` in it.
pub(crate) fn stage() -> (Registry, Monitor) {
    let registry = Registry::new();
    let monitor = registry.monitor("Call").register();
    (registry, monitor)
}

/// (ok, errors, panics, cancelled) of `Call`.
pub(crate) fn outcomes(registry: &Registry) -> (u64, u64, u64, u64) {
    let calls = registry.snapshot().metric("Call").calls();
    assert_eq!(calls.count(), calls.ok() + calls.errors + calls.panics + calls.cancelled);
    (calls.ok(), calls.errors, calls.panics, calls.cancelled)
}

/// Without a message on the terminal.
pub(crate) fn panic() -> ! {
    resume_unwind(Box::new("wanted"))
}

pub(crate) fn panics<R>(run: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err(), "it did not panic");
}

pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

pub(crate) fn poll_next<S: Stream>(stream: Pin<&mut S>) -> Poll<Option<S::Item>> {
    stream.poll_next(&mut Context::from_waker(Waker::noop()))
}

/// What a poll does.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Wait,
    Give(Result<u32, &'static str>),
    Panic,
}

/// Does these steps, one a poll; as a stream it ends after the last, and stays at its end.
pub(crate) struct Steps(pub(crate) VecDeque<Step>);

pub(crate) fn steps<const N: usize>(steps: [Step; N]) -> Steps {
    Steps(steps.into())
}

impl Steps {
    fn next(&mut self, context: &Context<'_>) -> Poll<Option<Result<u32, &'static str>>> {
        match self.0.pop_front() {
            Some(Step::Wait) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Give(given)) => Poll::Ready(Some(given)),
            Some(Step::Panic) => panic(),
            None => Poll::Ready(None),
        }
    }
}

/// The same, as a future.
pub(crate) struct Task(pub(crate) Steps);

pub(crate) fn task<const N: usize>(of: [Step; N]) -> Task {
    Task(steps(of))
}

impl Future for Task {
    type Output = Result<u32, &'static str>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.next(context).map(|given| given.unwrap_or(Err("polled after its end")))
    }
}

impl Stream for Steps {
    type Item = Result<u32, &'static str>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let items = self.0.iter().filter(|step| matches!(step, Step::Give(_))).count();
        (items, Some(items))
    }
}
