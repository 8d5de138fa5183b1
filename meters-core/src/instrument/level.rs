//! Where one gauge stands.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use super::gate::{Gate, Gated};
use crate::fork;
use crate::model::is_sendable;

/// A bit pattern that no level has: NaN is refused.
const UNSET: u64 = u64::MAX;

/// One number that all threads move.
pub(crate) struct Level {
    now: AtomicU64,
    /// What it is at first.
    first: AtomicU64,
    /// Where it stood when it was shut, until a window told it.
    last: AtomicU64,
    gate: Gated,
    /// How often the gate turned: who raises the level and lowers it later does not lower what another has set anew.
    era: AtomicU32,
}

impl Level {
    pub(crate) fn new() -> Self {
        let unset = || AtomicU64::new(UNSET);
        Self { now: unset(), first: unset(), last: unset(), gate: Gated::new(), era: AtomicU32::new(0) }
    }

    /// Takes a level, unless CloudWatch could not.
    pub(crate) fn set(&self, level: f64) -> bool {
        let sendable = is_sendable(level);
        if sendable && !self.gate.is_shut() {
            fork::settle();
            self.now.store(level.to_bits(), Relaxed);
        }
        sendable
    }

    /// Moves the level, from 0 where it was never set.
    pub(crate) fn add(&self, change: f64) -> bool {
        if self.gate.is_shut() {
            return is_sendable(change);
        }
        fork::settle();
        let moved = |bits| {
            let level = if bits == UNSET { 0.0 } else { f64::from_bits(bits) } + change;
            is_sendable(level).then_some(level.to_bits())
        };
        self.now.fetch_update(Relaxed, Relaxed, moved).is_ok()
    }

    /// What it is until it is set or moved. The first is heard, and only where it was not set.
    pub(crate) fn begin(&self, level: f64) {
        fork::settle();
        let bits = level.to_bits();
        if self.first.compare_exchange(UNSET, bits, Relaxed, Relaxed).is_ok() && !self.gate.is_shut() {
            _ = self.now.compare_exchange(UNSET, bits, Relaxed, Relaxed);
        }
    }

    /// No level can be told.
    pub(crate) fn unset(&self) {
        self.now.store(UNSET, Relaxed);
    }

    /// It was never set.
    pub(crate) fn forget(&self) {
        self.now.store(self.first.load(Relaxed), Relaxed);
        self.last.store(UNSET, Relaxed);
    }

    pub(crate) fn get(&self) -> Option<f64> {
        fork::settle();
        known(self.now.load(Relaxed))
    }

    /// Where it stands, or stood when it was shut, told once.
    pub(crate) fn seal(&self) -> Option<f64> {
        let last = known(self.last.swap(UNSET, Relaxed));
        let now = self.get();
        if let Some(late) = now.filter(|_| self.gate.is_shut()) {
            // Who found it open, and came when it was shut: told once, too.
            _ = self.now.compare_exchange(late.to_bits(), UNSET, Relaxed, Relaxed);
        }
        now.or(last)
    }

    /// Whether a window would tell it.
    pub(crate) fn moved(&self) -> bool {
        [&self.now, &self.last].iter().any(|level| level.load(Relaxed) != UNSET)
    }

    /// It moves from now on, from where it is set anew; or does not.
    pub(crate) fn turn(&self, gate: Gate) {
        let was_shut = self.gate.turn(gate);
        self.era.fetch_add(1, Relaxed);
        let anew = if gate == Gate::Open { self.first.load(Relaxed) } else { UNSET };
        let before = self.now.swap(anew, Relaxed);
        // What was set while it was shut came too late.
        if !was_shut {
            self.last.store(before, Relaxed);
        }
    }

    pub(crate) fn gate(&self) -> &Gated {
        &self.gate
    }

    pub(crate) fn era(&self) -> u32 {
        self.era.load(Relaxed)
    }
}

fn known(bits: u64) -> Option<f64> {
    (bits != UNSET).then(|| f64::from_bits(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_about_to_set_it_when_it_was_shut_is_told_once() {
        let level = Level::new();
        level.set(1.0);
        level.turn(Gate::Shut);
        // A thread found it open before, and comes now.
        level.now.store(2.0f64.to_bits(), Relaxed);
        assert_eq!((level.seal(), level.seal(), level.moved()), (Some(2.0), None, false));
        level.turn(Gate::Open);
        assert_eq!(level.get(), None);
    }
}
