//! What should stand on a page, found without what makes pages.

use std::collections::BTreeMap;

use meters_core::{Kind, Series, Shape, Unit, Value};

use crate::read::{Family, Sample};

/// A sample whose number tells which series it is of.
#[derive(Debug)]
pub(crate) struct Expected {
    /// What the name of the sample, unescaped, begins with, and ends with.
    pub(crate) stem: String,
    pub(crate) end: String,
    pub(crate) kind: &'static str,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// The name of the base unit, and times and by what values are taken to come to it.
pub(crate) fn base(kind: Kind, unit: Unit) -> (String, f64, f64) {
    let text = unit.as_str();
    let (text, rate) = match text.strip_suffix("/Second") {
        Some(text) => (text, if kind == Kind::Meter { "" } else { "_per_second" }),
        None => (text, ""),
    };
    let sizes = [("Kilo", 1e3), ("Mega", 1e6), ("Giga", 1e9), ("Tera", 1e12)];
    let (thing, times) = sizes
        .iter()
        .find_map(|(size, times)| Some((text.strip_prefix(size)?.to_owned(), *times)))
        .unwrap_or((text.to_lowercase(), 1.0));
    let (name, times, by) = match thing.as_str() {
        "bytes" => ("_bytes", times, 1.0),
        "bits" if times == 1.0 => ("_bytes", 1.0, 8.0),
        "bits" => ("_bytes", times / 8.0, 1.0),
        "seconds" => ("_seconds", 1.0, 1.0),
        "milliseconds" => ("_seconds", 1.0, 1e3),
        "microseconds" => ("_seconds", 1.0, 1e6),
        "percent" => ("_ratio", 1.0, 100.0),
        "count" | "none" => ("", 1.0, 1.0),
        other => panic!("{other}"),
    };
    (format!("{name}{rate}"), times, by)
}

/// The label of a dimension, beside the labels that stand on every series.
fn label(name: &str, standing: &[(&str, &str)]) -> String {
    let mut bare = name;
    while let Some(rest) = bare.strip_prefix("exported_") {
        if taken(bare, standing) {
            break;
        }
        bare = rest;
    }
    if taken(bare, standing) { format!("exported_{name}") } else { name.to_owned() }
}

fn taken(name: &str, standing: &[(&str, &str)]) -> bool {
    name == "le" || name == "quantile" || name.starts_with("__") || standing.iter().any(|(key, _)| *key == name)
}

pub(crate) fn labels(series: &Series, standing: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = series.dimensions().map(|(name, value)| (label(name, standing), value.to_owned()));
    own.chain(standing.iter().map(|(name, value)| (name.to_string(), value.to_string()))).collect()
}

/// The name of what stands beside another metric, as far as those made here do.
fn beside(name: &str) -> String {
    ["Above", "InFlight", "Errors"]
        .iter()
        .find_map(|what| Some((name.strip_suffix(what)?.strip_suffix('.').filter(|base| !base.is_empty())?, *what)))
        .map_or(name.to_owned(), |(base, what)| match what {
            "Above" => format!("{base}_above"),
            "InFlight" => format!("{base}_in_flight"),
            _ => format!("{base}_errors_by_kind"),
        })
}

/// All samples but buckets and quantiles.
pub(crate) fn samples(series: &Series, value: &Value, standing: &[(&str, &str)], open_metrics: bool) -> Vec<Expected> {
    let (unit, times, by) = match series.kind() {
        Kind::Calls => ("_seconds".to_owned(), 1.0, 1e9),
        kind => base(kind, series.unit()),
    };
    let convert = |value: f64| value * times / by;
    let labels = labels(series, standing);
    let counter = matches!(value, Value::Counter(_) | Value::Meter(_) | Value::FloatCounter(_));
    let name = beside(series.name());
    let stem = if counter { name.strip_suffix("_total").unwrap_or(&name) } else { &name };
    let bare = stem.strip_suffix(&unit).filter(|bare| !unit.is_empty() && !bare.is_empty());
    let stem = bare.unwrap_or(stem).to_owned();
    let made = |end: String, kind, value| Expected { stem: stem.clone(), end, kind, labels: labels.clone(), value };
    let distribution = |kind, count: u64, sum: f64| {
        vec![made(format!("{unit}_count"), kind, count as f64), made(format!("{unit}_sum"), kind, convert(sum))]
    };
    match value {
        Value::Counter(total) | Value::Meter(total) => {
            vec![made(format!("{unit}_total"), "counter", convert(*total as f64))]
        }
        Value::FloatCounter(total) => vec![made(format!("{unit}_total"), "counter", convert(*total))],
        Value::Gauge(level) => vec![made(unit.clone(), "gauge", convert(*level))],
        Value::Histogram(all) => {
            let summary = matches!(series.shape(), Some(Shape::Quantiles(_)));
            distribution(if summary { "summary" } else { "histogram" }, all.count(), all.sum())
        }
        Value::Calls(calls) => {
            let mut all = distribution("histogram", calls.count(), calls.duration.sum());
            let ends = [
                ("_errors_total", calls.errors),
                ("_panics_total", calls.panics),
                ("_cancelled_total", calls.cancelled),
            ];
            all.extend(ends.map(|(end, count)| made(end.to_owned(), "counter", count as f64)));
            all
        }
        Value::Values(_) | Value::Statistic(_) => {
            let (count, sum, least, most) = extremes(value);
            let mut all = distribution("summary", count, sum);
            if open_metrics && sum < 0.0 {
                all.pop();
            }
            all.push(made(format!("_min{unit}"), "gauge", convert(least)));
            all.push(made(format!("_max{unit}"), "gauge", convert(most)));
            all
        }
        other => panic!("{other:?}"),
    }
}

fn extremes(value: &Value) -> (u64, f64, f64, f64) {
    match value {
        Value::Values(values) => {
            let all = values.exact();
            let sum = all.iter().map(|(value, count)| value * *count as f64).sum();
            (values.count(), sum, all.first().unwrap().0, all.last().unwrap().0)
        }
        Value::Statistic(Some(set)) => (set.sample_count() as u64, set.sum(), set.minimum(), set.maximum()),
        other => panic!("{other:?}"),
    }
}

/// The way back from Prometheus's escaping by values.
pub(crate) fn unescaped(text: &str) -> String {
    let Some(mut rest) = text.strip_prefix("U__") else {
        return text.to_owned();
    };
    let mut name = String::new();
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character != '_' {
            name.push(character);
            continue;
        }
        let (code, after) = rest.split_once('_').unwrap_or_else(|| panic!("{text}"));
        name.push(match code {
            "" => '_',
            code => char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap(),
        });
        rest = after;
    }
    name
}

/// (name of the family, type, what follows its name in a sample, labels, value) of a sample as it was before escaping.
pub(crate) fn plain(family: &Family, sample: &Sample, utf8: bool) -> (String, String, BTreeMap<String, String>) {
    let counter = family.kind == "counter";
    let bare = if counter { family.name.strip_suffix("_total").unwrap() } else { &family.name };
    let end = sample.name.strip_prefix(bare).unwrap().to_owned();
    let back = |text: &str| if utf8 { text.to_owned() } else { unescaped(text) };
    // A counter's name is escaped with its end.
    let name = back(&family.name);
    let name = if counter { name.strip_suffix("_total").unwrap().to_owned() } else { name };
    let labels = sample.labels.iter().map(|(key, value)| (back(key), value.clone())).collect();
    (name, end, labels)
}
