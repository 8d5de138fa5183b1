//! Percentiles of what arrives, against those of what was recorded.

use fastrand::Rng;
use meters::Unit;

use crate::stage::{Stage, assert_close, pairs, precise_sum};

const SAMPLES: usize = 20_000;
const PERCENTS: [f64; 4] = [50.0, 90.0, 99.0, 99.9];
/// One bucket, where the data span at most 500× and where they span at most 10^5×.
const NARROW: (f64, f64) = (500.0, 0.023);
const WIDE: (f64, f64) = (1e5, 0.045);

fn normal(random: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}

/// Samples within `span`, of which the middle one is some milliseconds in microseconds.
fn samples(seed: u64, span: f64, mut draw: impl FnMut(&mut Rng) -> f64) -> Vec<f64> {
    let mut random = Rng::with_seed(seed);
    let mut samples: Vec<f64> = (0..SAMPLES).map(|_| 3_000.0 * draw(&mut random)).collect();
    samples.sort_by(f64::total_cmp);
    let spanned = samples[SAMPLES - 1] / samples[0];
    assert!(spanned <= span && spanned > span / 50.0, "they span {spanned}");
    samples
}

fn nearest_rank(pairs: &[(f64, f64)], percent: f64) -> f64 {
    let total: f64 = pairs.iter().map(|(_, count)| count).sum();
    // 99.9 hundredths of 20,000 are 19,980, whatever the rounding says.
    let rank = (percent * total / 100.0 - 1e-6).ceil();
    let mut below = 0.0;
    for (value, count) in pairs {
        below += count;
        if below >= rank {
            return *value;
        }
    }
    panic!("no value of rank {rank} of {total}")
}

/// Three windows of the same samples in different orders: one datum each, all within `most` of the truth.
fn assert_percentiles(sorted: &[f64], most: f64) {
    let stage = Stage::new();
    let took = stage.registry.histogram("Took").unit(Unit::Microseconds).register();
    let truth: Vec<_> = sorted.iter().map(|value| (*value, 1.0)).collect();
    for seed in 0..3 {
        let mut shuffled = sorted.to_vec();
        Rng::with_seed(seed).shuffle(&mut shuffled);
        shuffled.iter().for_each(|value| took.observe(*value));
        assert_eq!(stage.flush().sent, 1);
        let metric = stage.cw.metric("Took");
        let datums = metric.datums();
        assert_eq!(datums.len(), 1);
        let held = pairs(&datums[0]);
        assert!(held.len() <= 150, "{} values", held.len());
        for percent in PERCENTS {
            let truth = nearest_rank(&truth, percent);
            assert_close(nearest_rank(&held, percent), truth, most);
            assert_close(metric.percentile(percent).unwrap(), truth, most);
        }
        assert_eq!(metric.sample_count(), SAMPLES as f64);
        assert_eq!(metric.minimum(), Some(sorted[0]));
        assert_eq!(metric.maximum(), Some(sorted[SAMPLES - 1]));
        let sum = precise_sum(sorted.iter().copied());
        assert_close(precise_sum(held.iter().map(|(value, count)| value * count)), sum, 1e-12);
        assert_close(metric.sum().unwrap(), sum, 1e-12);
        stage.cw.clear();
    }
}

#[test]
fn lognormal_within_500_is_within_two_point_three_percent() {
    for seed in 1..4 {
        let samples = samples(seed, NARROW.0, |random| (0.72 * normal(random)).exp());
        assert_percentiles(&samples, NARROW.1);
    }
}

#[test]
fn bimodal_within_500_is_within_two_point_three_percent() {
    for seed in 1..4 {
        let samples = samples(seed, NARROW.0, |random| {
            let slow = if random.f64() < 0.07 { 50.0 } else { 1.0 };
            slow * (0.1 * normal(random)).exp()
        });
        assert_percentiles(&samples, NARROW.1);
    }
}

#[test]
fn pareto_within_500_is_within_two_point_three_percent() {
    for seed in 1..4 {
        let samples = samples(seed, NARROW.0, |random| (1.0 - random.f64() * 0.9999).powf(-0.6));
        assert_percentiles(&samples, NARROW.1);
    }
}

#[test]
fn lognormal_within_100_000_is_within_four_point_five_percent() {
    for seed in 1..4 {
        let samples = samples(seed, WIDE.0, |random| (1.3 * normal(random)).exp());
        assert_percentiles(&samples, WIDE.1);
    }
}

#[test]
fn bimodal_within_100_000_is_within_four_point_five_percent() {
    for seed in 1..4 {
        let samples = samples(seed, WIDE.0, |random| {
            let slow = if random.f64() < 0.03 { 2_000.0 } else { 1.0 };
            slow * (0.4 * normal(random)).exp()
        });
        assert_percentiles(&samples, WIDE.1);
    }
}

#[test]
fn pareto_within_100_000_is_within_four_point_five_percent() {
    for seed in 1..4 {
        let samples = samples(seed, WIDE.0, |random| (1.0 - random.f64() * 0.99998).powf(-1.0));
        assert_percentiles(&samples, WIDE.1);
    }
}
