//! What CloudWatch holds, as a table.

use std::collections::BTreeMap;

use meters_local::{DatumValue, Server};

/// List prices of us-east-1: the first 10,000 custom metrics a month each, and 1,000 PutMetricData requests.
const METRIC_DOLLARS: f64 = 0.30;
const THOUSAND_REQUESTS_DOLLARS: f64 = 0.01;
const MINUTES_A_MONTH: f64 = 30.0 * 24.0 * 60.0;

/// A series: its name and its dimensions.
type Key = (String, Vec<(String, String)>);

/// Prints everything the receiver holds.
pub(crate) fn print(local: &Server, seconds: f64) {
    let mut series: BTreeMap<Key, &'static str> = BTreeMap::new();
    for datum in local.datums() {
        series.insert((datum.name, datum.dimensions), datum.unit);
    }
    println!(
        "\nWhat CloudWatch holds of the namespace Shop (each series with errors has them in a metric of their own):\n"
    );
    println!(
        "{:<46} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}  unit",
        "series", "count", "per s", "errors", "p50", "p90", "p99", "max"
    );
    for (key, unit) in &series {
        if !key.0.ends_with("Errors") {
            println!("{}", row(local, key, unit, seconds, &series));
        }
    }
    if let Some((key, unit)) = series.iter().find(|((name, _), unit)| name == "Duration" && **unit == "Microseconds") {
        histogram(local, key, unit);
    }
    costs(local, series.len());
}

fn row(local: &Server, key: &Key, unit: &str, seconds: f64, all: &BTreeMap<Key, &str>) -> String {
    let metric = select(local, key);
    // A meter and a counter say how many in their sum; what is measured, in its number of samples.
    let summed = matches!(unit, "Count" | "Count/Second");
    let count = if summed { metric.sum().unwrap_or_default() } else { metric.sample_count() };
    let errors_name = if key.0 == "Duration" { "Errors".to_owned() } else { format!("{}.Errors", key.0) };
    let errors = (errors_name, key.1.clone());
    let rate = all.contains_key(&errors).then(|| select(local, &errors).average()).flatten();
    let errors = rate.map_or(String::new(), |rate| format!("{:.1} %", rate * 100.0));
    let number = |value: Option<f64>| value.filter(|_| !summed).map_or(String::new(), |value| format!("{value:.0}"));
    format!(
        "{:<46} {count:>8} {:>8.1} {errors:>8} {:>8} {:>8} {:>8} {:>8}  {unit}",
        label(key),
        count / seconds,
        number(metric.percentile(50.0)),
        number(metric.percentile(90.0)),
        number(metric.percentile(99.0)),
        number(metric.maximum()),
    )
}

fn select<'s>(local: &'s Server, (name, dimensions): &Key) -> meters_local::Metric<'s> {
    let metric = local.metric(name.as_str()).exactly();
    dimensions.iter().fold(metric, |metric, (name, value)| metric.with(name.as_str(), value.as_str()))
}

fn label((name, dimensions): &Key) -> String {
    let own = dimensions.iter().filter(|(name, _)| name != "Env");
    let own: Vec<&str> = own.map(|(_, value)| value.rsplit("::").next().unwrap_or(value)).collect();
    if own.is_empty() { name.clone() } else { format!("{name} ({})", own.join(", ")) }
}

/// One series' values, in twelve classes of equal ratio.
fn histogram(local: &Server, key: &Key, unit: &str) {
    const CLASSES: usize = 12;
    let metric = select(local, key);
    let (Some(min), Some(max)) = (metric.minimum(), metric.maximum()) else {
        return;
    };
    let width = (max / min).ln() / CLASSES as f64;
    let mut classes = [0.0; CLASSES];
    for datum in metric.datums() {
        if let DatumValue::Values { values, counts } = datum.value {
            for (value, count) in values.iter().zip(counts) {
                let class = ((value / min).ln() / width) as usize;
                classes[class.min(CLASSES - 1)] += count;
            }
        }
    }
    println!("\n{} in {unit}:", label(key));
    let most = classes.iter().copied().fold(1.0, f64::max);
    for (place, count) in classes.iter().enumerate() {
        let upper = min * (width * (place + 1) as f64).exp();
        let bar = "#".repeat((count / most * 50.0).ceil() as usize);
        println!("  up to {upper:>9.0} | {bar} {count}");
    }
}

fn costs(local: &Server, metrics: usize) {
    let requests = local.requests();
    let puts: Vec<_> = requests.iter().filter(|request| request.operation == "PutMetricData").collect();
    let (raw, wire) = puts.iter().fold((0, 0), |(raw, wire), put| (raw + put.raw_bytes, wire + put.wire_bytes));
    println!("\n{} requests carried {raw} bytes, {wire} of them on the wire (gzip).", puts.len());
    let monthly = metrics as f64 * METRIC_DOLLARS;
    let calls = MINUTES_A_MONTH / 1000.0 * THOUSAND_REQUESTS_DOLLARS;
    println!(
        "At one window a minute, in us-east-1: {metrics} metrics ${monthly:.2} + requests ${calls:.2} = ${:.2} a month.",
        monthly + calls
    );
}
