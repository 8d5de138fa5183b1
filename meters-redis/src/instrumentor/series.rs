//! One series: what was recorded of it and has not been sent.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use meters_core::fork::{Lock, generation};

use super::change::{Change, Gained, changes};
use super::label::Labels;
use super::metric::Metric;
use super::shared::Shared;

#[derive(Debug)]
pub(super) struct Series {
    pub(super) metric: Arc<Metric>,
    labels: Labels,
    pending: Lock<Pending>,
}

#[derive(Debug)]
struct Pending {
    gained: Gained,
    /// It stands in the list of those to send.
    listed: bool,
    generation: u32,
}

impl Series {
    pub(super) fn new(metric: Arc<Metric>, labels: Labels) -> Self {
        let pending = Pending { gained: Gained::Nothing, listed: false, generation: generation() };
        Self { metric, labels, pending: Lock::new(pending) }
    }

    /// Records. What one call records is sent at once or not at all.
    pub(super) fn record(self: &Arc<Self>, shared: &Arc<Shared>, record: impl FnOnce(&mut Gained)) {
        if self.metric.gone.load(Relaxed) {
            return shared.late();
        }
        let mut pending = self.pending.lock();
        if pending.generation != generation() {
            // A child of `fork`: the parent sends what it has recorded.
            *pending = Pending { gained: Gained::Nothing, listed: false, generation: generation() };
        }
        if !pending.listed && !shared.list(self) {
            drop(pending);
            return shared.late();
        }
        pending.listed = true;
        record(&mut pending.gained);
        drop(pending);
        shared.recorded();
    }

    /// What it gained, as changes; it has nothing to send afterwards.
    pub(super) fn take(&self, into: &mut Vec<Change>) {
        let mut pending = self.pending.lock();
        pending.listed = false;
        let gained = mem::take(&mut pending.gained);
        drop(pending);
        changes(&self.metric, &self.labels, &gained, into);
    }
}
