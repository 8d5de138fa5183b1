//! ListMetrics.

use crate::datum::Series;
use crate::error::AwsError;
use crate::limits;
use crate::protocol::Value;
use crate::protocol::input::{Input, Path};
use crate::store::Store;
use crate::validate;
use std::time::{Duration, SystemTime};

/// What `RecentlyActive` = `PT3H` means.
const RECENT: Duration = Duration::from_secs(3 * 3_600);

pub(super) fn run(input: &Input<'_>, store: &Store, now: SystemTime) -> Result<Value, AwsError> {
    let namespace = validate::optional_name(input, "Namespace", limits::MAX_NAMESPACE)?;
    let name = validate::optional_name(input, "MetricName", limits::MAX_METRIC_NAME)?;
    let filters = filters(input)?;
    let since = recently_active(input)?.then(|| now.checked_sub(RECENT)).flatten();
    let after = match input.text("NextToken")? {
        None => None,
        Some(token) => {
            Some(token.parse().map_err(|_| AwsError::value("The value for parameter NextToken is invalid."))?)
        }
    };
    let wanted = |series: &Series| {
        namespace.is_none_or(|namespace| namespace == series.namespace)
            && name.is_none_or(|name| name == series.name)
            && filters.iter().all(|(name, value)| {
                series.dimension(name).is_some_and(|found| value.is_none_or(|value| value == found))
            })
    };
    let mut metrics = Vec::new();
    let mut last = None;
    for (id, series, datums) in store.after(after) {
        let recent = since.is_none_or(|since| datums.iter().any(|datum| datum.timestamp >= since));
        if !wanted(series) || !recent {
            continue;
        }
        if metrics.len() == limits::LIST_PAGE {
            return Ok(output(metrics, last));
        }
        metrics.push(metric(series));
        last = Some(id);
    }
    Ok(output(metrics, None))
}

fn filters<'a>(input: &Input<'a>) -> Result<Vec<(&'a str, Option<&'a str>)>, AwsError> {
    let items = input.list("Dimensions")?.unwrap_or_default();
    let path = input.path("Dimensions");
    validate::size(items.len(), limits::MAX_DIMENSION_FILTERS, path)?;
    let mut filters = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        // Checked with its path, then taken from the tree, which lives longer than the path.
        let path = Path::Element(&path, index + 1);
        let filter = input.below(item, &path)?;
        validate::name(&filter, "Name", limits::MAX_DIMENSION_NAME)?;
        validate::optional_name(&filter, "Value", limits::MAX_DIMENSION_VALUE)?;
        if let Some(Value::Text(name)) = item.get("Name") {
            let value = item.get("Value").and_then(Value::as_text);
            filters.push((name.as_str(), value));
        }
    }
    Ok(filters)
}

fn recently_active(input: &Input<'_>) -> Result<bool, AwsError> {
    match input.text("RecentlyActive")? {
        None => Ok(false),
        Some("PT3H") => Ok(true),
        Some(_) => Err(AwsError::value("The parameter RecentlyActive must be a value in the set [ PT3H ].")),
    }
}

fn metric(series: &Series) -> Value {
    let dimension = |(name, value): &(String, String)| {
        Value::map([("Name", Value::text(name.as_str())), ("Value", Value::text(value.as_str()))])
    };
    Value::map([
        ("Namespace", Value::text(series.namespace.as_str())),
        ("MetricName", Value::text(series.name.as_str())),
        ("Dimensions", Value::List(series.dimensions.iter().map(dimension).collect())),
    ])
}

fn output(metrics: Vec<Value>, last: Option<u64>) -> Value {
    let mut members = vec![("Metrics".to_owned(), Value::List(metrics))];
    if let Some(last) = last {
        members.push(("NextToken".to_owned(), Value::text(last.to_string())));
    }
    Value::Map(members)
}
