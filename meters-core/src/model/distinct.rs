//! Values put by hand: each distinct one with its count, in bounded memory.

use super::StatisticSet;
use super::distribution::Distribution;
use super::magnitude::VALUE_LIMIT;
use super::value::{merge_set, set_since};

/// How many distinct values a series keeps apart in one window.
const MOST: usize = 1_500;

/// Distinct values with their counts, exact up to 1,500 of them; what comes after is kept as a distribution.
///
/// ```
/// use meters_core::Distinct;
/// let mut values = Distinct::default();
/// for value in [5.0, 5.0, 7.5] {
///     values.record(value);
/// }
/// assert_eq!(values.exact(), [(5.0, 2), (7.5, 1)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distinct {
    exact: Vec<(f64, u64)>,
    rest: Distribution,
    negative: Option<StatisticSet>,
}

impl Distinct {
    /// Adds one value. NaN, infinite values and magnitudes above 2^360 are refused: false, and nothing changes.
    pub fn record(&mut self, value: f64) -> bool {
        self.record_n(value, 1)
    }

    /// Adds one value `n` times; see [`record`](Self::record).
    #[doc(hidden)]
    pub fn record_n(&mut self, value: f64, n: u64) -> bool {
        if !(-VALUE_LIMIT..=VALUE_LIMIT).contains(&value) {
            return false;
        }
        match self.exact.binary_search_by(|(known, _)| known.total_cmp(&value)) {
            Ok(at) => self.exact[at].1 = self.exact[at].1.saturating_add(n),
            Err(at) if self.exact.len() < MOST => self.exact.insert(at, (value, n)),
            Err(_) if value >= 0.0 => return self.rest.record_n(value, n),
            Err(_) => {
                let count = n as f64;
                match StatisticSet::new(count, value * count, value, value) {
                    Ok(set) => merge_set(&mut self.negative, &set),
                    Err(_) => return false,
                }
            }
        }
        true
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Distinct) {
        for &(value, count) in &other.exact {
            self.record_n(value, count);
        }
        self.rest.merge(&other.rest);
        if let Some(theirs) = &other.negative {
            self.absorb_negative(theirs);
        }
    }

    /// The distribution of what came after the values kept apart, to add to.
    #[doc(hidden)]
    pub fn rest_mut(&mut self) -> &mut Distribution {
        &mut self.rest
    }

    /// Adds negative values that are not told apart.
    #[doc(hidden)]
    pub fn absorb_negative(&mut self, theirs: &StatisticSet) {
        merge_set(&mut self.negative, theirs);
    }

    /// What came after `previous`, an earlier state of this same series.
    pub fn since(&self, previous: &Distinct) -> Distinct {
        let then = |value: f64| {
            let at = previous.exact.binary_search_by(|(known, _)| known.total_cmp(&value));
            at.map_or(0, |at| previous.exact[at].1)
        };
        let gained = self.exact.iter().map(|&(value, count)| (value, count.saturating_sub(then(value))));
        Distinct {
            exact: gained.filter(|(_, count)| *count > 0).collect(),
            rest: self.rest.since(&previous.rest),
            negative: set_since(self.negative, previous.negative),
        }
    }

    /// (value, count) of the values kept apart, by rising value.
    pub fn exact(&self) -> &[(f64, u64)] {
        &self.exact
    }

    /// Non-negative values beyond those kept apart.
    pub fn rest(&self) -> &Distribution {
        &self.rest
    }

    /// Negative values beyond those kept apart.
    pub fn negative_rest(&self) -> Option<&StatisticSet> {
        self.negative.as_ref()
    }

    /// How many values these are.
    pub fn count(&self) -> u64 {
        let exact = self.exact.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
        let negative = self.negative.map_or(0, |set| set.sample_count() as u64);
        exact.saturating_add(self.rest.count()).saturating_add(negative)
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.rest.count() == 0 && self.negative.is_none()
    }
}
