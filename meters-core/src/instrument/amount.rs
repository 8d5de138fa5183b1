//! Where the amounts of one float counter add up.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::gate::{Gate, Gated};
use crate::fork::Lock;
use crate::model::VALUE_LIMIT;
use crate::model::sum::Sum;

/// The total, and what of it came since the last window was sealed.
pub(crate) struct Amount {
    sums: Lock<[Sum; 2]>,
    gate: Gated,
    /// From where the total that is kept elsewhere is counted, if this one is read from there.
    from: Lock<From>,
    /// It could not be read when it was last tried.
    unread: AtomicBool,
}

/// From where a total is counted that is kept elsewhere.
#[derive(Clone, Copy)]
enum From {
    /// What was read last; 0 before that.
    Here(f64),
    /// From what is read next: what came before was counted, or is not wanted.
    Next,
    /// The same in a child of `fork`, where totals of processes begin anew.
    Forked,
}

impl Amount {
    pub(crate) fn new() -> Self {
        Self {
            sums: Lock::new([Sum::default(); 2]),
            gate: Gated::new(),
            from: Lock::new(From::Here(0.0)),
            unread: AtomicBool::new(false),
        }
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
        *self.from.lock() = From::Forked;
    }

    /// Takes over a total that is kept elsewhere, unless it is none. Where it fell it is another one: what it has counted is
    /// not known to be new, and is not added.
    pub(crate) fn read(&self, total: f64, of_process: bool) -> bool {
        let is_one = (0.0..=VALUE_LIMIT).contains(&total);
        self.unread.store(!is_one, Relaxed);
        if !is_one || self.gate.is_shut() {
            return is_one;
        }
        let from = match std::mem::replace(&mut *self.from.lock(), From::Here(total)) {
            From::Here(before) => before,
            From::Forked if of_process => 0.0,
            From::Forked | From::Next => total,
        };
        if total > from {
            self.sums.lock().iter_mut().for_each(|sum| {
                sum.add(total);
                sum.add(-from);
            });
        }
        true
    }

    /// It is read from another function from now on.
    pub(crate) fn read_anew(&self) {
        let mut from = self.from.lock();
        if !matches!(*from, From::Here(0.0)) {
            *from = From::Next;
        }
    }

    /// It is not read now: what comes until it is read again is not counted.
    pub(crate) fn skip(&self) {
        *self.from.lock() = From::Next;
    }

    pub(crate) fn is_unread(&self) -> bool {
        self.unread.load(Relaxed)
    }

    pub(crate) fn turn(&self, gate: Gate) {
        self.gate.turn(gate);
    }

    pub(crate) fn gate(&self) -> &Gated {
        &self.gate
    }
}
