//! Exact sizes of requests, as the SDK writes them: Smithy RPC v2 in CBOR.
//!
//! Structures are maps without a length (a byte before, one after), lists have their length, every number is nine bytes,
//! and a time is a tagged number. The encoding is that of
//! [RFC 8949](https://www.rfc-editor.org/rfc/rfc8949.html#section-3); the names are those of
//! [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).

use meters_core::{Dimensions, Namespace, Resolution, Unit};

use super::datum::{Datum, DatumValue};

#[cfg(test)]
mod tests;

/// One byte opens a map, another closes it.
const MAP: usize = 2;
const DOUBLE: usize = 9;
const TIMESTAMP: usize = 1 + DOUBLE;

/// Bytes of a request for `namespace` with `count` datums, less the datums.
pub(crate) fn envelope(namespace: &Namespace, count: usize) -> usize {
    MAP + text("Namespace") + text(namespace.as_str()) + text("MetricData") + head(count)
}

/// Bytes of a request with these datums.
pub(crate) fn request<'d>(namespace: &Namespace, datums: impl ExactSizeIterator<Item = &'d Datum>) -> usize {
    envelope(namespace, datums.len()) + datums.map(datum).sum::<usize>()
}

/// Bytes of one datum.
pub(crate) fn datum(datum: &Datum) -> usize {
    let unit = match datum.unit {
        Unit::None => 0,
        unit => text("Unit") + text(unit.as_str()),
    };
    let resolution = match datum.resolution {
        Resolution::Standard => 0,
        Resolution::High => text("StorageResolution") + head(1),
    };
    let names = text("MetricName") + text(&datum.name) + text("Timestamp") + TIMESTAMP;
    MAP + names + dimensions(&datum.dimensions) + unit + resolution + value(&datum.value)
}

fn dimensions(dimensions: &Dimensions) -> usize {
    if dimensions.is_empty() {
        return 0;
    }
    let pair = |(name, value): (&str, &str)| MAP + text("Name") + text(name) + text("Value") + text(value);
    text("Dimensions") + head(dimensions.len()) + dimensions.iter().map(pair).sum::<usize>()
}

fn value(value: &DatumValue) -> usize {
    let list = |numbers: &[f64]| head(numbers.len()) + numbers.len() * DOUBLE;
    match value {
        DatumValue::Value(_) => text("Value") + DOUBLE,
        DatumValue::Statistics(_) => {
            let names = ["SampleCount", "Sum", "Minimum", "Maximum"].map(text);
            text("StatisticValues") + MAP + names.iter().sum::<usize>() + 4 * DOUBLE
        }
        DatumValue::Values { values, counts } => text("Values") + list(values) + text("Counts") + list(counts),
    }
}

/// Bytes of a text with its head.
const fn text(text: &str) -> usize {
    head(text.len()) + text.len()
}

/// Bytes that say of what kind something is, and how long or how large.
const fn head(length: usize) -> usize {
    match length {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}
