//! Timer: a guard that records a duration when dropped.

use std::time::Duration;

use super::Histogram;
use crate::clock::Moment;

/// Records the time since it was started when it is dropped, once; made by [`Histogram::start`].
#[must_use = "a timer measures until it is dropped: bind it to a name"]
pub struct Timer {
    pub(super) histogram: Option<Histogram>,
    pub(super) start: Moment,
}

impl Timer {
    /// Records now, and says what it recorded.
    pub fn stop(mut self) -> Duration {
        let nanoseconds = self.start.nanoseconds();
        if let Some(histogram) = self.histogram.take() {
            histogram.observe_nanoseconds(nanoseconds);
        }
        Duration::from_nanos(nanoseconds)
    }

    /// Records nothing.
    pub fn discard(mut self) {
        self.histogram = None;
    }

    /// The time since it was started; it goes on.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.start.nanoseconds())
    }
}

impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        if let Some(histogram) = self.histogram {
            histogram.observe_nanoseconds(self.start.nanoseconds());
        }
    }
}
