//! What a program records with. Recording costs a lock of the series' own; it never waits for the Redis and never fails.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::Instant;

use meters_core::Error;

use super::Number;
use super::change::Gained;
use super::label::LabelValue;
use super::series::Series;
use super::shared::Shared;

macro_rules! instrument {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            shared: Arc<Shared>,
            series: Arc<Series>,
        }

        // A record is made whole or not at all.
        impl UnwindSafe for $name {}
        impl RefUnwindSafe for $name {}

        impl $name {
            pub(super) fn new(shared: Arc<Shared>, series: Arc<Series>) -> Self {
                Self { shared, series }
            }

            pub(super) fn name(&self) -> &str {
                &self.series.metric.name
            }

            /// The one with these labels; keep it where it is used often. Beyond
            /// [`limit`](super::CollectorRegistryBuilder::limit) different ones, the one whose values are `_other`.
            ///
            /// # Errors
            ///
            /// [`Error::is_invalid_input`] where a label was not allowed when the metric was registered, or comes twice.
            pub fn labels(&self, labels: &[(&str, &dyn LabelValue)]) -> Result<Self, Error> {
                let metric = &self.series.metric;
                let series = metric.series(metric.labels(labels)?, self.shared.limit);
                Ok(Self { shared: Arc::clone(&self.shared), series })
            }

            fn record(&self, number: Number, allowed: bool, record: impl FnOnce(&mut Gained)) {
                if !allowed || number.value().is_nan() {
                    return self.shared.refuse(self.name());
                }
                self.series.record(&self.shared, record);
            }
        }
    };
}

instrument! {
    /// A total that only grows, whoever adds to it.
    Counter
}

instrument! {
    /// A level. What is added to it is added to what is there, whoever wrote it; what is set takes the place of it.
    Gauge
}

instrument! {
    /// How many observations lie below each bound, and their sum.
    Histogram
}

impl Counter {
    /// Adds: a whole number keeps the field whole, so that Python processes can go on to add theirs. What is negative, NaN or
    /// infinite is left out, and [counted](super::Refused::values).
    pub fn inc(&self, by: impl Into<Number>) {
        let by = by.into();
        self.record(by, by.value() >= 0.0 && by.value().is_finite(), |gained| gained.add(by));
    }
}

impl Gauge {
    /// Adds; what is negative is subtracted. NaN and infinite are left out, and [counted](super::Refused::values).
    pub fn inc(&self, by: impl Into<Number>) {
        let by = by.into();
        self.record(by, by.value().is_finite(), |gained| gained.add(by));
    }

    /// Subtracts.
    pub fn dec(&self, by: impl Into<Number>) {
        self.inc(by.into().negated());
    }

    /// Sets the level, for all processes: the last one wins. NaN is left out, and [counted](super::Refused::values).
    pub fn set(&self, level: impl Into<Number>) {
        let level = level.into();
        self.record(level, true, |gained| *gained = Gained::Level(level));
    }
}

impl Histogram {
    /// Counts a value. NaN and infinite are left out, and [counted](super::Refused::values).
    pub fn observe(&self, value: impl Into<Number>) {
        let value = value.into();
        let metric = &self.series.metric;
        let bucket = metric.bucket(value.value());
        let counts = (0..metric.bounds.len() + 1).map(|place| u64::from(place == bucket));
        self.record(value, value.value().is_finite(), |gained| gained.observe(counts, value));
    }

    /// Observes, in seconds, how long it lives: also where a call ends with an error or a panic, beside itself and inside of
    /// itself.
    ///
    /// ```no_run
    /// # fn example(latency: meters_redis::instrumentor::Histogram) {
    /// let timer = latency.timer();
    /// // … the work …
    /// drop(timer);
    /// # }
    /// ```
    pub fn timer(&self) -> HistogramTimer {
        HistogramTimer { histogram: self.clone(), began: Instant::now(), per_second: 1.0 }
    }

    /// Adds observations that were counted elsewhere, by bucket and above all of them.
    pub(super) fn observe_counts(&self, counts: impl ExactSizeIterator<Item = u64>, sum: f64) {
        let sum = Number::Float(sum);
        self.record(sum, sum.value().is_finite(), |gained| gained.observe(counts, sum));
    }

    pub(super) fn bucket(&self, value: f64) -> usize {
        self.series.metric.bucket(value)
    }

    pub(super) fn buckets(&self) -> usize {
        self.series.metric.bounds.len() + 1
    }
}

/// Observes how long it lived when it is dropped.
#[derive(Debug)]
#[must_use = "it observes when it is dropped, which is at once"]
pub struct HistogramTimer {
    histogram: Histogram,
    began: Instant,
    per_second: f64,
}

impl HistogramTimer {
    /// In milliseconds rather than in seconds.
    pub fn milliseconds(mut self) -> Self {
        self.per_second = 1e3;
        self
    }
}

impl Drop for HistogramTimer {
    fn drop(&mut self) {
        self.histogram.observe(self.began.elapsed().as_secs_f64() * self.per_second);
    }
}
