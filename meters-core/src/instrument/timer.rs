//! Timer: a guard that records a duration when dropped.

use std::time::Duration;

use super::Summary;
use crate::clock::Moment;

/// Records the time since it was started when it is dropped, once; made by [`Histogram::start`](crate::Histogram::start) and
/// [`Summary::start`].
#[must_use = "a timer measures until it is dropped: bind it to a name"]
pub struct Timer {
    pub(super) into: Option<Summary>,
    pub(super) start: Moment,
}

impl Timer {
    /// Records now, and says what it recorded.
    pub fn stop(mut self) -> Duration {
        let nanoseconds = self.start.nanoseconds();
        self.record(nanoseconds);
        self.into = None;
        Duration::from_nanos(nanoseconds)
    }

    /// Records nothing.
    pub fn discard(mut self) {
        self.into = None;
    }

    /// The time since it was started; it goes on.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.start.nanoseconds())
    }

    #[inline]
    fn record(&self, nanoseconds: u64) {
        if let Some(into) = self.into {
            into.observe(into.histogram.in_unit(nanoseconds));
        }
    }
}

impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        if self.into.is_some() {
            self.record(self.start.nanoseconds());
        }
    }
}
