//! Without a fuzzer, what it looks at: any bytes, and requests that were right before something happened to them.

use proptest::prelude::*;

use super::*;

const OPERATIONS: [&str; 4] = ["PutMetricData", "ListMetrics", "GetMetricStatistics", "GetMetricData"];

/// A request that is taken, for each operation.
fn request(operation: &str) -> Value {
    let (name, namespace) = (("MetricName", Value::text("Orders")), ("Namespace", Value::text("Shop")));
    let time = |seconds: f64| Value::Timestamp(1_800_000_000.0 + seconds);
    let period = ("Period", Value::Int(60));
    let [start, end] = [("StartTime", time(-600.0)), ("EndTime", time(60.0))];
    match operation {
        "PutMetricData" => {
            let dimension = Value::map([("Name", Value::text("N")), ("Value", Value::text("1"))]);
            let list = || Value::List(vec![Value::Double(1.0), Value::Double(2.0)]);
            let dimensions = ("Dimensions", Value::List(vec![dimension]));
            let datum = [name, ("Timestamp", time(0.0)), dimensions, ("Values", list()), ("Counts", list())];
            Value::map([namespace, ("MetricData", Value::List(vec![Value::map(datum)]))])
        }
        "ListMetrics" => Value::map([name, namespace]),
        "GetMetricStatistics" => {
            let sum = ("Statistics", Value::List(vec![Value::text("Sum")]));
            Value::map([name, namespace, period, sum, start, end])
        }
        _ => {
            let metric = ("Metric", Value::map([name, namespace]));
            let stat = ("MetricStat", Value::map([metric, period, ("Stat", Value::text("p90"))]));
            let query = Value::map([("Id", Value::text("m1")), stat]);
            Value::map([("MetricDataQueries", Value::List(vec![query])), start, end])
        }
    }
}

fn receiver() -> Receiver {
    let receiver = Receiver::new(1 << 16);
    let body = Protocol::Cbor.encode(&request("PutMetricData"));
    assert!(receiver.request(Protocol::Cbor, "PutMetricData", None, &body));
    receiver
}

#[test]
fn the_requests_that_are_spoilt_here_are_taken_as_they_are() {
    for operation in OPERATIONS {
        assert!(
            receiver().request(Protocol::Cbor, operation, None, &Protocol::Cbor.encode(&request(operation))),
            "{operation}"
        );
    }
}

fn operations() -> impl Strategy<Value = &'static str> {
    prop::sample::select(OPERATIONS.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(
        body in prop::collection::vec(any::<u8>(), 0..200),
        operation in operations(),
        gzip in any::<bool>(),
    ) {
        cbor_round_trip(&body);
        let receiver = receiver();
        receiver.request(Protocol::Cbor, operation, gzip.then_some("gzip"), &body);
        receiver.request(Protocol::Json, operation, None, &body);
    }

    #[test]
    fn a_request_that_was_spoilt_is_answered(
        operation in operations(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let receiver = receiver();
        for protocol in [Protocol::Cbor, Protocol::Json] {
            let mut body = protocol.encode(&request(operation));
            for (at, byte) in &flips {
                let at = at.index(body.len());
                body[at] = *byte;
            }
            body.truncate(cut.map_or(body.len(), |cut| cut.index(body.len())));
            if protocol == Protocol::Cbor {
                cbor_round_trip(&body);
            }
            receiver.request(protocol, operation, None, &body);
        }
    }
}
