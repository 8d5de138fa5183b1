//! How near the percentiles of what is sent are to those of what was recorded.

use fastrand::Rng;

use super::super::parts::{MOST_VALUES, pairs};
use super::*;

const SAMPLES: usize = 20_000;

fn normal(random: &mut Rng) -> f64 {
    let (one, other) = (1.0 - random.f64(), random.f64());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
}

fn lognormal(random: &mut Rng, middle: f64, spread: f64) -> f64 {
    middle * (spread * normal(random)).exp()
}

/// Whole nanoseconds, as durations are.
fn samples(seed: u64, draw: impl Fn(&mut Rng) -> f64) -> Vec<f64> {
    let mut random = Rng::with_seed(seed);
    let mut samples: Vec<_> = (0..SAMPLES).map(|_| draw(&mut random).round()).collect();
    samples.sort_by(f64::total_cmp);
    samples
}

/// The value at rank ⌈q·n⌉ of pairs (value, count).
fn nearest_rank(pairs: &[(f64, f64)], q: f64) -> f64 {
    let total: f64 = pairs.iter().map(|(_, count)| count).sum();
    let mut below = 0.0;
    for (value, count) in pairs {
        below += count;
        if below >= (q * total).ceil() {
            return *value;
        }
    }
    f64::NAN
}

/// The largest error of p50, p90, p99 and p99.9, after count, sum, minimum and maximum were found exact.
fn worst(samples: &[f64]) -> [f64; 4] {
    let mut distribution = Distribution::with_origin(1e9);
    for value in samples {
        assert!(distribution.record(*value));
    }
    let DatumValue::Values { values, counts } = pairs(&distribution.converted(1.0, 1e3)) else { unreachable!() };
    assert!(values.len() <= MOST_VALUES && values.is_sorted() && counts.iter().all(|count| *count >= 1.0));
    let told: Vec<_> = values.into_iter().zip(counts).collect();
    let count: f64 = told.iter().map(|(_, count)| count).sum();
    assert_eq!(count, samples.len() as f64);
    assert_eq!(told[0].0, samples[0] / 1e3);
    assert_eq!(told[told.len() - 1].0, samples[samples.len() - 1] / 1e3);
    let (sum, told_sum): (f64, f64) =
        (samples.iter().sum::<f64>() / 1e3, told.iter().map(|(value, count)| value * count).sum());
    assert!((told_sum / sum - 1.0).abs() < 1e-12, "{told_sum} for {sum}");
    let true_ones: Vec<_> = samples.iter().map(|value| (value / 1e3, 1.0)).collect();
    [0.5, 0.9, 0.99, 0.999].map(|q| (nearest_rank(&told, q) / nearest_rank(&true_ones, q) - 1.0).abs())
}

type Draw = Box<dyn Fn(&mut Rng) -> f64>;

#[test]
fn percentiles_are_within_a_bucket_and_the_rest_is_exact() {
    let bimodal = |other: f64| {
        move |random: &mut Rng| {
            let middle = if random.f64() < 0.8 { 1e6 } else { other };
            lognormal(random, middle, 0.25)
        }
    };
    let pareto = |shape: f64| move |random: &mut Rng| 1e6 / (1.0 - random.f64()).powf(1.0 / shape);
    let shapes: [(&str, f64, Draw); 9] = [
        ("lognormal 0.3", 500.0, Box::new(|random| lognormal(random, 2e6, 0.3))),
        ("lognormal 0.7", 500.0, Box::new(|random| lognormal(random, 2e6, 0.7))),
        ("bimodal 30", 500.0, Box::new(bimodal(3e7))),
        ("pareto 3", 500.0, Box::new(pareto(3.0))),
        ("pareto 2", 500.0, Box::new(pareto(2.0))),
        ("lognormal 1", 1e5, Box::new(|random| lognormal(random, 2e6, 1.0))),
        ("lognormal 1.3", 1e5, Box::new(|random| lognormal(random, 2e6, 1.3))),
        ("bimodal 10,000", 1e5, Box::new(bimodal(1e10))),
        ("pareto 1.2", 1e5, Box::new(pareto(1.2))),
    ];
    let mut table = String::new();
    for (name, spread, draw) in shapes {
        for seed in 0..5 {
            let samples = samples(seed, &draw);
            let ratio = samples[SAMPLES - 1] / samples[0];
            assert!(ratio <= spread, "{name}: {ratio}");
            let errors = worst(&samples);
            let bound = if spread <= 500.0 { 0.023 } else { 0.045 };
            table += &format!("{name} {seed} {ratio:.0} {errors:.4?}\n");
            assert!(errors.iter().all(|error| *error <= bound), "{table}");
        }
    }
}
