//! Gauge: a level that goes up and down.

use super::{Level, refuse};

/// A handle on a gauge. CloudWatch receives its level once a window, from the first time it is set.
///
/// All threads share one number. A level that CloudWatch could not take (NaN, infinite, beyond ±2^360) is refused and
/// counted in [`refused`](crate::refused); the gauge stays as it was.
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// let depth = registry.gauge("QueueDepth").register();
/// depth.set(5.0);
/// depth.inc(2.0);
/// depth.dec(1.0);
/// assert_eq!(registry.snapshot().metric("QueueDepth").gauge(), Some(6.0));
/// ```
#[derive(Clone, Copy)]
pub struct Gauge(pub(crate) &'static Level);

impl Gauge {
    /// Sets the level.
    pub fn set(&self, level: f64) {
        if !self.0.set(level) {
            refuse();
        }
    }

    /// Raises the level, from 0 where it was never set.
    pub fn inc(&self, by: f64) {
        if !self.0.add(by) {
            refuse();
        }
    }

    /// Lowers the level, from 0 where it was never set.
    pub fn dec(&self, by: f64) {
        self.inc(-by);
    }

    /// The level, if it was ever set.
    pub fn get(&self) -> Option<f64> {
        self.0.get()
    }
}
