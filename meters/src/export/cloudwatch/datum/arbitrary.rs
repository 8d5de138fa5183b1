//! Datums at random, and one by hand.

use std::time::{Duration, UNIX_EPOCH};

use meters_core::{Dimensions, Resolution, StatisticSet, Unit};
use proptest::prelude::*;

use super::{Datum, DatumValue};

/// A datum called `name` that holds `value`, of a moment in 2024.
pub(crate) fn datum(name: &str, value: f64) -> Datum {
    Datum {
        name: name.to_owned(),
        dimensions: Dimensions::new(),
        unit: Unit::None,
        resolution: Resolution::Standard,
        timestamp: UNIX_EPOCH + Duration::from_secs(1_717_171_717),
        value: DatumValue::Value(value),
    }
}

/// As many datums, called `0`, `1` and so on.
pub(crate) fn numbered(count: usize) -> Vec<Datum> {
    (0..count).map(|number| datum(&number.to_string(), number as f64)).collect()
}

/// Any datum, with texts and lists on both sides of the lengths at which their heads grow.
pub(crate) fn any_datum() -> impl Strategy<Value = Datum> {
    let number = || prop_oneof![Just(0.0), -1e6..1e6f64, Just(60.0), Just(1e100)];
    let pair = || (number(), 1.0..1e9f64);
    let value = prop_oneof![
        number().prop_map(DatumValue::Value),
        (1.0..1e9f64, number(), number())
            .prop_map(|(count, sum, one)| { DatumValue::Statistics(StatisticSet::new(count, sum, one, one).unwrap()) }),
        prop_oneof![prop::collection::vec(pair(), 0..30), prop::collection::vec(pair(), 148..=150),].prop_map(
            |pairs| {
                let (values, counts) = pairs.into_iter().unzip();
                DatumValue::Values { values, counts }
            }
        ),
    ];
    let length = prop_oneof![1usize..30, 250usize..=255];
    let name = length.prop_flat_map(|length| prop::collection::vec(33u8..127, length));
    let long = prop_oneof![Just(1usize), 20usize..30, 254usize..258, Just(1024usize)];
    let dimensions = prop::collection::btree_map("[A-Za-z]{1,26}", long.prop_map(|length| "v".repeat(length)), 0..=30);
    let high = any::<bool>();
    let unit = prop::sample::select(Unit::ALL.to_vec());
    (name, dimensions, unit, high, 0..4_000_000_000_000_000u64, value).prop_map(
        |(name, dimensions, unit, high, micros, value)| Datum {
            name: String::from_utf8(name).unwrap(),
            dimensions: Dimensions::try_from_iter(dimensions).unwrap(),
            unit,
            resolution: if high { Resolution::High } else { Resolution::Standard },
            timestamp: UNIX_EPOCH + Duration::from_micros(micros),
            value,
        },
    )
}
