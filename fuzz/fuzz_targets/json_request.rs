//! Requests in JSON, as boto3 sends them: each line is one, and all meet what those before it left.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meters_local::{Protocol, fuzzing};

const OPERATIONS: [&str; 4] = ["PutMetricData", "ListMetrics", "GetMetricStatistics", "GetMetricData"];

fuzz_target!(|data: &[u8]| {
    let receiver = fuzzing::Receiver::new(1 << 16);
    for line in data.split(|byte| *byte == b'\n').take(8) {
        let Some((first, body)) = line.split_first() else { continue };
        receiver.request(Protocol::Json, OPERATIONS[usize::from(first % 4)], None, body);
    }
});
