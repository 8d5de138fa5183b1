//! What a test asks of the server that it holds.

use crate::client::{NOW, PROTOCOLS, Request, put, start};
use meters_local::{DatumValue, Protocol, Server};
use serde_json::json;
use std::time::{Duration, SystemTime};

fn filled() -> Server {
    let cw = start();
    let datums = json!([
        {"MetricName": "Duration", "Unit": "Seconds", "Values": [1.0, 2.0], "Counts": [3.0, 1.0],
         "Dimensions": [{"Name": "Function", "Value": "f"}, {"Name": "Env", "Value": "prod"}]},
        {"MetricName": "Duration", "Unit": "Seconds", "Value": 10.0, "Dimensions": [{"Name": "Function", "Value": "f"}]},
        {"MetricName": "Duration", "Unit": "Count", "Value": 100.0, "Dimensions": [{"Name": "Function", "Value": "g"}]},
        {"MetricName": "Errors",
         "StatisticValues": {"SampleCount": 4.0, "Sum": 1.0, "Minimum": 0.0, "Maximum": 1.0}},
    ]);
    put(&cw, Protocol::Cbor, datums).accepted();
    let other = json!({"Namespace": "Other", "MetricData": [{"MetricName": "Duration", "Value": 1_000.0}]});
    Request::put(Protocol::Json, &other).send(&cw).accepted();
    cw
}

#[test]
fn selectors_narrow() {
    let cw = filled();
    let metric = || cw.metric("Duration");
    assert_eq!(metric().sample_count(), 7.0);
    assert_eq!(metric().namespace("Shop").sample_count(), 6.0);
    assert_eq!(metric().with("Function", "f").sample_count(), 5.0);
    assert_eq!(metric().with("Function", "f").exactly().sample_count(), 1.0);
    assert_eq!(metric().with("Function", "f").with("Env", "prod").exactly().sample_count(), 4.0);
    assert_eq!(metric().exactly().sum(), Some(1_000.0));
    assert_eq!(metric().with("Function", "h").sample_count(), 0.0);
    assert!(metric().with("Env", "prod").exists() && !metric().with("Env", "f").exists());
    assert!(!cw.metric("duration").exists());
}

#[test]
fn statistics_of_a_selection() {
    let cw = filled();
    let f = cw.metric("Duration").with("Function", "f");
    assert_eq!((f.sum(), f.minimum(), f.maximum(), f.average()), (Some(15.0), Some(1.0), Some(10.0), Some(3.0)));
    let percentiles = [0.0, 60.0, 60.1, 80.0, 80.1, 100.0].map(|percent| f.percentile(percent));
    assert_eq!(percentiles, [1.0, 1.0, 2.0, 2.0, 10.0, 10.0].map(Some));
    assert_eq!(f.unit(), Some("Seconds"));
    assert_eq!(cw.metric("Duration").unit(), None);
    let series: Vec<_> = f.series().into_iter().map(|series| series.dimensions).collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(series, [vec![pair("Env", "prod"), pair("Function", "f")], vec![pair("Function", "f")]]);
    let errors = cw.metric("Errors");
    assert_eq!((errors.sample_count(), errors.average(), errors.percentile(50.0)), (4.0, Some(0.25), None));
    let nothing = cw.metric("Nothing");
    assert_eq!((nothing.sum(), nothing.average(), nothing.percentile(1.0), nothing.unit()), (None, None, None, None));
    assert!(nothing.series().is_empty() && nothing.datums().is_empty());
}

#[test]
#[should_panic(expected = "between 0 and 100")]
fn a_percentile_beyond_100_is_a_mistake_of_the_test() {
    let cw = start();
    let _ = cw.metric("m").percentile(100.1);
}

#[test]
fn datums_come_as_they_were_sent() {
    for protocol in PROTOCOLS {
        let cw = start();
        let datums = json!([
            {"MetricName": "a", "Value": 0.1, "Timestamp": NOW as f64 - 0.25, "StorageResolution": 1,
             "Dimensions": [{"Name": "Z", "Value": "1"}, {"Name": "A", "Value": "2"}]},
            {"MetricName": "b", "Values": [2.0, 1.0], "Unit": "Bytes/Second"},
            {"MetricName": "b", "StatisticValues": {"SampleCount": 1.5, "Sum": 3.0, "Minimum": 2.0, "Maximum": 2.0}},
        ]);
        put(&cw, protocol, datums).accepted();
        let [first, second, third] = cw.datums().try_into().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW as u64);
        assert_eq!((first.namespace.as_str(), first.name.as_str()), ("Shop", "a"));
        assert_eq!((first.dimension("A"), first.dimension("Z"), first.dimension("M")), (Some("2"), Some("1"), None));
        assert_eq!(first.dimensions[0].0, "A");
        assert_eq!(first.timestamp, now - Duration::from_millis(250));
        assert_eq!((first.unit, first.resolution, first.value), ("None", 1, DatumValue::Value(0.1)));
        // Without a timestamp it is the time of arrival.
        assert_eq!((second.timestamp, second.unit, second.resolution), (now, "Bytes/Second", 60));
        assert_eq!(second.value, DatumValue::Values { values: vec![2.0, 1.0], counts: vec![1.0, 1.0] });
        let set = DatumValue::Statistics { sample_count: 1.5, sum: 3.0, minimum: 2.0, maximum: 2.0 };
        assert_eq!(third.value, set);
        assert_eq!(cw.metric("b").datums().len(), 2);
    }
}
