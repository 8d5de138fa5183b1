//! Statistics over stored datums.

use crate::datum::DatumValue;

/// How far Sum may lie from Minimum times SampleCount for a statistic set to count as that many equal values.
const EQUAL_TOLERANCE: f64 = 1e-9;

/// How far below its rank a percentile may find the counts that it adds up, relative to their total.
const RANK_TOLERANCE: f64 = 1e-12;

/// A statistic that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    Percentile(f64),
}

impl Statistic {
    /// A plain statistic by its name.
    pub(crate) fn plain(name: &str) -> Option<Self> {
        Some(match name {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => return None,
        })
    }

    /// A percentile by its name: `p` and a number from 0 to 100 with at most ten decimals (user guide, statistics).
    pub(crate) fn percentile(name: &str) -> Option<Self> {
        let number = name.strip_prefix('p')?;
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || decimals.len() > 10 || !digits(whole) || !digits(decimals) {
            return None;
        }
        number.parse().ok().filter(|percent| *percent <= 100.0).map(Self::Percentile)
    }
}

/// A sum that keeps the bits which plain addition loses (Neumaier).
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    sum: f64,
    lost: f64,
}

impl Total {
    fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() { (self.sum - sum) + term } else { (term - sum) + self.sum };
        self.sum = sum;
    }

    fn get(self) -> f64 {
        self.sum + self.lost
    }
}

/// What is known of any number of datums together.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    sample_count: Total,
    sum: Total,
    minimum: f64,
    maximum: f64,
    /// Values with their counts, as long as every value is known.
    weighted: Option<Vec<(f64, f64)>>,
}

impl Summary {
    /// Of nothing. Values are kept for percentiles only if `percentiles`.
    pub(crate) fn new(percentiles: bool) -> Self {
        Self {
            sample_count: Total::default(),
            sum: Total::default(),
            minimum: f64::INFINITY,
            maximum: f64::NEG_INFINITY,
            weighted: percentiles.then(Vec::new),
        }
    }

    pub(crate) fn add(&mut self, value: &DatumValue) {
        match value {
            DatumValue::Value(value) => self.observe(*value, 1.0),
            DatumValue::Values { values, counts } => {
                values.iter().zip(counts).for_each(|(value, count)| self.observe(*value, *count));
            }
            DatumValue::Statistics { sample_count, sum, minimum, maximum } => {
                self.widen(*sample_count, *sum, *minimum, *maximum);
                let equal = minimum == maximum
                    && (sum - minimum * sample_count).abs() <= EQUAL_TOLERANCE * (minimum * sample_count).abs();
                match &mut self.weighted {
                    Some(weighted) if equal => weighted.push((*minimum, *sample_count)),
                    weighted => *weighted = None,
                }
            }
        }
    }

    fn observe(&mut self, value: f64, count: f64) {
        self.widen(count, value * count, value, value);
        if let Some(weighted) = &mut self.weighted {
            weighted.push((value, count));
        }
    }

    fn widen(&mut self, sample_count: f64, sum: f64, minimum: f64, maximum: f64) {
        self.sample_count.add(sample_count);
        self.sum.add(sum);
        self.minimum = self.minimum.min(minimum);
        self.maximum = self.maximum.max(maximum);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.minimum > self.maximum
    }

    pub(crate) fn sample_count(&self) -> f64 {
        self.sample_count.get()
    }

    /// The statistic, or none where nothing was added or, for a percentile, where CloudWatch has none.
    pub(crate) fn get(&mut self, statistic: Statistic) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        match statistic {
            Statistic::SampleCount => Some(self.sample_count.get()),
            Statistic::Sum => Some(self.sum.get()),
            Statistic::Average => Some(self.sum.get() / self.sample_count.get()),
            Statistic::Minimum => Some(self.minimum),
            Statistic::Maximum => Some(self.maximum),
            Statistic::Percentile(percent) => self.percentile(percent),
        }
    }

    /// Nearest rank over the weighted values: the smallest value such that at least `percent` of the total count is
    /// at or below it.
    fn percentile(&mut self, percent: f64) -> Option<f64> {
        if self.minimum < 0.0 {
            return None;
        }
        let weighted = self.weighted.as_mut()?;
        if percent >= 100.0 {
            // Without the tolerance, which could hide a single largest value among very many.
            return Some(self.maximum);
        }
        weighted.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
        let total: f64 = weighted.iter().map(|(_, count)| count).sum();
        let rank = total * (percent / 100.0 - RANK_TOLERANCE);
        let mut reached = 0.0;
        for (value, count) in weighted.iter() {
            reached += count;
            if reached >= rank {
                return Some(*value);
            }
        }
        weighted.last().map(|(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn summary(values: &[DatumValue]) -> Summary {
        let mut summary = Summary::new(true);
        values.iter().for_each(|value| summary.add(value));
        summary
    }

    fn values(values: &[f64], counts: &[f64]) -> DatumValue {
        DatumValue::Values { values: values.to_vec(), counts: counts.to_vec() }
    }

    fn set(sample_count: f64, sum: f64, minimum: f64, maximum: f64) -> DatumValue {
        DatumValue::Statistics { sample_count, sum, minimum, maximum }
    }

    fn percentile(values: &[DatumValue], percent: f64) -> Option<f64> {
        summary(values).get(Statistic::Percentile(percent))
    }

    #[test]
    fn names_of_statistics() {
        assert_eq!(Statistic::plain("Average"), Some(Statistic::Average));
        assert_eq!(Statistic::plain("average"), None);
        let known =
            [("p0", 0.0), ("p0.0", 0.0), ("p99.9", 99.9), ("p100", 100.0), ("p99.1234567891", 99.123_456_789_1)];
        for (name, percent) in known {
            assert_eq!(Statistic::percentile(name), Some(Statistic::Percentile(percent)), "{name}");
        }
        for name in
            ["", "p", "99", "P99", "p100.1", "p101", "p-1", "p1e1", "p.5", "pNaN", "p0099", "tm99", "p1.00000000001"]
        {
            assert_eq!(Statistic::percentile(name), None, "{name}");
        }
    }

    #[test]
    fn a_count_weighs_without_being_expanded() {
        let many = [values(&[1.0, 2.0], &[1e15, 1.0])];
        assert_eq!(percentile(&many, 50.0), Some(1.0));
        assert_eq!(percentile(&many, 100.0), Some(2.0));
        assert_eq!(summary(&many).get(Statistic::SampleCount), Some(1e15 + 1.0));
    }

    #[test]
    fn a_statistic_set_has_percentiles_only_of_equal_values() {
        assert_eq!(percentile(&[set(1.0, 7.0, 7.0, 7.0)], 99.0), Some(7.0));
        assert_eq!(percentile(&[set(3.0, 0.3, 0.1, 0.1)], 99.0), Some(0.1));
        assert_eq!(percentile(&[set(2.0, 3.0, 1.0, 2.0)], 99.0), None);
        assert_eq!(percentile(&[DatumValue::Value(1.0), set(2.0, 3.0, 1.0, 2.0), DatumValue::Value(1.0)], 99.0), None);
    }

    #[test]
    fn a_negative_value_takes_the_percentiles_away() {
        assert_eq!(percentile(&[DatumValue::Value(5.0), DatumValue::Value(-1e-9)], 50.0), None);
        assert_eq!(percentile(&[DatumValue::Value(5.0), DatumValue::Value(0.0)], 50.0), Some(0.0));
    }

    #[test]
    fn a_sum_keeps_what_plain_addition_loses() {
        let terms = [1e16, 1.0, -1e16].map(DatumValue::Value);
        assert_eq!(summary(&terms).get(Statistic::Sum), Some(1.0));
        assert_eq!(summary(&[]).get(Statistic::Sum), None);
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_expanded_values(
            pairs in prop::collection::vec((0u32..50, 1u32..9), 1..30),
            tenths in 0u32..=1000,
        ) {
            let datums: Vec<_> =
                pairs.iter().map(|(value, count)| values(&[f64::from(*value)], &[f64::from(*count)])).collect();
            let mut expanded: Vec<_> =
                pairs.iter().flat_map(|(value, count)| (0..*count).map(move |_| f64::from(*value))).collect();
            expanded.sort_by(f64::total_cmp);
            // In integers: the rank is the ceiling of n times the percentage, and at least one.
            let rank = (expanded.len() * tenths as usize).div_ceil(1000).max(1);
            prop_assert_eq!(percentile(&datums, f64::from(tenths) / 10.0), Some(expanded[rank - 1]));
        }
    }
}
