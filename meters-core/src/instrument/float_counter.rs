//! Float counter: a total that only grows, by any amount.

use super::{Amount, refuse};

/// A handle on a counter of amounts that are no whole numbers: seconds of CPU time, money, litres. Cheap to copy. As a
/// [`Counter`](crate::Counter) it is told to CloudWatch as what was added in each window, and has no reset.
///
/// The total is exact but for one last rounding, however small the amounts beside it (by the error-free addition of Knuth, TAOCP
/// vol. 2, 4.2.2), and never sinks. Threads that add at once do so in places of their own.
///
/// Amounts that are negative, NaN, infinite or beyond 2^360 are refused and counted in [`refused`](crate::refused).
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// let paid = registry.float_counter("Paid").register();
/// paid.inc(2.5);
/// paid.inc(-1.0); // refused
/// assert_eq!(registry.snapshot().metric("Paid").amount(), 2.5);
/// ```
#[derive(Clone, Copy)]
pub struct FloatCounter(pub(crate) &'static Amount);

impl FloatCounter {
    /// Adds an amount. Never blocks.
    #[inline]
    pub fn inc(&self, amount: f64) {
        if !self.0.add(amount) {
            refuse();
        }
    }
}
