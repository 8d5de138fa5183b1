//! What a registry knows of a series beside what is recorded of it.

use super::entry::Entry;
use crate::instrument::Gate;
use crate::model::Level;

/// Kept by place: looked at for each series at each window and snapshot, where looking up its policy would take a lock and two
/// maps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    /// Idle for long: not shown, and its room is another's.
    pub(super) expired: bool,
    /// For this process alone: in no window.
    pub(super) internal: bool,
    /// For whom it is recorded.
    pub(super) level: Level,
    pub(super) gone: Gone,
    /// It takes no records, and is not shown.
    pub(super) shut: bool,
}

/// Whether a series was unregistered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Gone {
    #[default]
    No,
    /// It alone.
    Series,
    /// With its metric.
    Metric,
}

impl Mark {
    /// Of a new series, with what was said of its metric by now.
    pub(super) fn of(entry: &Entry) -> Self {
        Self::default().told(entry)
    }

    /// The same with what was said since.
    pub(super) fn told(self, entry: &Entry) -> Self {
        let policy = entry.metric.policy(entry.values);
        Self { internal: policy.internal, level: policy.level.unwrap_or_default(), ..self }
    }

    /// How its gate shall stand, where its registry has this level.
    pub(super) fn gate(self, registry: Level) -> Gate {
        match self.gone {
            Gone::Series => Gate::Gone,
            Gone::No if registry.takes(self.level) => Gate::Open,
            _ => Gate::Shut,
        }
    }
}
