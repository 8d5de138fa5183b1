//! GetMetricData, in both protocols.

use crate::client::{NOW, PROTOCOLS, call, start};
use crate::statistics::{MISSING, VALUE, bent, filled, refused};
use ciborium::Value as Cbor;
use meters_local::{Protocol, limits};
use serde_json::{Value as Json, json};
const VALIDATION: (&str, &str) = ("ValidationError", "ValidationException");

fn query(id: &str, name: &str, stat: &str, period: i64) -> Json {
    let metric = json!({"Namespace": "Shop", "MetricName": name, "Dimensions": [{"Name": "F", "Value": "f"}]});
    json!({"Id": id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}})
}

fn data(queries: Json) -> Json {
    json!({"StartTime": NOW - 120, "EndTime": NOW + 60, "MetricDataQueries": queries})
}

#[test]
fn get_metric_data_brings_back_what_was_put() {
    for protocol in PROTOCOLS {
        let cw = filled(protocol);
        let mut hidden = query("hidden", "Duration", "Sum", 60);
        hidden["ReturnData"] = json!(false);
        let mut labelled = query("count", "Duration", "Sum", 60);
        labelled["Label"] = json!("mine");
        labelled["MetricStat"]["Unit"] = json!("Count");
        let queries = json!([
            query("n", "Duration", "SampleCount", 60),
            query("p", "Duration", "p99", 60),
            labelled,
            hidden,
            query("fast", "Fast", "Average", 10),
            query("slow", "Duration", "Sum", 10),
            query("none", "Nothing", "Sum", 60),
        ]);
        let mut input = data(queries);
        input["ScanBy"] = json!("TimestampAscending");
        let answer = call(&cw, protocol, "GetMetricData", &input).accepted();
        let result = |id: &str, label: &str, points: &[(i64, f64)]| {
            let (timestamps, values): (Vec<f64>, Vec<f64>) =
                points.iter().map(|(at, value)| (*at as f64, *value)).unzip();
            json!({"Id": id, "Label": label, "Timestamps": timestamps, "Values": values, "StatusCode": "Complete"})
        };
        let expected = json!([
            // Units are merged unless one is asked for.
            result("n", "Duration", &[(NOW - 120, 101.0), (NOW - 60, 5.0), (NOW, 2.0)]),
            result("p", "Duration", &[(NOW - 120, 100.0), (NOW - 60, 7.0)]),
            result("count", "mine", &[(NOW - 60, 7.0)]),
            result("fast", "Fast", &[(NOW - 30, 9.0)]),
            // Below a minute only high resolution is seen.
            result("slow", "Duration", &[]),
            result("none", "Nothing", &[]),
        ]);
        assert_eq!(answer["MetricDataResults"], expected);
        assert_eq!(answer.get("NextToken"), None);
        let newest_first = call(&cw, protocol, "GetMetricData", &data(json!([query("n", "Duration", "Sum", 60)])));
        assert_eq!(newest_first.accepted()["MetricDataResults"][0]["Values"], json!([5.0, 13.0, 5_250.5]));
    }
}

#[test]
fn get_metric_data_pages() {
    for protocol in PROTOCOLS {
        let cw = filled(protocol);
        let queries = json!([query("a", "Duration", "Sum", 60), query("b", "Duration", "Minimum", 60)]);
        let mut input = data(queries);
        input["MaxDatapoints"] = json!(2);
        let (mut points, mut pages) = (Vec::new(), 0);
        loop {
            let answer = call(&cw, protocol, "GetMetricData", &input).accepted();
            pages += 1;
            let mut of_page = 0;
            for result in answer["MetricDataResults"].as_array().unwrap() {
                let values = result["Values"].as_array().unwrap();
                of_page += values.len();
                points.extend(values.iter().map(|value| (result["Id"].clone(), value.clone())));
            }
            assert_eq!(of_page, 2);
            match answer.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => break,
            }
        }
        let expected = [("a", 5.0), ("a", 13.0), ("a", 5_250.5), ("b", 2.0), ("b", 1.0), ("b", 1.0)];
        assert_eq!(points, expected.map(|(id, value)| (json!(id), json!(value))));
        assert_eq!(pages, 3);
    }
}

#[test]
fn get_metric_data_refuses() {
    let cw = start();
    let operation = "GetMetricData";
    let good = query("a", "m", "Sum", 60);
    for member in ["StartTime", "EndTime", "MetricDataQueries"] {
        refused(&cw, operation, &bent(&data(json!([good])), member, json!(null)), MISSING);
    }
    refused(&cw, operation, &data(json!([])), MISSING);
    refused(&cw, operation, &bent(&data(json!([good])), "EndTime", json!(NOW - 120)), VALIDATION);
    refused(&cw, operation, &data(json!([good, good])), VALIDATION);
    for id in ["A", "1a", "a-b", "_a"] {
        refused(&cw, operation, &data(json!([query(id, "m", "Sum", 60)])), VALIDATION);
    }
    refused(&cw, operation, &data(json!([query("a", "m", "None", 60)])), VALIDATION);
    refused(&cw, operation, &data(json!([query("a", "m", "Sum", 61)])), VALUE);
    refused(&cw, operation, &data(json!([{"Id": "a", "Expression": "b + 1"}])), VALIDATION);
    refused(&cw, operation, &data(json!([{"Id": "a"}])), MISSING);
    for member in ["Metric", "Period", "Stat"] {
        let mut query = good.clone();
        query["MetricStat"][member] = json!(null);
        refused(&cw, operation, &data(json!([query])), MISSING);
    }
    refused(&cw, operation, &bent(&data(json!([good])), "ScanBy", json!("Up")), VALUE);
    for max in [-1, 0, 100_801] {
        refused(&cw, operation, &bent(&data(json!([good])), "MaxDatapoints", json!(max)), VALUE);
    }
    for max in [1, 100_799, 100_800] {
        call(&cw, Protocol::Cbor, operation, &bent(&data(json!([good])), "MaxDatapoints", json!(max))).accepted();
    }
    let token = ("InvalidNextToken", "InvalidNextToken");
    refused(&cw, operation, &bent(&data(json!([good])), "NextToken", json!("x")), token);
    let many = |n: usize| data((0..n).map(|i| query(&format!("a{i}"), "m", "Sum", 60)).collect());
    call(&cw, Protocol::Json, operation, &many(limits::MAX_QUERIES - 1)).accepted();
    call(&cw, Protocol::Json, operation, &many(limits::MAX_QUERIES)).accepted();
    refused(&cw, operation, &many(limits::MAX_QUERIES + 1), VALUE);
}

#[test]
fn cbor_answers_have_floats_and_tagged_timestamps() {
    let cw = filled(Protocol::Cbor);
    let answer = call(&cw, Protocol::Cbor, "GetMetricData", &data(json!([query("n", "Duration", "SampleCount", 60)])));
    let member = |map: &Cbor, name: &str| -> Cbor {
        let members = map.as_map().unwrap();
        members.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone()).unwrap()
    };
    let result = member(&answer.cbor(), "MetricDataResults").as_array().unwrap()[0].clone();
    let whole = [2.0, 5.0, 101.0].map(Cbor::Float);
    assert_eq!(member(&result, "Values"), Cbor::Array(whole.to_vec()));
    let times = [NOW, NOW - 60, NOW - 120].map(|at| Cbor::Tag(1, Box::new(Cbor::Float(at as f64))));
    assert_eq!(member(&result, "Timestamps"), Cbor::Array(times.to_vec()));
}
