//! Native histograms: the lattice itself, as Prometheus keeps it.

use meters_core::{Bucket, Distribution};

/// What is zero, or too small to be told from it: the lattice ends there.
const ZERO: f64 = f64::from_bits((1023 - 360) << 52);

/// The schemata that there are.
const COARSEST: i8 = -4;

/// A distribution as a native histogram.
///
/// The rules are those of [native histograms](https://prometheus.io/docs/specs/native_histograms/): bucket *i* of schema *s*
/// holds the values in (2^((i−1)·2^−s), 2^(i·2^−s)]; runs of buckets are spans, and counts differences.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Native {
    pub(crate) schema: i32,
    pub(crate) zero_threshold: f64,
    pub(crate) zero_count: u64,
    /// (buckets that are left out before it, buckets).
    pub(crate) spans: Vec<(i32, u32)>,
    pub(crate) deltas: Vec<i64>,
}

impl Native {
    /// `None` where the lattice stands on what is no power of two of the base unit: its bounds are no bounds of a native
    /// histogram then, and what is told is to be exact.
    ///
    /// Buckets are folded until there are at most `most` of them.
    pub(crate) fn of(distribution: &Distribution, origin: f64, most: usize) -> Option<Self> {
        let shift = exponent(origin)?;
        let mut scale = distribution.scale();
        let mut buckets: Vec<Bucket> = distribution.buckets().to_vec();
        // Where the lattice is coarser than an octave, only whole buckets can be shifted.
        if scale < COARSEST || (scale < 0 && shift.rem_euclid(1 << -scale) != 0) {
            return None;
        }
        let shift = if scale >= 0 { shift << scale } else { shift >> -scale };
        for bucket in &mut buckets {
            bucket.index += shift + 1;
        }
        while buckets.len() > most.max(2) && scale > COARSEST {
            scale -= 1;
            fold(&mut buckets);
        }
        let mut native = Self {
            schema: i32::from(scale),
            zero_threshold: ZERO * origin,
            zero_count: distribution.zero_count(),
            ..Self::default()
        };
        native.fill(&buckets);
        Some(native)
    }

    fn fill(&mut self, buckets: &[Bucket]) {
        let (mut next, mut before) = (0, 0);
        for bucket in buckets {
            match self.spans.last_mut() {
                Some((_, length)) if bucket.index == next => *length += 1,
                _ => self.spans.push((bucket.index - next, 1)),
            }
            let count = i64::try_from(bucket.count).unwrap_or(i64::MAX);
            self.deltas.push(count - before);
            (next, before) = (bucket.index + 1, count);
        }
    }
}

/// The next coarser schema, in which the upper bound of bucket *i* is that of 2i.
fn fold(buckets: &mut Vec<Bucket>) {
    for bucket in buckets.iter_mut() {
        bucket.index = (bucket.index + 1) >> 1;
    }
    buckets.dedup_by(|from, into| {
        let same = from.index == into.index;
        if same {
            into.count = into.count.saturating_add(from.count);
        }
        same
    });
}

/// The power of two that this is.
fn exponent(value: f64) -> Option<i32> {
    let bits = value.to_bits();
    let exponent = (bits >> 52) as i32;
    (bits << 12 == 0 && (1..2047).contains(&exponent)).then_some(exponent - 1023)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Native {
        /// (upper bound, count) of each bucket.
        fn buckets(&self) -> Vec<(f64, u64)> {
            let (mut index, mut count, mut deltas, mut found) = (0, 0, self.deltas.iter(), Vec::new());
            for (offset, length) in &self.spans {
                index += offset;
                for _ in 0..*length {
                    count += deltas.next().unwrap();
                    found.push(((f64::from(index) * f64::from(-self.schema).exp2()).exp2(), count as u64));
                    index += 1;
                }
            }
            assert_eq!(deltas.next(), None);
            found
        }
    }

    #[test]
    fn values_that_close_a_bucket() {
        let mut distribution = Distribution::with_origin(1e9);
        for nanoseconds in [0.0, 1e9, 1e9, 2e9, 4e9] {
            distribution.record(nanoseconds);
        }
        let native = Native::of(&distribution, 1.0, 160).unwrap();
        assert_eq!((native.schema, native.zero_count), (5, 1));
        assert_eq!(native.buckets(), [(1.0, 2), (2.0, 1), (4.0, 1)]);
        assert_eq!(native.spans, [(0, 1), (31, 1), (31, 1)]);
        assert_eq!(native.deltas, [2, -1, 0]);
        let bits = Native::of(&distribution, 0.125, 160).unwrap();
        assert_eq!(bits.buckets(), [(0.125, 2), (0.25, 1), (0.5, 1)]);
        assert_eq!(Native::of(&distribution, 1000.0, 160), None);
    }

    proptest! {
        #[test]
        fn all_is_told_in_few_buckets(values in prop::collection::vec(1e-9f64..1e9, 0..200), most in 2usize..50) {
            let mut distribution = Distribution::new();
            for value in &values {
                distribution.record(*value);
            }
            let native = Native::of(&distribution, 1.0, most).unwrap();
            let buckets = native.buckets();
            prop_assert!(buckets.len() <= most || native.schema == -4);
            let mut below = 0;
            for (upper, count) in &buckets {
                below += count;
                let wanted = values.iter().filter(|value| **value <= *upper * (1.0 + 1e-14)).count() as u64;
                prop_assert_eq!(below, wanted);
            }
            prop_assert_eq!(below, values.len() as u64);
        }
    }
}
