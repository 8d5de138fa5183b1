//! What a registry knows of a series beside what is recorded of it.

use super::entry::Entry;

/// Kept by place: looked at for each series at each window and snapshot, where looking up its policy would take a lock and two
/// maps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    /// Idle for long: not shown, and its room is another's.
    pub(super) expired: bool,
    /// For this process alone: in no window.
    pub(super) internal: bool,
}

impl Mark {
    /// What was said of the metric by now.
    pub(super) fn of(entry: &Entry) -> Self {
        Self::default().told(entry)
    }

    /// The same with what was said since.
    pub(super) fn told(self, entry: &Entry) -> Self {
        let policy = entry.metric.policy(entry.values);
        Self { internal: policy.internal, ..self }
    }
}
