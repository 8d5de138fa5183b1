//! What does not fit, and is no damage.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Once.
#[cold]
pub(super) fn newer(metric: &str) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Relaxed) {
        tracing::warn!(
            metric,
            "a newer process shares metrics of a kind that this one does not know: they are left out here; update this one"
        );
    }
}

/// Of each metric once.
#[cold]
pub(super) fn other_buckets(metric: &'static str) {
    static TOLD: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(metric) {
        tracing::warn!(
            metric,
            "processes count by different buckets: those that all have are told, and count and sum of all values; say the same \
             bounds everywhere"
        );
    }
}
