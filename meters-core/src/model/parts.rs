//! The exact parts of distributions, as storage writes them down and reads them back.

use std::sync::Arc;

use super::distribution::{Bucket, COARSEST, Distribution};
use super::explicit::Explicit;
use super::lattice::{RECORD_SCALE, indices};
use super::magnitude::VALUE_LIMIT;
use super::sum::Sum;
use crate::error::Error;

/// The largest sum of as many of the largest values as can be counted: no sum of such sums leaves the range of `f64`.
const LARGEST_SUM: f64 = VALUE_LIMIT * (1u64 << 32) as f64 * (1u64 << 32) as f64;

/// All of a distribution but its buckets, and but its count, which follows from `zero` and them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Of the lattice, −10 to 5.
    pub scale: i8,
    /// Of the lattice: 1, or the recorded units in a second.
    pub origin: f64,
    /// How many values are zero.
    pub zero: u64,
    /// The sum and what it lacks.
    pub sum: [f64; 2],
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
}

impl Parts {
    /// What is wrong with these parts of a distribution of `count` values, whose lowest and highest buckets are `outer`.
    /// That a sum lies between the extremes is not asked: of a difference they are not known exactly.
    ///
    /// # Errors
    /// What no distribution that was recorded can be.
    pub fn check(&self, count: u64, outer: Option<(i32, i32)>) -> Result<(), &'static str> {
        let Self { scale, origin, sum, min, max, .. } = *self;
        if !(COARSEST..=RECORD_SCALE).contains(&scale) {
            return Err("a scale that no lattice has");
        }
        if ![1.0, 1e3, 1e6, 1e9].contains(&origin) {
            return Err("an origin that no lattice has");
        }
        if count == 0 {
            return Err("a distribution of nothing");
        }
        if !sum.iter().all(|part| part.abs() <= LARGEST_SUM) {
            return Err("a sum that is no number");
        }
        if !(0.0 <= min && min <= max && max <= VALUE_LIMIT) {
            return Err("extremes that are none");
        }
        let range = indices(scale);
        if outer.is_some_and(|(lowest, highest)| !range.contains(&lowest) || !range.contains(&highest)) {
            return Err("a bucket beyond the lattice");
        }
        Ok(())
    }
}

impl Distribution {
    /// All but the buckets.
    #[doc(hidden)]
    pub fn parts(&self) -> Parts {
        let Self { scale, origin, zero, sum, min, max, .. } = *self;
        Parts { scale, origin, zero, sum: [sum.high, sum.low], min, max }
    }

    /// The distribution of these parts; see [`Parts::check`]. Buckets rise and are not empty.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] where they are not the parts of a distribution.
    #[doc(hidden)]
    pub fn of_parts(parts: &Parts, buckets: Vec<Bucket>) -> Result<Self, Error> {
        let refused = |why| Error::invalid_input(format!("no distribution has these parts: {why}"));
        if buckets.is_sorted_by(|one, next| one.index < next.index) && buckets.iter().all(|bucket| bucket.count > 0) {
            let count = buckets.iter().try_fold(parts.zero, |count, bucket| count.checked_add(bucket.count));
            let count = count.ok_or_else(|| refused("more values than can be counted"))?;
            let outer = buckets.first().zip(buckets.last());
            parts.check(count, outer.map(|(first, last)| (first.index, last.index))).map_err(refused)?;
            let &Parts { scale, origin, zero, sum: [high, low], min, max } = parts;
            return Ok(Self { scale, origin, count, zero, sum: Sum { high, low }, min, max, buckets, explicit: None });
        }
        Err(refused("buckets that do not rise, or are empty"))
    }

    /// Adds a distribution that is not there as one, its buckets by rising index. False where the origins differ: nothing
    /// changes. Counts that are too large to be added stay at the largest there is. `explicit` is as
    /// [`explicit_parts`](Self::explicit_parts) tells it.
    #[doc(hidden)]
    pub fn absorb(
        &mut self,
        parts: &Parts,
        buckets: impl Iterator<Item = Bucket>,
        explicit: Option<(&Arc<[f64]>, &[u64])>,
    ) -> bool {
        if self.origin != parts.origin {
            return false;
        }
        let before = self.count;
        while self.scale > parts.scale {
            self.fold();
        }
        let shift = (parts.scale - self.scale) as u32;
        let mut count = parts.zero;
        // Where no bucket is empty, all lie as far from their place as the one in the middle.
        let mut near = self.buckets.len() / 2;
        let mut offset = self.buckets.get(near).map_or(0, |middle| i64::from(middle.index) - near as i64);
        for bucket in buckets {
            count = count.saturating_add(bucket.count);
            let index = bucket.index >> shift;
            let place = usize::try_from(i64::from(index) - offset).unwrap_or(usize::MAX);
            match self.buckets.get_mut(place) {
                Some(known) if known.index == index => {
                    known.count = known.count.saturating_add(bucket.count);
                    near = place;
                }
                _ => {
                    near = self.add_about(near, index, bucket.count);
                    offset = i64::from(index) - near as i64;
                }
            }
        }
        self.count = self.count.saturating_add(count);
        self.explicit = match (self.explicit.take(), explicit) {
            (ours, _) if count == 0 => ours,
            (_, theirs) if before == 0 => {
                theirs.map(|(bounds, counts)| Box::new(Explicit::new(bounds.clone(), counts.into())))
            }
            (Some(ours), Some((bounds, counts))) => ours.merged(bounds, counts).map(Box::new),
            _ => None,
        };
        self.zero = self.zero.saturating_add(parts.zero);
        let [high, low] = parts.sum;
        self.sum.merge(Sum { high, low });
        self.min = self.min.min(parts.min);
        self.max = self.max.max(parts.max);
        true
    }

    /// Adds to the bucket of this index. As indices rise by one at least, it is no further from the place `near` than its
    /// index is from the one there. Returns its place.
    fn add_about(&mut self, near: usize, index: i32, n: u64) -> usize {
        let Some(known) = self.buckets.get(near) else {
            return self.add(index, n);
        };
        let apart = usize::try_from(index.abs_diff(known.index)).unwrap_or(usize::MAX);
        let (least, most) =
            if known.index <= index { (near, near.saturating_add(apart)) } else { (near.saturating_sub(apart), near) };
        let end = self.buckets.len().min(most.saturating_add(1));
        let at = least + self.buckets[least..end].partition_point(|bucket| bucket.index < index);
        match self.buckets.get_mut(at) {
            Some(bucket) if bucket.index == index => bucket.count = bucket.count.saturating_add(n),
            _ => self.buckets.insert(at, Bucket { index, count: n }),
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64], folds: u8) -> Distribution {
        let mut distribution = Distribution::new();
        for value in values {
            assert!(distribution.record(*value));
        }
        (0..folds).for_each(|_| distribution.fold());
        distribution
    }

    #[test]
    fn what_cannot_have_been_recorded_is_refused() {
        let good = of(&[0.0, 1.0, 5.0], 0);
        let (parts, buckets) = (good.parts(), good.buckets().to_vec());
        assert_eq!(Distribution::of_parts(&parts, buckets.clone()).unwrap(), good);
        let refused = |parts: Parts, buckets: &[Bucket]| {
            let error = Distribution::of_parts(&parts, buckets.to_vec()).unwrap_err();
            assert!(error.is_invalid_input());
        };
        for scale in [i8::MIN, -11, 6, i8::MAX] {
            refused(Parts { scale, ..parts }, &buckets);
        }
        for origin in [0.0, 2.0, -1.0, f64::NAN, f64::INFINITY] {
            refused(Parts { origin, ..parts }, &buckets);
        }
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            refused(Parts { sum: [bad, 0.0], ..parts }, &buckets);
            refused(Parts { sum: [0.0, bad], ..parts }, &buckets);
            refused(Parts { max: bad, ..parts }, &buckets);
        }
        for min in [f64::NAN, -1.0, 6.0, f64::INFINITY] {
            refused(Parts { min, ..parts }, &buckets);
        }
        refused(Parts { zero: 0, ..parts }, &[]);
        refused(Parts { zero: u64::MAX, ..parts }, &buckets);
        let bucket = |index, count| Bucket { index, count };
        refused(parts, &[bucket(3, 1), bucket(3, 1)]);
        refused(parts, &[bucket(4, 1), bucket(3, 1)]);
        refused(parts, &[bucket(4, 0)]);
        refused(parts, &[bucket(4, u64::MAX), bucket(5, u64::MAX)]);
        for index in [i32::MIN, -11_522, 11_520, i32::MAX] {
            refused(parts, &[bucket(index, 1)]);
        }
    }

    #[test]
    fn the_lattice_ends_where_values_do() {
        for value in [VALUE_LIMIT, 1.0 / VALUE_LIMIT] {
            for folds in 0..=15 {
                let outermost = of(&[value], folds);
                let again = Distribution::of_parts(&outermost.parts(), outermost.buckets().to_vec());
                assert_eq!(again.unwrap(), outermost);
            }
        }
    }

    proptest! {
        #[test]
        fn absorbing_is_recording_both(
            ours in prop::collection::vec(0.0..1e6f64, 0..60),
            theirs in prop::collection::vec(prop_oneof![0.0..1e6f64, Just(0.0)], 1..60),
            folds in (0u8..4, 0u8..4),
        ) {
            let (mut sum, other) = (of(&ours, folds.0), of(&theirs, folds.1));
            prop_assert!(sum.absorb(&other.parts(), other.buckets().iter().copied(), None));
            let both: Vec<f64> = ours.iter().chain(&theirs).copied().collect();
            let whole = of(&both, folds.0.max(folds.1));
            prop_assert_eq!(sum.buckets(), whole.buckets());
            prop_assert_eq!((sum.count(), sum.zero_count()), (whole.count(), whole.zero_count()));
            prop_assert_eq!((sum.min(), sum.max()), (whole.min(), whole.max()));
        }

        /// Also where buckets are in no order, as a broken caller may have them.
        #[test]
        fn nothing_that_is_absorbed_panics(
            buckets in prop::collection::vec((any::<i32>(), any::<u64>()), 0..30),
            scale in -10i8..=5,
        ) {
            let mut sum = of(&[0.0, 3.0, 700.0], 2);
            let parts = Parts { scale, zero: u64::MAX, ..sum.parts() };
            for _ in 0..2 {
                let buckets = buckets.iter().map(|&(index, count)| Bucket { index, count });
                prop_assert!(sum.absorb(&parts, buckets, None));
            }
            prop_assert_eq!(sum.count(), u64::MAX);
            prop_assert!(sum.buckets().is_sorted_by(|one, next| one.index < next.index));
            sum.pairs(150);
            sum.quantile(0.5);
        }
    }
}
