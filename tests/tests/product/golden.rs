//! The pairs of calls and datums of `cloudwatch-metrics-client`: the same through `put` and `put_statistic`, its defects not.

use std::collections::BTreeMap;

use meters::{Registry, Unit};
use meters_local::{Datum, DatumValue};
use serde_json::Value;

use crate::stage::{Stage, pairs};

fn golden() -> Vec<Value> {
    let text = include_str!("../../golden/cmc.json");
    serde_json::from_str(text).unwrap()
}

/// One call of theirs, with their spelling of the arguments.
fn call(registry: &Registry, call: &Value) {
    let (method, given) = (call[0].as_str().unwrap(), &call[1]);
    let field = |names: [&str; 2]| names.iter().find_map(|name| given.get(*name));
    let name = field(["MetricName", "name"]).unwrap().as_str().unwrap();
    let value = field(["Value", "value"]).unwrap().as_f64().unwrap();
    let mut putting = match method {
        "metric" => registry.put(name, value),
        "statistic" => registry.put_statistic(name, value),
        other => panic!("no method is called {other}"),
    };
    if let Some(unit) = field(["Unit", "unit"]) {
        let unit: Unit = unit.as_str().unwrap().parse().unwrap();
        putting = putting.unit(unit);
    }
    let dimensions = field(["Dimensions", "dimensions"]).and_then(Value::as_object);
    for (name, value) in dimensions.into_iter().flatten() {
        putting = putting.dimension(name, value.as_str().unwrap());
    }
}

fn played(calls: &Value) -> Vec<Datum> {
    let stage = Stage::new();
    for one in calls.as_array().unwrap() {
        call(&stage.registry, one);
    }
    stage.flush();
    stage.cw.datums()
}

fn assert_same(datum: &Datum, golden: &Value) {
    assert_eq!(datum.name, golden["MetricName"]);
    assert_eq!(datum.unit, golden["Unit"].as_str().unwrap_or("None"));
    let dimensions: BTreeMap<&str, &str> = golden["Dimensions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (one["Name"].as_str().unwrap(), one["Value"].as_str().unwrap()))
        .collect();
    let ours: BTreeMap<&str, &str> =
        datum.dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(ours, dimensions);
    let number = |value: &Value| value.as_f64().unwrap();
    if let Some(set) = golden.get("StatisticValues") {
        let DatumValue::Statistics { sample_count, sum, minimum, maximum, .. } = datum.value else {
            panic!("no statistic set: {datum:?}")
        };
        let ours = [sample_count, sum, minimum, maximum];
        let names = ["SampleCount", "Sum", "Minimum", "Maximum"];
        assert_eq!(ours, names.map(|name| number(&set[name])));
        return;
    }
    let numbers = |name: &str| golden[name].as_array().unwrap().iter().map(number);
    let theirs: Vec<_> = numbers("Values").zip(numbers("Counts")).collect();
    assert_eq!(pairs(datum), theirs);
}

#[test]
fn put_and_put_statistic_give_the_golden_datums() {
    let golden = golden();
    assert_eq!(golden.len(), 5);
    for pair in &golden[..3] {
        let datums = played(&pair["calls"]);
        let theirs = pair["MetricData"].as_array().unwrap();
        assert_eq!(datums.len(), theirs.len());
        for (datum, golden) in datums.iter().zip(theirs) {
            assert_same(datum, golden);
        }
    }
}

#[test]
fn defect_units_are_not_mixed() {
    let pair = &golden()[3];
    assert_eq!(pair["MetricData"].as_array().unwrap().len(), 1);
    let mut datums = played(&pair["calls"]);
    datums.sort_by_key(|datum| datum.unit);
    let found: Vec<_> = datums.iter().map(|datum| (datum.unit, pairs(datum))).collect();
    assert_eq!(found, [("Bytes", vec![(2.0, 1.0)]), ("Count", vec![(1.0, 1.0)])]);
}

#[test]
fn defect_the_order_of_dimensions_is_no_identity() {
    let pair = &golden()[4];
    assert_eq!(pair["MetricData"].as_array().unwrap().len(), 2);
    let one = |datums: &[Datum]| {
        assert_eq!(datums.len(), 1, "{datums:?}");
        assert_eq!(pairs(&datums[0]), [(1.0, 2.0)]);
    };
    one(&played(&pair["calls"]));
    // A parser of JSON may sort; here the orders differ for certain.
    let stage = Stage::new();
    let put = || stage.registry.put("m", 1.0);
    put().dimension("a", "1").dimension("b", "2");
    put().dimension("b", "2").dimension("a", "1");
    stage.flush();
    one(&stage.cw.datums());
    // Nor are names and values that only look alike when they are written behind each other.
    let stage = Stage::new();
    stage.registry.put("m", 1.0).dimension("a", "1&b=2");
    stage.registry.put("m", 1.0).dimension("a", "1").dimension("b", "2");
    stage.flush();
    assert_eq!(stage.cw.datums().len(), 2);
}

#[test]
fn the_functions_at_the_root_put_into_the_registry_of_the_process() {
    let stage = Stage::global();
    meters::put("GoldenBatch", 12.0).unit(Unit::Count).dimension("Queue", "mail");
    meters::put_statistic("GoldenRows", 250.0).dimension("Table", "orders");
    stage.flush();
    let batch = stage.cw.metric("GoldenBatch").with("Queue", "mail");
    assert_eq!((batch.sum(), batch.unit()), (Some(12.0), Some("Count")));
    let rows = stage.cw.metric("GoldenRows").with("Table", "orders");
    assert_eq!((rows.sum(), rows.sample_count()), (Some(250.0), 1.0));
}
