//! The hot path: where values are recorded. Knows the model and the clock, and nothing of who reads.

mod amount;
mod bank;
mod cold;
mod counter;
mod cut;
pub(crate) mod exemplar;
mod float_counter;
mod gate;
mod gauge;
mod histogram;
mod hot;
mod level;
mod list;
mod local;
mod meter;
mod pool;
mod put;
mod shard;
mod sliding;
mod summary;
mod tally;
mod timer;
mod track;
mod under_way;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub use counter::Counter;
pub use float_counter::FloatCounter;
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use meter::Meter;
pub use summary::Summary;
pub use timer::Timer;
pub use under_way::UnderWay;

pub(crate) use amount::Amount;
pub(crate) use cut::{Cut, Origin};
pub(crate) use gate::{Gate, Gated};
pub(crate) use level::Level;
pub(crate) use list::List;
pub(crate) use put::Put;
pub(crate) use sliding::Sliding;
pub(crate) use summary::Cap;
pub(crate) use tally::Tally;
pub(crate) use track::Track;

static REFUSED: AtomicU64 = AtomicU64::new(0);

/// How many observations this process refused: NaN, infinite, beyond ±2^360, or negative where a distribution was wanted.
///
/// ```
/// # use meters_core as meters;
/// let size = meters::Registry::new().histogram("Size").register();
/// let before = meters::refused();
/// size.observe(f64::NAN);
/// assert_eq!(meters::refused(), before + 1);
/// ```
pub fn refused() -> u64 {
    REFUSED.load(Relaxed)
}

/// In a child of `fork`: what the parent's threads recorded is not this process's. Touches only what is its thread's own.
pub(crate) fn part() {
    local::part();
    REFUSED.store(0, Relaxed);
}

#[cold]
pub(crate) fn refuse() {
    REFUSED.fetch_add(1, Relaxed);
}
