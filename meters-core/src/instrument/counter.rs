//! Counter: a total that only grows.

use super::Tally;

/// A handle on a counter. Cheap to copy; made by `register()`, by `counter!`, or from a registry.
///
/// CloudWatch receives what was added in each window, as one `Value`; a counter that goes idle sends one zero.
///
/// There is no negative amount (they are `u64`), and no reset, as no instrument here has one: who reads takes differences of
/// totals that only grow, so that no reader takes anything from another, and nothing is lost between reading and resetting.
/// [`FloatCounter`](crate::FloatCounter) takes fractions.
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// let orders = registry.counter("Orders").dimension("Kind", "web").register();
/// orders.inc(3);
/// assert_eq!(registry.snapshot().counter("Orders"), 3);
/// ```
#[derive(Clone, Copy)]
pub struct Counter(pub(crate) &'static Tally);

impl Counter {
    /// Adds `n`. Never blocks once this thread has counted here before; wraps after 2^64.
    #[inline]
    pub fn inc(&self, n: u64) {
        self.0.add(n);
    }
}
