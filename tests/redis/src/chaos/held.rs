//! What a series came to, in whole numbers: no order of additions can change it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meters_core::{Distribution, Value};

/// Sums of whole numbers below 2^53, which are exact.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Held {
    pub(crate) count: u64,
    pub(crate) sum: f64,
    /// Lowest and highest; nothing before the first.
    extremes: Option<(f64, f64)>,
    /// Errors, panics, cancelled.
    outcomes: [u64; 3],
    /// By scale and index.
    buckets: BTreeMap<(i8, i32), u64>,
    /// By the value itself.
    pub(crate) values: BTreeMap<u64, u64>,
}

pub(crate) type Totals = BTreeMap<String, Held>;

impl Held {
    pub(crate) fn of(value: &Value) -> Self {
        let mut held = Self::default();
        match value {
            Value::Counter(count) | Value::Meter(count) => held.count = *count,
            Value::Histogram(distribution) => held.distribution(distribution),
            Value::Calls(calls) => {
                held.distribution(&calls.duration);
                held.outcomes = [calls.errors, calls.panics, calls.cancelled];
            }
            Value::Values(values) => {
                held.values = values.exact().iter().map(|&(value, count)| (value as u64, count)).collect();
                held.count = held.values.values().sum();
            }
            _ => {}
        }
        held
    }

    fn distribution(&mut self, distribution: &Distribution) {
        self.count = distribution.count();
        self.sum = distribution.sum();
        self.extremes = distribution.min().zip(distribution.max());
        let scale = distribution.scale();
        self.buckets = distribution.buckets().iter().map(|bucket| ((scale, bucket.index), bucket.count)).collect();
    }

    /// Adds `times` times the other.
    pub(crate) fn add(&mut self, other: &Self, times: u64) {
        self.count += other.count * times;
        self.sum += other.sum * times as f64;
        self.extremes = match (self.extremes, other.extremes) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (one, other) => one.or(other),
        };
        for (ours, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *ours += theirs * times;
        }
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count * times;
        }
        for (value, count) in &other.values {
            *self.values.entry(*value).or_default() += count * times;
        }
    }

    /// On one line, without tabs.
    pub(crate) fn line(&self) -> String {
        let Self { count, sum, extremes, outcomes: [errors, panics, cancelled], buckets, values } = self;
        let mut line = format!("{count} {sum} {errors} {panics} {cancelled}");
        if let Some((low, high)) = extremes {
            write!(line, " m{low}:{high}").unwrap();
        }
        for ((scale, index), count) in buckets {
            write!(line, " b{scale}:{index}:{count}").unwrap();
        }
        for (value, count) in values {
            write!(line, " v{value}:{count}").unwrap();
        }
        line
    }

    /// What [`line`](Self::line) wrote.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut held = Self { count: words.next()?.parse().ok()?, sum: words.next()?.parse().ok()?, ..Self::default() };
        for outcome in &mut held.outcomes {
            *outcome = words.next()?.parse().ok()?;
        }
        for word in words {
            let mut parts = word.get(1..)?.split(':');
            let mut part = || parts.next();
            match word.as_bytes()[0] {
                b'm' => held.extremes = Some((part()?.parse().ok()?, part()?.parse().ok()?)),
                b'b' => {
                    let bucket = (part()?.parse().ok()?, part()?.parse().ok()?);
                    held.buckets.insert(bucket, part()?.parse().ok()?);
                }
                b'v' => _ = held.values.insert(part()?.parse().ok()?, part()?.parse().ok()?),
                _ => return None,
            }
        }
        Some(held)
    }
}
