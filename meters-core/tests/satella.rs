//! What satella 2.26.6 says of the same operations: each type's figures are matched where they are right; where they are not, the
//! test says what is told instead, and why.

use std::collections::BTreeMap;

use meters_core::{Buckets, Distribution, Query, Registry, Shape, Snapshot, Value};
use serde_json::Value as Json;

/// One type with its arguments, what was done to it, and what it exported.
struct Case {
    /// Of ours: what is said of a metric is said of it in the whole process, and each case says something else.
    name: String,
    kind: String,
    args: Json,
    /// (value, labels)
    ops: Vec<(f64, BTreeMap<String, String>)>,
    data: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    value: f64,
    labels: BTreeMap<String, String>,
}

fn cases() -> Vec<Case> {
    let all: Vec<Json> = serde_json::from_str(include_str!("../../tests/golden/satella.json")).unwrap();
    let labels = |json: &Json| -> BTreeMap<String, String> {
        let labels = json.as_object().unwrap().iter();
        labels.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
    };
    let number = |json: &Json| json.as_f64().unwrap_or(if json.as_bool() == Some(true) { 1.0 } else { 0.0 });
    let list = |json: &Json| json.as_array().unwrap().clone();
    let case = |(nth, case): (usize, &Json)| Case {
        name: format!("m{nth}"),
        kind: case["type"].as_str().unwrap().to_owned(),
        args: case["args"].clone(),
        ops: list(&case["ops"]).iter().map(|op| (number(&op[0][0]), labels(&op[1]))).collect(),
        data: list(&case["data"])
            .iter()
            .map(|row| Row {
                name: row[0].as_str().unwrap().to_owned(),
                value: number(&row[1]),
                labels: labels(&row[2]),
            })
            .collect(),
    };
    all.iter().enumerate().map(case).collect()
}

impl Row {
    fn label(&self, name: &str) -> Option<f64> {
        self.labels.get(name).map(|value| value.parse().unwrap())
    }

    /// Ours of the same series. `m.total` and the like are sums over all labels, which any question of ours is.
    fn query<'a>(&'a self, case: &'a Case, snapshot: &'a Snapshot) -> Query<'a> {
        let own = self.labels.iter().filter(|(name, _)| !["quantile", "le", "ge"].contains(&name.as_str()));
        own.fold(snapshot.metric(&case.name), |query, (name, value)| query.with(name, value))
    }

    fn distribution(&self, case: &Case, snapshot: &Snapshot) -> Distribution {
        self.query(case, snapshot).distribution().unwrap()
    }
}

/// To the last bit, which depends on the order in which labels are added up.
fn same(sum: f64, row: &Row) {
    assert!((sum - row.value).abs() <= row.value * f64::EPSILON, "{sum}: {row:?}");
}

#[test]
fn counters() {
    let mut rows = 0;
    for case in cases().iter().filter(|case| case.kind == "counter") {
        let registry = Registry::new();
        for (amount, labels) in &case.ops {
            let counter = registry.float_counter(&case.name);
            labels
                .iter()
                .fold(counter, |counter, (name, value)| counter.dimension(name, value))
                .register()
                .inc(*amount);
            // `count_calls`: a counter more, for those who want it.
            registry.counter("m.count").register().inc(1);
        }
        let snapshot = registry.snapshot();
        for row in &case.data {
            rows += 1;
            match row.name.as_str() {
                "m.count" => assert_eq!(snapshot.counter("m.count") as f64, row.value),
                // `m` with labels, or without; `m.sum` is told by any question that names no label.
                _ => same(row.query(case, &snapshot).amount(), row),
            }
        }
    }
    assert_eq!(rows, 8);
}

#[test]
fn a_window_holds_what_came_in_it_and_not_the_total_again() {
    // satella re-sends cumulative totals as if they were new: 10, 20, 30 came to a sum of 60 where 30 was true.
    let registry = Registry::new();
    let (counter, mut reader) = (registry.float_counter("m").register(), registry.reader());
    let sent = (0..3).map(|_| {
        counter.inc(10.0);
        reader.window().metric("m").amount()
    });
    assert_eq!(sent.sum::<f64>(), 30.0);
}

#[test]
fn summaries() {
    let mut rows = 0;
    for case in cases().iter().filter(|case| case.kind == "summary") {
        let given: Option<Vec<f64>> = case.args["quantiles"]
            .as_array()
            .map(|all| all.iter().map(|quantile| quantile.as_f64().unwrap()).collect());
        let registry = Registry::new();
        let summary = || registry.summary(&case.name).quantiles(given.clone().unwrap_or_else(|| vec![0.5, 0.95]));
        if case.ops.is_empty() {
            _ = summary().register();
        }
        for (value, labels) in &case.ops {
            let summary = labels.iter().fold(summary(), |summary, (name, value)| summary.dimension(name, value));
            summary.register().observe(*value);
        }
        let snapshot = registry.snapshot();
        for row in &case.data {
            rows += 1;
            let ours = row.distribution(case, &snapshot);
            match row.name.as_str() {
                // Always there; satella leaves them out with `count_calls=False`.
                "m.count" => assert_eq!(ours.count() as f64, row.value, "{row:?}"),
                "m.sum" => same(ours.sum(), row),
                _ => quantile(case, row, &ours),
            }
        }
        // Which quantiles are told is known to whoever shows them.
        for (series, _) in snapshot.iter() {
            let Some(Shape::Quantiles(quantiles)) = series.shape() else { panic!("{series}") };
            assert!(case.data.iter().filter_map(|row| row.label("quantile")).all(|q| quantiles.contains(&q)));
        }
    }
    assert_eq!(rows, 23);
}

/// satella interpolates between two observations, which nobody may have made; ours is one that was made (the one of rank ⌈qN⌉, as
/// Prometheus has it), within a bucket of 2.2 %. And of nothing there is none, where satella says 0.
fn quantile(case: &Case, row: &Row, ours: &Distribution) {
    let q = row.label("quantile").unwrap();
    let Some(told) = ours.quantile(q) else {
        assert_eq!((ours.count(), row.value), (0, 0.0));
        return;
    };
    let of = |labels: &BTreeMap<String, String>| {
        row.labels.iter().all(|(name, value)| name == "quantile" || labels.get(name) == Some(value))
    };
    let mut values: Vec<f64> = case.ops.iter().filter(|(_, labels)| of(labels)).map(|(value, _)| *value).collect();
    values.sort_by(f64::total_cmp);
    let rank = (q * values.len() as f64).ceil() as usize - 1;
    assert!((told / values[rank] - 1.0).abs() < 0.022, "{told} and {}", values[rank]);
    // Theirs is between ours and its neighbours.
    let (below, above) = (values[rank.saturating_sub(1)], values[(rank + 1).min(values.len() - 1)]);
    assert!((below..=above).contains(&row.value), "{row:?}");
}

#[test]
fn histograms() {
    let mut rows = 0;
    for case in cases().iter().filter(|case| case.kind == "histogram") {
        let bounds: Vec<f64> = case.args["buckets"].as_array().unwrap().iter().map(|b| b.as_f64().unwrap()).collect();
        let registry = Registry::new();
        for (value, labels) in &case.ops {
            let histogram = registry.histogram(&case.name).buckets(Buckets::explicit(bounds.iter().copied()).unwrap());
            let histogram = labels.iter().fold(histogram, |histogram, (name, value)| histogram.dimension(name, value));
            histogram.register().observe(*value);
        }
        let snapshot = registry.snapshot();
        for row in &case.data {
            rows += 1;
            let ours = row.distribution(case, &snapshot);
            match row.name.as_str() {
                "m.count" | "m.total.count" => assert_eq!(ours.count() as f64, row.value, "{row:?}"),
                "m.sum" | "m.total.sum" => same(ours.sum(), row),
                _ => bucket(case, row, &ours),
            }
        }
    }
    assert_eq!(rows, 17);
}

/// satella calls the upper bound `ge` and the lower one `le`, and leaves the upper one out of its bucket: no `histogram_quantile`
/// can be taken of that. Ours are up to their bound, `le` as in Prometheus, so that a value *at* a bound is one bucket lower.
fn bucket(case: &Case, row: &Row, ours: &Distribution) {
    let (bounds, counts) = ours.explicit().unwrap();
    let (lower, upper) = (row.label("le").unwrap(), row.label("ge").unwrap());
    let told = match bounds.iter().position(|bound| *bound == upper) {
        Some(place) => counts[place],
        None => ours.count() - counts.iter().sum::<u64>(),
    };
    let of = |labels: &BTreeMap<String, String>| {
        row.labels.iter().all(|(name, value)| ["le", "ge"].contains(&name.as_str()) || labels.get(name) == Some(value))
    };
    let own: Vec<f64> = case.ops.iter().filter(|(_, labels)| of(labels)).map(|(value, _)| *value).collect();
    let at = |bound: f64| own.iter().filter(|value| **value == bound).count() as f64;
    assert_eq!(told as f64, row.value + at(upper) - at(lower), "{row:?}");
}

#[test]
fn last_values() {
    let mut rows = 0;
    for case in cases().iter().filter(|case| ["int", "float"].contains(&case.kind.as_str())) {
        let registry = Registry::new();
        for (value, labels) in &case.ops {
            let gauge =
                labels.iter().fold(registry.gauge(&case.name), |gauge, (name, value)| gauge.dimension(name, value));
            gauge.register().set(*value);
        }
        let snapshot = registry.snapshot();
        for row in &case.data {
            rows += 1;
            let told = row.query(case, &snapshot).gauge().unwrap();
            // A level is told as it was set: whoever wants 3 of 3.9 says so.
            let expected = if case.kind == "int" { case.ops.last().unwrap().0 } else { row.value };
            assert_eq!(told, expected, "{row:?}");
            assert_eq!(told.trunc(), expected.trunc());
        }
    }
    assert_eq!(rows, 3);
}

/// A series without labels stays beside those with, which in satella it does not.
#[test]
fn what_has_no_labels_does_not_vanish_once_a_label_was_given() {
    let registry = Registry::new();
    registry.gauge("m").register().set(1.0);
    registry.gauge("m").dimension("url", "/a").register().set(2.0);
    registry.summary("s").dimension("url", "/a").register().observe(1.0);
    registry.summary("s").register().observe(2.0);
    let values: Vec<Value> = registry.snapshot().metric("m").series().map(|(_, value)| value.clone()).collect();
    assert_eq!(values, [Value::Gauge(1.0), Value::Gauge(2.0)]);
    assert_eq!(registry.snapshot().metric("s").series().count(), 2);
}

/// Every type is looked at by a test here, or by one that is named.
#[test]
fn no_type_is_forgotten() {
    for case in cases() {
        match case.kind.as_str() {
            "counter" | "summary" | "histogram" | "int" | "float" => {}
            // In `links.rs`, with the links.
            "linkfail" => {}
            other => panic!("{other} is looked at by nobody"),
        }
    }
}
