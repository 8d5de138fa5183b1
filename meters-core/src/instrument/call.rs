//! Call: the guard of one call of an annotated function.

use super::Track;
use crate::clock::{self, Moment};
use crate::model::Ended;

/// One call under way. Finished, it is what it is finished with; dropped, it is a panic if one began inside it, and else
/// what `ASYNC` says: a plain function returned (ok), a future was dropped before its end (cancelled).
#[must_use]
pub struct Call<const ASYNC: bool> {
    track: &'static Track,
    start: Moment,
    /// The thread was unwinding already: a function called from a destructor is no panic of its own.
    unwinding: bool,
}

impl<const ASYNC: bool> Call<ASYNC> {
    #[inline]
    pub(crate) fn enter(track: &'static Track) -> Self {
        Self { track, unwinding: std::thread::panicking(), start: clock::now() }
    }

    /// Ends the call.
    #[inline]
    pub fn finish(self, ended: Ended) {
        self.end(ended);
        std::mem::forget(self);
    }

    #[inline]
    fn end(&self, ended: Ended) {
        end(self.track, self.start, ended);
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
        if std::thread::panicking() && !self.unwinding {
            self.end(Ended::Panic);
        } else {
            self.end(if ASYNC { Ended::Cancelled } else { Ended::Ok });
        }
    }
}
