//! How many series and values a metric has, against its limits, and what is said where there are more.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::entry::Entry;
use crate::model::series::{Metric, SEPARATOR};

/// The value of a dimension that stands for all over a limit.
pub(super) const OTHER: &str = "_other";

/// The series of one metric that agree in their literal dimensions.
pub(super) struct Crowd {
    /// Their literal values, packed.
    pub(super) fixed: Box<str>,
    pub(super) series: usize,
    pub(super) warned: bool,
    /// By their places: those that have a limit of their own.
    pub(super) dimensions: HashMap<usize, Distinct, RandomState>,
}

impl Crowd {
    pub(super) fn of(fixed: &str) -> Self {
        Self { fixed: fixed.into(), series: 0, warned: false, dimensions: HashMap::default() }
    }

    /// Counts a series that was made, and its values.
    pub(super) fn admit(&mut self, entry: &'static Entry) {
        self.series += 1;
        for (place, dimension) in &mut self.dimensions {
            let value = entry.values.split(SEPARATOR).nth(*place);
            dimension.values.extend(value.filter(|value| *value != OTHER));
        }
    }
}

/// The values of one dimension.
#[derive(Default)]
pub(super) struct Distinct {
    values: HashSet<&'static str, RandomState>,
    warned: bool,
}

impl Distinct {
    /// Whether there is no room for this value.
    pub(super) fn full(&self, value: &str, most: usize) -> bool {
        self.values.len() >= most && value != OTHER && !self.values.contains(value)
    }

    /// Whether this has not been told.
    pub(super) fn first(&mut self) -> bool {
        !std::mem::replace(&mut self.warned, true)
    }

    #[cold]
    pub(super) fn crowded(&self, metric: &'static Metric, place: usize, fixed: &str, limit: usize) -> Crowded {
        let mut values: Vec<_> = self.values.iter().copied().collect();
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
