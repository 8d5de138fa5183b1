//! Call: the guard of one call of an annotated function.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};

use super::Track;
use crate::clock::{self, Moment};
use crate::model::Ended;

/// One call under way. Finished, it is what it is finished with; dropped, it is a panic if that left it, and else what
/// `ASYNC` says: a plain function returned (ok), a future was dropped before its end (cancelled).
#[must_use]
pub struct Call<const ASYNC: bool> {
    track: &'static Track,
    start: Moment,
    /// Atomic only so that a future that borrows its call over an await is `Send`: a call is of one thread at a time.
    state: AtomicU8,
}

/// Of a plain call: its thread was not unwinding when it began. Of a future: nobody is polling it.
const QUIET: u8 = 0;
/// Of a plain call: its thread was unwinding already, for it was called from a destructor.
const UNWINDING: u8 = 1;
/// Of a future: it is being polled. Dropped now, it is left by a panic of its own, not by that of another.
const POLLED: u8 = 1;
/// Of a future that is not polled through its call.
const UNWATCHED: u8 = 2;
/// It was told how it ended.
const FINISHED: u8 = 3;

impl Call<false> {
    #[inline]
    pub(crate) fn enter(track: &'static Track) -> Self {
        let state = if std::thread::panicking() { UNWINDING } else { QUIET };
        Self { track, state: AtomicU8::new(state), start: clock::now() }
    }
}

impl Call<true> {
    #[inline]
    pub(crate) fn enter(track: &'static Track) -> Self {
        Self { track, state: AtomicU8::new(UNWATCHED), start: clock::now() }
    }

    /// Polls the body of the call: a panic inside is the call's own, and one while it waits is somebody else's.
    #[inline]
    pub fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.state.store(POLLED, Relaxed);
        let poll = body.poll(context);
        self.state.store(QUIET, Relaxed);
        poll
    }
}

impl<const ASYNC: bool> Call<ASYNC> {
    /// Ends the call, once. By reference: a future's call has an address, and moving it would wait for what was just
    /// stored.
    #[inline]
    pub fn finish(&self, ended: Ended) {
        end(self.track, self.start, ended);
        self.state.store(FINISHED, Relaxed);
    }
}

/// One copy of it, however many functions are annotated: only the clock's readings stand around a body.
#[inline(never)]
fn end(track: &'static Track, start: Moment, ended: Ended) {
    track.record::<true>(start.whole(), ended);
}

impl<const ASYNC: bool> Drop for Call<ASYNC> {
    #[inline]
    fn drop(&mut self) {
        let state = *self.state.get_mut();
        if state == FINISHED {
            return;
        }
        let panicked = match (ASYNC, state) {
            (true, POLLED) => true,
            (true, QUIET) | (false, UNWINDING) => false,
            _ => std::thread::panicking(),
        };
        let left = if ASYNC { Ended::Cancelled } else { Ended::Ok };
        end(self.track, self.start, if panicked { Ended::Panic } else { left });
    }
}
