//! Where the amounts of one float counter add up.

use crate::fork::Lock;
use crate::model::VALUE_LIMIT;
use crate::model::sum::Sum;

/// The total, and what of it came since the last window was sealed.
pub(crate) struct Amount(Lock<[Sum; 2]>);

impl Amount {
    pub(crate) fn new() -> Self {
        Self(Lock::new([Sum::default(); 2]))
    }

    /// Takes an amount, unless it is none.
    pub(crate) fn add(&self, amount: f64) -> bool {
        let is_one = (0.0..=VALUE_LIMIT).contains(&amount);
        if is_one {
            self.0.lock().iter_mut().for_each(|sum| sum.add(amount));
        }
        is_one
    }

    pub(crate) fn total(&self) -> f64 {
        self.0.lock()[0].value()
    }

    /// What came since it was last asked this.
    pub(crate) fn seal(&self) -> f64 {
        std::mem::take(&mut self.0.lock()[1]).value()
    }

    /// Whether anything came since it was last asked that.
    pub(crate) fn moved(&self) -> bool {
        self.0.lock()[1] != Sum::default()
    }

    /// Nothing was ever added.
    pub(crate) fn forget(&self) {
        *self.0.lock() = [Sum::default(); 2];
    }
}
