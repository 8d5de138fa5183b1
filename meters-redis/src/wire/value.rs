//! What a series holds as bytes, and what several processes' bytes come to.
//!
//! ```text
//! counter, meter  total:varint
//! gauge           mode:u8 (0 unsaid, 1 last, 2 sum, 3 min, 4 max) level:number
//! float counter   total:number
//! histogram       buckets
//! calls           buckets [errors:varint panics:varint cancelled:varint], where the flag `MORE` is set
//! values          flags:u8 n:varint (value:number count:varint)*n [rest:buckets] [negative:number*4]
//! statistic       count:number sum:number min:number max:number
//! ```

use std::sync::Arc;

use meters_core::{Calls, Distinct, Distribution, Kind, Series, StatisticSet, VALUE_LIMIT, Value, is_sendable};

use super::buckets::{self, Head};
use super::bytes::{Reader, put_number, put_varint};
use super::damaged::Flaw;
use super::levels::{self, Levels, Pushed, Sum};
use super::sets::Sets;

const REST: u8 = 1;
const NEGATIVE: u8 = 2;

/// Appends the value. False, and nothing, where it is not what such a series holds.
pub(super) fn put(out: &mut Vec<u8>, series: &Series, origin: f64, value: &Value, sets: &Sets<'_>) -> bool {
    match (series.kind(), value) {
        (Kind::Counter, Value::Counter(total)) | (Kind::Meter, Value::Meter(total)) => put_varint(out, *total),
        (Kind::FloatCounter, Value::FloatCounter(total)) if is_amount(*total) => put_number(out, *total),
        (Kind::Gauge, Value::Gauge(level)) if is_sendable(*level) => {
            out.push(levels::number(series.across()));
            put_number(out, *level);
        }
        (Kind::Histogram, Value::Histogram(distribution)) if distribution.origin() == origin => {
            buckets::put(out, distribution, sets, false);
        }
        (Kind::Calls, Value::Calls(calls)) if calls.duration.origin() == origin => put_calls(out, calls, sets),
        (Kind::Values, Value::Values(values)) if values.rest().origin() == origin => put_values(out, values),
        (Kind::Statistic, Value::Statistic(Some(set))) => put_set(out, set),
        _ => return false,
    }
    true
}

/// No process adds up to more: as many of the largest amounts as can be counted.
fn is_amount(total: f64) -> bool {
    (0.0..=VALUE_LIMIT * u64::MAX as f64).contains(&total)
}

fn put_calls(out: &mut Vec<u8>, calls: &Calls, sets: &Sets<'_>) {
    // Never more than there are calls: that, a reader takes for damage.
    let mut left = calls.count();
    let ended = [calls.errors, calls.panics, calls.cancelled].map(|ended| {
        let ended = ended.min(left);
        left -= ended;
        ended
    });
    let any = ended != [0; 3];
    buckets::put(out, &calls.duration, sets, any);
    if any {
        ended.iter().for_each(|ended| put_varint(out, *ended));
    }
}

fn put_values(out: &mut Vec<u8>, values: &Distinct) {
    let (rest, negative) = (values.rest().count() > 0, values.negative_rest());
    out.push(if rest { REST } else { 0 } | if negative.is_some() { NEGATIVE } else { 0 });
    put_varint(out, values.exact().len() as u64);
    for (value, count) in values.exact() {
        put_number(out, *value);
        put_varint(out, *count);
    }
    if rest {
        buckets::put(out, values.rest(), &Sets::default(), false);
    }
    if let Some(set) = negative {
        put_set(out, set);
    }
}

fn put_set(out: &mut Vec<u8>, set: &StatisticSet) {
    [set.sample_count(), set.sum(), set.minimum(), set.maximum()].iter().for_each(|number| put_number(out, *number));
}

fn set(reader: &mut Reader<'_>) -> Result<StatisticSet, Flaw> {
    let [count, sum, min, max] = [reader.number()?, reader.number()?, reader.number()?, reader.number()?];
    StatisticSet::new(count, sum, min, max).map_err(|_| "a statistic set that is none")
}

fn ended(reader: &mut Reader<'_>) -> Result<[u64; 3], Flaw> {
    Ok([reader.varint()?, reader.varint()?, reader.varint()?])
}

/// Reads a value and checks it; nothing is added.
#[inline]
pub(super) fn check(reader: &mut Reader<'_>, kind: Kind, origin: f64, sets: &[Arc<[f64]>]) -> Result<(), Flaw> {
    match kind {
        Kind::Counter | Kind::Meter => _ = reader.varint()?,
        Kind::Gauge => {
            levels::mode(reader.byte()?)?;
            if !is_sendable(reader.number()?) {
                return Err("a level that is none");
            }
        }
        Kind::FloatCounter if is_amount(reader.number()?) => {}
        Kind::FloatCounter => return Err("a total that is none"),
        Kind::Histogram => check_buckets(reader, origin, sets)?,
        Kind::Calls => {
            let head = Head::read(reader, origin, sets)?;
            let count = head.check(reader)?;
            if head.more {
                let ended = ended(reader)?.iter().try_fold(0, |sum: u64, ended| sum.checked_add(*ended));
                if ended.is_none_or(|ended| ended > count) {
                    return Err("more calls that failed than calls");
                }
            }
        }
        Kind::Values => check_values(reader, origin)?,
        Kind::Statistic => _ = set(reader)?,
        _ => return Err("a kind that nobody knows"),
    }
    Ok(())
}

fn check_buckets(reader: &mut Reader<'_>, origin: f64, sets: &[Arc<[f64]>]) -> Result<(), Flaw> {
    let head = Head::read(reader, origin, sets)?;
    head.check(reader)?;
    if head.more { Err("a flag that nobody knows") } else { Ok(()) }
}

fn check_values(reader: &mut Reader<'_>, origin: f64) -> Result<(), Flaw> {
    let flags = reader.byte()?;
    if flags & !(REST | NEGATIVE) != 0 {
        return Err("a flag that nobody knows");
    }
    let mut last = f64::NEG_INFINITY;
    for _ in 0..reader.count()? {
        let (value, count) = (reader.number()?, reader.varint()?);
        if !(-VALUE_LIMIT..=VALUE_LIMIT).contains(&value) || last.total_cmp(&value).is_ge() || count == 0 {
            return Err("distinct values that are none");
        }
        last = value;
    }
    if flags & REST != 0 {
        check_buckets(reader, origin, &[])?;
    }
    if flags & NEGATIVE != 0 {
        set(reader)?;
    }
    Ok(())
}

/// What was merged of one series.
pub(super) enum Held {
    Counter(u64),
    Meter(u64),
    FloatCounter(Sum),
    Gauge(Box<Levels>),
    Histogram(Box<Distribution>),
    Calls(Box<Calls>),
    Values(Box<Distinct>),
    Statistic(Option<Box<StatisticSet>>),
}

impl Held {
    /// Nothing of this kind, which was checked.
    pub(super) fn nothing(kind: Kind, origin: f64) -> Self {
        match kind {
            Kind::Meter => Self::Meter(0),
            Kind::FloatCounter => Self::FloatCounter(Sum::default()),
            Kind::Gauge => Self::Gauge(Box::default()),
            Kind::Histogram => Self::Histogram(Box::new(Distribution::with_origin(origin))),
            Kind::Calls => Self::Calls(Box::default()),
            Kind::Values => Self::Values(Box::default()),
            Kind::Statistic => Self::Statistic(None),
            _ => Self::Counter(0),
        }
    }

    /// Adds a value that was checked, pushed by such a process. False where other buckets were counted by, and those are left
    /// alone that both have.
    #[inline]
    pub(super) fn add(
        &mut self,
        reader: &mut Reader<'_>,
        origin: f64,
        pushed: Pushed,
        sets: &[Arc<[f64]>],
    ) -> Result<bool, Flaw> {
        match self {
            Self::FloatCounter(total) => total.add(reader.number()?),
            // As one counter does.
            Self::Counter(total) | Self::Meter(total) => *total = total.wrapping_add(reader.varint()?),
            Self::Gauge(levels) => levels.add(levels::mode(reader.byte()?)?, reader.number()?, pushed),
            Self::Histogram(distribution) => return Ok(absorb(distribution, reader, origin, sets)?.1),
            Self::Calls(calls) => {
                let (more, same) = absorb(&mut calls.duration, reader, origin, sets)?;
                if more {
                    calls.absorb(ended(reader)?);
                }
                return Ok(same);
            }
            Self::Values(values) => add_values(values, reader, origin)?,
            Self::Statistic(ours) => {
                let theirs = set(reader)?;
                match ours {
                    // Refused only where the sum would leave the range of CloudWatch's values.
                    Some(ours) => _ = ours.merge(&theirs),
                    None => *ours = Some(Box::new(theirs)),
                }
            }
        }
        Ok(true)
    }

    pub(super) fn finish(self) -> Value {
        match self {
            Self::Counter(total) => Value::Counter(total),
            Self::Meter(total) => Value::Meter(total),
            Self::FloatCounter(total) => Value::FloatCounter(total.value()),
            Self::Gauge(levels) => Value::Gauge(levels.finish()),
            Self::Histogram(distribution) => Value::Histogram(distribution),
            Self::Calls(calls) => Value::Calls(calls),
            Self::Values(values) => Value::Values(values),
            Self::Statistic(set) => Value::Statistic(set.map(|set| *set)),
        }
    }
}

/// Whether more follows, and whether all is counted by the same buckets.
#[inline]
fn absorb(
    into: &mut Distribution,
    reader: &mut Reader<'_>,
    origin: f64,
    sets: &[Arc<[f64]>],
) -> Result<(bool, bool), Flaw> {
    let head = Head::read(reader, origin, sets)?;
    let explicit = head.explicit.as_ref().and_then(|(set, counts)| Some((sets.get(*set)?, &**counts)));
    let (before, known) = (into.count(), into.explicit().map(|(bounds, _)| bounds.len()));
    into.absorb(&head.parts, head.buckets(reader), explicit);
    let now = into.explicit().map(|(bounds, _)| bounds.len());
    let theirs = explicit.map(|(bounds, _)| bounds.len());
    Ok((head.more, before == 0 || (known == now && theirs == now)))
}

fn add_values(into: &mut Distinct, reader: &mut Reader<'_>, origin: f64) -> Result<(), Flaw> {
    let flags = reader.byte()?;
    for _ in 0..reader.count()? {
        let (value, count) = (reader.number()?, reader.varint()?);
        into.record_n(value, count);
    }
    if flags & REST != 0 {
        absorb(into.rest_mut(), reader, origin, &[])?;
    }
    if flags & NEGATIVE != 0 {
        into.absorb_negative(&set(reader)?);
    }
    Ok(())
}
