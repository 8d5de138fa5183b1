//! What a series says, kind by kind: one datum, or several.

use meters_core::{Calls, Distinct, Distribution, Error, Kind, Series, StatisticSet, Unit, Value, is_sendable};

use super::super::datum::DatumValue;
use super::super::idle::{Busy, Part};

/// The most values in a datum
/// ([MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)).
pub(crate) const MOST_VALUES: usize = 150;

/// One datum of a series, less what it has in common with the others.
pub(super) struct Told {
    pub(super) name: String,
    pub(super) unit: Unit,
    pub(super) value: Result<DatumValue, Error>,
}

impl Told {
    fn of(series: &Series, value: DatumValue) -> Self {
        Self { name: series.name().to_owned(), unit: series.unit(), value: Ok(value) }
    }

    fn count(name: String, value: Result<DatumValue, Error>) -> Self {
        Self { name, unit: Unit::Count, value }
    }
}

/// What `series` says of a window of `seconds`; what counts is noted as `busy`.
pub(super) fn of(series: &Series, value: &Value, seconds: f64, busy: &mut Busy) -> Vec<Told> {
    let one = |value| vec![Told::of(series, value)];
    match value {
        // A total of nothing, as storage may tell it, is silence.
        Value::Counter(0) | Value::Meter(0) => Vec::new(),
        Value::Counter(total) => {
            busy.note(series, Part::Whole);
            one(DatumValue::Value(*total as f64))
        }
        Value::FloatCounter(total) if *total > 0.0 => {
            busy.note(series, Part::Whole);
            one(DatumValue::Value(or_zero(*total)))
        }
        Value::Meter(events) => {
            busy.note(series, Part::Whole);
            vec![rate(series, *events, seconds)]
        }
        Value::Gauge(level) => one(DatumValue::Value(*level)),
        Value::Histogram(distribution) => one(pairs(distribution)),
        Value::Calls(calls) => of_calls(series, calls, busy),
        Value::Values(values) => distinct(values).map(|value| Told::of(series, value)).collect(),
        Value::Statistic(Some(set)) => one(DatumValue::Statistics(*set)),
        _ => Vec::new(),
    }
}

/// Zero, for what counted in the window before and does not now.
pub(super) fn silent(series: &Series, part: Part, seconds: f64) -> Told {
    match (part, series.kind()) {
        (Part::Cancelled, _) => Told::count(series.cancelled_name(), Ok(DatumValue::Value(0.0))),
        (Part::Whole, Kind::Meter) => rate(series, 0, seconds),
        (Part::Whole, _) => Told::of(series, DatumValue::Value(0.0)),
    }
}

/// Durations; errors as a set whose average is their share and whose sum is their number; cancelled calls if any.
fn of_calls(series: &Series, calls: &Calls, busy: &mut Busy) -> Vec<Told> {
    if calls.count() == 0 {
        return Vec::new();
    }
    // Durations have a unit of time: the macros see to it, and storage may not.
    let unit = Some(series.unit()).filter(|unit| unit.per_second().is_some());
    let unit = unit.unwrap_or(Unit::Microseconds);
    let per_second = unit.per_second().unwrap_or(1e6);
    let duration = calls.duration.converted(1.0, calls.duration.origin() / per_second);
    let (count, errors) = (calls.count(), calls.errors.saturating_add(calls.panics));
    let (least, most) = (u8::from(errors >= count), u8::from(errors > 0));
    let set = StatisticSet::new(count as f64, errors as f64, least.into(), most.into());
    let mut parts = vec![
        Told { unit, ..Told::of(series, pairs(&duration)) },
        Told::count(series.errors_name(), set.map(DatumValue::Statistics)),
    ];
    if calls.cancelled > 0 {
        busy.note(series, Part::Cancelled);
        let cancelled = DatumValue::Value(calls.cancelled as f64);
        parts.push(Told::count(series.cancelled_name(), Ok(cancelled)));
    }
    parts
}

/// Events over seconds as a set whose average, over any periods and any processes, is the exact rate.
fn rate(series: &Series, events: u64, seconds: f64) -> Told {
    let (events, rate) = (events as f64, events as f64 / seconds);
    let set = StatisticSet::new(seconds, events, rate, rate);
    let unit = Some(series.unit()).filter(|unit| *unit != Unit::None);
    Told {
        name: series.name().to_owned(),
        unit: unit.unwrap_or(Unit::CountPerSecond),
        value: set.map(DatumValue::Statistics),
    }
}

/// A distribution as one datum whose count, sum, minimum and maximum are exact.
pub(super) fn pairs(distribution: &Distribution) -> DatumValue {
    let pairs = distribution.pairs(MOST_VALUES).into_iter();
    let (values, counts) = pairs.map(|(value, count)| (or_zero(value), count)).unzip();
    DatumValue::Values { values, counts }
}

/// What is too small for CloudWatch lies in the bucket of zeros, and is told as such.
fn or_zero(value: f64) -> f64 {
    if is_sendable(value) || value > 1.0 { value } else { 0.0 }
}

/// Values put by hand: exact ones in as many datums as they need, then what was too much to keep apart.
fn distinct(values: &Distinct) -> impl Iterator<Item = DatumValue> {
    let exact = values.exact().chunks(MOST_VALUES).map(|chunk| {
        let (values, counts) = chunk.iter().map(|&(value, count)| (value, count as f64)).unzip();
        DatumValue::Values { values, counts }
    });
    let rest = Some(values.rest()).filter(|rest| rest.count() > 0).map(pairs);
    exact.chain(rest).chain(values.negative_rest().copied().map(DatumValue::Statistics))
}
