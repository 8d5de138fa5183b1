//! The limits of PutMetricData below, at and above, in both protocols; those of numbers are in `values`.

use crate::client::{Answer, NOW, PROTOCOLS, Request, put, start};
use meters_local::{Protocol, Server, limits};
use serde_json::{Value as Json, json};

fn value() -> Json {
    json!({"MetricName": "m", "Value": 1.0})
}

/// A datum with one member other than usual.
pub(crate) fn with(member: &str, value: Json) -> Json {
    with_all(&[(member, value)])
}

pub(crate) fn with_all(members: &[(&str, Json)]) -> Json {
    let mut datum = json!({"MetricName": "m"});
    let carries = |name| members.iter().any(|(member, _)| *member == name);
    if !carries("Value") && !carries("Values") && !carries("Counts") && !carries("StatisticValues") {
        datum["Value"] = json!(1.0);
    }
    for (member, value) in members {
        datum[*member] = value.clone();
    }
    datum
}

/// Demands that the datum is stored.
#[track_caller]
pub(crate) fn accepted(datum: &Json) {
    for protocol in PROTOCOLS {
        let cw = start();
        put(&cw, protocol, json!([datum])).accepted();
        assert_eq!(cw.datums().len(), 1);
    }
}

/// Demands that the datum fails its request, though a good one comes before it, naming `member` of the second.
#[track_caller]
pub(crate) fn refused(datum: &Json, (code, shape): (&str, &str), member: &str) {
    for protocol in PROTOCOLS {
        let cw = start();
        let message = put(&cw, protocol, json!([value(), datum])).refused(400, code, shape);
        let path = format!("MetricData.member.2.{member}");
        assert!(message.contains(&path), "{message:?} does not name {path}");
        assert!(cw.datums().is_empty());
    }
}

pub(crate) const VALUE: (&str, &str) = ("InvalidParameterValue", "InvalidParameterValueException");
pub(crate) const MISSING: (&str, &str) = ("MissingParameter", "MissingRequiredParameterException");
pub(crate) const COMBINATION: (&str, &str) = ("InvalidParameterCombination", "InvalidParameterCombinationException");

fn put_datums(cw: &Server, protocol: Protocol, n: usize) -> Answer {
    put(cw, protocol, (0..n).map(|_| value()).collect())
}

#[test]
fn datums_per_request() {
    for protocol in PROTOCOLS {
        for n in [1, limits::MAX_DATUMS - 1, limits::MAX_DATUMS] {
            let cw = start();
            put_datums(&cw, protocol, n).accepted();
            assert_eq!(cw.datums().len(), n);
        }
        let cw = start();
        let message = put_datums(&cw, protocol, 1_001).refused(400, VALUE.0, VALUE.1);
        assert_eq!(message, "The collection MetricData must not have a size greater than 1000.");
        put_datums(&cw, protocol, 0).refused(400, MISSING.0, MISSING.1);
        assert!(cw.datums().is_empty());
    }
}

/// A request of exactly `bytes`, by an unknown member that is to be ignored.
fn of_size(protocol: Protocol, bytes: usize) -> Request {
    let sized = |padding: usize| {
        let input = json!({"Namespace": "Shop", "MetricData": [value()], "X": "x".repeat(padding)});
        Request::put(protocol, &input)
    };
    // Long enough that the length prefix of the text is as wide as it will be.
    let overhead = sized(100_000).body.len() - 100_000;
    let request = sized(bytes - overhead);
    assert_eq!(request.body.len(), bytes);
    request
}

#[test]
fn bytes_per_request_count_before_compression() {
    for protocol in PROTOCOLS {
        for gzip in [false, true] {
            let send = |cw: &Server, bytes| {
                let request = of_size(protocol, bytes);
                if gzip { request.gzip() } else { request }.send(cw)
            };
            let cw = start();
            send(&cw, limits::MAX_REQUEST_BYTES - 1).accepted();
            send(&cw, limits::MAX_REQUEST_BYTES).accepted();
            for bytes in [1_000_001, 3_000_000] {
                let message = send(&cw, bytes).refused(413, "RequestEntityTooLarge", "RequestEntityTooLargeException");
                assert_eq!(message, format!("Request size {bytes} exceeded 1000000 bytes"));
            }
            assert_eq!(cw.datums().len(), 2);
            let sizes: Vec<_> = cw.requests().iter().map(|request| (request.raw_bytes, request.gzip)).collect();
            assert_eq!(sizes, [999_999, 1_000_000, 1_000_001, 3_000_000].map(|bytes| (bytes, gzip)));
        }
    }
}

#[test]
fn texts() {
    let dimension = |name: &str, value: &str| with("Dimensions", json!([{"Name": name, "Value": value}]));
    let name = |text: &str| with("MetricName", json!(text));
    let key = |text: &str| dimension(text, "v");
    let content = |text: &str| dimension("n", text);
    type Make<'a> = &'a dyn Fn(&str) -> Json;
    let members: [(&str, Make<'_>, usize); 3] = [
        ("MetricName", &name, limits::MAX_METRIC_NAME),
        ("Dimensions.member.1.Name", &key, limits::MAX_DIMENSION_NAME),
        ("Dimensions.member.1.Value", &content, limits::MAX_DIMENSION_VALUE),
    ];
    for (path, datum, max) in members {
        for good in ["x", " x", "a:b/c#d", &"x".repeat(max - 1), &"x".repeat(max)] {
            accepted(&datum(good));
        }
        for bad in ["", " \u{20}", "\u{e9}", "a\tb", "a\u{7f}", &"x".repeat(max + 1)] {
            refused(&datum(bad), VALUE, path);
        }
    }
    accepted(&content(":"));
    refused(&key(":n"), VALUE, "Dimensions.member.1.Name");
    refused(&with("Dimensions", json!([{"Name": "n"}])), MISSING, "Dimensions.member.1.Value");
    refused(&with("Dimensions", json!([{"Value": "v"}])), MISSING, "Dimensions.member.1.Name");
    refused(&json!({"Value": 1.0}), MISSING, "MetricName");
}

#[test]
fn namespaces() {
    let long = "x".repeat(limits::MAX_NAMESPACE);
    for protocol in PROTOCOLS {
        let cw = start();
        let send = |namespace: &str| {
            Request::put(protocol, &json!({"Namespace": namespace, "MetricData": [value()]})).send(&cw)
        };
        for good in ["x", "AWSome", "aws/x", "a:b", &long[1..], &long] {
            send(good).accepted();
        }
        for bad in ["", " ", ":x", "AWS/", "AWS/EC2", "\u{e9}", "a\nb", &format!("{long}x")] {
            let message = send(bad).refused(400, VALUE.0, VALUE.1);
            assert!(message.contains("Namespace"), "{message}");
        }
        let missing = Request::put(protocol, &json!({"MetricData": [value()]})).send(&cw);
        assert_eq!(missing.refused(400, MISSING.0, MISSING.1), "The parameter Namespace is required.");
        assert_eq!(cw.datums().len(), 6);
    }
}

#[test]
fn dimensions() {
    let datum = |n: usize| {
        let dimensions: Json = (0..n).map(|i| json!({"Name": format!("n{i}"), "Value": "v"})).collect();
        with("Dimensions", dimensions)
    };
    for n in [0, 1, limits::MAX_DIMENSIONS - 1, limits::MAX_DIMENSIONS] {
        accepted(&datum(n));
    }
    refused(&datum(limits::MAX_DIMENSIONS + 1), VALUE, "Dimensions");
    let twice = json!([{"Name": "n", "Value": "1"}, {"Name": "o", "Value": "1"}, {"Name": "n", "Value": "2"}]);
    refused(&with("Dimensions", twice), VALUE, "Dimensions.member.3.Name");
}

#[test]
fn timestamps() {
    let (oldest, newest) = (NOW - 14 * 24 * 3_600, NOW + 2 * 3_600);
    for good in [oldest, oldest + 1, NOW, newest - 1, newest] {
        accepted(&with("Timestamp", json!(good)));
    }
    // To the millisecond.
    accepted(&with("Timestamp", json!(newest as f64 - 0.001)));
    refused(&with("Timestamp", json!(newest as f64 + 0.001)), VALUE, "Timestamp");
    refused(&with("Timestamp", json!(oldest as f64 - 0.001)), VALUE, "Timestamp");
    for bad in [oldest - 1, newest + 1, 0, -1, i64::MAX, i64::MIN] {
        refused(&with("Timestamp", json!(bad)), VALUE, "Timestamp");
    }
}

#[test]
fn units_and_resolutions() {
    for unit in limits::UNITS {
        accepted(&with("Unit", json!(unit)));
    }
    for bad in ["", "count", "Nanoseconds", "Percent/Second", " None"] {
        refused(&with("Unit", json!(bad)), VALUE, "Unit");
    }
    for good in [1, 60] {
        accepted(&with("StorageResolution", json!(good)));
    }
    for bad in [-1, 0, 2, 59, 61, 300] {
        refused(&with("StorageResolution", json!(bad)), VALUE, "StorageResolution");
    }
}

#[test]
fn the_message_lists_every_bad_datum_of_one_kind() {
    let cw = start();
    let bad = |text: &str| with("Value", json!(text));
    let datums = json!([bad("NaN"), value(), bad("Infinity"), with("Dimensions", json!([{"Name": "n"}]))]);
    let message = put(&cw, Protocol::Cbor, datums).refused(400, VALUE.0, VALUE.1);
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines.len(), 2, "{message}");
    assert!(lines[0].contains("MetricData.member.1.Value") && lines[1].contains("MetricData.member.3.Value"));
    let many: Json = (0..50).map(|_| bad("NaN")).collect();
    assert_eq!(put(&cw, Protocol::Cbor, many).refused(400, VALUE.0, VALUE.1).lines().count(), 10);
}

#[test]
fn the_limits_are_those_of_the_documentation() {
    assert_eq!((limits::MAX_DATUMS, limits::MAX_REQUEST_BYTES, limits::MAX_VALUES), (1_000, 1_000_000, 150));
    assert_eq!((limits::MAX_DIMENSIONS, limits::MAX_NAMESPACE, limits::MAX_METRIC_NAME), (30, 255, 255));
    assert_eq!((limits::MAX_DIMENSION_NAME, limits::MAX_DIMENSION_VALUE), (255, 1_024));
    assert_eq!((limits::MAX_MAGNITUDE, limits::MIN_MAGNITUDE), (2f64.powi(360), 2f64.powi(-360)));
    assert_eq!((limits::LIST_PAGE, limits::MAX_DIMENSION_FILTERS, limits::MAX_QUERIES), (500, 10, 500));
    assert_eq!(limits::UNITS.len(), 27);
}
