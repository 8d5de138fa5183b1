//! Four numbers that stand for many values.

use super::magnitude::{VALUE_LIMIT, is_within_limit};
use crate::error::Error;

/// Count, sum, minimum and maximum of values: CloudWatch's `StatisticSet`, never empty.
///
/// It always holds that the count is more than zero and finite (weights make it fractional), that the minimum is at
/// most the maximum, and that sum, minimum and maximum are at most 2^360 in magnitude. The unit is that of
/// the metric.
///
/// The rule is that of
/// [StatisticSet](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_StatisticSet.html).
///
/// ```
/// # use meters_core as meters;
/// use meters::StatisticSet;
///
/// let mut set = StatisticSet::of(2.0)?;
/// assert!(set.record(6.0));
/// assert_eq!((set.sample_count(), set.sum(), set.minimum(), set.maximum()), (2.0, 8.0, 2.0, 6.0));
/// assert_eq!(set.average(), 4.0);
/// # Ok::<(), meters::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatisticSet {
    sample_count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
}

impl StatisticSet {
    /// The set of these four numbers.
    ///
    /// The sum is not held against the others: a rate, for one, is a sum of events over a count of seconds.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] where one of the rules of [`StatisticSet`] is broken.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::StatisticSet;
    ///
    /// assert_eq!(StatisticSet::new(60.0, 120.0, 2.0, 2.0)?.average(), 2.0);
    /// assert!(StatisticSet::new(0.0, 0.0, 0.0, 0.0).is_err());
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn new(sample_count: f64, sum: f64, minimum: f64, maximum: f64) -> Result<Self, Error> {
        let set = Self { sample_count, sum, minimum, maximum };
        if set.is_valid() {
            return Ok(set);
        }
        Err(Error::invalid_input(format!(
            "invalid statistic set (count {sample_count:?}, sum {sum:?}, minimum {minimum:?}, maximum {maximum:?}): \
             use a finite count above 0, a minimum that is at most the maximum, and no magnitude above {VALUE_LIMIT:e}"
        )))
    }

    /// The set of one value.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] where `value` is NaN, infinite or beyond 2^360.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::StatisticSet;
    ///
    /// assert_eq!(StatisticSet::of(3.5)?.sum(), 3.5);
    /// assert!(StatisticSet::of(f64::NAN).is_err());
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn of(value: f64) -> Result<Self, Error> {
        Self::new(1.0, value, value, value)
    }

    /// Takes one more value in. `false` says that it was refused, and that nothing changed: it is NaN, infinite or
    /// beyond 2^360, or would bring the sum beyond it.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let mut set = meters::StatisticSet::of(1.0)?;
    /// assert!(set.record(5.0));
    /// assert!(!set.record(f64::INFINITY));
    /// assert_eq!((set.sample_count(), set.maximum()), (2.0, 5.0));
    /// # Ok::<(), meters::Error>(())
    /// ```
    #[must_use = "a refused value has to be counted"]
    pub fn record(&mut self, value: f64) -> bool {
        Self::of(value).is_ok_and(|one| self.merge(&one))
    }

    /// Takes all values of `other` in. `false` says that it was refused, and that nothing changed: the sum would be
    /// beyond 2^360 or the count infinite.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::StatisticSet;
    ///
    /// let mut set = StatisticSet::of(1.0)?;
    /// assert!(set.merge(&StatisticSet::new(2.0, 7.0, 3.0, 4.0)?));
    /// assert_eq!(set, StatisticSet::new(3.0, 8.0, 1.0, 4.0)?);
    /// # Ok::<(), meters::Error>(())
    /// ```
    #[must_use = "a refused set has to be counted"]
    pub fn merge(&mut self, other: &Self) -> bool {
        let merged = Self {
            sample_count: self.sample_count + other.sample_count,
            sum: self.sum + other.sum,
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        };
        let valid = merged.is_valid();
        if valid {
            *self = merged;
        }
        valid
    }

    /// This set in another unit: sum, minimum and maximum times `factor`, as 1e-3 takes milliseconds to seconds.
    ///
    /// `None` where `factor` is not above 0, or a product is beyond 2^360.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::StatisticSet;
    ///
    /// let milliseconds = StatisticSet::new(2.0, 3000.0, 1000.0, 2000.0)?;
    /// assert_eq!(milliseconds.scaled(1e-3), Some(StatisticSet::new(2.0, 3.0, 1.0, 2.0)?));
    /// assert_eq!(milliseconds.scaled(-1.0), None);
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn scaled(&self, factor: f64) -> Option<Self> {
        let scaled = Self {
            sample_count: self.sample_count,
            sum: self.sum * factor,
            minimum: self.minimum * factor,
            maximum: self.maximum * factor,
        };
        (factor > 0.0 && scaled.is_valid()).then_some(scaled)
    }

    /// How many values there are; above 0, and fractional where they are weighted.
    pub const fn sample_count(&self) -> f64 {
        self.sample_count
    }

    /// The sum of all values.
    pub const fn sum(&self) -> f64 {
        self.sum
    }

    /// The smallest value.
    pub const fn minimum(&self) -> f64 {
        self.minimum
    }

    /// The largest value.
    pub const fn maximum(&self) -> f64 {
        self.maximum
    }

    /// The sum over the count, as CloudWatch's `Average` is. Infinite where the count is too small for the sum.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::StatisticSet::new(4.0, 10.0, 1.0, 4.0)?.average(), 2.5);
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub const fn average(&self) -> f64 {
        self.sum / self.sample_count
    }

    fn is_valid(&self) -> bool {
        self.sample_count > 0.0
            && self.sample_count.is_finite()
            && self.minimum <= self.maximum
            && [self.sum, self.minimum, self.maximum].into_iter().all(is_within_limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOO_BIG: f64 = VALUE_LIMIT * (1.0 + f64::EPSILON);

    #[test]
    fn rules_at_their_limits() {
        for (numbers, valid) in [
            ([f64::MIN_POSITIVE, 0.0, 0.0, 0.0], true),
            ([0.0, 0.0, 0.0, 0.0], false),
            ([-1.0, 0.0, 0.0, 0.0], false),
            ([f64::INFINITY, 0.0, 0.0, 0.0], false),
            ([f64::NAN, 0.0, 0.0, 0.0], false),
            ([1.0, VALUE_LIMIT, -VALUE_LIMIT, VALUE_LIMIT], true),
            ([1.0, TOO_BIG, 0.0, 1.0], false),
            ([1.0, 0.0, -TOO_BIG, 1.0], false),
            ([1.0, 0.0, 0.0, TOO_BIG], false),
            ([1.0, f64::NAN, 0.0, 1.0], false),
            ([1.0, 0.0, f64::NAN, 1.0], false),
            ([1.0, 0.0, 0.0, f64::NAN], false),
            ([2.0, 4.0, 2.0, 2.0], true),
            ([2.0, 4.0, 2.0_f64.next_up(), 2.0], false),
        ] {
            let [count, sum, minimum, maximum] = numbers;
            let made = StatisticSet::new(count, sum, minimum, maximum);
            assert_eq!(made.is_ok(), valid, "{numbers:?}");
            assert!(made.is_ok() || made.unwrap_err().is_invalid_input());
        }
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let mut set = StatisticSet::of(-3.0).unwrap();
        let before = set;
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, TOO_BIG, -TOO_BIG] {
            assert!(!set.record(value), "{value}");
            assert_eq!(set, before);
        }
        assert!(set.record(3.0));
    }

    #[test]
    fn the_sum_stays_within_the_limit() {
        let mut set = StatisticSet::of(VALUE_LIMIT).unwrap();
        let before = set;
        assert!(!set.record(VALUE_LIMIT));
        assert!(!set.merge(&before));
        assert_eq!(set, before);
        assert!(set.record(-VALUE_LIMIT));
        assert_eq!(set.sum(), 0.0);
    }

    #[test]
    fn scaling_keeps_the_rules() {
        let set = StatisticSet::new(2.0, 3.0, 1.0, 2.0).unwrap();
        assert_eq!(set.scaled(1e3), StatisticSet::new(2.0, 3e3, 1e3, 2e3).ok());
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY, VALUE_LIMIT] {
            assert_eq!(set.scaled(factor), None, "{factor}");
        }
    }

    proptest! {
        #[test]
        fn merging_parts_is_recording_the_whole(
            values in prop::collection::vec(-1_000_000i32..1_000_000, 2..60),
            cut in any::<prop::sample::Index>(),
        ) {
            let make = |values: &[i32]| {
                let mut set = StatisticSet::of(f64::from(values[0])).unwrap();
                for value in &values[1..] {
                    assert!(set.record(f64::from(*value)));
                }
                set
            };
            let cut = 1 + cut.index(values.len() - 1);
            let whole = make(&values);
            let mut merged = make(&values[..cut]);
            prop_assert!(merged.merge(&make(&values[cut..])));
            prop_assert_eq!(merged, whole);
            prop_assert_eq!(whole.sample_count(), values.len() as f64);
            prop_assert_eq!(whole.sum(), values.iter().map(|value| f64::from(*value)).sum::<f64>());
            prop_assert_eq!(whole.minimum(), f64::from(*values.iter().min().unwrap()));
            prop_assert_eq!(whole.maximum(), f64::from(*values.iter().max().unwrap()));
            prop_assert!(whole.minimum() <= whole.average() && whole.average() <= whole.maximum());
        }
    }
}
