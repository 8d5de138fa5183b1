//! The one lattice of buckets: base-2 exponential, upper bound inclusive.

use std::ops::RangeInclusive;

/// The scale at which everything is recorded: 32 buckets an octave, 2.19 % wide.
pub const RECORD_SCALE: i8 = 5;

/// Sub-buckets of an octave at [`RECORD_SCALE`].
const PER_OCTAVE: usize = 1 << RECORD_SCALE;
/// Linear cells an octave is cut into: fine enough that no cell holds two bounds (2^(1/32) − 1 > 1/64).
const CELLS: usize = 64;
const MANTISSA: u64 = (1 << 52) - 1;

/// Of each linear cell: the bucket at its start in the bits from 52 on, and below them what, added to a mantissa, carries
/// into those bits from the mantissa on at which the next bucket begins.
static TABLE: [u64; CELLS] = table();

/// 2^(k/32) as exact as an `f64` can hold it, by repeated square roots of two.
const fn root(k: usize) -> f64 {
    // 2^(1/2), 2^(1/4) … 2^(1/32), each the nearest f64.
    const ROOTS: [f64; 5] = [
        std::f64::consts::SQRT_2,
        1.189_207_115_002_721,
        1.090_507_732_665_257_7,
        1.044_273_782_427_413_8,
        1.021_897_148_654_116_6,
    ];
    let mut value = 1.0;
    let mut bit = 0;
    while bit < 5 {
        if k & (PER_OCTAVE >> (bit + 1)) != 0 {
            value *= ROOTS[bit];
        }
        bit += 1;
    }
    value
}

const fn table() -> [u64; CELLS] {
    let mut cells = [0; CELLS];
    let mut cell = 0;
    while cell < CELLS {
        let start = (cell as u64) << 46;
        let end = start + (1 << 46);
        // Bucket k of an octave holds mantissas in (root(k), root(k + 1)].
        let mut below = 0;
        while below + 1 < PER_OCTAVE && root(below + 1).to_bits() & MANTISSA < start {
            below += 1;
        }
        cells[cell] = (below as u64) << 52;
        if below + 1 < PER_OCTAVE {
            let next = root(below + 1).to_bits() & MANTISSA;
            if next < end {
                cells[cell] += (1 << 52) - next;
            }
        }
        cell += 1;
    }
    cells
}

/// The bucket at [`RECORD_SCALE`] that holds `value`: the `i` with γ^i < value ≤ γ^(i+1), γ = 2^(1/32).
///
/// `value` is positive, finite and normal; anything else gives an index that means nothing (but never a panic).
///
/// The rule "lower bound exclusive, upper bound inclusive" is that of
/// [OTLP exponential histograms](https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram)
/// and of [Prometheus native histograms](https://prometheus.io/docs/specs/native_histograms/).
///
/// ```
/// use meters_core::lattice::{index, upper_bound, RECORD_SCALE};
/// assert_eq!(index(1.0), -1);           // 1.0 closes the bucket below it
/// assert_eq!(index(1.000_1), 0);
/// assert_eq!(index(2.0), 31);
/// assert_eq!(upper_bound(RECORD_SCALE, 31), 2.0);
/// ```
#[inline]
pub fn index(value: f64) -> i32 {
    let bits = value.to_bits();
    // A power of two is the inclusive end of the bucket below: one bit less puts it there.
    let bits = bits.wrapping_sub(1);
    // What is left is the value less one, so that "value > bound" reads "mantissa ≥ bound".
    let mantissa = bits & MANTISSA;
    let within = (mantissa + TABLE[(mantissa >> 46) as usize]) >> 52;
    let octave = (bits >> (52 - RECORD_SCALE)) as i32 & (0x7ff << RECORD_SCALE);
    octave + within as i32 - (1023 << RECORD_SCALE)
}

/// The inclusive upper bound γ^(index+1) of a bucket, γ = 2^(2^−scale).
///
/// `scale` is in −10..=[`RECORD_SCALE`]; an index beyond what `f64` holds gives 0 or infinity.
///
/// ```
/// use meters_core::lattice::upper_bound;
/// assert_eq!(upper_bound(0, 0), 2.0);
/// assert_eq!(upper_bound(0, -1), 1.0);
/// ```
pub fn upper_bound(scale: i8, index: i32) -> f64 {
    power(scale, i64::from(index) + 1)
}

/// The exclusive lower bound γ^index of a bucket.
///
/// ```
/// use meters_core::lattice::{lower_bound, upper_bound};
/// assert_eq!(lower_bound(3, 17), upper_bound(3, 16));
/// ```
pub fn lower_bound(scale: i8, index: i32) -> f64 {
    power(scale, i64::from(index))
}

/// The buckets that values can lie in at a scale in −10..=[`RECORD_SCALE`], whatever the origin: it is at least 1.
pub(super) fn indices(scale: i8) -> RangeInclusive<i32> {
    const OCTAVES: i32 = 360;
    let shift = RECORD_SCALE - scale;
    (-OCTAVES * PER_OCTAVE as i32 - 1) >> shift..=(OCTAVES * PER_OCTAVE as i32 - 1) >> shift
}

fn power(scale: i8, exponent: i64) -> f64 {
    // Every coarser lattice is a subset of the recorded one, so that bounds agree to the bit.
    let exponent = exponent << (RECORD_SCALE - scale);
    let octave = exponent >> RECORD_SCALE;
    let root = root((exponent & (PER_OCTAVE as i64 - 1)) as usize);
    // Two halves, so that the ends of the range (which no value of CloudWatch's reaches) come out as 0 and infinity.
    let half = octave.clamp(-2200, 2200) / 2;
    root * two_to(half) * two_to(octave.clamp(-2200, 2200) - half)
}

/// 2^exponent to the bit, 0 below what is normal and infinity above.
fn two_to(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023).clamp(0, 2047) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn roots_are_the_nearest() {
        for k in 0..PER_OCTAVE {
            let exact = (k as f64 / PER_OCTAVE as f64).exp2();
            assert!((root(k) - exact).abs() <= 4.0 * f64::EPSILON, "{k}");
        }
    }

    #[test]
    fn each_bound_closes_its_bucket() {
        for index_ in -11_520..11_520 {
            let upper = upper_bound(RECORD_SCALE, index_);
            assert_eq!(index(upper), index_);
            assert_eq!(index(upper.next_up()), index_ + 1);
        }
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket(value in 1e-100f64..1e100) {
            let i = index(value);
            prop_assert!(lower_bound(RECORD_SCALE, i) < value && value <= upper_bound(RECORD_SCALE, i));
        }

        #[test]
        fn folding_keeps_the_bucket(value in 1e-100f64..1e100, scale in -4i8..=4) {
            let i = index(value) >> (RECORD_SCALE - scale);
            prop_assert!(lower_bound(scale, i) < value && value <= upper_bound(scale, i));
        }
    }
}
