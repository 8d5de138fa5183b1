//! Reads the counters and histograms from the default registry of Prometheus.

use stage::Seen;

/// Runs it, and prints what was recorded.
pub fn observe(shape: fn()) {
    shape();
    let (mut calls, mut errors, mut seconds) = (0.0, 0.0, 0.0);
    for family in prometheus::gather() {
        for metric in family.get_metric() {
            match family.name() {
                "function_calls_total" | "function_calls" => {
                    let count = metric.get_counter().get_value();
                    calls += count;
                    let error =
                        |label: &prometheus::proto::LabelPair| label.name() == "result" && label.value() == "error";
                    if metric.get_label().iter().any(error) {
                        errors += count;
                    }
                }
                "function_calls_duration_seconds" => seconds += metric.get_histogram().get_sample_sum(),
                _ => {}
            }
        }
    }
    let nanoseconds = (seconds * 1e9) as u64;
    Seen { calls: calls as u64, errors: Some(errors as u64), nanoseconds, ..Seen::default() }.print();
}
