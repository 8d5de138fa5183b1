use std::time::UNIX_EPOCH;

use meters_core::{
    Calls, Dimensions, Distinct, Distribution, Kind, MetricName, Resolution, Snapshot, StatisticSet, Unit, VALUE_LIMIT,
    Value,
};

use super::super::datum::DatumValue;
use super::*;

mod accuracy;
mod amounts;
mod parents;
mod windows;

/// 2024-05-31 16:00:00 UTC, a whole minute.
fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_717_171_200)
}

fn named(name: &str, kind: Kind, unit: Unit, dimensions: &[(&str, &str)]) -> Series {
    let dimensions = Dimensions::try_from_iter(dimensions.iter().copied()).unwrap();
    Series::new(&MetricName::new(name).unwrap(), kind, unit, Resolution::Standard, &dimensions)
}

fn series(name: &str, kind: Kind, unit: Unit) -> Series {
    named(name, kind, unit, &[])
}

/// A window of a minute.
fn window(items: Vec<(Series, Value)>) -> Window {
    Window::from_parts(noon(), noon() + Duration::from_secs(60), Duration::from_secs(60), items)
}

fn encoded(items: Vec<(Series, Value)>) -> Encoded {
    encode(&window(items), &Standing::default(), &Busy::default())
}

fn datums(items: Vec<(Series, Value)>) -> Vec<Datum> {
    let encoded = encoded(items);
    assert_eq!(encoded.refused, []);
    encoded.datums
}

fn calls(nanoseconds: &[f64], errors: u64, panics: u64, cancelled: u64) -> Value {
    let mut calls = Calls { errors, panics, cancelled, ..Calls::new() };
    for duration in nanoseconds {
        assert!(calls.duration.record(*duration));
    }
    Value::Calls(Box::new(calls))
}

fn values(of: &[f64]) -> Value {
    let mut values = Distinct::default();
    for value in of {
        assert!(values.record(*value));
    }
    Value::Values(Box::new(values))
}

fn set(count: f64, sum: f64, minimum: f64, maximum: f64) -> DatumValue {
    DatumValue::Statistics(StatisticSet::new(count, sum, minimum, maximum).unwrap())
}

fn list(values: &[f64], counts: &[f64]) -> DatumValue {
    DatumValue::Values { values: values.to_vec(), counts: counts.to_vec() }
}

fn told(datum: &Datum) -> (&str, Unit, &DatumValue) {
    (&datum.name, datum.unit, &datum.value)
}

#[test]
fn calls_become_durations_and_errors() {
    let of = |unit| datums(vec![(series("Checkout", Kind::Calls, unit), calls(&[2e6, 2e6, 6e6], 1, 1, 0))]);
    for (unit, expected) in [
        (Unit::Microseconds, [2_000.0, 6_000.0]),
        (Unit::Milliseconds, [2.0, 6.0]),
        (Unit::Seconds, [0.002, 0.006]),
        (Unit::None, [2_000.0, 6_000.0]),
    ] {
        let datums = of(unit);
        assert_eq!(datums.len(), 2);
        let unit = if unit == Unit::None { Unit::Microseconds } else { unit };
        assert_eq!((datums[0].name.as_str(), datums[0].unit), ("Checkout", unit));
        let DatumValue::Values { values, counts } = &datums[0].value else { panic!("{:?}", datums[0]) };
        assert_eq!((values[0], *values.last().unwrap()), (expected[0], expected[1]));
        assert_eq!(counts.iter().sum::<f64>(), 3.0);
        assert_eq!(told(&datums[1]), ("Checkout.Errors", Unit::Count, &set(3.0, 2.0, 0.0, 1.0)));
    }
}

#[test]
fn minimum_and_maximum_of_errors_say_whether_all_or_any_failed() {
    for (errors, panics, least, most) in [(0, 0, 0.0, 0.0), (1, 0, 0.0, 1.0), (0, 2, 0.0, 1.0), (2, 1, 1.0, 1.0)] {
        let datums =
            datums(vec![(series("C", Kind::Calls, Unit::Seconds), calls(&[1.0, 2.0, 3.0], errors, panics, 0))]);
        assert_eq!(datums[1].value, set(3.0, (errors + panics) as f64, least, most), "{errors} {panics}");
    }
}

#[test]
fn cancelled_calls_are_told_of_once_there_are_some() {
    let of = |cancelled| datums(vec![(series("C", Kind::Calls, Unit::Seconds), calls(&[1.0, 2.0], 0, 0, cancelled))]);
    assert_eq!(of(0).len(), 2);
    assert_eq!(told(&of(2)[2]), ("C.Cancelled", Unit::Count, &DatumValue::Value(2.0)));
}

#[test]
fn a_meter_tells_rate_and_number() {
    let one = series("Calls", Kind::Meter, Unit::CountPerSecond);
    assert_eq!(
        told(&datums(vec![(one.clone(), Value::Meter(150))])[0]),
        ("Calls", Unit::CountPerSecond, &set(60.0, 150.0, 2.5, 2.5))
    );
    let instant = Window::from_parts(noon(), noon(), Duration::ZERO, vec![(one, Value::Meter(3))]);
    let encoded = encode(&instant, &Standing::default(), &Busy::default());
    assert_eq!(encoded.datums[0].value, set(1e-3, 3.0, 3_000.0, 3_000.0));
    let bytes = series("Sent", Kind::Meter, Unit::BytesPerSecond);
    assert_eq!(datums(vec![(bytes, Value::Meter(60))])[0].unit, Unit::BytesPerSecond);
    let bare = series("Bare", Kind::Meter, Unit::None);
    assert_eq!(datums(vec![(bare, Value::Meter(60))])[0].unit, Unit::CountPerSecond);
}

#[test]
fn counters_gauges_and_sets_are_told_as_they_are() {
    let given = StatisticSet::new(3.0, 6.0, 1.0, 3.0).unwrap();
    let datums = datums(vec![
        (series("Orders", Kind::Counter, Unit::Count), Value::Counter(7)),
        (series("Level", Kind::Gauge, Unit::Percent), Value::Gauge(-0.5)),
        (series("Rows", Kind::Statistic, Unit::None), Value::Statistic(Some(given))),
        (series("None", Kind::Statistic, Unit::None), Value::Statistic(None)),
    ]);
    assert_eq!(
        datums.iter().map(told).collect::<Vec<_>>(),
        [
            ("Orders", Unit::Count, &DatumValue::Value(7.0)),
            ("Level", Unit::Percent, &DatumValue::Value(-0.5)),
            ("Rows", Unit::None, &set(3.0, 6.0, 1.0, 3.0)),
        ]
    );
}

#[test]
fn a_histogram_stays_in_its_unit() {
    let mut sizes = Distribution::new();
    for value in [0.0, 512.0, 512.0, 1_024.0] {
        sizes.record(value);
    }
    let datums = datums(vec![(series("Size", Kind::Histogram, Unit::Bytes), Value::Histogram(Box::new(sizes)))]);
    assert_eq!(told(&datums[0]), ("Size", Unit::Bytes, &list(&[0.0, 512.0, 1_024.0], &[1.0, 2.0, 1.0])));
}

/// The golden pairs of the client that this replaces.
#[test]
fn puts_are_told_as_before() {
    let dimensions = [("Kind", "k"), ("Sort", "s")];
    let first = datums(vec![(named("m", Kind::Values, Unit::Count, &dimensions), values(&[5.0, 5.0, 7.5]))]);
    assert_eq!(told(&first[0]), ("m", Unit::Count, &list(&[5.0, 7.5], &[2.0, 1.0])));
    assert_eq!(first[0].dimensions.iter().collect::<Vec<_>>(), dimensions);
    let second = datums(vec![(series("m", Kind::Values, Unit::None), values(&[1.0]))]);
    assert_eq!(told(&second[0]), ("m", Unit::None, &list(&[1.0], &[1.0])));
    let mut given = StatisticSet::of(3.0).unwrap();
    assert!(given.record(1.0) && given.record(2.0));
    let statistic = named("s", Kind::Statistic, Unit::Microseconds, &dimensions);
    let third = datums(vec![(statistic, Value::Statistic(Some(given)))]);
    assert_eq!(told(&third[0]), ("s", Unit::Microseconds, &set(3.0, 6.0, 1.0, 3.0)));
}

#[test]
fn more_than_150_values_make_more_datums() {
    for (count, expected) in [(149, vec![149]), (150, vec![150]), (151, vec![150, 1]), (400, vec![150, 150, 100])] {
        let all: Vec<_> = (0..count).map(f64::from).collect();
        let datums = datums(vec![(series("Hot", Kind::Values, Unit::None), values(&all))]);
        let lists = datums.iter().map(|datum| match &datum.value {
            DatumValue::Values { values, counts } => {
                assert_eq!(values.len(), counts.len());
                values.clone()
            }
            other => panic!("{other:?}"),
        });
        let lists: Vec<Vec<f64>> = lists.collect();
        assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), expected);
        assert_eq!(lists.concat(), all);
    }
}

#[test]
fn values_too_many_to_keep_apart_are_told_in_full() {
    let mut all: Vec<_> = (0..1_500).map(f64::from).collect();
    all.extend([5_000.5, 7_000.0, -3.0, -4.0]);
    let datums = datums(vec![(series("Wild", Kind::Values, Unit::None), values(&all))]);
    assert_eq!(datums.len(), 12);
    assert_eq!(datums[10].value, list(&[5_000.5, 7_000.0], &[1.0, 1.0]));
    assert_eq!(datums[11].value, set(2.0, -7.0, -4.0, -3.0));
}

#[test]
fn whole_seconds_are_not_dropped() {
    let datums = datums(vec![(series("T", Kind::Calls, Unit::Microseconds), calls(&[1_250_127_000.0], 0, 0, 0))]);
    assert_eq!(datums[0].value, list(&[1_250_127.0], &[1.0]));
}

#[test]
fn units_are_not_mixed() {
    let datums = datums(vec![
        (series("m", Kind::Values, Unit::Count), values(&[1.0])),
        (series("m", Kind::Values, Unit::Bytes), values(&[2.0])),
    ]);
    let told: Vec<_> = datums.iter().map(told).collect();
    assert_eq!(told, [("m", Unit::Count, &list(&[1.0], &[1.0])), ("m", Unit::Bytes, &list(&[2.0], &[1.0]))]);
}

#[test]
fn a_bad_value_does_not_fail_its_batch() {
    let encoded = encoded(vec![
        (series("Good", Kind::Gauge, Unit::None), Value::Gauge(VALUE_LIMIT)),
        (series("Nan", Kind::Gauge, Unit::None), Value::Gauge(f64::NAN)),
        (series("Huge", Kind::Gauge, Unit::None), Value::Gauge(VALUE_LIMIT.next_up())),
        (series("Tiny", Kind::Gauge, Unit::None), Value::Gauge(1e-110)),
        (series("Infinite", Kind::Gauge, Unit::None), Value::Gauge(f64::NEG_INFINITY)),
        (series("Put", Kind::Values, Unit::None), values(&[1.0, 1e-200])),
        (series("Fine", Kind::Counter, Unit::None), Value::Counter(u64::MAX)),
    ]);
    assert_eq!(encoded.datums.iter().map(|datum| &*datum.name).collect::<Vec<_>>(), ["Good", "Fine"]);
    let refused: Vec<_> = encoded.refused.iter().map(Refused::metric).collect();
    assert_eq!(refused, ["Nan", "Huge", "Tiny", "Infinite", "Put"]);
    assert!(encoded.refused[0].reason().starts_with("NaN is no number between"), "{}", encoded.refused[0]);
}

#[test]
fn what_is_too_small_to_tell_from_zero_is_zero_in_a_distribution() {
    let mut values = Distribution::new();
    for value in [1e-200, 3.0, 3.0] {
        assert!(values.record(value));
    }
    let datums = datums(vec![(series("H", Kind::Histogram, Unit::None), Value::Histogram(Box::new(values)))]);
    assert_eq!(datums[0].value, list(&[0.0, 3.0], &[1.0, 2.0]));
}

#[test]
fn a_high_resolution_is_kept() {
    let name = MetricName::new("Fast").unwrap();
    let fast = Series::new(&name, Kind::Gauge, Unit::None, Resolution::High, &Dimensions::new());
    assert_eq!(datums(vec![(fast, Value::Gauge(1.0))])[0].resolution, Resolution::High);
}
