//! How many series and values a metric has, against its limits, and what is said where there are more.

use std::collections::HashMap;
use std::collections::hash_map::Entry::Occupied;

use foldhash::fast::RandomState;

use super::entry::Entry;
use crate::model::series::{Metric, SEPARATOR};

/// The value of a dimension that stands for all over a limit.
pub(super) const OTHER: &str = "_other";

/// How many times its limit of series a metric may make in the life of the process, as expired ones give room to others.
/// Each stays in memory, for threads refer to it: this bounds a value that never comes twice, at 11 MB of 500 cold series, and
/// lets one that changes with each deployment change a hundred times.
pub(super) const GENERATIONS: usize = 100;

/// The series of one metric that agree in their literal dimensions.
#[derive(Default)]
pub(super) struct Crowd {
    /// Their literal values, packed.
    pub(super) fixed: Box<str>,
    /// Those that are not expired.
    pub(super) series: usize,
    /// All that there ever were.
    pub(super) made: usize,
    pub(super) warned: bool,
    /// The same of those that there ever were.
    pub(super) warned_ever: bool,
    /// By their places: those that have a limit of their own.
    pub(super) dimensions: HashMap<usize, Distinct, RandomState>,
}

impl Crowd {
    pub(super) fn of(fixed: &str) -> Self {
        Self { fixed: fixed.into(), ..Self::default() }
    }

    /// Counts a series that was made or is back, and its values.
    pub(super) fn admit(&mut self, entry: &'static Entry) {
        self.series += 1;
        self.dimensions.iter_mut().for_each(|(place, dimension)| dimension.add(*place, entry));
    }

    /// Counts one less.
    pub(super) fn dismiss(&mut self, entry: &'static Entry) {
        self.series -= 1;
        self.dimensions.iter_mut().for_each(|(place, dimension)| dimension.remove(*place, entry));
    }
}

/// The values of one dimension.
#[derive(Default)]
pub(super) struct Distinct {
    /// With the number of series that have them.
    values: HashMap<&'static str, u32, RandomState>,
    warned: bool,
}

impl Distinct {
    /// Of series that are there already, at this place.
    pub(super) fn of(place: usize, entries: impl Iterator<Item = &'static Entry>) -> Self {
        let mut distinct = Self::default();
        entries.for_each(|entry| distinct.add(place, entry));
        distinct
    }

    fn add(&mut self, place: usize, entry: &'static Entry) {
        if let Some(value) = entry.values.split(SEPARATOR).nth(place).filter(|value| *value != OTHER) {
            *self.values.entry(value).or_default() += 1;
        }
    }

    fn remove(&mut self, place: usize, entry: &'static Entry) {
        let value = entry.values.split(SEPARATOR).nth(place).unwrap_or_default();
        if let Occupied(mut series) = self.values.entry(value) {
            *series.get_mut() -= 1;
            if *series.get() == 0 {
                series.remove();
            }
        }
    }

    /// Whether there is no room for this value.
    pub(super) fn full(&self, value: &str, most: usize) -> bool {
        self.values.len() >= most && value != OTHER && !self.values.contains_key(value)
    }

    /// Whether this has not been told.
    pub(super) fn first(&mut self) -> bool {
        !std::mem::replace(&mut self.warned, true)
    }

    #[cold]
    pub(super) fn crowded(&self, metric: &'static Metric, place: usize, fixed: &str, limit: usize) -> Crowded {
        let mut values: Vec<_> = self.values.keys().copied().collect();
        values.sort_unstable();
        values.truncate(3);
        let dimension = &metric.keys[place];
        Crowded { metric: &metric.name, fixed: told(fixed), limit, of: Of::Values, dimension, values }
    }
}

/// Literal values as a reader wants them.
pub(super) fn told(fixed: &str) -> String {
    fixed.replace(SEPARATOR, ", ")
}

/// What there are too many of.
pub(super) enum Of {
    Series,
    /// Of those that there ever were: most are expired.
    Ever,
    Values,
}

/// A metric that has more series, or a dimension that has more values, than its limit; and the dimension that makes them.
pub(super) struct Crowded {
    pub(super) metric: &'static str,
    pub(super) fixed: String,
    pub(super) limit: usize,
    pub(super) of: Of,
    pub(super) dimension: &'static str,
    pub(super) values: Vec<&'static str>,
}

impl Crowded {
    #[cold]
    pub(super) fn warn(self) {
        let Self { metric, fixed, limit, of, dimension, values } = self;
        match of {
            Of::Series => tracing::warn!(
                metric,
                fixed,
                limit,
                dimension,
                ?values,
                "more series than the limit: further ones are counted together as `_other`; raise `limit` or drop the dimension"
            ),
            Of::Ever => tracing::warn!(
                metric,
                fixed,
                limit,
                dimension,
                ?values,
                "{GENERATIONS} times as many series as the limit were made since the process began, and each stays in memory: \
                 further ones are counted together as `_other`; drop the dimension whose values never come twice"
            ),
            Of::Values => tracing::warn!(
                metric,
                fixed,
                limit,
                dimension,
                ?values,
                "more values of a dimension than its limit: further ones are counted together as `_other` in this dimension; \
                 raise its `limit` or drop the dimension"
            ),
        }
    }
}
