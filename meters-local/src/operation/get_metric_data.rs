//! GetMetricData: queries of single metrics; expressions are refused.

use super::window::{self, Window};
use crate::datum::Series;
use crate::error::{self, AwsError};
use crate::limits;
use crate::protocol::Value;
use crate::protocol::input::{Input, Path};
use crate::statistics::Statistic;
use crate::store::Store;
use crate::validate;
use std::collections::HashSet;
use std::time::SystemTime;

/// One query, read.
struct Query {
    id: String,
    label: String,
    series: Series,
    period: i64,
    statistic: Statistic,
    unit: Option<&'static str>,
    returned: bool,
}

pub(super) fn run(input: &Input<'_>, store: &Store, now: SystemTime) -> Result<Value, AwsError> {
    let queries = queries(input)?;
    let range = window::range(input, &error::VALIDATION)?;
    let ascending = ascending(input)?;
    let max = max_datapoints(input)?;
    let skip: usize = match input.text("NextToken")? {
        None => 0,
        Some(token) => {
            let invalid = |_| AwsError::new(&error::INVALID_TOKEN, "The value for parameter NextToken is invalid.");
            token.parse().map_err(invalid)?
        }
    };
    let mut page = Page { skip, left: max, cut: false };
    let returned = queries.iter().filter(|query| query.returned);
    let results: Vec<_> =
        returned.map(|query| page.result(query, points(query, range, ascending, store, now))).collect();
    let mut members = vec![("MetricDataResults".to_owned(), Value::List(results))];
    if page.cut {
        members.push(("NextToken".to_owned(), Value::text(skip.saturating_add(max).to_string())));
    }
    members.push(("Messages".to_owned(), Value::List(Vec::new())));
    Ok(Value::Map(members))
}

/// All datapoints of a query, in the order asked for.
fn points(query: &Query, range: (i64, i64), ascending: bool, store: &Store, now: SystemTime) -> Vec<(i64, f64)> {
    let window = Window::new(range, query.period, now);
    let percentiles = matches!(query.statistic, Statistic::Percentile(_));
    let Some(datums) = store.get(&query.series) else {
        return Vec::new();
    };
    let summaries = window.summaries(datums, query.unit, false, percentiles).into_iter();
    let points = summaries.filter_map(|((at, _), mut summary)| Some((at, summary.get(query.statistic)?)));
    if ascending { points.collect() } else { points.rev().collect() }
}

/// The datapoints that one answer carries, counted over all queries in their order.
struct Page {
    skip: usize,
    left: usize,
    /// Whether datapoints remain for another page.
    cut: bool,
}

impl Page {
    fn result(&mut self, query: &Query, points: Vec<(i64, f64)>) -> Value {
        let skipped = self.skip.min(points.len());
        self.skip -= skipped;
        let points = &points[skipped..];
        let taken = self.left.min(points.len());
        self.left -= taken;
        let partial = taken < points.len();
        self.cut |= partial;
        let points = &points[..taken];
        let timestamps = points.iter().map(|(at, _)| Value::Timestamp(*at as f64 / 1_000.0)).collect();
        let values = points.iter().map(|(_, value)| Value::Double(*value)).collect();
        Value::map([
            ("Id", Value::text(query.id.as_str())),
            ("Label", Value::text(query.label.as_str())),
            ("Timestamps", Value::List(timestamps)),
            ("Values", Value::List(values)),
            ("StatusCode", Value::text(if partial { "PartialData" } else { "Complete" })),
        ])
    }
}

fn queries(input: &Input<'_>) -> Result<Vec<Query>, AwsError> {
    let path = input.path("MetricDataQueries");
    let items = input.list("MetricDataQueries")?.ok_or_else(|| AwsError::missing(path))?;
    if items.is_empty() {
        return Err(AwsError::missing(path));
    }
    validate::size(items.len(), limits::MAX_QUERIES, path)?;
    let mut queries = Vec::with_capacity(items.len());
    let mut ids = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        let path = Path::Element(&path, index + 1);
        let query = query(&input.below(item, &path)?)?;
        if !ids.insert(query.id.clone()) {
            let message = format!("The value {} for parameter {path}.Id is not unique.", query.id);
            return Err(AwsError::new(&error::VALIDATION, message));
        }
        queries.push(query);
    }
    Ok(queries)
}

fn query(input: &Input<'_>) -> Result<Query, AwsError> {
    let id = validate::name(input, "Id", limits::MAX_QUERY_ID)?;
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !id.starts_with(|first: char| first.is_ascii_lowercase()) || !id.bytes().all(rest) {
        let path = input.path("Id");
        let message = format!("The value {id} for parameter {path} must match ^[a-z][a-zA-Z0-9_]*$.");
        return Err(AwsError::new(&error::VALIDATION, message));
    }
    if input.text("Expression")?.is_some() {
        let path = input.path("Expression");
        let message = format!("The parameter {path} is not provided by meters-local; ask for a MetricStat.");
        return Err(AwsError::new(&error::VALIDATION, message));
    }
    let stat_path = input.path("MetricStat");
    let stat = input.get("MetricStat").ok_or_else(|| AwsError::missing(stat_path))?;
    let stat = input.below(stat, &stat_path)?;
    let metric_path = stat.path("Metric");
    let metric = stat.get("Metric").ok_or_else(|| AwsError::missing(metric_path))?;
    let metric = stat.below(metric, &metric_path)?;
    let series = Series {
        namespace: validate::namespace(&metric)?.to_owned(),
        name: validate::name(&metric, "MetricName", limits::MAX_METRIC_NAME)?.to_owned(),
        dimensions: validate::dimensions(&metric)?,
    };
    let name = stat.text("Stat")?.ok_or_else(|| AwsError::missing(stat.path("Stat")))?;
    let statistic = Statistic::plain(name).or_else(|| Statistic::percentile(name)).ok_or_else(|| {
        let path = stat.path("Stat");
        let message = format!("The value {name} for parameter {path} is not a statistic that is provided.");
        AwsError::new(&error::VALIDATION, message)
    })?;
    Ok(Query {
        id: id.to_owned(),
        label: input.text("Label")?.unwrap_or(&series.name).to_owned(),
        period: window::period(&stat)?,
        statistic,
        unit: validate::unit(&stat)?,
        returned: input.bool("ReturnData")?.unwrap_or(true),
        series,
    })
}

fn ascending(input: &Input<'_>) -> Result<bool, AwsError> {
    match input.text("ScanBy")? {
        None | Some("TimestampDescending") => Ok(false),
        Some("TimestampAscending") => Ok(true),
        Some(_) => {
            let message =
                "The parameter ScanBy must be a value in the set [ TimestampDescending, TimestampAscending ].";
            Err(AwsError::value(message))
        }
    }
}

fn max_datapoints(input: &Input<'_>) -> Result<usize, AwsError> {
    let max = limits::MAX_DATAPOINTS;
    match input.int("MaxDatapoints")? {
        None => Ok(max),
        Some(asked) => usize::try_from(asked).ok().filter(|asked| (1..=max).contains(asked)).ok_or_else(|| {
            AwsError::value(format_args!("The value {asked} for parameter MaxDatapoints must lie between 1 and {max}."))
        }),
    }
}
