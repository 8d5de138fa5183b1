//! Where values put by hand are kept.

use crate::fork::Lock;
use crate::model::{Distinct, StatisticSet, Value};

/// Cumulative, and since the last window was sealed: by a lock, as putting by hand is no hot path.
pub(crate) struct Put(Lock<[Value; 2]>);

impl Put {
    pub(crate) fn values() -> Self {
        Self::starting(|| Value::Values(Box::default()))
    }

    pub(crate) fn statistic() -> Self {
        Self::starting(|| Value::Statistic(None))
    }

    fn starting(empty: impl Fn() -> Value) -> Self {
        Self(Lock::new([empty(), empty()]))
    }

    pub(crate) fn record(&self, value: f64) -> bool {
        let mut both = self.0.lock();
        both.iter_mut().all(|held| match held {
            Value::Values(values) => values.record(value),
            Value::Statistic(Some(set)) => set.record(value),
            Value::Statistic(none) => StatisticSet::of(value).map(|set| *none = Some(set)).is_ok(),
            _ => false,
        })
    }

    pub(crate) fn total(&self) -> Value {
        self.0.lock()[0].clone()
    }

    /// What came since it was last asked this.
    pub(crate) fn seal(&self) -> Value {
        take(&mut self.0.lock()[1])
    }

    /// Whether anything came since it was last asked that.
    pub(crate) fn moved(&self) -> bool {
        !self.0.lock()[1].is_empty()
    }

    /// Nothing was ever put.
    pub(crate) fn forget(&self) {
        self.0.lock().iter_mut().for_each(|held| _ = take(held));
    }
}

fn take(held: &mut Value) -> Value {
    let empty = match held {
        Value::Values(_) => Value::Values(Box::<Distinct>::default()),
        _ => Value::Statistic(None),
    };
    std::mem::replace(held, empty)
}
