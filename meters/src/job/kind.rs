//! Of which kind an error is.

use meters_core::DimensionValue;

/// Says of which kind the error is that an attempt returned.
pub trait Kinds<R> {
    /// Tells the kind, where it was an error and has one.
    fn kind(&self, returned: &R, tell: impl FnOnce(&str));
}

/// Nothing is said of errors.
#[derive(Clone, Copy, Debug)]
pub struct Untold;

/// A closure says it; see [`Attempt::kind`](super::Attempt::kind).
#[derive(Clone, Copy, Debug)]
pub struct By<F>(pub(super) F);

impl<R> Kinds<R> for Untold {
    fn kind(&self, _: &R, _: impl FnOnce(&str)) {}
}

impl<T, E, V: DimensionValue, F: Fn(&E) -> V> Kinds<Result<T, E>> for By<F> {
    fn kind(&self, returned: &Result<T, E>, tell: impl FnOnce(&str)) {
        if let Err(error) = returned {
            (self.0)(error).with_str(tell);
        }
    }
}
