//! GetMetricStatistics, in both protocols.

use crate::client::{NOW, PROTOCOLS, call, put, start};
use meters_local::{Protocol, Server};
use serde_json::{Value as Json, json};

pub(crate) const VALUE: (&str, &str) = ("InvalidParameterValue", "InvalidParameterValueException");
pub(crate) const MISSING: (&str, &str) = ("MissingParameter", "MissingRequiredParameterException");
const COMBINATION: (&str, &str) = ("InvalidParameterCombination", "InvalidParameterCombinationException");

/// The request with one member other than before; null takes it away.
pub(crate) fn bent(input: &Json, member: &str, value: Json) -> Json {
    let mut input = input.clone();
    input[member] = value;
    input
}

#[track_caller]
pub(crate) fn refused(cw: &Server, operation: &str, input: &Json, (code, shape): (&str, &str)) {
    for protocol in PROTOCOLS {
        call(cw, protocol, operation, input).refused(400, code, shape);
    }
}

/// Two minutes of data, one datum of another unit and a high-resolution one.
pub(crate) fn filled(protocol: Protocol) -> Server {
    let cw = start();
    let dimensions = json!([{"Name": "F", "Value": "f"}]);
    let datum = |at: i64, members: Json| {
        let mut datum = json!({"MetricName": "Duration", "Dimensions": dimensions, "Timestamp": at, "Unit": "Seconds"});
        datum.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        datum
    };
    let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
    let datums = json!([
        datum(NOW - 120, json!({"Values": hundred})),
        datum(NOW - 61, json!({"Value": 200.5})),
        datum(NOW - 60, json!({"Values": [1.0, 3.0], "Counts": [3.0, 1.0]})),
        datum(NOW - 59, json!({"Value": 7.0, "Unit": "Count"})),
        datum(NOW - 25, json!({"Value": 9.0, "MetricName": "Fast", "StorageResolution": 1})),
        datum(NOW, json!({"StatisticValues": {"SampleCount": 2.0, "Sum": 5.0, "Minimum": 2.0, "Maximum": 3.0}})),
    ]);
    put(&cw, protocol, datums).accepted();
    cw
}

fn statistics() -> Json {
    json!({
        "Namespace": "Shop", "MetricName": "Duration", "Dimensions": [{"Name": "F", "Value": "f"}],
        "StartTime": NOW - 120, "EndTime": NOW + 60, "Period": 60, "Statistics": ["Sum"],
    })
}

#[test]
fn get_metric_statistics_aggregates_by_period_and_unit() {
    for protocol in PROTOCOLS {
        let cw = filled(protocol);
        let ask = |input: &Json| call(&cw, protocol, "GetMetricStatistics", input).accepted();
        let all = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
        let answer = ask(&bent(&statistics(), "Statistics", json!(all)));
        assert_eq!(answer["Label"], "Duration");
        let point = |at: i64, unit: &str, n: f64, sum: f64, min: f64, max: f64| json!({"Timestamp": at as f64, "Unit": unit, "SampleCount": n, "Average": sum / n, "Sum": sum, "Minimum": min, "Maximum": max});
        let expected = json!([
            point(NOW - 120, "Seconds", 101.0, 5_250.5, 1.0, 200.5),
            point(NOW - 60, "Count", 1.0, 7.0, 7.0, 7.0),
            point(NOW - 60, "Seconds", 4.0, 6.0, 1.0, 3.0),
            point(NOW, "Seconds", 2.0, 5.0, 2.0, 3.0),
        ]);
        assert_eq!(answer["Datapoints"], expected);
        // One period over all, one unit.
        let wide = bent(&bent(&statistics(), "Period", json!(300)), "Unit", json!("Seconds"));
        assert_eq!(
            ask(&wide)["Datapoints"],
            json!([{"Timestamp": (NOW - 120) as f64, "Unit": "Seconds", "Sum": 5_261.5}])
        );
        // The end is exclusive.
        let early = bent(&statistics(), "EndTime", json!(NOW - 60));
        assert_eq!(ask(&early)["Datapoints"].as_array().unwrap().len(), 1);
        assert_eq!(ask(&bent(&statistics(), "Dimensions", json!(null)))["Datapoints"], json!([]));
        assert_eq!(ask(&bent(&statistics(), "Unit", json!("Bytes")))["Datapoints"], json!([]));
    }
}

#[test]
fn get_metric_statistics_gives_percentiles_where_it_can() {
    for protocol in PROTOCOLS {
        let cw = filled(protocol);
        let input = bent(&statistics(), "Statistics", json!(null));
        let input = bent(&input, "ExtendedStatistics", json!(["p50", "p99.9", "p75"]));
        let answer = call(&cw, protocol, "GetMetricStatistics", &input).accepted();
        let points = answer["Datapoints"].as_array().unwrap();
        // The minute of the statistic set has none.
        assert_eq!(points.len(), 3);
        assert_eq!(points[0]["ExtendedStatistics"], json!({"p50": 51.0, "p99.9": 200.5, "p75": 76.0}));
        assert_eq!(points[2]["ExtendedStatistics"], json!({"p50": 1.0, "p99.9": 3.0, "p75": 1.0}));
    }
}

#[test]
fn get_metric_statistics_refuses() {
    let cw = start();
    let operation = "GetMetricStatistics";
    for member in ["Namespace", "MetricName", "StartTime", "EndTime", "Period"] {
        refused(&cw, operation, &bent(&statistics(), member, json!(null)), MISSING);
    }
    refused(&cw, operation, &bent(&statistics(), "Statistics", json!(null)), COMBINATION);
    refused(&cw, operation, &bent(&statistics(), "Statistics", json!([])), COMBINATION);
    refused(&cw, operation, &bent(&statistics(), "ExtendedStatistics", json!(["p99"])), COMBINATION);
    refused(&cw, operation, &bent(&statistics(), "EndTime", json!(NOW - 120)), COMBINATION);
    for period in [-60, 0, 2, 15, 45, 61, 90] {
        refused(&cw, operation, &bent(&statistics(), "Period", json!(period)), VALUE);
    }
    for period in [1, 5, 10, 20, 30, 60, 120, 3_600] {
        call(&cw, Protocol::Cbor, operation, &bent(&statistics(), "Period", json!(period))).accepted();
    }
    for statistic in ["p99", "sum", "Median"] {
        refused(&cw, operation, &bent(&statistics(), "Statistics", json!(["Sum", statistic])), VALUE);
    }
    let extended = bent(&statistics(), "Statistics", json!(null));
    for statistic in ["Sum", "p101", "p", "tm90", "IQM"] {
        refused(&cw, operation, &bent(&extended, "ExtendedStatistics", json!(["p50", statistic])), VALUE);
    }
    for (limit, member, input, name) in
        [(5, "Statistics", &statistics(), "Sum"), (10, "ExtendedStatistics", &extended, "p50")]
    {
        call(&cw, Protocol::Cbor, operation, &bent(input, member, json!(vec![name; limit]))).accepted();
        refused(&cw, operation, &bent(input, member, json!(vec![name; limit + 1])), VALUE);
    }
    let points = |points: i64| bent(&statistics(), "EndTime", json!(NOW - 120 + 60 * points));
    call(&cw, Protocol::Cbor, operation, &points(1_439)).accepted();
    call(&cw, Protocol::Cbor, operation, &points(1_440)).accepted();
    refused(&cw, operation, &points(1_441), COMBINATION);
}
