//! The bounds of classic buckets: powers of two of the base unit, which are bounds of the lattice, so that every count is exact.

use meters_core::{Distribution, lattice};

use crate::number::canonical;

/// Rising powers of two, `first` to `last`, both exponents; times what the lattice stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ladder {
    first: i32,
    last: i32,
}

impl Ladder {
    /// The bounds that each distribution in this base unit shows, whatever is in it: who sums over processes finds the same ones in
    /// all of them. From a millisecond to 16 s, from a kilobyte to 16 MiB, from 1 % to 1, and of plain numbers from 1 to 1,024.
    pub(crate) fn standing(base: &str, origin: f64) -> Self {
        let (first, last): (i32, i32) = match base {
            "seconds" => (-10, 4),
            "bytes" | "bytes_per_second" => (10, 24),
            "ratio" => (-7, 0),
            _ => (0, 10),
        };
        let by = origin.log2();
        let (first, last) = (f64::from(first) - by, f64::from(last) - by);
        // Where the lattice stands on something odd, the next ones around.
        Self { first: first.floor() as i32, last: last.ceil() as i32 }
    }

    /// The bounds that enclose all values of a distribution but zeros; `None` where there are none.
    pub(crate) fn around(distribution: &Distribution) -> Option<Self> {
        let (first, last) = (distribution.buckets().first()?, distribution.buckets().last()?);
        let scale = distribution.scale();
        // The lower bound of the first one belongs to it: without it its values would seem to begin at zero.
        Some(Self { first: ceiling(first.index + 1, scale) - step(scale), last: ceiling(last.index + 1, scale) })
    }

    /// The bounds of both, as far as `most` allow; from then on the highest stay, for a value below the lowest bound is still
    /// counted by it. Those that `self` has stay in any case.
    pub(crate) fn grown(self, other: Self, most: usize) -> Self {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let room = |used: i32| most.saturating_sub(used).max(0);
        let up = (other.last - self.last).clamp(0, room(self.len()));
        let last = self.last + up;
        let down = (self.first - other.first).clamp(0, room(self.len() + up));
        Self { first: self.first - down, last }
    }

    /// The highest `most` of its bounds.
    pub(crate) fn at_most(self, most: usize) -> Self {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        Self { first: self.first.max(self.last.saturating_sub(most - 1)), ..self }
    }

    fn len(self) -> i32 {
        self.last - self.first + 1
    }

    /// The bound at this place, in the base unit, of which the lattice stands on `origin`.
    pub(crate) fn bound(self, place: usize, origin: f64) -> f64 {
        lattice::lower_bound(0, self.first + place as i32) * origin
    }

    /// All of them.
    pub(crate) fn bounds(self, origin: f64) -> impl Iterator<Item = f64> {
        (self.first..=self.last).map(move |exponent| lattice::lower_bound(0, exponent) * origin)
    }

    /// The bounds as they stand in labels.
    pub(crate) fn texts(self, origin: f64) -> Vec<String> {
        self.bounds(origin).map(canonical).collect()
    }

    /// (place among the bounds, how many values are at most that bound), of each bound.
    ///
    /// Where the distribution is coarser than powers of two, bounds inside its buckets are left out.
    pub(crate) fn counts(self, distribution: &Distribution) -> impl Iterator<Item = (usize, u64)> + '_ {
        let scale = distribution.scale();
        let mut buckets = distribution.buckets().iter().peekable();
        let mut below = distribution.zero_count();
        (self.first..=self.last).enumerate().filter_map(move |(place, bound)| {
            while let Some(bucket) = buckets.next_if(|bucket| ceiling(bucket.index + 1, scale) <= bound) {
                below = below.saturating_add(bucket.count);
            }
            (bound.rem_euclid(step(scale)) == 0).then_some((place, below))
        })
    }
}

/// The octaves between two bounds that are both powers of two and bounds of the lattice.
fn step(scale: i8) -> i32 {
    1 << (-scale).max(0)
}

/// The lowest exponent of such a bound that is not below the lattice's bound `index`.
fn ceiling(index: i32, scale: i8) -> i32 {
    if scale >= 0 { (index + (1 << scale) - 1) >> scale } else { index << -scale }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64], scale: i8) -> Distribution {
        let mut distribution = Distribution::new();
        for value in values {
            distribution.record(*value);
        }
        while distribution.scale() > scale {
            distribution.fold();
        }
        distribution
    }

    #[test]
    fn bounds_stay_and_are_bounded() {
        let (low, high) = (Ladder { first: -3, last: 2 }, Ladder { first: 0, last: 9 });
        assert_eq!(low.grown(high, 64), Ladder { first: -3, last: 9 });
        assert_eq!(high.grown(low, 64), Ladder { first: -3, last: 9 });
        assert_eq!(low.grown(high, 8), Ladder { first: -3, last: 4 });
        assert_eq!(high.grown(low, 11), Ladder { first: -1, last: 9 });
        assert_eq!(low.grown(high, 2), low);
        assert_eq!(low.at_most(2), Ladder { first: 1, last: 2 });
    }

    #[test]
    fn what_always_stands_is_around_the_same_numbers_wherever_the_lattice_stands() {
        let ends = |base: &str, origin: f64| {
            let bounds: Vec<_> = Ladder::standing(base, origin).bounds(origin).collect();
            (bounds[0], bounds[bounds.len() - 1])
        };
        assert_eq!(ends("seconds", 1.0), (1.0 / 1024.0, 16.0));
        assert_eq!(ends("bytes", 1.0), (1024.0, 16_777_216.0));
        assert_eq!(ends("bytes", 1000.0), (1000.0, 32_768_000.0));
        assert_eq!(ends("ratio", 0.01), (0.005, 1.28));
        assert_eq!(ends("", 1.0), (1.0, 1024.0));
    }

    #[test]
    fn a_bound_below_the_lowest_value_is_shown() {
        let ladder = Ladder::around(&of(&[3.0, 4.0, 0.0], 5)).unwrap();
        assert_eq!(ladder.bounds(1.0).collect::<Vec<_>>(), [2.0, 4.0]);
        assert_eq!(ladder.counts(&of(&[3.0, 4.0, 0.0], 5)).collect::<Vec<_>>(), [(0, 1), (1, 3)]);
        assert_eq!(Ladder::around(&of(&[0.0], 5)), None);
    }

    proptest! {
        #[test]
        fn every_count_is_exact(
            values in prop::collection::vec(prop_oneof![1e-9f64..1e9, Just(0.0), (-9i32..9).prop_map(|e| f64::from(e).exp2())], 1..60),
            scale in -4i8..=5,
            origin in prop_oneof![Just(1.0), Just(1000.0)],
        ) {
            let distribution = of(&values, scale);
            let Some(ladder) = Ladder::around(&distribution) else { return Ok(()) };
            let bounds: Vec<_> = ladder.bounds(origin).collect();
            for (place, count) in ladder.counts(&distribution) {
                let wanted = values.iter().filter(|value| **value * origin <= bounds[place]).count() as u64;
                prop_assert_eq!(count, wanted, "{} of {:?}", bounds[place], values);
            }
            let (_, last) = ladder.counts(&distribution).last().unwrap();
            prop_assert_eq!(last, values.len() as u64);
            let (_, first) = ladder.counts(&distribution).next().unwrap();
            prop_assert_eq!(first, distribution.zero_count());
        }
    }
}
