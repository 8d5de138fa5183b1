//! Values, snapshots and windows as text for people: one line a series.

use std::fmt::{self, Display, Formatter};

use super::{Calls, Distinct, Distribution, Series, Snapshot, StatisticSet, Unit, Value, Window};

/// For people, not for programs: the form may change. What a histogram holds has no unit here; a [`Snapshot`] knows it.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write(self, Unit::None, f)
    }
}

/// One line a series, sorted by name and dimensions. For people, not for programs: the form may change.
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// registry.histogram("Size").unit(meters::Unit::Bytes).register().observe(512.0);
/// registry.counter("Orders").dimension("Kind", "web").register().inc(2);
/// let lines = "Orders{Kind=\"web\"} 2\nSize 1 value, mean 512 Bytes, p50 512 Bytes, p99 512 Bytes, max 512 Bytes\n";
/// assert_eq!(registry.snapshot().to_string(), lines);
/// ```
impl Display for Snapshot {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        lines(&self.items, f)
    }
}

/// As a [`Snapshot`]'s.
impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        lines(&self.items, f)
    }
}

fn lines(items: &[(Series, Value)], f: &mut Formatter<'_>) -> fmt::Result {
    let mut sorted: Vec<_> = items.iter().map(|(series, value)| (series.to_string(), series.unit(), value)).collect();
    sorted.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    for (series, unit, value) in sorted {
        write!(f, "{series} ")?;
        write(value, unit, f)?;
        f.write_str("\n")?;
    }
    Ok(())
}

fn write(value: &Value, unit: Unit, f: &mut Formatter<'_>) -> fmt::Result {
    match value {
        Value::Counter(total) => write!(f, "{total}"),
        Value::Meter(events) => many(*events, "event", f),
        Value::FloatCounter(total) => write!(f, "{total}"),
        Value::Gauge(level) => write!(f, "{}", Measure(*level, unit)),
        Value::Histogram(distribution) => {
            many(distribution.count(), "value", f)?;
            spread(distribution, unit, f)
        }
        Value::Calls(calls) => outcomes(calls, f),
        Value::Values(values) => distinct(values, unit, f),
        Value::Statistic(None) => many(0, "value", f),
        Value::Statistic(Some(set)) => {
            many(set.sample_count() as u64, "value", f)?;
            let [mean, min, max] = [set.average(), set.minimum(), set.maximum()].map(|value| Measure(value, unit));
            write!(f, ", mean {mean}, min {min}, max {max}")
        }
    }
}

fn many(count: u64, what: &str, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn outcomes(calls: &Calls, f: &mut Formatter<'_>) -> fmt::Result {
    many(calls.count(), "call", f)?;
    for (count, what) in [(calls.errors, "error"), (calls.panics, "panic")] {
        if count > 0 {
            f.write_str(", ")?;
            many(count, what, f)?;
        }
    }
    if calls.cancelled > 0 {
        write!(f, ", {} cancelled", calls.cancelled)?;
    }
    // Held in nanoseconds, whatever unit they are reported in.
    spread(&calls.duration.converted(1.0, 1e9), Unit::Seconds, f)
}

fn spread(distribution: &Distribution, unit: Unit, f: &mut Formatter<'_>) -> fmt::Result {
    let (p50, p99) = (distribution.quantile(0.5), distribution.quantile(0.99));
    for (what, value) in [("mean", distribution.mean()), ("p50", p50), ("p99", p99), ("max", distribution.max())] {
        if let Some(value) = value {
            write!(f, ", {what} {}", Measure(value, unit))?;
        }
    }
    Ok(())
}

fn distinct(values: &Distinct, unit: Unit, f: &mut Formatter<'_>) -> fmt::Result {
    many(values.count(), "value", f)?;
    let negative = values.negative_rest();
    let known = values.exact().iter().map(|(value, _)| *value).chain(values.rest().min()).chain(values.rest().max());
    let known = known.chain(negative.map(StatisticSet::minimum)).chain(negative.map(StatisticSet::maximum));
    match known.clone().reduce(f64::min).zip(known.reduce(f64::max)) {
        Some((min, max)) => write!(f, ", min {}, max {}", Measure(min, unit), Measure(max, unit)),
        None => Ok(()),
    }
}

/// A number with its unit: times in the unit that reads best, other fractions with three digits.
struct Measure(f64, Unit);

impl Display for Measure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(value, unit) = *self;
        let Some(per_second) = unit.per_second() else {
            short(value, f)?;
            return if matches!(unit, Unit::None | Unit::Count) { Ok(()) } else { write!(f, " {unit}") };
        };
        let seconds = value / per_second;
        let (scale, name) = match seconds.abs() {
            below if below < 1e-6 => (1e9, "ns"),
            below if below < 1e-3 => (1e6, "µs"),
            below if below < 1.0 => (1e3, "ms"),
            _ => (1.0, "s"),
        };
        short(seconds * scale, f)?;
        write!(f, " {name}")
    }
}

fn short(value: f64, f: &mut Formatter<'_>) -> fmt::Result {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e15).contains(&size) {
        return write!(f, "{value:.2e}");
    }
    let digits = match size {
        large if large >= 100.0 => 0,
        large if large >= 10.0 => 1,
        large if large >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    let whole = if digits == 0 { &text } else { text.trim_end_matches('0').trim_end_matches('.') };
    f.write_str(whole)
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::Registry;

    #[test]
    fn each_kind_reads_well() {
        let mut duration = Distribution::with_origin(1e9);
        for nanoseconds in [850.0, 1_000.0, 3_100_000.0, 8_000_000.0] {
            duration.record(nanoseconds);
        }
        let calls = Calls { duration, errors: 1, panics: 0, cancelled: 2 };
        assert_eq!(
            Value::Calls(Box::new(calls)).to_string(),
            "4 calls, 1 error, 2 cancelled, mean 2.78 ms, p50 1.01 µs, p99 8 ms, max 8 ms"
        );
        assert_eq!(Value::Calls(Box::default()).to_string(), "0 calls");
        let mut plain = Distribution::new();
        plain.record(2.5);
        assert_eq!(Value::Histogram(Box::new(plain)).to_string(), "1 value, mean 2.5, p50 2.5, p99 2.5, max 2.5");
        let mut values = Distinct::default();
        for value in [-1.0, 5.0, 5.0] {
            values.record(value);
        }
        assert_eq!(Value::Values(Box::new(values)).to_string(), "3 values, min -1, max 5");
        let set = StatisticSet::new(4.0, 10.0, 1.0, 4.0).unwrap();
        assert_eq!(Value::Statistic(Some(set)).to_string(), "4 values, mean 2.5, min 1, max 4");
        assert_eq!(Value::Statistic(None).to_string(), "0 values");
        assert_eq!((Value::Counter(7).to_string(), Value::Meter(1).to_string()), ("7".into(), "1 event".into()));
        assert_eq!(Value::Gauge(1234.56).to_string(), "1235");
    }

    #[test]
    fn numbers_have_three_digits_and_times_their_unit() {
        let text = |value, unit| Measure(value, unit).to_string();
        let plain = [0.0, -0.25, 0.123_456, 12.345, 1e15, 1e-9].map(|value| text(value, Unit::None));
        assert_eq!(plain, ["0", "-0.25", "0.123", "12.3", "1.00e15", "1.00e-9"]);
        let times = [0.0, 0.85, 250.0, 1.5e6, 9e7].map(|value| text(value, Unit::Microseconds));
        assert_eq!(times, ["0 ns", "850 ns", "250 µs", "1.5 s", "90 s"]);
        assert_eq!((text(3.0, Unit::Count), text(3.0, Unit::Percent)), ("3".into(), "3 Percent".into()));
    }

    #[test]
    fn a_snapshot_is_sorted_and_a_window_reads_alike() {
        let registry = Registry::new();
        let before = registry.snapshot();
        for kind in ["web", "app"] {
            registry.counter("Orders").dimension("Kind", kind).register().inc(1);
        }
        registry.gauge("Level").register().set(0.5);
        let lines = "Level 0.5\nOrders{Kind=\"app\"} 1\nOrders{Kind=\"web\"} 1\n";
        assert_eq!(registry.snapshot().to_string(), lines);
        assert_eq!(registry.snapshot().since(&before).to_string(), lines);
        assert_eq!(before.to_string(), "");
    }
}
