//! Call: the guard of one call of an annotated function.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::carried::Carried;
use super::derived::{self, What};
use super::entry::Entry;
use super::{Monitor, task};
use crate::clock::{self, Moment};
use crate::model::Ended;

/// One call of a plain function under way. Finished, it is what it is finished with; dropped, it is a panic if one began
/// inside it, and else ok: the function returned.
#[must_use]
pub struct Call<const SAMPLED: bool = false> {
    entry: &'static Entry,
    start: Moment,
    /// The thread was unwinding already: a function called from a destructor is no panic of its own.
    unwinding: bool,
}

impl Call {
    #[inline]
    pub(super) fn enter(entry: &'static Entry) -> Self {
        task::enter();
        Self { entry, unwinding: std::thread::panicking(), start: clock::now() }
    }
}

impl Call<true> {
    #[inline]
    pub(super) fn enter_sampled(entry: &'static Entry, every: u32) -> Self {
        task::enter();
        Self { entry, unwinding: std::thread::panicking(), start: entry.track().sampled(every) }
    }
}

impl<const SAMPLED: bool> Call<SAMPLED> {
    /// Ends the call.
    #[inline]
    pub fn finish(self, ended: Ended) {
        end::<SAMPLED>(self.entry, self.start, ended);
        std::mem::forget(self);
    }
}

impl<const SAMPLED: bool> Drop for Call<SAMPLED> {
    #[inline]
    fn drop(&mut self) {
        let panicked = std::thread::panicking() && !self.unwinding;
        end::<SAMPLED>(self.entry, self.start, if panicked { Ended::Panic } else { Ended::Ok });
    }
}

/// One copy of it, however many functions are annotated: only the clock's readings stand around a body.
#[inline(never)]
fn end<const SAMPLED: bool>(entry: &'static Entry, start: Moment, ended: Ended) {
    let nanoseconds = start.whole();
    if task::leave() {
        return end_late::<SAMPLED>(entry, start, nanoseconds, ended);
    }
    record::<SAMPLED>(entry, start, nanoseconds, ended);
}

#[cold]
#[inline(never)]
fn end_late<const SAMPLED: bool>(entry: &'static Entry, start: Moment, nanoseconds: f64, ended: Ended) {
    record_derived::<SAMPLED>(entry, derived::of(entry, What::Calls, &task::taken()), start, nanoseconds, ended);
}

#[inline(always)]
pub(super) fn record<const SAMPLED: bool>(entry: &'static Entry, start: Moment, nanoseconds: f64, ended: Ended) {
    entry.track().record::<true>(nanoseconds, ended);
    if SAMPLED && !start.stands() {
        entry.track().keep_sample(nanoseconds);
    }
}

/// What is timed stands for calls of the same base, whatever is said of them.
fn record_derived<const SAMPLED: bool>(
    base: &'static Entry,
    entry: &'static Entry,
    start: Moment,
    nanoseconds: f64,
    ended: Ended,
) {
    record::<false>(entry, start, nanoseconds, ended);
    if SAMPLED && !start.stands() {
        base.track().keep_sample_apart(nanoseconds);
    }
}

/// One call of an async function under way. Finished, it is what it is finished with; dropped while it is polled, it is a
/// panic; dropped while it waits, it is cancelled, whatever else unwinds.
#[must_use]
pub struct AsyncCall<const SAMPLED: bool = false> {
    entry: &'static Entry,
    start: Moment,
    pub(super) polled: Polled,
}

impl AsyncCall {
    #[inline]
    pub(super) fn enter(entry: &'static Entry) -> Self {
        Self { entry, polled: Polled::new(), start: clock::now() }
    }
}

impl AsyncCall<true> {
    #[inline]
    pub(super) fn enter_sampled(entry: &'static Entry, every: u32) -> Self {
        Self { entry, polled: Polled::new(), start: entry.track().sampled(every) }
    }
}

impl AsyncCall {
    /// Ends the call as one of another monitor, where it became known late whose it is.
    #[doc(hidden)]
    pub fn finish_as(&self, monitor: Monitor, ended: Ended) {
        end_async::<false>(monitor.0, self.start, ended, &self.polled.carried);
        self.polled.finish();
    }

    /// Whole nanoseconds since it began.
    #[doc(hidden)]
    pub fn nanoseconds(&self) -> u64 {
        self.start.nanoseconds()
    }
}

impl<const SAMPLED: bool> AsyncCall<SAMPLED> {
    /// The body, polled as part of the call.
    #[inline]
    pub fn run<F: Future>(&self, body: F) -> Run<'_, Self, F> {
        Run::new(self, body)
    }

    /// Polls the body of the call.
    #[inline]
    pub fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.polled.poll(body, context)
    }

    /// Ends the call, once. By reference: it has an address, and moving it would wait for what was just stored.
    #[inline]
    pub fn finish(&self, ended: Ended) {
        self.end(ended);
        self.polled.finish();
    }

    #[inline]
    fn end(&self, ended: Ended) {
        end_async::<SAMPLED>(self.entry, self.start, ended, &self.polled.carried);
    }
}

impl<const SAMPLED: bool> Polling for AsyncCall<SAMPLED> {
    #[inline]
    fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.polled.run(body, context)
    }
}

impl<const SAMPLED: bool> Drop for AsyncCall<SAMPLED> {
    #[inline]
    fn drop(&mut self) {
        if let Some(ended) = self.polled.dropped() {
            self.end(ended);
        }
    }
}

/// A call that polls its body.
#[doc(hidden)]
pub trait Polling {
    /// Polls the body of the call.
    fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output>;
}

pin_project! {
    /// The body of a call. By value: a pinned reference would be one more thing that each future keeps, and that the compiler
    /// has to think about.
    #[doc(hidden)]
    #[must_use = "a future does nothing unless it is polled"]
    pub struct Run<'c, C, F> {
        call: &'c C,
        #[pin]
        body: F,
    }
}

impl<'c, C, F> Run<'c, C, F> {
    #[inline]
    pub(super) fn new(call: &'c C, body: F) -> Self {
        Self { call, body }
    }
}

impl<C: Polling, F: Future> Future for Run<'_, C, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.call.poll(this.body, context)
    }
}

#[inline(never)]
fn end_async<const SAMPLED: bool>(entry: &'static Entry, start: Moment, ended: Ended, carried: &Carried) {
    let nanoseconds = start.whole();
    if carried.any() {
        return end_carried::<SAMPLED>(entry, start, nanoseconds, ended, carried);
    }
    record::<SAMPLED>(entry, start, nanoseconds, ended);
}

#[cold]
#[inline(never)]
fn end_carried<const SAMPLED: bool>(
    entry: &'static Entry,
    start: Moment,
    nanoseconds: f64,
    ended: Ended,
    carried: &Carried,
) {
    record_derived::<SAMPLED>(entry, derived::of(entry, What::Calls, &carried.take()), start, nanoseconds, ended);
}

/// How far the future of a call is. Shared references suffice only so that a future which borrows its call over an await is
/// `Send`: a call is of one thread at a time.
pub(super) struct Polled {
    state: AtomicU8,
    /// What was said of it in the polls so far.
    pub(super) carried: Carried,
}

/// Nobody is polling it.
const WAITS: u8 = 0;
const POLLED: u8 = 1;
/// It is not polled through its call.
const UNWATCHED: u8 = 2;
/// It was told how it ended.
const FINISHED: u8 = 3;

impl Polled {
    #[inline]
    pub(super) fn new() -> Self {
        Self { state: AtomicU8::new(UNWATCHED), carried: Carried::new() }
    }

    /// Between its output and its end nothing waits: what drops the call there is a panic of who looks at the output.
    #[inline]
    pub(super) fn run<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        let within = Within(self);
        self.state.store(POLLED, Relaxed);
        task::enter();
        let poll = body.poll(context);
        drop(within);
        if poll.is_pending() {
            self.state.store(WAITS, Relaxed);
        }
        poll
    }

    /// The same of what may be polled again after an output, as streams are.
    #[inline]
    pub(super) fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        let poll = self.run(body, context);
        self.state.store(WAITS, Relaxed);
        poll
    }

    #[inline]
    pub(super) fn finish(&self) {
        self.state.store(FINISHED, Relaxed);
    }

    /// How a call ended that is dropped; `None` where it was told before.
    #[inline]
    pub(super) fn dropped(&mut self) -> Option<Ended> {
        let panicked = match *self.state.get_mut() {
            FINISHED => return None,
            UNWATCHED => std::thread::panicking(),
            state => state == POLLED,
        };
        Some(if panicked { Ended::Panic } else { Ended::Cancelled })
    }
}

/// A poll under way: left also by a panic.
struct Within<'p>(&'p Polled);

impl Drop for Within<'_> {
    #[inline]
    fn drop(&mut self) {
        if task::leave() {
            self.0.carried.add();
        }
    }
}
