//! ListMetrics, in both protocols.

use crate::client::{NOW, PROTOCOLS, call, put, start};
use crate::statistics::{MISSING, VALUE, refused};
use meters_local::{Protocol, limits};
use serde_json::{Value as Json, json};

fn names(answer: &Json) -> Vec<&str> {
    answer["Metrics"].as_array().unwrap().iter().map(|metric| metric["MetricName"].as_str().unwrap()).collect()
}

#[test]
fn list_metrics_filters() {
    let cw = start();
    let dimensions = json!([{"Name": "B", "Value": "1"}, {"Name": "A", "Value": "2"}]);
    let old = NOW - 3 * 3_600 - 1;
    let datums = json!([
        {"MetricName": "x", "Value": 1.0, "Dimensions": dimensions},
        {"MetricName": "y", "Value": 1.0, "Dimensions": [{"Name": "A", "Value": "3"}], "Timestamp": old},
        {"MetricName": "z", "Value": 1.0},
    ]);
    put(&cw, Protocol::Json, datums).accepted();
    call(
        &cw,
        Protocol::Json,
        "PutMetricData",
        &json!({"Namespace": "O", "MetricData": [{"MetricName": "x", "Value": 1}]}),
    );
    for protocol in PROTOCOLS {
        let list = |input: Json| call(&cw, protocol, "ListMetrics", &input).accepted();
        let all = list(json!({}));
        assert_eq!(names(&all), ["x", "y", "z", "x"]);
        assert_eq!(all.get("NextToken"), None);
        let sorted = json!([{"Name": "A", "Value": "2"}, {"Name": "B", "Value": "1"}]);
        assert_eq!(all["Metrics"][0], json!({"Namespace": "Shop", "MetricName": "x", "Dimensions": sorted}));
        assert_eq!(names(&list(json!({"Namespace": "O"}))), ["x"]);
        assert_eq!(names(&list(json!({"MetricName": "x"}))), ["x", "x"]);
        assert_eq!(names(&list(json!({"Dimensions": [{"Name": "A"}]}))), ["x", "y"]);
        assert_eq!(names(&list(json!({"Dimensions": [{"Name": "A", "Value": "3"}]}))), ["y"]);
        assert_eq!(names(&list(json!({"Dimensions": [{"Name": "A"}, {"Name": "B"}]}))), ["x"]);
        assert_eq!(names(&list(json!({"RecentlyActive": "PT3H"}))), ["x", "z", "x"]);
        assert!(names(&list(json!({"Namespace": "Nothing"}))).is_empty());
    }
    let filters = |n: usize| json!({"Dimensions": vec![json!({"Name": "A"}); n]});
    call(&cw, Protocol::Json, "ListMetrics", &filters(limits::MAX_DIMENSION_FILTERS)).accepted();
    refused(&cw, "ListMetrics", &filters(limits::MAX_DIMENSION_FILTERS + 1), VALUE);
    refused(&cw, "ListMetrics", &json!({"Dimensions": [{"Value": "A"}]}), MISSING);
    refused(&cw, "ListMetrics", &json!({"RecentlyActive": "PT1H"}), VALUE);
    refused(&cw, "ListMetrics", &json!({"NextToken": "x"}), VALUE);
}

#[test]
fn list_metrics_pages() {
    for protocol in PROTOCOLS {
        for (series, pages) in [(499, 1), (500, 1), (501, 2), (1_000, 2)] {
            let cw = start();
            let datums = (0..series).map(|i| json!({"MetricName": format!("m{i}"), "Value": 1.0})).collect();
            put(&cw, protocol, datums).accepted();
            let (mut seen, mut count, mut input) = (Vec::new(), 0, json!({}));
            loop {
                let page = call(&cw, protocol, "ListMetrics", &input).accepted();
                count += 1;
                assert!(names(&page).len() <= 500);
                seen.extend(names(&page).into_iter().map(str::to_owned));
                // A series that comes between two pages moves none of the others.
                put(&cw, protocol, json!([{"MetricName": "m0", "Value": 1.0}])).accepted();
                match page.get("NextToken") {
                    Some(token) => input = json!({"NextToken": token}),
                    None => break,
                }
            }
            assert_eq!((seen.len(), count), (series, pages));
            seen.dedup();
            assert_eq!(seen.len(), series);
        }
    }
}
