//! Questions that tests ask of a snapshot or a window.

use std::fmt;

use super::{Calls, Dimensions, Distribution, Series, Snapshot, Value, Window};

macro_rules! ask {
    ($($type:ty),*) => {$(
        impl $type {
            /// A question about one metric: the series of this name that carry certain dimensions.
            pub fn metric<'a>(&'a self, name: &'a str) -> Query<'a> {
                Query { items: &self.items, name, dimensions: [("", ""); Dimensions::MAX], asked: 0 }
            }

            /// The total of all counters and meters of this name.
            pub fn counter(&self, name: &str) -> u64 {
                self.metric(name).count()
            }
        }
    )*};
}

ask!(Snapshot, Window);

/// A question about the series of one metric that carry certain dimensions; made by [`Snapshot::metric`].
///
/// It is `Copy`: what was asked may be kept, and asked again with one dimension more.
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// registry.counter("Orders").dimension("Kind", "web").register().inc(2);
/// registry.counter("Orders").dimension("Kind", "app").register().inc(5);
/// let snapshot = registry.snapshot();
/// let orders = snapshot.metric("Orders");
/// assert_eq!((orders.with("Kind", "web").count(), orders.with("Kind", "app").count()), (2, 5));
/// assert_eq!(orders.count(), 7);
/// ```
#[derive(Clone, Copy)]
pub struct Query<'a> {
    items: &'a [(Series, Value)],
    name: &'a str,
    /// The first `asked` of these; an array, so that a query may be copied.
    dimensions: [(&'a str, &'a str); Dimensions::MAX],
    asked: usize,
}

impl<'a> Query<'a> {
    /// Only series that carry this dimension.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: &'a str) -> Self {
        if self.dimensions().contains(&(name, value)) {
            return self;
        }
        match self.dimensions.get_mut(self.asked) {
            Some(free) => {
                *free = (name, value);
                self.asked += 1;
            }
            // No series has so many.
            None => self.items = &[],
        }
        self
    }

    fn dimensions(&self) -> &[(&'a str, &'a str)] {
        &self.dimensions[..self.asked]
    }

    /// The series that fit.
    pub fn series(&self) -> impl Iterator<Item = (&'a Series, &'a Value)> + use<'a> {
        let query = *self;
        query.items.iter().map(|(series, value)| (series, value)).filter(move |(series, _)| {
            series.name() == query.name
                && query.dimensions().iter().all(|(key, value)| series.dimension(key) == Some(*value))
        })
    }

    /// All that fits, merged; `None` where nothing does.
    pub fn value(&self) -> Option<Value> {
        self.series().map(|(_, value)| value.clone()).reduce(|mut sum, value| {
            sum.merge(&value);
            sum
        })
    }

    /// Calls of a function, merged over what fits.
    pub fn calls(&self) -> Calls {
        match self.value() {
            Some(Value::Calls(calls)) => *calls,
            _ => Calls::new(),
        }
    }

    /// Events, observations, calls or values put by hand, summed over what fits.
    pub fn count(&self) -> u64 {
        match self.value() {
            Some(Value::Counter(count) | Value::Meter(count)) => count,
            Some(Value::Histogram(distribution)) => distribution.count(),
            Some(Value::Calls(calls)) => calls.count(),
            Some(Value::Values(values)) => values.count(),
            Some(Value::Statistic(Some(set))) => set.sample_count() as u64,
            _ => 0,
        }
    }

    /// The total of float counters, summed over what fits.
    pub fn amount(&self) -> f64 {
        match self.value() {
            Some(Value::FloatCounter(total)) => total,
            _ => 0.0,
        }
    }

    /// The level of a gauge.
    pub fn gauge(&self) -> Option<f64> {
        match self.value() {
            Some(Value::Gauge(level)) => Some(level),
            _ => None,
        }
    }

    /// The distribution of a histogram, or of the durations of calls, in the unit of the series and merged over what fits.
    pub fn distribution(&self) -> Option<Distribution> {
        match self.value() {
            Some(Value::Histogram(distribution)) => Some(*distribution),
            Some(Value::Calls(calls)) => {
                let unit = self.series().next().and_then(|(series, _)| series.unit().per_second());
                Some(calls.duration.converted(1.0, 1e9 / unit.unwrap_or(1e6)))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("name", &self.name)
            .field("dimensions", &self.dimensions())
            .finish_non_exhaustive()
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use crate::Registry;

    #[test]
    fn more_dimensions_than_a_series_can_have_fit_none() {
        let registry = Registry::new();
        let keys: Vec<String> = (0..31).map(|number| format!("K{number:02}")).collect();
        let full = keys[..30].iter().fold(registry.counter("Full"), |counter, key| counter.dimension(key, "v"));
        full.register().inc(3);
        let snapshot = registry.snapshot();
        let all = keys[..30].iter().fold(snapshot.metric("Full"), |query, key| query.with(key, "v"));
        assert_eq!(all.count(), 3);
        assert_eq!(all.with("K00", "v").count(), 3); // asked before
        assert_eq!(all.with("K00", "w").count(), 0);
        assert_eq!(all.with(&keys[30], "v").count(), 0);
    }

    #[test]
    fn a_question_may_be_asked_again() {
        let registry = Registry::new();
        registry.counter("Orders").dimension("Kind", "web").dimension("Tier", "gold").register().inc(2);
        registry.counter("Orders").dimension("Kind", "web").dimension("Tier", "blue").register().inc(5);
        let snapshot = registry.snapshot();
        let web = snapshot.metric("Orders").with("Kind", "web");
        let counts = ["gold", "blue", "red"].map(|tier| web.with("Tier", tier).count());
        assert_eq!((counts, web.count()), ([2, 5, 0], 7));
        assert_eq!(format!("{web:?}"), r#"Query { name: "Orders", dimensions: [("Kind", "web")], .. }"#);
    }
}
