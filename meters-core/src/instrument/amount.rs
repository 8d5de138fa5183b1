//! Where the amounts of one float counter add up.

use super::gate::{Gate, Gated};
use crate::fork::Lock;
use crate::model::VALUE_LIMIT;
use crate::model::sum::Sum;

/// The total, and what of it came since the last window was sealed.
pub(crate) struct Amount {
    sums: Lock<[Sum; 2]>,
    gate: Gated,
}

impl Amount {
    pub(crate) fn new() -> Self {
        Self { sums: Lock::new([Sum::default(); 2]), gate: Gated::new() }
    }

    /// Takes an amount, unless it is none.
    pub(crate) fn add(&self, amount: f64) -> bool {
        let is_one = (0.0..=VALUE_LIMIT).contains(&amount);
        if is_one && !self.gate.is_shut() {
            self.sums.lock().iter_mut().for_each(|sum| sum.add(amount));
        }
        is_one
    }

    pub(crate) fn total(&self) -> f64 {
        self.sums.lock()[0].value()
    }

    /// What came since it was last asked this.
    pub(crate) fn seal(&self) -> f64 {
        std::mem::take(&mut self.sums.lock()[1]).value()
    }

    /// Whether anything came since it was last asked that.
    pub(crate) fn moved(&self) -> bool {
        self.sums.lock()[1] != Sum::default()
    }

    /// Nothing was ever added.
    pub(crate) fn forget(&self) {
        *self.sums.lock() = [Sum::default(); 2];
    }

    pub(crate) fn turn(&self, gate: Gate) {
        self.gate.turn(gate);
    }

    pub(crate) fn gate(&self) -> &Gated {
        &self.gate
    }
}
