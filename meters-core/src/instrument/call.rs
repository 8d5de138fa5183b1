//! Call: the guard of one call of an annotated function.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};

use super::Track;
use crate::clock::{self, Moment};
use crate::model::Ended;

/// One call of a plain function under way. Finished, it is what it is finished with; dropped, it is a panic if one began
/// inside it, and else ok: the function returned.
#[must_use]
pub struct Call {
    track: &'static Track,
    start: Moment,
    /// The thread was unwinding already: a function called from a destructor is no panic of its own.
    unwinding: bool,
}

impl Call {
    #[inline]
    pub(crate) fn enter(track: &'static Track) -> Self {
        Self { track, unwinding: std::thread::panicking(), start: clock::now() }
    }

    /// Ends the call.
    #[inline]
    pub fn finish(self, ended: Ended) {
        end(self.track, self.start, ended);
        std::mem::forget(self);
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        let panicked = std::thread::panicking() && !self.unwinding;
        end(self.track, self.start, if panicked { Ended::Panic } else { Ended::Ok });
    }
}

/// One call of an async function under way. Finished, it is what it is finished with; dropped while it is polled, it is a
/// panic; dropped while it waits, it is cancelled, whatever else unwinds.
#[must_use]
pub struct AsyncCall {
    track: &'static Track,
    start: Moment,
    /// Atomic only so that a future that borrows its call over an await is `Send`: a call is of one thread at a time.
    state: AtomicU8,
}

/// Nobody is polling it.
const WAITS: u8 = 0;
const POLLED: u8 = 1;
/// It is not polled through its call.
const UNWATCHED: u8 = 2;
/// It was told how it ended.
const FINISHED: u8 = 3;

impl AsyncCall {
    #[inline]
    pub(crate) fn enter(track: &'static Track) -> Self {
        Self { track, state: AtomicU8::new(UNWATCHED), start: clock::now() }
    }

    /// Polls the body of the call.
    #[inline]
    pub fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.state.store(POLLED, Relaxed);
        let poll = body.poll(context);
        self.state.store(WAITS, Relaxed);
        poll
    }

    /// Ends the call, once. By reference: it has an address, and moving it would wait for what was just stored.
    #[inline]
    pub fn finish(&self, ended: Ended) {
        end(self.track, self.start, ended);
        self.state.store(FINISHED, Relaxed);
    }
}

impl Drop for AsyncCall {
    #[inline]
    fn drop(&mut self) {
        let panicked = match *self.state.get_mut() {
            FINISHED => return,
            UNWATCHED => std::thread::panicking(),
            state => state == POLLED,
        };
        end(self.track, self.start, if panicked { Ended::Panic } else { Ended::Cancelled });
    }
}

/// One copy of it, however many functions are annotated: only the clock's readings stand around a body.
#[inline(never)]
fn end(track: &'static Track, start: Moment, ended: Ended) {
    track.record::<true>(start.whole(), ended);
}
