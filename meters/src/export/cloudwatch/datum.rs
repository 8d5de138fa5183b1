//! One datum as CloudWatch takes it, as plain data.

use std::time::SystemTime;

use meters_core::{Dimensions, Resolution, StatisticSet, Unit, is_sendable};

#[cfg(test)]
pub(super) mod arbitrary;

/// What
/// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)
/// holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Datum {
    pub(crate) name: String,
    /// Shared by all datums of one series.
    pub(crate) dimensions: Dimensions,
    pub(crate) unit: Unit,
    pub(crate) resolution: Resolution,
    pub(crate) timestamp: SystemTime,
    pub(crate) value: DatumValue,
}

/// The three ways to say a value; a datum uses one of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DatumValue {
    Value(f64),
    Statistics(StatisticSet),
    /// As many counts as values, at most 150.
    Values {
        values: Vec<f64>,
        counts: Vec<f64>,
    },
}

impl DatumValue {
    /// The first number that CloudWatch would refuse, and the whole request with it.
    ///
    /// The range is that of `Value` in
    /// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
    pub(crate) fn unsendable(&self) -> Option<f64> {
        let bad = |numbers: &[f64]| numbers.iter().copied().find(|number| !is_sendable(*number));
        match self {
            DatumValue::Value(value) => bad(&[*value]),
            DatumValue::Statistics(set) => bad(&[set.sample_count(), set.sum(), set.minimum(), set.maximum()]),
            DatumValue::Values { values, counts } => bad(values).or_else(|| bad(counts)),
        }
    }
}
