//! What is counted among those under way for as long as it is.

use meters_core::{Gauge, fork};

/// Counted until it is dropped.
pub(crate) struct UnderWay(Gauge, u32);

impl UnderWay {
    pub(crate) fn new(gauge: Gauge) -> Self {
        gauge.inc(1.0);
        Self(gauge, fork::generation())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // A child of `fork` goes on with what is its parent's.
        if fork::generation() == self.1 {
            self.0.dec(1.0);
        }
    }
}
