//! One zero for what fell silent, so that alarms recover.

use std::collections::HashSet;

use meters_core::Series;

/// Which part of a series counts: the series itself, or the cancelled calls of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Whole,
    Cancelled,
}

/// What counted something in one window, in the order in which it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Busy(Vec<(Series, Part)>);

impl Busy {
    pub(crate) fn note(&mut self, series: &Series, part: Part) {
        self.0.push((series.clone(), part));
    }

    /// What counted in this window or in the `other`.
    pub(crate) fn and(&mut self, other: Busy) {
        let known: HashSet<_> = self.0.iter().cloned().collect();
        self.0.extend(other.0.into_iter().filter(|one| !known.contains(one)));
    }

    /// What counted in this window but not in the `next`, to keep.
    pub(crate) fn without(&self, next: &Busy) -> Busy {
        Busy(self.silent_in(next).cloned().collect())
    }

    /// What counted in this window but not in the `next`.
    pub(crate) fn silent_in<'b>(&'b self, next: &Busy) -> impl Iterator<Item = &'b (Series, Part)> {
        let next: HashSet<_> = next.0.iter().cloned().collect();
        self.0.iter().filter(move |one| !next.contains(one))
    }
}
