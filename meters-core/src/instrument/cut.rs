//! How the values of a series are told apart: by the lattice, and by bounds of the user's own, which cut its buckets.
//!
//! Where a bound lies inside a bucket of the lattice, the parts of that bucket have indices beyond the lattice. So a value is
//! counted once, in one cell, and how many lie up to each bound follows from the same cells as the lattice: the two never
//! disagree, whoever reads when.

use std::sync::{Arc, OnceLock};

use crate::fork;
use crate::model::class::{Class, classify};
use crate::model::explicit::Explicit;
use crate::model::sum::Sum;
use crate::model::{Bucket, Distribution, Unit};

/// What the bounds of a series' lattice are multiplied by: recorded units in a second, or 1. A byte, for the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Plain,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Origin {
    pub(crate) fn of(unit: Unit) -> Self {
        match unit {
            Unit::Seconds => Self::Seconds,
            Unit::Milliseconds => Self::Milliseconds,
            Unit::Microseconds => Self::Microseconds,
            _ => Self::Plain,
        }
    }

    pub(crate) const fn factor(self) -> f64 {
        match self {
            Self::Plain | Self::Seconds => 1.0,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1e6,
            Self::Nanoseconds => 1e9,
        }
    }
}

/// The lattice of a series, and its bounds. Four bytes, for the room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(super) origin: Origin,
    /// One more than the place in [`GRIDS`]; 0 where there are no bounds.
    pub(super) grid: u16,
}

static GRIDS: [OnceLock<Box<Grid>>; Cut::MOST] = [const { OnceLock::new() }; Cut::MOST];

impl Cut {
    /// How many sets of bounds a process may have: they are known by number, and stay.
    pub(crate) const MOST: usize = 1024;

    pub(crate) const fn plain(origin: Origin) -> Self {
        Self { origin, grid: 0 }
    }

    /// With bounds that rise and are finite; `None` where the process has too many sets of them.
    pub(crate) fn at(origin: Origin, bounds: &[f64]) -> Option<Self> {
        let mut made = None;
        let place = GRIDS.iter().position(|grid| {
            let grid = match grid.get() {
                Some(known) => known,
                None => {
                    let new = made.take().unwrap_or_else(|| Box::new(Grid::new(origin, bounds)));
                    let _inside = fork::enter();
                    grid.get_or_init(|| new)
                }
            };
            grid.origin == origin && *grid.bounds == *bounds
        })?;
        Some(Self { origin, grid: place as u16 + 1 })
    }

    /// Nothing cuts it, as nearly no series is.
    #[inline]
    pub(super) const fn is_whole(self) -> bool {
        self.grid == 0
    }

    #[inline]
    pub(super) fn grid(self) -> Option<&'static Grid> {
        GRIDS.get(usize::from(self.grid).checked_sub(1)?)?.get().map(AsRef::as_ref)
    }

    #[inline]
    pub(super) const fn factor(self) -> f64 {
        self.origin.factor()
    }

    /// Where a value is counted; parts of buckets are beyond the lattice.
    pub(super) fn classify(self, value: f64) -> Option<Class> {
        match self.grid() {
            None => classify(value, self.factor()),
            Some(grid) => grid.classify(value),
        }
    }

    pub(super) fn empty(self) -> Distribution {
        self.distribution(0, Sum::default(), [f64::INFINITY, f64::NEG_INFINITY], Vec::new())
    }

    /// What was counted by [`classify`](Self::classify); `buckets` need no order and may repeat.
    pub(super) fn distribution(
        self,
        mut zero: u64,
        sum: Sum,
        [min, max]: [f64; 2],
        mut buckets: Vec<Bucket>,
    ) -> Distribution {
        let explicit = self.grid().map(|grid| grid.told(&mut zero, &mut buckets));
        Distribution::from_parts(self.factor(), zero, sum, min, max, buckets).with_explicit(explicit)
    }
}

/// Indices of buckets end below: ±11,520.
const PARTS: i32 = 12_000;

/// The lattice, cut at bounds.
#[derive(Debug)]
pub(super) struct Grid {
    origin: Origin,
    bounds: Arc<[f64]>,
    /// Of each bound what holds it.
    homes: Box<[Home]>,
    /// What is cut, one behind the other.
    cuts: Box<[Parts]>,
    /// One more than the place among these of the bucket of zeros, and of each bucket from `lowest` on; 0 for what is whole.
    zero: u16,
    lowest: i32,
    cut: Box<[u16]>,
    /// Of each part what it is part of, and the bound up to which it goes.
    parts: Box<[(Class, u16)]>,
}

/// What holds a bound, in the order of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    Negative,
    Zero,
    Bucket(i32),
    Beyond,
}

/// Something that is cut: the places of its bounds, and of its first part.
#[derive(Clone, Copy, Debug)]
struct Parts {
    from: u16,
    to: u16,
    first: u16,
}

impl Grid {
    fn new(origin: Origin, bounds: &[f64]) -> Self {
        let home = |bound: f64| match classify(bound, origin.factor()) {
            Some(Class::Zero) => Home::Zero,
            Some(Class::Bucket(index)) => Home::Bucket(index),
            None if bound < 0.0 => Home::Negative,
            None => Home::Beyond,
        };
        let homes: Box<[Home]> = bounds.iter().map(|bound| home(*bound)).collect();
        let (mut cuts, mut parts, mut zero, mut cut) = (Vec::new(), Vec::new(), 0, Vec::new());
        let mut from = 0;
        for same in homes.chunk_by(|one, next| one == next) {
            let to = from + same.len();
            // A bound that is the end of a bucket cuts nothing.
            let ends = home(bounds[from].next_up()) != same[0];
            let class = match same[0] {
                Home::Zero => Some(Class::Zero),
                Home::Bucket(index) => Some(Class::Bucket(index)),
                _ => None,
            };
            if let Some(class) = class.filter(|_| !ends) {
                cuts.push(Parts { from: from as u16, to: to as u16, first: parts.len() as u16 });
                parts.extend((from..=to).map(|place| (class, place as u16)));
                match class {
                    Class::Zero => zero = cuts.len() as u16,
                    Class::Bucket(index) => cut.push((index, cuts.len() as u16)),
                }
            }
            from = to;
        }
        let lowest = cut.first().map_or(0, |(index, _)| *index);
        let mut table = vec![0; cut.last().map_or(0, |(index, _)| (index - lowest + 1) as usize)];
        cut.iter().for_each(|(index, number)| table[(index - lowest) as usize] = *number);
        let (cuts, parts) = (cuts.into(), parts.into());
        Self { origin, bounds: bounds.into(), homes, cuts, zero, lowest, cut: table.into(), parts }
    }

    /// Where a value is counted, or `None` for what no distribution takes.
    #[inline]
    pub(super) fn classify(&self, value: f64) -> Option<Class> {
        let class = classify(value, self.origin.factor())?;
        let number = match class {
            Class::Zero => self.zero,
            Class::Bucket(index) => {
                let place = usize::try_from(index - self.lowest).unwrap_or(usize::MAX);
                self.cut.get(place).copied().unwrap_or(0)
            }
        };
        let cut = usize::from(number).checked_sub(1).and_then(|place| self.cuts.get(place));
        Some(match cut {
            None => class,
            Some(&Parts { from, to, first }) => {
                let own = &self.bounds[usize::from(from)..usize::from(to)];
                let below = own.iter().take_while(|bound| **bound < value).count();
                Class::Bucket(PARTS + i32::from(first) + below as i32)
            }
        })
    }

    /// Counts by bounds; and parts go over to what they are parts of.
    fn told(&self, zero: &mut u64, buckets: &mut Vec<Bucket>) -> Explicit {
        let mut counts = vec![0u64; self.bounds.len()];
        let mut count = |place: usize, n: u64| {
            if let Some(count) = counts.get_mut(place) {
                *count += n;
            }
        };
        // Of what is whole, all values lie up to the first bound that is no lower.
        count(self.homes.partition_point(|home| *home < Home::Zero), *zero);
        buckets.retain_mut(|bucket| {
            let part = usize::try_from(bucket.index - PARTS).ok().and_then(|part| self.parts.get(part));
            let Some(&(class, place)) = part else {
                count(self.homes.partition_point(|home| *home < Home::Bucket(bucket.index)), bucket.count);
                return true;
            };
            count(place.into(), bucket.count);
            match class {
                Class::Zero => *zero += bucket.count,
                Class::Bucket(index) => bucket.index = index,
            }
            class != Class::Zero
        });
        Explicit::new(self.bounds.clone(), counts.into())
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lattice::{RECORD_SCALE, upper_bound};
    use proptest::prelude::*;

    fn bound() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => -2.0..2000.0f64,
            2 => (-40..40i32).prop_map(|index| upper_bound(RECORD_SCALE, index)),
            2 => (-40..40i32, any::<bool>()).prop_map(|(index, up)| {
                let bound = upper_bound(RECORD_SCALE, index);
                if up { bound.next_up() } else { bound.next_down() }
            }),
            1 => prop::sample::select(vec![0.0, 1e-200, 5e-324, 1e-108, 1e108, 1e300, -1e300, 1.0, 1.001, 1.002, 1.003]),
        ]
    }

    proptest! {
        /// Against counting by hand: whatever the bounds and values, together and each at its bound.
        #[test]
        fn each_value_is_counted_up_to_the_first_bound_that_it_does_not_exceed(
            bounds in prop::collection::vec(bound(), 1..40),
            values in prop::collection::vec(bound(), 0..60),
            milliseconds in any::<bool>(),
        ) {
            let mut bounds: Vec<f64> = bounds.into_iter().map(|bound| bound + 0.0).collect();
            bounds.sort_by(f64::total_cmp);
            bounds.dedup();
            let origin = if milliseconds { Origin::Milliseconds } else { Origin::Plain };
            let grid = Grid::new(origin, &bounds);
            let around = bounds.iter().flat_map(|bound| [bound.next_down(), *bound, bound.next_up()]);
            let (mut zero, mut buckets, mut truth) = (0, Vec::new(), Distribution::with_origin(origin.factor()));
            let mut expected = vec![0u64; bounds.len()];
            for value in values.into_iter().chain(around) {
                let class = grid.classify(value);
                prop_assert_eq!(class.is_some(), truth.record(value));
                match class {
                    None => continue,
                    Some(Class::Zero) => zero += 1,
                    Some(Class::Bucket(index)) => buckets.push(Bucket { index, count: 1 }),
                }
                if let Some(place) = bounds.iter().position(|bound| value <= *bound) {
                    expected[place] += 1;
                }
            }
            let explicit = grid.told(&mut zero, &mut buckets);
            prop_assert_eq!(explicit, Explicit::new(bounds.into(), expected.into()));
            let (min, max) = (truth.min().unwrap_or(f64::INFINITY), truth.max().unwrap_or(f64::NEG_INFINITY));
            let sum = truth.parts().sum;
            let lattice = Distribution::from_parts(
                origin.factor(), zero, Sum { high: sum[0], low: sum[1] }, min, max, buckets,
            );
            prop_assert_eq!(lattice, truth);
        }
    }

    #[test]
    fn a_thousand_bounds_have_a_part_each() {
        let bounds: Vec<f64> = (0..1000).map(|nth| 1.0 + f64::from(nth) * 1e-6).collect();
        let grid = Grid::new(Origin::Plain, &bounds);
        let parts: std::collections::BTreeSet<i32> = bounds
            .iter()
            .map(|bound| match grid.classify(*bound) {
                Some(Class::Bucket(index)) => index,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(parts.len(), 1000);
        assert!(parts.iter().all(|index| *index < i32::from(i16::MAX)), "a cold series holds them in two bytes");
    }

    #[test]
    fn the_same_bounds_are_one_grid() {
        let cut = |bounds: &[f64]| Cut::at(Origin::Plain, bounds).unwrap().grid;
        let one = cut(&[0.25, 0.75]);
        assert_ne!(one, cut(&[0.25, 0.8]));
        assert_eq!(one, cut(&[0.25, 0.75]));
        assert_ne!(one, Cut::at(Origin::Seconds, &[0.25, 0.75]).unwrap().grid);
    }
}
