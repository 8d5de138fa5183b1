//! Summary: a distribution that is told by its quantiles.

use std::time::Duration;

use super::{Counter, Histogram, Timer, refuse};
use crate::clock;
use crate::model::{Ended, VALUE_LIMIT};

/// A handle on a summary: count, sum and chosen quantiles, as a Prometheus summary. Cheap to copy.
///
/// It is a distribution on the same lattice as every histogram, and CloudWatch receives it as one. A quantile is told within
/// one bucket: between 2.2 % below and 2.2 % above an observation of its rank, over any range of values (the lattice grows by
/// 2^(1/32) a bucket, see [`lattice`](crate::lattice)). That is so for any quantile and after any merging, so that summaries of
/// several processes add up, as those of sampled quantiles do not.
///
/// Over which time quantiles are taken is for who shows them; see [`Recent`](crate::Recent).
///
/// ```
/// # use meters_core as meters;
/// use meters::{Registry, Shape, Unit};
/// let registry = Registry::new();
/// let wait =
///     registry.summary("Wait").unit(Unit::Seconds).quantiles([0.5, 0.99]).maximum(60.0).register();
/// (1..=100).for_each(|n| wait.observe(f64::from(n) / 10.0));
/// wait.observe(3600.0); // somebody's clock was set
/// let snapshot = registry.snapshot();
/// let seen = snapshot.metric("Wait").distribution().unwrap();
/// assert_eq!((seen.count(), seen.max()), (100, Some(10.0)));
/// assert!((seen.quantile(0.99).unwrap() / 9.9 - 1.0).abs() < 0.022);
/// assert_eq!(snapshot.counter("Wait.Above"), 1);
/// let (series, _) = snapshot.iter().next().unwrap();
/// assert_eq!(series.shape(), Some(&Shape::Quantiles([0.5, 0.99].into())));
/// ```
#[derive(Clone, Copy)]
pub struct Summary {
    pub(crate) histogram: Histogram,
    pub(crate) cap: Option<Cap>,
}

/// Up to where values count, and what counts those above.
#[derive(Clone, Copy)]
pub(crate) struct Cap {
    pub(crate) most: f64,
    pub(crate) above: Counter,
}

impl Cap {
    /// Whether the value is above, and counted.
    #[inline]
    pub(super) fn takes(self, value: f64) -> bool {
        let above = value > self.most;
        if above {
            self.above.inc(1);
        }
        above
    }
}

impl Summary {
    /// Adds one value, in the unit that it was registered with, from 0 to 2^360; negative, NaN and infinite ones are refused
    /// and counted in [`refused`](crate::refused). One above the maximum that was given is counted in `Name.Above`, and nowhere
    /// else.
    #[inline]
    pub fn observe(&self, value: f64) {
        if !(0.0..=VALUE_LIMIT).contains(&value) {
            return refuse();
        }
        if !self.cap.is_some_and(|cap| cap.takes(value)) {
            self.histogram.track.record::<false>(value, Ended::Ok);
        }
    }

    /// Adds a duration, in the unit of the summary; in seconds where that is no unit of time.
    #[inline]
    pub fn observe_duration(&self, duration: Duration) {
        self.observe(self.histogram.in_unit(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)));
    }

    /// Starts a timer that adds the time until it is dropped or stopped.
    #[inline]
    pub fn start(&self) -> Timer {
        Timer { into: Some(*self), start: clock::now() }
    }

    /// Runs a block and adds the time that it took, in the unit of the summary, or in seconds where that is no unit of time: also
    /// where it is left by a panic. Switched off, the summary does not read the clock.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Unit;
    /// let registry = meters::Registry::new();
    /// let parse = registry.summary("Parse").unit(Unit::Milliseconds).register();
    /// assert_eq!(parse.time(|| "12".parse::<u32>()), Ok(12));
    /// assert_eq!(registry.snapshot().metric("Parse").count(), 1);
    /// ```
    #[inline]
    pub fn time<R>(&self, block: impl FnOnce() -> R) -> R {
        let _timer = (!self.histogram.track.gate().is_shut()).then(|| self.start());
        block()
    }

    /// The same of a future: from the time that it is polled first until it is done, or dropped.
    ///
    /// ```
    /// # use meters_core as meters;
    /// # async fn doc() {
    /// # let registry = meters::Registry::new();
    /// let fetch = registry.summary("Fetch").unit(meters::Unit::Seconds).register();
    /// let page = fetch.time_async(async { "page" }).await;
    /// # }
    /// ```
    pub fn time_async<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let this = *self;
        async move {
            let _timer = (!this.histogram.track.gate().is_shut()).then(|| this.start());
            future.await
        }
    }
}
