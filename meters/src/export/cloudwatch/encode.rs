//! From a window to datums: a pure function.

use std::time::{Duration, SystemTime};

use meters_core::{
    Calls, Distinct, Distribution, Error, Kind, Series, StatisticSet, Unit, Value, Window, is_sendable,
};

use super::datum::{Datum, DatumValue};
use super::idle::{Busy, Part};
use super::refused::Refused;
use super::standing::Standing;

#[cfg(test)]
mod tests;

/// The most values in a datum
/// ([MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)).
pub(crate) const MOST_VALUES: usize = 150;
/// A window shorter than this has the rate of one that long: nothing is divided by zero.
const SHORTEST: f64 = 1e-3;
/// How far before its end a window's timestamp lies at most; see [`timestamp`].
const MINUTE: Duration = Duration::from_secs(60);

/// What a window came to.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) datums: Vec<Datum>,
    pub(crate) refused: Vec<Refused>,
    /// For the next window.
    pub(crate) busy: Busy,
}

/// The datums of `window`, and one zero for each series of `last`, the window before, that counted then and does not now.
pub(crate) fn encode(window: &Window, standing: &Standing, last: &Busy) -> Encoded {
    let mut encoder = Encoder {
        timestamp: timestamp(window.start(), window.end()),
        seconds: window.elapsed().as_secs_f64().max(SHORTEST),
        standing,
        encoded: Encoded::default(),
    };
    encoder.encoded.datums.reserve(window.iter().len() * 3 / 2);
    for (series, value) in window.iter() {
        encoder.series(series, value);
    }
    let busy = std::mem::take(&mut encoder.encoded.busy);
    for (series, part) in last.silent_in(&busy) {
        encoder.silent(series, *part);
    }
    Encoded { busy, ..encoder.encoded }
}

/// When a window was: the later of its start and a minute before its end.
///
/// CloudWatch puts a datum into the period that its timestamp lies in, so that a window that is aligned to a minute must
/// be stamped with its start to count for that minute; with its end, it would count for the next. A window longer than a
/// minute counts for its last. A clock that was set back puts the start behind the end: the end is what it is now.
fn timestamp(start: SystemTime, end: SystemTime) -> SystemTime {
    let minute_before = end.checked_sub(MINUTE).unwrap_or(end);
    start.max(minute_before).min(end)
}

struct Encoder<'e> {
    timestamp: SystemTime,
    seconds: f64,
    standing: &'e Standing,
    encoded: Encoded,
}

/// One datum of a series: its name, unit and value.
type Told = (String, Unit, Result<DatumValue, Error>);

impl Encoder<'_> {
    fn series(&mut self, series: &Series, value: &Value) {
        let name = || series.name().to_owned();
        let unit = series.unit();
        let mut parts: Vec<Told> = Vec::new();
        match value {
            Value::Counter(total) => {
                if *total > 0 {
                    self.encoded.busy.note(series, Part::Whole);
                    parts.push((name(), unit, Ok(DatumValue::Value(*total as f64))));
                }
            }
            Value::Gauge(level) => parts.push((name(), unit, Ok(DatumValue::Value(*level)))),
            Value::Meter(events) => {
                if *events > 0 {
                    self.encoded.busy.note(series, Part::Whole);
                    parts.push((name(), rate_unit(unit), self.rate(*events)));
                }
            }
            Value::Histogram(distribution) => parts.push((name(), unit, Ok(pairs(distribution)))),
            Value::Calls(calls) => self.calls(series, calls, &mut parts),
            Value::Values(values) => parts.extend(distinct(values).map(|value| (name(), unit, Ok(value)))),
            Value::Statistic(Some(set)) => parts.push((name(), unit, Ok(DatumValue::Statistics(*set)))),
            _ => {}
        }
        self.finish(series, parts);
    }

    fn calls(&mut self, series: &Series, calls: &Calls, parts: &mut Vec<Told>) {
        if calls.count() == 0 {
            return;
        }
        // Durations have a unit of time: the macros see to it, and storage may not.
        let unit = Some(series.unit()).filter(|unit| unit.per_second().is_some()).unwrap_or(Unit::Microseconds);
        let per_second = unit.per_second().unwrap_or(1e6);
        let duration = calls.duration.converted(1.0, calls.duration.origin() / per_second);
        parts.push((series.name().to_owned(), unit, Ok(pairs(&duration))));
        let (count, errors) = (calls.count(), calls.errors + calls.panics);
        let (least, most) = (u8::from(errors >= count), u8::from(errors > 0));
        let set = StatisticSet::new(count as f64, errors as f64, least.into(), most.into());
        parts.push((series.errors_name(), Unit::Count, set.map(DatumValue::Statistics)));
        if calls.cancelled > 0 {
            self.encoded.busy.note(series, Part::Cancelled);
            parts.push((series.cancelled_name(), Unit::Count, Ok(DatumValue::Value(calls.cancelled as f64))));
        }
    }

    /// Zero, once, for what counted before and does not now.
    fn silent(&mut self, series: &Series, part: Part) {
        let zero = match (part, series.kind()) {
            (Part::Cancelled, _) => (series.cancelled_name(), Unit::Count, Ok(DatumValue::Value(0.0))),
            (Part::Whole, Kind::Meter) => (series.name().to_owned(), rate_unit(series.unit()), self.rate(0)),
            (Part::Whole, _) => (series.name().to_owned(), series.unit(), Ok(DatumValue::Value(0.0))),
        };
        self.finish(series, vec![zero]);
    }

    /// Events over seconds as a set whose average, over any periods and any processes, is the exact rate.
    fn rate(&self, events: u64) -> Result<DatumValue, Error> {
        let (events, seconds) = (events as f64, self.seconds);
        StatisticSet::new(seconds, events, events / seconds, events / seconds).map(DatumValue::Statistics)
    }

    /// What all datums of a series have in common, and whether CloudWatch would take them.
    fn finish(&mut self, series: &Series, parts: Vec<Told>) {
        if parts.is_empty() {
            return;
        }
        let (resolution, timestamp) = (series.resolution(), self.timestamp);
        let dimensions = self.standing.of(series);
        for (name, unit, value) in parts {
            let made = match (&dimensions, value) {
                (Ok(dimensions), Ok(value)) => match value.unsendable() {
                    None => Ok(Datum { name, dimensions: dimensions.clone(), unit, resolution, timestamp, value }),
                    Some(number) => Err((name, out_of_range(number))),
                },
                (Err(error), _) => Err((name, error.to_string())),
                (_, Err(error)) => Err((name, error.to_string())),
            };
            match made {
                Ok(datum) => self.encoded.datums.push(datum),
                Err((name, why)) => self.encoded.refused.push(Refused::new(&name, series.dimensions(), why)),
            }
        }
    }
}

/// Why CloudWatch would refuse `number`.
pub(super) fn out_of_range(number: f64) -> String {
    format!("{number:e} is no number between 2^-360 and 2^360 in magnitude, which is what CloudWatch takes")
}

fn rate_unit(unit: Unit) -> Unit {
    if unit == Unit::None { Unit::CountPerSecond } else { unit }
}

/// A distribution as one datum whose count, sum, minimum and maximum are exact.
fn pairs(distribution: &Distribution) -> DatumValue {
    // What is too small for CloudWatch lies in the bucket of zeros, and is told as such.
    let told = |value: f64| if is_sendable(value) || value > 1.0 { value } else { 0.0 };
    let (values, counts) = distribution.pairs(MOST_VALUES).into_iter().map(|(value, count)| (told(value), count)).unzip();
    DatumValue::Values { values, counts }
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
