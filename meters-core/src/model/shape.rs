//! How a distribution is shown where the lattice is not what was wished.

use crate::fork::{self, Lock};

/// How a histogram is shown beside its lattice; see [`Series::shape`](super::Series::shape).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// By counts of values up to each of these bounds, which rise, are finite, and are in the unit of the series: a Prometheus
    /// histogram of buckets of the user's own.
    Buckets(Box<[f64]>),
    /// By these quantiles, which rise and lie in 0..=1: a Prometheus summary.
    Quantiles(Box<[f64]>),
}

/// The one copy of a shape, kept for the life of the process.
pub(crate) fn kept(shape: Shape) -> &'static Shape {
    static SHAPES: std::sync::LazyLock<Lock<Vec<&'static Shape>>> = std::sync::LazyLock::new(Lock::default);
    let _inside = fork::enter();
    let mut shapes = SHAPES.lock();
    if let Some(known) = shapes.iter().find(|known| ***known == shape) {
        return known;
    }
    let shape: &'static Shape = Box::leak(Box::new(shape));
    shapes.push(shape);
    shape
}
