//! What a test asks about the stored datums.

use crate::datum::{Datum, Series};
use crate::server::{Shared, State};
use crate::statistics::{Statistic, Summary};
use std::collections::BTreeSet;
use std::fmt;

/// A selection of stored datums by metric name, namespace and dimensions. Made by
/// [`Server::metric`](crate::Server::metric).
///
/// Each question looks at what is stored at that moment, over all series that the selection covers. Statistics cover
/// all timestamps and units; compare [`unit`](Self::unit).
///
/// ```
/// let cw = meters_local::start();
/// let checkout = cw.metric("Duration").namespace("Shop").with("Function", "orders::place");
/// assert_eq!(checkout.sample_count(), 0.0);
/// assert_eq!(checkout.percentile(99.9), None);
/// ```
#[must_use]
#[derive(Clone)]
pub struct Metric<'a> {
    shared: &'a Shared,
    name: String,
    namespace: Option<String>,
    dimensions: Vec<(String, String)>,
    exactly: bool,
}

impl<'a> Metric<'a> {
    pub(crate) fn new(shared: &'a Shared, name: String) -> Self {
        Self { shared, name, namespace: None, dimensions: Vec::new(), exactly: false }
    }

    /// Only in this namespace.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Only series that carry this dimension, among others.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.dimensions.push((name.into(), value.into()));
        self
    }

    /// Only series that carry no dimensions besides those named.
    pub fn exactly(mut self) -> Self {
        self.exactly = true;
        self
    }

    fn selects(&self, series: &Series) -> bool {
        let carried = |(name, value): &(String, String)| series.dimension(name) == Some(value);
        let named = |(name, _): &(String, String)| self.dimensions.iter().any(|(wanted, _)| wanted == name);
        series.name == self.name
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == series.namespace)
            && self.dimensions.iter().all(carried)
            && (!self.exactly || series.dimensions.iter().all(named))
    }

    fn summary(&self, percentiles: bool) -> Summary {
        let state: &State = &self.shared.lock();
        let mut summary = Summary::new(percentiles);
        let selected = state.store.series().filter(|(series, _)| self.selects(series));
        selected.flat_map(|(_, datums)| datums).for_each(|datum| summary.add(&datum.value));
        summary
    }

    /// How many observations, 0 if there are none. Fractional counts stay fractional.
    #[must_use]
    pub fn sample_count(&self) -> f64 {
        self.summary(false).sample_count()
    }

    /// The sum of the observations; none if there are none.
    #[must_use]
    pub fn sum(&self) -> Option<f64> {
        self.summary(false).get(Statistic::Sum)
    }

    /// The smallest observation; none if there are none.
    #[must_use]
    pub fn minimum(&self) -> Option<f64> {
        self.summary(false).get(Statistic::Minimum)
    }

    /// The largest observation; none if there are none.
    #[must_use]
    pub fn maximum(&self) -> Option<f64> {
        self.summary(false).get(Statistic::Maximum)
    }

    /// Sum divided by sample count; none if there are no observations.
    #[must_use]
    pub fn average(&self) -> Option<f64> {
        self.summary(false).get(Statistic::Average)
    }

    /// The percentile by nearest rank: the smallest value at or below which lie at least `percent` percent of the
    /// observations, each value weighing its count.
    ///
    /// None where CloudWatch has none: without observations, with a negative one among them, or with a statistic set
    /// among them that does not stand for equal values (API reference, GetMetricStatistics).
    ///
    /// # Panics
    /// If `percent` does not lie between 0 and 100.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        assert!((0.0..=100.0).contains(&percent), "a percentile lies between 0 and 100, and {percent} does not");
        self.summary(true).get(Statistic::Percentile(percent))
    }

    /// The unit; none without datums, or if their units differ.
    #[must_use]
    pub fn unit(&self) -> Option<&'static str> {
        let state: &State = &self.shared.lock();
        let selected = state.store.series().filter(|(series, _)| self.selects(series));
        let units: BTreeSet<_> = selected.flat_map(|(_, datums)| datums).map(|datum| datum.unit).collect();
        if units.len() == 1 { units.into_iter().next() } else { None }
    }

    /// The series selected, sorted.
    #[must_use]
    pub fn series(&self) -> Vec<Series> {
        let state: &State = &self.shared.lock();
        let selected = state.store.series().map(|(series, _)| series).filter(|series| self.selects(series));
        selected.cloned().collect()
    }

    /// The datums selected, in order of arrival.
    #[must_use]
    pub fn datums(&self) -> Vec<Datum> {
        self.shared.lock().store.datums(|series| self.selects(series))
    }

    /// Whether any datum is selected.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.shared.lock().store.series().any(|(series, _)| self.selects(series))
    }
}

impl fmt::Debug for Metric<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metric")
            .field("name", &self.name)
            .field("namespace", &self.namespace)
            .field("dimensions", &self.dimensions)
            .field("exactly", &self.exactly)
            .finish_non_exhaustive()
    }
}
