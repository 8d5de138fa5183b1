//! Meter: events per second.

use super::Tally;

/// A handle on a meter: events per second, as in Dropwizard (OpenTelemetry calls a factory of instruments by this name).
///
/// CloudWatch receives a StatisticSet a window, with SampleCount = seconds, Sum = events and Minimum = Maximum = rate, so
/// that Average is the exact rate over any period and Sum the exact number of events.
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// let logins = registry.meter("Logins").register();
/// logins.mark(1);
/// assert_eq!(registry.snapshot().metric("Logins").count(), 1);
/// ```
#[derive(Clone, Copy)]
pub struct Meter(pub(crate) &'static Tally);

impl Meter {
    /// Notes `n` events. Never reads the clock, never blocks once this thread has marked here before.
    #[inline]
    pub fn mark(&self, n: u64) {
        self.0.add(n);
    }
}
