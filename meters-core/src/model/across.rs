//! What the levels of one gauge in several processes come to.

/// How several processes' levels of one gauge become the one that is reported; said of a gauge when it is registered. A
/// single process reports its own level, whatever is said.
///
/// Only processes that pushed in a period have a level in it.
///
/// ```
/// # use meters_core as meters;
/// use meters::{Across, Registry};
/// let registry = Registry::new();
/// let open = registry.gauge("OpenConnections").across(Across::Sum).register();
/// open.set(3.0); // and 4 in another process: 7 are reported
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Across {
    /// The level that was pushed last.
    #[default]
    Last,
    /// All levels added up: connections, queued jobs, calls in flight.
    Sum,
    /// The lowest level.
    Min,
    /// The highest level.
    Max,
}
