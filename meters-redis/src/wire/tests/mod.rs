//! Entries of many windows.

mod counted;
mod hostile;
mod said;
mod same;
mod warned;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use meters_core::{
    Buckets, Calls, Dimensions, Distinct, Distribution, Kind, MetricName, Resolution, Series, StatisticSet, Unit,
    Value, Window,
};
use proptest::prelude::*;

use super::{Damaged, HEADER, Merge, encode, sealed};

const BOUNDS: [f64; 4] = [0.0, 12.5, 200.0, 900.0];

fn series(name: &str, kind: Kind, unit: Unit, dimensions: &[(&str, &str)]) -> Series {
    let dimensions = Dimensions::try_from_iter(dimensions.iter().copied()).unwrap();
    Series::new(&MetricName::new(name).unwrap(), kind, unit, Resolution::Standard, &dimensions)
}

fn at(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_800_000_000_000 + milliseconds)
}

fn window(end: u64, items: Vec<(Series, Value)>) -> Window {
    Window::from_parts(at(end) - Duration::from_secs(60), at(end), Duration::from_secs(60), items)
}

/// By the texts of series, which say all but kind and unit.
fn told<'a>(items: impl IntoIterator<Item = (&'a Series, &'a Value)>) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (series, value) in items {
        let text = format!("{series} {:?} {}", series.kind(), series.unit());
        assert!(all.insert(text, value.clone()).is_none(), "{series} comes twice");
    }
    all
}

/// Merged as by one claim: each entry from a process of its own, in this order.
fn merged<'e>(entries: impl IntoIterator<Item = &'e Vec<u8>>) -> Vec<(Series, Value)> {
    let mut merge = Merge::default();
    for (writer, entry) in entries.into_iter().enumerate() {
        merge.add(&(writer as u32).to_be_bytes(), 1, entry).unwrap();
    }
    merge.finish()
}

fn told_of(items: &[(Series, Value)]) -> BTreeMap<String, Value> {
    told(items.iter().map(|(series, value)| (series, value)))
}

/// Whole numbers: their sums are the same in any order.
fn distribution(origin: f64) -> impl Strategy<Value = Distribution> {
    let value = prop_oneof![Just(0u64), 1..100u64, 1_000_000..50_000_000u64, 0..1u64 << 44];
    (prop::collection::vec((value, 1..50u64), 1..40), 0..4u8).prop_map(move |(values, folds)| {
        let mut distribution = Distribution::with_origin(origin);
        for (value, count) in values {
            assert!(distribution.record_n(value as f64, count));
        }
        (0..folds).for_each(|_| distribution.fold());
        distribution
    })
}

/// As one histogram counts: always by the same bounds.
fn bucketed() -> impl Strategy<Value = Value> {
    prop::collection::vec((0..2000u64, 1..50u64), 1..40).prop_map(|values| {
        let mut waits = Distribution::with_buckets(1.0, &Buckets::explicit(BOUNDS).unwrap());
        for (value, count) in values {
            assert!(waits.record_n(value as f64 / 2.0, count));
        }
        Value::Histogram(Box::new(waits))
    })
}

fn calls() -> impl Strategy<Value = Value> {
    (distribution(1e9), any::<[u8; 3]>()).prop_map(|(duration, ended)| {
        let mut left = duration.count();
        let [errors, panics, cancelled] = ended.map(|ended| {
            let ended = u64::from(ended).min(left);
            left -= ended;
            ended
        });
        Value::Calls(Box::new(Calls { duration, errors, panics, cancelled }))
    })
}

fn distinct() -> impl Strategy<Value = Value> {
    // So many that not all of them are kept apart, now and then.
    let count = prop_oneof![9 => 1..20usize, 1 => Just(1600usize)];
    (count, any::<u16>()).prop_map(|(count, seed)| {
        let (mut values, mut random) = (Distinct::default(), fastrand::Rng::with_seed(seed.into()));
        for _ in 0..count {
            values.record_n(random.i32(-2000..4000).into(), random.u64(1..4));
        }
        Value::Values(Box::new(values))
    })
}

fn statistic() -> impl Strategy<Value = Value> {
    (1..1000i32, -1000..1000i32, 0..1000i32).prop_map(|(count, min, more)| {
        let (count, min, max) = (f64::from(count), f64::from(min), f64::from(min + more));
        Value::Statistic(Some(StatisticSet::new(count, min * count, min, max).unwrap()))
    })
}

fn item() -> impl Strategy<Value = (Series, Value)> {
    let named = |name: &'static str, kind: Kind, unit: Unit| {
        (0..3u8, 0..3u8).prop_map(move |(a, b)| {
            let (a, b) = (["x", "_other", "a value of some length"][usize::from(a)], b.to_string());
            if b == "2" { series(name, kind, unit, &[]) } else { series(name, kind, unit, &[("A", a), ("B", &b)]) }
        })
    };
    let level = prop_oneof![-1e6..1e6f64, (0..1000i32).prop_map(f64::from)];
    let boxed = |distribution| Value::Histogram(Box::new(distribution));
    prop_oneof![
        (named("Orders", Kind::Counter, Unit::Count), (1..u64::MAX).prop_map(Value::Counter)),
        (named("Logins", Kind::Meter, Unit::CountPerSecond), (1..1000u64).prop_map(Value::Meter)),
        (named("Open", Kind::Gauge, Unit::None), level.prop_map(Value::Gauge)),
        (named("Size", Kind::Histogram, Unit::Bytes), distribution(1.0).prop_map(boxed)),
        (named("Parse", Kind::Histogram, Unit::Milliseconds), distribution(1e3).prop_map(boxed)),
        (named("Duration", Kind::Calls, Unit::Microseconds), calls()),
        (named("Put", Kind::Values, Unit::None), distinct()),
        (named("Set", Kind::Statistic, Unit::None), statistic()),
        (
            named("Paid", Kind::FloatCounter, Unit::Count),
            (1..1u64 << 50).prop_map(|n| Value::FloatCounter(n as f64 / 4.0))
        ),
        (named("Wait", Kind::Histogram, Unit::None), bucketed()),
        // The same name of another kind and in another unit: another series.
        (named("Orders", Kind::Counter, Unit::Bytes), (1..9u64).prop_map(Value::Counter)),
        (named("Orders", Kind::Meter, Unit::CountPerSecond), (1..9u64).prop_map(Value::Meter)),
    ]
}

fn items(most: usize) -> impl Strategy<Value = Vec<(Series, Value)>> {
    prop::collection::vec(item(), 0..most).prop_map(|items| {
        let mut apart: Vec<(Series, Value)> = Vec::new();
        for (series, value) in items {
            if apart.iter().all(|(known, _)| *known != series) {
                apart.push((series, value));
            }
        }
        apart
    })
}
