//! One datum: name, dimensions, unit, resolution, time in nanoseconds, and its value behind a number that says which kind.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use meters_core::{Dimensions, Resolution, StatisticSet, Unit};

use super::super::datum::{Datum, DatumValue};
use super::cursor::{self, Cursor};

/// The most values in a datum
/// ([MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)).
const MOST_VALUES: u8 = 150;

const VALUE: u8 = 0;
const STATISTICS: u8 = 1;
const VALUES: u8 = 2;

pub(super) fn write(bytes: &mut Vec<u8>, datum: &Datum) {
    cursor::text(bytes, &datum.name);
    // At most 30, as the type sees to it.
    bytes.push(datum.dimensions.len() as u8);
    for (name, value) in datum.dimensions.iter() {
        cursor::text(bytes, name);
        cursor::text(bytes, value);
    }
    cursor::text(bytes, datum.unit.as_str());
    bytes.push((datum.resolution == Resolution::High).into());
    bytes.extend(nanoseconds(datum.timestamp).to_le_bytes());
    match &datum.value {
        DatumValue::Value(value) => numbers(bytes, VALUE, [*value]),
        DatumValue::Statistics(set) => {
            numbers(bytes, STATISTICS, [set.sample_count(), set.sum(), set.minimum(), set.maximum()])
        }
        DatumValue::Values { values, counts } => {
            bytes.extend([VALUES, values.len() as u8]);
            let pairs = values.iter().zip(counts).flat_map(|(value, count)| [*value, *count]);
            pairs.for_each(|number| bytes.extend(number.to_le_bytes()));
        }
    }
}

fn numbers<const N: usize>(bytes: &mut Vec<u8>, kind: u8, numbers: [f64; N]) {
    bytes.push(kind);
    numbers.into_iter().for_each(|number| bytes.extend(number.to_le_bytes()));
}

/// `None` for what no datum looks like.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Datum> {
    let name = cursor.text()?.to_owned();
    let count = usize::from(cursor.u8()?);
    let mut dimensions = Vec::new();
    for _ in 0..count.min(Dimensions::MAX + 1) {
        dimensions.push((cursor.text()?, cursor.text()?));
    }
    let dimensions = Dimensions::try_from_iter(dimensions).ok()?;
    let unit: Unit = cursor.text()?.parse().ok()?;
    let resolution = match cursor.u8()? {
        0 => Resolution::Standard,
        1 => Resolution::High,
        _ => return None,
    };
    let timestamp = time(cursor.u64()?)?;
    let value = match cursor.u8()? {
        VALUE => DatumValue::Value(cursor.f64()?),
        STATISTICS => {
            let set = StatisticSet::new(cursor.f64()?, cursor.f64()?, cursor.f64()?, cursor.f64()?);
            DatumValue::Statistics(set.ok()?)
        }
        VALUES => {
            let count = Some(cursor.u8()?).filter(|count| *count <= MOST_VALUES)?;
            let pairs: Option<Vec<_>> = (0..count).map(|_| Some((cursor.f64()?, cursor.f64()?))).collect();
            let (values, counts) = pairs?.into_iter().unzip();
            DatumValue::Values { values, counts }
        }
        _ => return None,
    };
    value.unsendable().is_none().then_some(Datum { name, dimensions, unit, resolution, timestamp, value })
}

/// Since 1970; a clock that stands before that makes datums that CloudWatch refuses anyhow.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn time(nanoseconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds))
}
