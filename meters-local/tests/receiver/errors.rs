//! Requests that are wrong before their datums are looked at.

use crate::client::{NOW, PROTOCOLS, Request, call, put, start, to_cbor, write_cbor};
use ciborium::Value as Cbor;
use meters_local::{Protocol, Server};
use serde_json::json;
use std::time::Duration;

fn good(protocol: Protocol) -> Request {
    Request::put(protocol, &json!({"Namespace": "Shop", "MetricData": [{"MetricName": "m", "Value": 1.0}]}))
}

#[test]
fn a_signature_for_monitoring_is_demanded() {
    let scope = |scope: &str| format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00");
    let signatures = [
        String::new(),
        "Bearer monitoring".to_owned(),
        scope("test/20270115/us-east-1/logs/aws4_request"),
        scope("monitoring/20270115/us-east-1/s3/aws4_request"),
        scope("test/20270115/us-east-1/monitoring"),
    ];
    for protocol in PROTOCOLS {
        let cw = start();
        let wrong = signatures.iter().map(|signature| good(protocol).header("authorization", signature));
        for request in wrong.chain([good(protocol).without("authorization")]) {
            let answer = request.send(&cw);
            answer.refused(403, "MissingAuthenticationToken", "MissingAuthenticationTokenException");
        }
        assert!(cw.datums().is_empty());
        good(protocol).send(&cw).accepted();
    }
}

#[test]
fn unknown_operations_and_paths() {
    let cw = start();
    for protocol in PROTOCOLS {
        let answer = call(&cw, protocol, "PutMetricAlarm", &json!({}));
        let message = answer.refused(404, "UnknownOperation", "UnknownOperationException");
        assert!(message.contains("PutMetricAlarm"), "{message}");
    }
    let mut lost = good(Protocol::Cbor);
    for path in ["/", "/service/Other/operation/PutMetricData", "/service/GraniteServiceVersion20100801/operation/a/b"]
    {
        lost.path = path.to_owned();
        lost.send(&cw).refused(404, "UnknownOperation", "UnknownOperationException");
    }
    let other = good(Protocol::Json).header("x-amz-target", "DynamoDB_20120810.PutMetricData");
    other.send(&cw).refused(404, "UnknownOperation", "UnknownOperationException");
    assert!(cw.datums().is_empty());
}

#[test]
fn headers_must_fit_the_protocol() {
    let cw = start();
    for protocol in PROTOCOLS {
        let text = good(protocol).header("content-type", "text/plain").send(&cw);
        text.refused(415, "UnsupportedMediaType", "UnsupportedMediaTypeException");
        let coded = good(protocol).header("content-encoding", "br").send(&cw);
        coded.refused(415, "UnsupportedMediaType", "UnsupportedMediaTypeException");
    }
    let answer = good(Protocol::Cbor).without("smithy-protocol").send(&cw);
    answer.refused(400, "SerializationException", "SerializationException");
    assert!(cw.datums().is_empty());
}

#[test]
fn bodies_that_cannot_be_read() {
    let cw = start();
    for protocol in PROTOCOLS {
        for bytes in [&b"\xff\xfe"[..], b"{", b"\x81\x01", b"1", b"[]"] {
            let mut request = good(protocol);
            request.body = bytes.to_vec();
            request.send(&cw).refused(400, "SerializationException", "SerializationException");
        }
        // Said to be gzip, and not.
        let answer = good(protocol).header("content-encoding", "gzip").send(&cw);
        answer.refused(400, "SerializationException", "SerializationException");
        let mut cut = good(protocol).gzip();
        cut.body.truncate(cut.body.len() - 10);
        cut.send(&cw).refused(400, "SerializationException", "SerializationException");
    }
    assert!(cw.datums().is_empty());
}

#[test]
fn members_of_the_wrong_type() {
    let wrong = [
        (json!({"MetricName": 1, "Value": 1.0}), "MetricData.member.1.MetricName"),
        (json!({"MetricName": "m", "Value": "1"}), "MetricData.member.1.Value"),
        (json!({"MetricName": "m", "Value": true}), "MetricData.member.1.Value"),
        (json!({"MetricName": "m", "Values": 1.0}), "MetricData.member.1.Values"),
        (json!({"MetricName": "m", "Values": [1.0, null]}), "MetricData.member.1.Values.member.2"),
        (json!({"MetricName": "m", "StatisticValues": []}), "MetricData.member.1.StatisticValues"),
        (json!({"MetricName": "m", "Value": 1.0, "Dimensions": {}}), "MetricData.member.1.Dimensions"),
        (json!({"MetricName": "m", "Value": 1.0, "Dimensions": [1]}), "MetricData.member.1.Dimensions.member.1"),
        (json!({"MetricName": "m", "Value": 1.0, "StorageResolution": 1.5}), "MetricData.member.1.StorageResolution"),
        (json!({"MetricName": "m", "Value": 1.0, "Timestamp": "now"}), "MetricData.member.1.Timestamp"),
        (json!(null), "MetricData.member.1"),
    ];
    for protocol in PROTOCOLS {
        let cw = start();
        for (datum, path) in &wrong {
            let answer = put(&cw, protocol, json!([datum]));
            let message = answer.refused(400, "SerializationException", "SerializationException");
            assert!(message.ends_with(&format!(" {path}.")), "{message:?} does not name {path}");
        }
        assert!(cw.datums().is_empty());
    }
}

#[test]
fn a_cbor_timestamp_needs_its_tag() {
    let cw = start();
    let mut datum = to_cbor(&json!({"MetricName": "m", "Value": 1.0}));
    datum.as_map_mut().unwrap().push((Cbor::Text("Timestamp".to_owned()), Cbor::Float(NOW as f64)));
    let mut input = to_cbor(&json!({"Namespace": "Shop"}));
    input.as_map_mut().unwrap().push((Cbor::Text("MetricData".to_owned()), Cbor::Array(vec![datum])));
    let mut request = good(Protocol::Cbor);
    request.body = write_cbor(&input);
    request.send(&cw).refused(400, "SerializationException", "SerializationException");
}

#[test]
fn null_members_are_absent_and_unknown_ones_ignored() {
    for protocol in PROTOCOLS {
        let cw = start();
        let datum =
            json!({"MetricName": "m", "Value": 1.0, "Unit": null, "Timestamp": null, "Values": null, "New": [{}]});
        put(&cw, protocol, json!([datum])).accepted();
        assert_eq!(cw.metric("m").unit(), Some("None"));
    }
}

#[test]
fn entities_are_refused_in_clear_words() {
    let cw = start();
    let input = json!({"Namespace": "Shop", "StrictEntityValidation": true, "EntityMetricData": [{"MetricData": []}]});
    let answer = call(&cw, Protocol::Cbor, "PutMetricData", &input);
    let message = answer.refused(400, "InvalidParameterValue", "InvalidParameterValueException");
    assert!(message.contains("EntityMetricData"), "{message}");
}

#[test]
fn a_good_answer_has_the_headers_that_clients_look_at() {
    let cw = start();
    let answer = good(Protocol::Cbor).send(&cw);
    assert_eq!((answer.status, answer.body.as_slice()), (200, &[0xa0][..]));
    assert_eq!(answer.header("smithy-protocol"), "rpc-v2-cbor");
    assert_eq!(answer.header("content-type"), "application/cbor");
    assert_eq!(answer.header("x-amzn-requestid"), cw.requests()[0].request_id);
    let answer = good(Protocol::Json).send(&cw);
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]));
    assert_eq!(answer.header("content-type"), "application/x-amz-json-1.0");
}

#[test]
fn signatures_that_are_too_old_or_too_new_where_they_have_a_lifetime() {
    let now = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(NOW as u64);
    let builder = Server::builder().clock(move || now);
    let (cw, lenient) = (builder.clone().signature_lifetime(Duration::from_secs(300)).start().unwrap(), start());
    for protocol in PROTOCOLS {
        let dated = |date: &str| good(protocol).header("x-amz-date", date);
        for good in ["20270115T075500Z", "20270115T080000Z", "20270115T080500Z"] {
            dated(good).send(&cw).accepted();
        }
        for (bad, what) in [("20270115T075459Z", "expired"), ("20270115T080501Z", "not yet current")] {
            let answer = dated(bad).send(&cw);
            let message = answer.refused(403, "SignatureDoesNotMatch", "InvalidSignatureException");
            assert!(message.contains(what), "{message}");
            dated(bad).send(&lenient).accepted();
        }
        dated("yesterday").send(&cw).refused(400, "IncompleteSignature", "IncompleteSignatureException");
        good(protocol).send(&cw).refused(400, "IncompleteSignature", "IncompleteSignatureException");
    }
}
