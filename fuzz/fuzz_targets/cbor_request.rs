//! Requests in CBOR, as aws-sdk-cloudwatch sends them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meters_local::{Protocol, fuzzing};

const OPERATIONS: [&str; 4] = ["PutMetricData", "ListMetrics", "GetMetricStatistics", "GetMetricData"];

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    fuzzing::cbor_round_trip(body);
    let receiver = fuzzing::Receiver::new(1 << 16);
    let operation = OPERATIONS[usize::from(first % 4)];
    let coding = (first & 4 != 0).then_some("gzip");
    // Twice: the second meets what the first left.
    receiver.request(Protocol::Cbor, operation, coding, body);
    receiver.request(Protocol::Cbor, operation, coding, body);
});
