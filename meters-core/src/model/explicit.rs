//! Counts by bounds of the user's own, beside a distribution's lattice.

use std::sync::Arc;

/// How many values lie in each bucket: above the bound before, and not above its own. What lies above the last is not told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explicit {
    bounds: Arc<[f64]>,
    counts: Box<[u64]>,
}

impl Explicit {
    pub(crate) fn new(bounds: Arc<[f64]>, counts: Box<[u64]>) -> Self {
        debug_assert_eq!(bounds.len(), counts.len());
        Self { bounds, counts }
    }

    pub(super) fn empty(bounds: Arc<[f64]>) -> Self {
        let counts = vec![0; bounds.len()];
        Self::new(bounds, counts.into())
    }

    pub(super) fn parts(&self) -> (&Arc<[f64]>, &[u64]) {
        (&self.bounds, &self.counts)
    }

    pub(super) fn add(&mut self, value: f64, n: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(n);
        }
    }

    /// Both together, by the bounds that both have: how many values lie up to one of these is known of each. `None` where
    /// they have none in common.
    pub(super) fn merged(mut self, bounds: &Arc<[f64]>, counts: &[u64]) -> Option<Self> {
        if !Arc::ptr_eq(&self.bounds, bounds) && *self.bounds != **bounds {
            let other = Self::new(bounds.clone(), counts.into()).within(&self.bounds)?;
            self = self.within(bounds)?;
            return self.merged(&other.bounds, &other.counts);
        }
        self.counts.iter_mut().zip(counts).for_each(|(count, more)| *count = count.saturating_add(*more));
        Some(self)
    }

    /// What came after `previous`, by the bounds that both have.
    pub(super) fn since(&self, previous: &Self) -> Option<Self> {
        if *self.bounds != *previous.bounds {
            let (now, then) = (self.clone().within(&previous.bounds)?, previous.clone().within(&self.bounds)?);
            return now.since(&then);
        }
        let counts = self.counts.iter().zip(&previous.counts).map(|(now, then)| now.saturating_sub(*then));
        Some(Self { bounds: self.bounds.clone(), counts: counts.collect() })
    }

    /// The same by those bounds alone that are among `others`.
    fn within(self, others: &[f64]) -> Option<Self> {
        let (mut bounds, mut counts, mut open) = (Vec::new(), Vec::new(), 0u64);
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            open = open.saturating_add(*count);
            if others.binary_search_by(|other| other.total_cmp(bound)).is_ok() {
                bounds.push(*bound);
                counts.push(std::mem::take(&mut open));
            }
        }
        (!bounds.is_empty()).then(|| Self::new(bounds.into(), counts.into()))
    }

    pub(super) fn converted(&self, multiply: f64, divide: f64) -> Self {
        let bounds = self.bounds.iter().map(|bound| bound * multiply / divide).collect();
        Self { bounds, counts: self.counts.clone() }
    }
}
