//! A set of datums, as ranges.

use std::ops::Range;

/// Ascending, apart, none empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Ranges(Vec<Range<u32>>);

impl Ranges {
    pub(crate) fn insert(&mut self, new: Range<u32>) {
        if new.is_empty() {
            return;
        }
        let mut new = new;
        self.0.retain(|old| {
            let meets = old.start <= new.end && new.start <= old.end;
            if meets {
                new = new.start.min(old.start)..new.end.max(old.end);
            }
            !meets
        });
        let place = self.0.partition_point(|old| old.start < new.start);
        self.0.insert(place, new);
    }

    pub(crate) fn remove(&mut self, gone: &Range<u32>) {
        if gone.is_empty() {
            return;
        }
        let pieces = std::mem::take(&mut self.0).into_iter().flat_map(|old| {
            [old.start..old.end.min(gone.start).max(old.start), old.start.max(gone.end).min(old.end)..old.end]
        });
        self.0 = pieces.filter(|piece| !piece.is_empty()).collect();
    }

    /// Whether it has all of `0..end`.
    pub(crate) fn covers(&self, end: u32) -> bool {
        end == 0 || self.0.first().is_some_and(|first| first.start == 0 && first.end >= end)
    }

    /// These without those.
    pub(crate) fn without(mut self, those: &Ranges) -> Self {
        those.0.iter().for_each(|range| self.remove(range));
        self
    }

    /// How many of these are in it.
    pub(crate) fn overlap(&self, some: &Range<u32>) -> u32 {
        let common = |range: &Range<u32>| range.end.min(some.end).saturating_sub(range.start.max(some.start));
        self.0.iter().map(common).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<Range<u32>> {
        self.0
    }
}

impl FromIterator<Range<u32>> for Ranges {
    fn from_iter<I: IntoIterator<Item = Range<u32>>>(ranges: I) -> Self {
        let mut all = Self::default();
        ranges.into_iter().for_each(|range| all.insert(range));
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_the_set_that_they_stand_for(steps in prop::collection::vec((any::<bool>(), 0..12u32, 0..6u32), 0..12)) {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for (add, start, len) in steps {
                if add {
                    ranges.insert(start..start + len);
                    set.extend(start..start + len);
                } else {
                    ranges.remove(&(start..start + len));
                    set.retain(|at| !(start..start + len).contains(at));
                }
            }
            for end in 0..20 {
                prop_assert_eq!(ranges.covers(end), (0..end).all(|at| set.contains(&at)));
                let some = end / 2..end;
                prop_assert_eq!(ranges.overlap(&some), some.filter(|at| set.contains(at)).count() as u32);
            }
            prop_assert!(ranges.0.windows(2).all(|two| two[0].end < two[1].start) || !ranges.0.windows(2).all(|two| two[0].end != two[1].start));
            prop_assert_eq!(ranges.into_vec().into_iter().flatten().collect::<BTreeSet<_>>(), set);
        }
    }
}
