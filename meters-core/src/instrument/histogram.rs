//! Histogram: a distribution of values.

use std::time::Duration;

use super::{Summary, Timer, Track, exemplar, refuse};
use crate::clock;
use crate::model::{Ended, Unit, VALUE_LIMIT};

/// A handle on a histogram.
///
/// Count, sum, minimum and maximum are exact. Percentiles are within 2.3 % where the largest value of a window is up to
/// 500 times the smallest, within 4.5 % up to 100,000 times.
///
/// Buckets of its own, beside those that it always counts by, are for [`Register::buckets`](crate::Register::buckets) to say.
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
            self.track.record::<false>(value, Ended::Ok);
        } else {
            refuse();
        }
    }

    /// Adds one value, and keeps these labels with it as the exemplar of its bucket, for OpenMetrics: of all that a histogram is
    /// given, the last is shown. Labels that are not as [`Exemplar`](crate::Exemplar) wants them are left out, the value counts
    /// in any case. It costs some allocations, and never waits for another thread.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// let took = registry.histogram("Took").unit(meters::Unit::Seconds).register();
    /// took.observe_with_exemplar(0.25, &[("trace_id", "4bf92f3577b34da6")]);
    /// let snapshot = registry.snapshot();
    /// let (series, _) = snapshot.iter().next().unwrap();
    /// assert_eq!(snapshot.exemplar(series).unwrap().value(), 0.25);
    /// ```
    pub fn observe_with_exemplar(&self, value: f64, labels: &[(&str, &str)]) {
        self.observe(value);
        if (0.0..=VALUE_LIMIT).contains(&value) && !self.track.gate().is_shut() {
            exemplar::keep(self.track, value, labels);
        }
    }

    /// Adds a duration, in the unit of the histogram; in seconds where that is no unit of time.
    #[inline]
    pub fn observe_duration(&self, duration: Duration) {
        self.observe_nanoseconds(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    #[inline]
    pub(crate) fn observe_nanoseconds(&self, nanoseconds: u64) {
        self.track.record::<false>(self.in_unit(nanoseconds), Ended::Ok);
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

    /// Runs a block and adds the time that it took, in the unit of the histogram, or in seconds where that is no unit of time: also
    /// where it is left by a panic. Switched off, the histogram does not read the clock.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Unit;
    /// let registry = meters::Registry::new();
    /// let parse = registry.histogram("Parse").unit(Unit::Milliseconds).register();
    /// assert_eq!(parse.time(|| "12".parse::<u32>()), Ok(12));
    /// assert_eq!(registry.snapshot().metric("Parse").count(), 1);
    /// ```
    #[inline]
    pub fn time<R>(&self, block: impl FnOnce() -> R) -> R {
        let _timer = (!self.track.gate().is_shut()).then(|| self.start());
        block()
    }

    /// The same of a future: from the time that it is polled first until it is done, or dropped.
    ///
    /// ```
    /// # use meters_core as meters;
    /// # async fn doc() {
    /// # let registry = meters::Registry::new();
    /// let fetch = registry.histogram("Fetch").unit(meters::Unit::Seconds).register();
    /// let page = fetch.time_async(async { "page" }).await;
    /// # }
    /// ```
    pub fn time_async<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let this = *self;
        async move {
            let _timer = (!this.track.gate().is_shut()).then(|| this.start());
            future.await
        }
    }
}
