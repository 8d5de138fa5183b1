//! GetMetricStatistics: Statistics or ExtendedStatistics, never both.

use super::window::{self, Window};
use crate::datum::Series;
use crate::error::{self, AwsError};
use crate::limits;
use crate::protocol::Value;
use crate::protocol::input::{Input, Path};
use crate::statistics::{Statistic, Summary};
use crate::store::Store;
use crate::validate;
use std::time::SystemTime;

/// Statistics by the names under which they are answered.
type Wanted<'a> = Vec<(&'a str, Statistic)>;

pub(super) fn run(input: &Input<'_>, store: &Store, now: SystemTime) -> Result<Value, AwsError> {
    let series = Series {
        namespace: validate::namespace(input)?.to_owned(),
        name: validate::name(input, "MetricName", limits::MAX_METRIC_NAME)?.to_owned(),
        dimensions: validate::dimensions(input)?,
    };
    let range = window::range(input, &error::COMBINATION)?;
    let window = Window::new(range, window::period(input)?, now);
    let unit = validate::unit(input)?;
    let plain = wanted(input, "Statistics", limits::MAX_STATISTICS, Statistic::plain)?;
    let extended = wanted(input, "ExtendedStatistics", limits::MAX_EXTENDED_STATISTICS, Statistic::percentile)?;
    match (plain.is_empty(), extended.is_empty()) {
        (true, true) => {
            let message = "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
            return Err(AwsError::combination(message));
        }
        (false, false) => {
            let message =
                "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.";
            return Err(AwsError::combination(message));
        }
        _ => {}
    }
    let (asked, limit) = (window.datapoints(), limits::MAX_STATISTICS_DATAPOINTS);
    if asked > limit {
        let message = format!("The request asks for up to {asked} datapoints, which exceeds the limit of {limit}.");
        return Err(AwsError::combination(message));
    }
    let summaries = store.get(&series).map(|datums| window.summaries(datums, unit, true, !extended.is_empty()));
    let points = summaries.into_iter().flatten();
    let points = points.filter_map(|((at, unit), summary)| datapoint(at, unit, summary, &plain, &extended)).collect();
    Ok(Value::map([("Label", Value::text(series.name)), ("Datapoints", Value::List(points))]))
}

fn wanted<'a>(
    input: &Input<'a>,
    member: &'a str,
    max: usize,
    parse: impl Fn(&str) -> Option<Statistic>,
) -> Result<Wanted<'a>, AwsError> {
    let names = input.texts(member)?.unwrap_or_default();
    let path = input.path(member);
    validate::size(names.len(), max, path)?;
    let mut wanted = Wanted::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let statistic = parse(name).ok_or_else(|| {
            let path = Path::Element(&path, index + 1);
            AwsError::value(format_args!("The value {name} for parameter {path} is not a statistic that is provided."))
        })?;
        // Named twice it is still one member of the datapoint.
        if !wanted.iter().any(|(known, _)| *known == name) {
            wanted.push((name, statistic));
        }
    }
    Ok(wanted)
}

/// A datapoint, unless none of the statistics is available.
fn datapoint(at: i64, unit: &str, mut summary: Summary, plain: &Wanted<'_>, extended: &Wanted<'_>) -> Option<Value> {
    let mut read = |wanted: &Wanted<'_>| -> Vec<(String, Value)> {
        let known = wanted.iter().filter_map(|(name, statistic)| Some((*name, summary.get(*statistic)?)));
        known.map(|(name, number)| (name.to_owned(), Value::Double(number))).collect()
    };
    let (plain, extended) = (read(plain), read(extended));
    if plain.is_empty() && extended.is_empty() {
        return None;
    }
    let mut members = vec![("Timestamp".to_owned(), Value::Timestamp(at as f64 / 1_000.0))];
    members.extend(plain);
    members.push(("Unit".to_owned(), Value::text(unit)));
    if !extended.is_empty() {
        members.push(("ExtendedStatistics".to_owned(), Value::Map(extended)));
    }
    Some(Value::Map(members))
}
