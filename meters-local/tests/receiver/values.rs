//! What a datum may carry as its observations, in both protocols.

use crate::limits::{COMBINATION, MISSING, VALUE, accepted, refused, with, with_all};
use meters_local::limits;
use serde_json::json;

/// The largest and the smallest magnitude: 2^360 and 2^-360.
const LARGEST: f64 = limits::MAX_MAGNITUDE;
const SMALLEST: f64 = limits::MIN_MAGNITUDE;

#[test]
fn numbers() {
    let good = [0.0, -0.0, 1.0, -1.0, LARGEST, -LARGEST, LARGEST.next_down(), SMALLEST, -SMALLEST, SMALLEST.next_up()];
    for number in good {
        accepted(&with("Value", json!(number)));
        accepted(&with("Values", json!([number])));
    }
    let bad = [LARGEST.next_up(), -LARGEST.next_up(), f64::MAX, SMALLEST.next_down(), -SMALLEST.next_down(), 5e-324];
    let bad = bad.map(|number| json!(number)).into_iter();
    for number in bad.chain(["NaN", "Infinity", "-Infinity"].map(|text| json!(text))) {
        refused(&with("Value", number.clone()), VALUE, "Value");
        refused(&with("Values", json!([1.0, number])), VALUE, "Values.member.2");
        let set = |name: &str| {
            let mut set = json!({"SampleCount": 1.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0});
            set[name] = number.clone();
            with("StatisticValues", set)
        };
        for name in ["SampleCount", "Sum", "Minimum", "Maximum"] {
            refused(&set(name), VALUE, &format!("StatisticValues.{name}"));
        }
    }
    // Integers are doubles too.
    accepted(&with("Value", json!(3)));
}

#[test]
fn values_and_counts() {
    let values = |values: usize, counts: usize| {
        with_all(&[("Values", json!(vec![1.0; values])), ("Counts", json!(vec![1.0; counts]))])
    };
    for n in [1, limits::MAX_VALUES - 1, limits::MAX_VALUES] {
        accepted(&values(n, n));
        accepted(&with("Values", json!(vec![1.0; n])));
    }
    refused(&values(limits::MAX_VALUES + 1, limits::MAX_VALUES + 1), VALUE, "Values");
    refused(&values(2, 1), VALUE, "Values");
    refused(&values(2, 3), VALUE, "Values");
    refused(&values(2, 0), VALUE, "Counts");
    accepted(&with_all(&[("Values", json!([1.0])), ("Counts", json!([0.25]))]));
    for count in [json!(0.0), json!(-1.0), json!("NaN"), json!("Infinity"), json!(LARGEST.next_up())] {
        refused(&with_all(&[("Values", json!([1.0, 2.0])), ("Counts", json!([1.0, count]))]), VALUE, "Counts.member.2");
    }
}

#[test]
fn forms_exclude_one_another() {
    let set = json!({"SampleCount": 1.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0});
    let (one, many) = (json!(1.0), json!([1.0]));
    refused(&with_all(&[("Value", one.clone()), ("StatisticValues", set.clone())]), COMBINATION, "StatisticValues");
    refused(&with_all(&[("Value", one.clone()), ("Values", many.clone())]), COMBINATION, "Values");
    refused(&with_all(&[("StatisticValues", set.clone()), ("Values", many.clone())]), COMBINATION, "Values");
    refused(&with_all(&[("Value", one), ("Counts", many.clone())]), COMBINATION, "Counts");
    refused(&with_all(&[("StatisticValues", set), ("Counts", many.clone())]), COMBINATION, "Counts");
    refused(&with_all(&[("Counts", many)]), COMBINATION, "Counts");
    refused(&json!({"MetricName": "m"}), COMBINATION, "Value");
    refused(&json!({"MetricName": "m", "Values": []}), COMBINATION, "Value");
}

#[test]
fn statistic_sets() {
    let set = |n: f64, sum: f64, min: f64, max: f64| {
        with("StatisticValues", json!({"SampleCount": n, "Sum": sum, "Minimum": min, "Maximum": max}))
    };
    for (n, sum, min, max) in [
        (1.0, 0.0, 0.0, 0.0),
        (4.0, 4.0, 1.0, 3.0),
        (4.0, 12.0, 1.0, 3.0),
        (2.0, -3.0, -2.0, -1.0),
        (0.5, 1.0, 2.0, 2.0),
        // Ten additions of 0.1 miss 1 by a bit.
        (10.0, 0.999_999_999_999_999_9, 0.1, 0.1),
        (4.0, 12.0 + 1e-9, 1.0, 3.0),
    ] {
        accepted(&set(n, sum, min, max));
    }
    refused(&set(0.0, 0.0, 0.0, 0.0), VALUE, "StatisticValues.SampleCount");
    refused(&set(-1.0, -1.0, 1.0, 1.0), VALUE, "StatisticValues.SampleCount");
    refused(&set(1.0, 1.0, 2.0, 1.0), VALUE, "StatisticValues.Minimum");
    for (sum, min, max) in [(3.9, 1.0, 3.0), (12.1, 1.0, 3.0), (12.0 + 1e-6, 1.0, 3.0), (1.0, 0.0, 0.0)] {
        refused(&set(4.0, sum, min, max), VALUE, "StatisticValues.Sum");
    }
    for name in ["SampleCount", "Sum", "Minimum", "Maximum"] {
        let mut three = json!({"SampleCount": 1.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0});
        three.as_object_mut().unwrap().remove(name);
        refused(&with("StatisticValues", three), MISSING, &format!("StatisticValues.{name}"));
    }
}
