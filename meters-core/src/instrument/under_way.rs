//! What is counted by a gauge for as long as it is under way.

use super::{Gauge, Level};
use crate::fork;

/// Counted until it is dropped.
#[doc(hidden)]
#[must_use = "it is counted until this is dropped"]
pub struct UnderWay {
    level: &'static Level,
    generation: u32,
    era: u32,
}

impl Gauge {
    /// Raises the level by one until what this returns is dropped; `None` where the gauge stands where no more can be told.
    #[doc(hidden)]
    pub fn under_way(&self) -> Option<UnderWay> {
        UnderWay::of(self.0)
    }
}

impl UnderWay {
    pub(crate) fn of(level: &'static Level) -> Option<Self> {
        let era = level.era();
        level.add(1.0).then(|| Self { level, generation: fork::generation(), era })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // A child of `fork` goes on with what is its parent's, and a gauge that was shut begins anew.
        if fork::generation() == self.generation && self.level.era() == self.era {
            self.level.add(-1.0);
        }
    }
}
