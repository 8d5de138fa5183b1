//! Deltas that wait, oldest first, one for each period. Too many: the two oldest become one, and only resolution in time is
//! lost.

use std::collections::VecDeque;

use super::Delta;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Queue<D>(VecDeque<(u64, D)>);

impl<D> Default for Queue<D> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<D: Delta> Queue<D> {
    /// Adds what was recorded in a period, or in the youngest that waits if that is later.
    pub(super) fn take(&mut self, period: u64, delta: D) {
        match self.0.back_mut() {
            Some((youngest, waiting)) if *youngest >= period => waiting.merge(delta),
            _ => self.0.push_back((period, delta)),
        }
    }

    /// Makes the two oldest one, with the time of the younger, until no more than these are left. One always may stay.
    pub(super) fn bound(&mut self, periods: usize, bytes: usize) {
        while self.0.len() > 1 && (self.0.len() > periods || self.bytes() > bytes) {
            let (_, mut oldest) = self.0.pop_front().expect("two wait");
            let (_, younger) = &mut self.0[0];
            std::mem::swap(&mut oldest, younger);
            let newer = oldest;
            younger.merge(newer);
        }
    }

    /// Takes out the oldest.
    pub(super) fn freeze(&mut self) -> Option<(u64, D)> {
        self.0.pop_front()
    }

    pub(super) fn series(&self) -> u64 {
        self.0.iter().map(|(_, delta)| delta.series()).sum()
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|(_, delta)| delta.bytes()).sum()
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &D> {
        self.0.iter().map(|(_, delta)| delta)
    }
}
