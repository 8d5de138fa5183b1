//! For whom a metric is recorded.

/// For whom a metric is recorded; said of it when it is registered, and of a registry as a whole. A metric is recorded where the
/// registry's level is at least its own, and one whose level is `Disabled` never is.
///
/// ```
/// # use meters_core as meters;
/// use meters::Level;
/// assert!(Level::Disabled < Level::Runtime && Level::Runtime < Level::Debug);
/// assert_eq!(Level::default(), Level::Runtime);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// Of a metric: never recorded. Of a registry: records nothing.
    Disabled,
    /// What a service is watched by.
    #[default]
    Runtime,
    /// What is looked at when something is sought.
    Debug,
}

impl Level {
    /// Whether a registry of this level records a metric of that one.
    pub(crate) fn takes(self, metric: Self) -> bool {
        metric != Self::Disabled && metric <= self
    }
}
