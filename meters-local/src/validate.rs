//! The rules of PutMetricData for one datum, and the rules of names for every operation.
//!
//! Messages follow those that the real service was seen to give; codes follow the service model.

use crate::datum::{Datum, DatumValue};
use crate::error::AwsError;
use crate::limits;
use crate::protocol::Value;
use crate::protocol::input::{Input, Path};
use std::fmt::Display;
use std::time::{Duration, SystemTime};

/// How far a Sum may lie outside of what Minimum, Maximum and SampleCount allow, relative to the larger of them.
/// A client adds up in floating point; a billion additions stay within this.
const SUM_TOLERANCE: f64 = 1e-9;

/// Milliseconds since 1970, saturating.
pub(crate) fn millis(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
    }
}

/// The text at `name`, of 1 to `max` ASCII characters without control characters, one of them no space.
pub(crate) fn name<'a>(input: &Input<'a>, name: &'a str, max: usize) -> Result<&'a str, AwsError> {
    optional_name(input, name, max)?.ok_or_else(|| AwsError::missing(input.path(name)))
}

/// As [`name`], for a member that may be absent.
pub(crate) fn optional_name<'a>(input: &Input<'a>, name: &'a str, max: usize) -> Result<Option<&'a str>, AwsError> {
    let Some(text) = input.text(name)? else {
        return Ok(None);
    };
    let path = input.path(name);
    if text.is_empty() {
        return Err(AwsError::value(format_args!("The parameter {path} must be longer than 0 characters.")));
    }
    if text.chars().count() > max {
        return Err(AwsError::value(format_args!("The parameter {path} must be shorter than {} characters.", max + 1)));
    }
    let complaint = if !text.is_ascii() {
        "contains non-ASCII characters"
    } else if text.bytes().any(|byte| byte.is_ascii_control()) {
        "contains control characters"
    } else if text.trim().is_empty() {
        "contains only whitespace"
    } else {
        return Ok(Some(text));
    };
    Err(AwsError::value(format_args!("The value for parameter {path} {complaint}.")))
}

/// The namespace, which must not start with a colon.
pub(crate) fn namespace<'a>(input: &Input<'a>) -> Result<&'a str, AwsError> {
    let namespace = name(input, "Namespace", limits::MAX_NAMESPACE)?;
    if namespace.starts_with(':') { Err(invalid(namespace, "Namespace")) } else { Ok(namespace) }
}

fn invalid(value: impl Display, path: impl Display) -> AwsError {
    AwsError::value(format_args!("The value {value} for parameter {path} is invalid."))
}

/// Refuses a collection of more than `max`.
pub(crate) fn size(len: usize, max: usize, path: impl Display) -> Result<(), AwsError> {
    if len <= max {
        return Ok(());
    }
    Err(AwsError::value(format_args!("The collection {path} must not have a size greater than {max}.")))
}

/// The dimensions, sorted by name.
pub(crate) fn dimensions(input: &Input<'_>) -> Result<Vec<(String, String)>, AwsError> {
    let items = input.list("Dimensions")?.unwrap_or_default();
    let path = input.path("Dimensions");
    size(items.len(), limits::MAX_DIMENSIONS, path)?;
    let mut dimensions = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = Path::Element(&path, index + 1);
        let dimension = input.below(item, &path)?;
        let key = name(&dimension, "Name", limits::MAX_DIMENSION_NAME)?;
        if key.starts_with(':') {
            return Err(invalid(key, dimension.path("Name")));
        }
        let value = name(&dimension, "Value", limits::MAX_DIMENSION_VALUE)?;
        if dimensions.iter().any(|(known, _)| known == key) {
            let message = format!("The value {key} for parameter {} occurs more than once.", dimension.path("Name"));
            return Err(AwsError::value(message));
        }
        dimensions.push((key.to_owned(), value.to_owned()));
    }
    dimensions.sort_unstable();
    Ok(dimensions)
}

/// The unit, if one is given.
pub(crate) fn unit(input: &Input<'_>) -> Result<Option<&'static str>, AwsError> {
    let Some(text) = input.text("Unit")? else {
        return Ok(None);
    };
    limits::UNITS.iter().find(|unit| **unit == text).map(|unit| Some(*unit)).ok_or_else(|| {
        let set = limits::UNITS.join(", ");
        AwsError::value(format_args!("The parameter {} must be a value in the set [ {set} ].", input.path("Unit")))
    })
}

/// One element of `MetricData`.
pub(crate) fn datum(input: &Input<'_>, namespace: &str, now: SystemTime) -> Result<Datum, AwsError> {
    Ok(Datum {
        namespace: namespace.to_owned(),
        name: name(input, "MetricName", limits::MAX_METRIC_NAME)?.to_owned(),
        dimensions: dimensions(input)?,
        timestamp: timestamp(input, now)?,
        unit: unit(input)?.unwrap_or("None"),
        resolution: resolution(input)?,
        value: value(input)?,
    })
}

fn timestamp(input: &Input<'_>, now: SystemTime) -> Result<SystemTime, AwsError> {
    let now = millis(now);
    let at = input.timestamp("Timestamp")?.unwrap_or(now);
    let path = input.path("Timestamp");
    if at < now.saturating_sub(limits::MAX_AGE.as_millis() as i64) {
        let message = format!("The parameter {path} must specify a time within the past two weeks.");
        return Err(AwsError::value(message));
    }
    if at > now.saturating_add(limits::MAX_AHEAD.as_millis() as i64) {
        let message = format!("The parameter {path} must specify a time no more than two hours in the future.");
        return Err(AwsError::value(message));
    }
    let distance = Duration::from_millis(at.unsigned_abs());
    Ok(if at < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance })
}

fn resolution(input: &Input<'_>) -> Result<u32, AwsError> {
    match input.int("StorageResolution")? {
        None | Some(60) => Ok(60),
        Some(1) => Ok(1),
        Some(other) => Err(invalid(other, input.path("StorageResolution"))),
    }
}

/// A number that CloudWatch can hold.
fn number(number: f64, path: impl Display) -> Result<f64, AwsError> {
    let magnitude = number.abs();
    let fits = number == 0.0 || (limits::MIN_MAGNITUDE..=limits::MAX_MAGNITUDE).contains(&magnitude);
    if fits { Ok(number) } else { Err(invalid(number, path)) }
}

fn value(input: &Input<'_>) -> Result<DatumValue, AwsError> {
    let list = |name| input.list(name).map(|list| list.is_some_and(|items| !items.is_empty()));
    let (single, set, many) = (input.get("Value").is_some(), input.get("StatisticValues").is_some(), list("Values")?);
    let both = |one, other| {
        let (one, other) = (input.path(one), input.path(other));
        let message = format!("The parameters {one} and {other} are mutually exclusive and you have specified both.");
        Err(AwsError::combination(message))
    };
    match (single, set, many) {
        (true, true, _) => both("Value", "StatisticValues"),
        (true, _, true) => both("Value", "Values"),
        // Undocumented, although the agent of AWS sends it; emulators disagree on what it means.
        (_, true, true) => both("StatisticValues", "Values"),
        (_, _, false) if list("Counts")? => {
            let (counts, values) = (input.path("Counts"), input.path("Values"));
            Err(AwsError::combination(format_args!("The parameter {counts} must not be given without {values}.")))
        }
        (true, ..) => {
            let value = input.double("Value")?.unwrap_or_default();
            Ok(DatumValue::Value(number(value, input.path("Value"))?))
        }
        (_, true, _) => statistics(input),
        (.., true) => values(input),
        _ => {
            let [value, set] = ["Value", "StatisticValues"].map(|name| input.path(name));
            let message = format!("At least one of the parameters {value} and {set} must be specified.");
            Err(AwsError::combination(message))
        }
    }
}

fn values(input: &Input<'_>) -> Result<DatumValue, AwsError> {
    let values = input.doubles("Values")?.unwrap_or_default();
    let counts = input.doubles("Counts")?.unwrap_or_else(|| vec![1.0; values.len()]);
    let (values_path, counts_path) = (input.path("Values"), input.path("Counts"));
    size(values.len(), limits::MAX_VALUES, values_path)?;
    if values.len() != counts.len() {
        let message = format!("The parameters {values_path} and {counts_path} must have the same size.");
        return Err(AwsError::value(message));
    }
    for (index, (value, count)) in values.iter().zip(&counts).enumerate() {
        number(*value, Path::Element(&values_path, index + 1))?;
        positive(*count, Path::Element(&counts_path, index + 1))?;
    }
    Ok(DatumValue::Values { values, counts })
}

/// A number that says how many: more than zero.
fn positive(count: f64, path: Path<'_>) -> Result<f64, AwsError> {
    if number(count, path)? > 0.0 { Ok(count) } else { Err(invalid(count, path)) }
}

fn statistics(input: &Input<'_>) -> Result<DatumValue, AwsError> {
    let path = input.path("StatisticValues");
    let set = input.below(input.get("StatisticValues").unwrap_or(&Value::Null), &path)?;
    let read = |name| match set.double(name)? {
        Some(value) => number(value, set.path(name)),
        None => Err(AwsError::missing(set.path(name))),
    };
    let (sample_count, sum) = (read("SampleCount")?, read("Sum")?);
    let (minimum, maximum) = (read("Minimum")?, read("Maximum")?);
    positive(sample_count, set.path("SampleCount"))?;
    if minimum > maximum {
        let (low, high) = (set.path("Minimum"), set.path("Maximum"));
        return Err(AwsError::value(format_args!("The parameter {low} must not be greater than {high}.")));
    }
    let (least, most) = (minimum * sample_count, maximum * sample_count);
    let slack = SUM_TOLERANCE * least.abs().max(most.abs());
    if sum < least - slack || sum > most + slack {
        let path = set.path("Sum");
        let message =
            format!("The value {sum} for parameter {path} must lie between Minimum and Maximum times SampleCount.");
        return Err(AwsError::value(message));
    }
    Ok(DatumValue::Statistics { sample_count, sum, minimum, maximum })
}
