//! Where one gauge stands.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::fork;
use crate::model::is_sendable;

/// A bit pattern that no level has: NaN is refused.
const UNSET: u64 = u64::MAX;

/// One number that all threads move, and what it is at first.
pub(crate) struct Level(AtomicU64, AtomicU64);

impl Level {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(UNSET), AtomicU64::new(UNSET))
    }

    /// Takes a level, unless CloudWatch could not.
    pub(crate) fn set(&self, level: f64) -> bool {
        let sendable = is_sendable(level);
        if sendable {
            fork::settle();
            self.0.store(level.to_bits(), Relaxed);
        }
        sendable
    }

    /// Moves the level, from 0 where it was never set.
    pub(crate) fn add(&self, change: f64) -> bool {
        fork::settle();
        let moved = |bits| {
            let level = if bits == UNSET { 0.0 } else { f64::from_bits(bits) } + change;
            is_sendable(level).then_some(level.to_bits())
        };
        self.0.fetch_update(Relaxed, Relaxed, moved).is_ok()
    }

    /// What it is until it is set or moved. The first is heard, and only where it was not set.
    pub(crate) fn begin(&self, level: f64) {
        fork::settle();
        let bits = level.to_bits();
        if self.1.compare_exchange(UNSET, bits, Relaxed, Relaxed).is_ok() {
            _ = self.0.compare_exchange(UNSET, bits, Relaxed, Relaxed);
        }
    }

    /// It was never set.
    pub(crate) fn forget(&self) {
        self.0.store(self.1.load(Relaxed), Relaxed);
    }

    pub(crate) fn get(&self) -> Option<f64> {
        fork::settle();
        let bits = self.0.load(Relaxed);
        (bits != UNSET).then(|| f64::from_bits(bits))
    }
}
