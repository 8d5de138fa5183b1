//! Reads the snapshot of the process.

use meters::Value;
use stage::Seen;

/// Runs it, and prints what was recorded.
pub fn observe(shape: fn()) {
    shape();
    let (mut calls, mut counts, mut nanoseconds) = (0, [0; 3], 0.0);
    for (_, value) in meters::snapshot().iter() {
        if let Value::Calls(of_this) = value {
            let outcomes = [of_this.errors, of_this.panics, of_this.cancelled];
            counts.iter_mut().zip(outcomes).for_each(|(sum, count)| *sum += count);
            calls += of_this.ok() + outcomes.iter().sum::<u64>();
            nanoseconds += of_this.duration.sum();
        }
    }
    let [errors, panics, cancelled] = counts.map(Some);
    Seen { calls, errors, panics, cancelled, nanoseconds: nanoseconds as u64 }.print();
}
