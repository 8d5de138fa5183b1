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

impl Datum {
    /// Bytes of memory behind it, as an allocator deals them out: three times as much as on the wire is not rare.
    pub(crate) fn heap(&self) -> usize {
        let text = |text: &str| block(COUNTS + text.len());
        let dimensions = self.dimensions.iter().map(|(name, value)| text(name) + text(value)).sum::<usize>();
        // A dimension holds two shared texts.
        let list = block(COUNTS + self.dimensions.len() * 2 * size_of::<std::sync::Arc<str>>());
        let numbers = match &self.value {
            DatumValue::Values { values, counts } => block(values.capacity() * 8) + block(counts.capacity() * 8),
            DatumValue::Value(_) | DatumValue::Statistics(_) => 0,
        };
        block(self.name.capacity()) + list + dimensions + numbers
    }
}

/// The two counts before what is shared.
const COUNTS: usize = 2 * size_of::<usize>();

/// What an allocation of `bytes` takes: a head of its own, and no less than 32, in steps of 16.
pub(crate) fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
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
