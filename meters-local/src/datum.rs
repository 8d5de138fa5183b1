//! What is stored, as plain data.

use std::time::SystemTime;

/// The identity of a metric as ListMetrics shows it.
///
/// The unit is no part of it. CloudWatch aggregates each unit on its own, and so do the statistics of this crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Series {
    /// The namespace.
    pub namespace: String,
    /// The metric name.
    pub name: String,
    /// Names and values of the dimensions, sorted by name. Their order on the wire never matters.
    pub dimensions: Vec<(String, String)>,
}

impl Series {
    /// The value of the dimension `name`.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// One stored MetricDatum.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Datum {
    /// The namespace of the request.
    pub namespace: String,
    /// The metric name.
    pub name: String,
    /// Names and values of the dimensions, sorted by name.
    pub dimensions: Vec<(String, String)>,
    /// The timestamp, to the millisecond. Where the client gave none, the time of arrival.
    pub timestamp: SystemTime,
    /// The unit; `"None"` where the client gave none.
    pub unit: &'static str,
    /// The storage resolution in seconds, 1 or 60.
    pub resolution: u32,
    /// The observation or observations.
    pub value: DatumValue,
}

impl Datum {
    /// The value of the dimension `name`.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The three forms in which a datum can carry observations.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DatumValue {
    /// `Value`: a single observation.
    Value(f64),
    /// `StatisticValues`: a summary of several observations, of which no percentile is known.
    Statistics {
        /// How many observations; may be fractional.
        sample_count: f64,
        /// Their sum.
        sum: f64,
        /// The smallest.
        minimum: f64,
        /// The largest.
        maximum: f64,
    },
    /// `Values` with `Counts`, both of the same length.
    Values {
        /// The values, in the order sent.
        values: Vec<f64>,
        /// How often each occurred; 1 for each where the client gave no counts. May be fractional.
        counts: Vec<f64>,
    },
}
