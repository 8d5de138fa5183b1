//! Values put by hand: their number, sum and extremes.

use meters_core::{Distinct, StatisticSet, Value};

/// Count, sum, and (minimum, maximum) where there is a value.
pub(crate) fn of(value: &Value) -> (u64, f64, Option<(f64, f64)>) {
    match value {
        Value::Values(values) => of_distinct(values),
        // A count of values is whole: they were put one by one.
        Value::Statistic(Some(set)) => (set.sample_count() as u64, set.sum(), Some((set.minimum(), set.maximum()))),
        _ => (0, 0.0, None),
    }
}

fn of_distinct(values: &Distinct) -> (u64, f64, Option<(f64, f64)>) {
    let (exact, rest, negative) = (values.exact(), values.rest(), values.negative_rest());
    let sum = exact.iter().map(|(value, count)| value * *count as f64).sum::<f64>()
        + rest.sum()
        + negative.map_or(0.0, StatisticSet::sum);
    let lowest = exact.first().map(|(value, _)| *value).into_iter().chain(rest.min());
    let lowest = lowest.chain(negative.map(StatisticSet::minimum)).reduce(f64::min);
    let highest = exact.last().map(|(value, _)| *value).into_iter().chain(rest.max());
    let highest = highest.chain(negative.map(StatisticSet::maximum)).reduce(f64::max);
    (values.count(), sum, lowest.zip(highest))
}
