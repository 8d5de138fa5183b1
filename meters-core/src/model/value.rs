//! What one series holds, of whatever kind it is.

use super::{Distinct, Distribution, StatisticSet};

/// The calls of one function: durations in **nanoseconds**, and how the calls ended.
///
/// Calls = ok + errors + panics + cancelled = the number of durations.
#[derive(Clone, Debug, PartialEq)]
pub struct Calls {
    /// Durations in nanoseconds, of all calls whatever their outcome.
    pub duration: Distribution,
    /// Calls that returned an error.
    pub errors: u64,
    /// Calls left by a panic.
    pub panics: u64,
    /// Futures dropped before they finished.
    pub cancelled: u64,
}

impl Calls {
    /// No calls yet.
    pub const fn new() -> Self {
        Self { duration: Distribution::with_origin(1e9), errors: 0, panics: 0, cancelled: 0 }
    }

    /// All calls, whatever their outcome.
    pub const fn count(&self) -> u64 {
        self.duration.count()
    }

    /// Calls that returned, and not with an error.
    pub const fn ok(&self) -> u64 {
        self.duration.count().saturating_sub(self.errors.saturating_add(self.panics).saturating_add(self.cancelled))
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Calls) {
        self.duration.merge(&other.duration);
        self.absorb([other.errors, other.panics, other.cancelled]);
    }

    /// Adds errors, panics and cancelled calls, whose durations are added apart.
    #[doc(hidden)]
    pub fn absorb(&mut self, [errors, panics, cancelled]: [u64; 3]) {
        self.errors = self.errors.saturating_add(errors);
        self.panics = self.panics.saturating_add(panics);
        self.cancelled = self.cancelled.saturating_add(cancelled);
    }

    /// What came after `previous`, an earlier state of the same calls; see [`Distribution::since`].
    pub fn since(&self, previous: &Calls) -> Calls {
        self.without(previous, self.duration.since(&previous.duration))
    }

    /// [`since`](Self::since) for callers that know the extremes of what was gained.
    pub(crate) fn since_with(&self, previous: &Calls, min: f64, max: f64) -> Calls {
        self.without(previous, self.duration.since_with(&previous.duration, min, max))
    }

    fn without(&self, previous: &Calls, duration: Distribution) -> Calls {
        Calls {
            duration,
            errors: self.errors.saturating_sub(previous.errors),
            panics: self.panics.saturating_sub(previous.panics),
            cancelled: self.cancelled.saturating_sub(previous.cancelled),
        }
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self::new()
    }
}

/// What one series holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A total.
    Counter(u64),
    /// A level.
    Gauge(f64),
    /// Events; the rate is these over the time that passed.
    Meter(u64),
    /// A distribution, in the unit of the series.
    Histogram(Box<Distribution>),
    /// Calls of a function.
    Calls(Box<Calls>),
    /// Distinct values put by hand.
    Values(Box<Distinct>),
    /// Count, sum, minimum and maximum of values put by hand; `None` before the first.
    Statistic(Option<StatisticSet>),
    /// A total of any amounts, none of them negative.
    FloatCounter(f64),
}

impl Value {
    /// Adds what another process, or another window, holds of the same series. A gauge takes the other's level.
    ///
    /// Values of different kinds do not add: `self` stays as it is. Totals begin anew beyond what a `u64` holds, as those of
    /// one counter do; counts of distributions stay at the largest that it does.
    pub fn merge(&mut self, other: &Value) {
        match (self, other) {
            (Value::Counter(ours), Value::Counter(theirs)) | (Value::Meter(ours), Value::Meter(theirs)) => {
                *ours = ours.wrapping_add(*theirs);
            }
            (Value::FloatCounter(ours), Value::FloatCounter(theirs)) => *ours += *theirs,
            (Value::Gauge(ours), Value::Gauge(theirs)) => *ours = *theirs,
            (Value::Histogram(ours), Value::Histogram(theirs)) if ours.origin() == theirs.origin() => {
                ours.merge(theirs)
            }
            (Value::Calls(ours), Value::Calls(theirs)) if ours.duration.origin() == theirs.duration.origin() => {
                ours.merge(theirs)
            }
            (Value::Values(ours), Value::Values(theirs)) => ours.merge(theirs),
            (Value::Statistic(ours), Value::Statistic(Some(theirs))) => merge_set(ours, theirs),
            _ => {}
        }
    }

    /// What came after `previous`, or `None` where nothing did. A gauge is a level: it is itself, every time.
    pub fn since(&self, previous: Option<&Value>) -> Option<Value> {
        let gained = match (self, previous) {
            (Value::Counter(now), Some(Value::Counter(then))) => Value::Counter(now.saturating_sub(*then)),
            (Value::Meter(now), Some(Value::Meter(then))) => Value::Meter(now.saturating_sub(*then)),
            (Value::FloatCounter(now), Some(Value::FloatCounter(then))) => Value::FloatCounter((now - then).max(0.0)),
            (Value::Histogram(now), Some(Value::Histogram(then))) => Value::Histogram(Box::new(now.since(then))),
            (Value::Calls(now), Some(Value::Calls(then))) => Value::Calls(Box::new(now.since(then))),
            (Value::Values(now), Some(Value::Values(then))) => Value::Values(Box::new(now.since(then))),
            (Value::Statistic(now), Some(Value::Statistic(then))) => Value::Statistic(set_since(*now, *then)),
            (now, _) => now.clone(),
        };
        (!gained.is_empty()).then_some(gained)
    }

    /// Whether nothing was recorded. A gauge that was set is never empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Counter(total) | Value::Meter(total) => *total == 0,
            Value::FloatCounter(total) => *total == 0.0,
            Value::Gauge(_) => false,
            Value::Histogram(distribution) => distribution.count() == 0,
            Value::Calls(calls) => calls.count() == 0,
            Value::Values(values) => values.is_empty(),
            Value::Statistic(set) => set.is_none(),
        }
    }
}

/// Adds a set to one that may not have begun.
pub(super) fn merge_set(ours: &mut Option<StatisticSet>, theirs: &StatisticSet) {
    match ours {
        // Refused only where the sum would leave the range of CloudWatch's values.
        Some(set) => _ = set.merge(theirs),
        none => *none = Some(*theirs),
    }
}

/// The difference of two states of one set; minimum and maximum are those of the later.
pub(super) fn set_since(now: Option<StatisticSet>, then: Option<StatisticSet>) -> Option<StatisticSet> {
    let (Some(now), Some(then)) = (now, then) else {
        return now;
    };
    let (count, sum) = (now.sample_count() - then.sample_count(), now.sum() - then.sum());
    StatisticSet::new(count, sum, now.minimum(), now.maximum()).ok()
}
