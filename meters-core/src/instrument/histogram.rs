//! Histogram: a distribution of values.

use std::time::Duration;

use super::{Summary, Timer, Track, refuse};
use crate::clock;
use crate::model::{Unit, VALUE_LIMIT};

/// A handle on a histogram.
///
/// Count, sum, minimum and maximum are exact. Percentiles are within 2.3 % where the largest value of a window is up to
/// 500 times the smallest, within 4.5 % up to 100,000 times.
///
/// Values are in the unit that it was registered with, from 0 to 2^360; negative, NaN and infinite ones are refused and
/// counted in [`refused`](crate::refused).
///
/// ```
/// # use meters_core as meters;
/// use meters::Unit;
/// let registry = meters::Registry::new();
/// let size = registry.histogram("Size").unit(Unit::Bytes).register();
/// size.observe(512.0);
/// let seen = registry.snapshot().metric("Size").distribution().unwrap();
/// assert_eq!((seen.count(), seen.sum()), (1, 512.0));
/// ```
#[derive(Clone, Copy)]
pub struct Histogram {
    pub(crate) track: &'static Track,
    pub(crate) unit: Unit,
}

impl Histogram {
    /// Adds one value. Never blocks once this thread has often observed here before.
    #[inline]
    pub fn observe(&self, value: f64) {
        if (0.0..=VALUE_LIMIT).contains(&value) {
            self.track.observe(value);
        } else {
            refuse();
        }
    }

    /// Adds a duration, in the unit of the histogram; in seconds where that is no unit of time.
    #[inline]
    pub fn observe_duration(&self, duration: Duration) {
        self.observe_nanoseconds(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    #[inline]
    pub(crate) fn observe_nanoseconds(&self, nanoseconds: u64) {
        self.track.observe(self.in_unit(nanoseconds));
    }

    #[inline]
    pub(super) fn in_unit(&self, nanoseconds: u64) -> f64 {
        let divide = match self.unit {
            Unit::Microseconds => 1e3,
            Unit::Milliseconds => 1e6,
            _ => 1e9,
        };
        nanoseconds as f64 / divide
    }

    /// Starts a timer that adds the time until it is dropped or stopped.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Unit;
    /// let registry = meters::Registry::new();
    /// let parse = registry.histogram("Parse").unit(Unit::Microseconds).register();
    /// let timer = parse.start();
    /// // …
    /// drop(timer);
    /// assert_eq!(registry.snapshot().metric("Parse").count(), 1);
    /// ```
    #[inline]
    pub fn start(&self) -> Timer {
        Timer { into: Some(Summary { histogram: *self, cap: None }), start: clock::now() }
    }
}
