//! Which bucket a value belongs to.

use super::lattice::index;
use super::magnitude::{SMALLEST, VALUE_LIMIT};

/// Where a value is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Zero,
    Bucket(i32),
}

/// The bucket of a value on the lattice of `origin`, or `None` for what no distribution takes.
pub(crate) fn classify(value: f64, origin: f64) -> Option<Class> {
    if !(0.0..=VALUE_LIMIT).contains(&value) {
        return None;
    }
    let base = value / origin;
    Some(if base < SMALLEST { Class::Zero } else { Class::Bucket(index(base)) })
}
