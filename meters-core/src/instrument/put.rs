//! Where values put by hand are kept.

use super::gate::{Gate, Gated};
use crate::fork::Lock;
use crate::model::{Distinct, StatisticSet, Value};

/// Cumulative, and since the last window was sealed: by a lock, as putting by hand is no hot path.
pub(crate) struct Put {
    both: Lock<[Value; 2]>,
    gate: Gated,
}

impl Put {
    pub(crate) fn values() -> Self {
        Self::starting(|| Value::Values(Box::default()))
    }

    pub(crate) fn statistic() -> Self {
        Self::starting(|| Value::Statistic(None))
    }

    fn starting(empty: impl Fn() -> Value) -> Self {
        Self { both: Lock::new([empty(), empty()]), gate: Gated::new() }
    }

    pub(crate) fn record(&self, value: f64) -> bool {
        if self.gate.is_shut() {
            return true;
        }
        let mut both = self.both.lock();
        both.iter_mut().all(|held| match held {
            Value::Values(values) => values.record(value),
            Value::Statistic(Some(set)) => set.record(value),
            Value::Statistic(none) => StatisticSet::of(value).map(|set| *none = Some(set)).is_ok(),
            _ => false,
        })
    }

    pub(crate) fn total(&self) -> Value {
        self.both.lock()[0].clone()
    }

    /// What came since it was last asked this.
    pub(crate) fn seal(&self) -> Value {
        take(&mut self.both.lock()[1])
    }

    /// Whether anything came since it was last asked that.
    pub(crate) fn moved(&self) -> bool {
        !self.both.lock()[1].is_empty()
    }

    /// Nothing was ever put.
    pub(crate) fn forget(&self) {
        self.both.lock().iter_mut().for_each(|held| _ = take(held));
    }

    pub(crate) fn turn(&self, gate: Gate) {
        self.gate.turn(gate);
    }

    pub(crate) fn gate(&self) -> &Gated {
        &self.gate
    }
}

fn take(held: &mut Value) -> Value {
    let empty = match held {
        Value::Values(_) => Value::Values(Box::<Distinct>::default()),
        _ => Value::Statistic(None),
    };
    std::mem::replace(held, empty)
}
