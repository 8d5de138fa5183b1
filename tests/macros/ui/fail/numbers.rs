//! Buckets, quantiles and a maximum.

const BOUNDS: [f64; 1] = [1.0];

fn main() {
    meters::histogram!("Wait", buckets = BOUNDS);
    meters::histogram!("Wait", buckets = []);
    meters::histogram!("Wait", buckets = [0.5, 0.1, 1.0]);
    meters::histogram!("Wait", buckets = [0.1, -0.5]);
    meters::histogram!("Wait", buckets = [0.1, f64::INFINITY]);
    meters::histogram!("Wait", buckets = expo(1, 2, 3));
    meters::histogram!("Wait", buckets = exponential(0, 2, 3));
    meters::histogram!("Wait", buckets = linear(0, 1, 0));
    meters::timed!("Wait", buckets = [1, 1], { 1 });
    meters::summary!("Wait", quantiles = [0.5, 99]);
    meters::summary!("Wait", quantiles = [0.9, 0.5]);
    meters::summary!("Wait", quantiles = 0.5);
    meters::summary!("Wait", maximum = "60");
}
