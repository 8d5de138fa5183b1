//! Who says whether an output, or an item, is an error.

use meters_core::Ended;

use crate::Outcome;

/// How a call ended that gave this value.
pub trait Rule<V> {
    fn ended(&mut self, value: &V) -> Ended;
}

/// The type of the value says whether it is an error; see [`Outcome`].
#[derive(Clone, Copy, Debug)]
pub struct ByType;

/// A closure says whether a value is an error; see [`MonitoredExt::monitored_if`](crate::MonitoredExt::monitored_if).
#[derive(Clone, Copy, Debug)]
pub struct If<R>(pub(super) R);

/// A closure of the macros says how a call ended.
#[derive(Clone, Copy, Debug)]
pub struct By<R>(pub(super) R);

fn ended(error: bool) -> Ended {
    if error { Ended::Error } else { Ended::Ok }
}

impl<V: Outcome> Rule<V> for ByType {
    fn ended(&mut self, value: &V) -> Ended {
        ended(value.is_error())
    }
}

impl<V, R: FnMut(&V) -> bool> Rule<V> for If<R> {
    fn ended(&mut self, value: &V) -> Ended {
        ended((self.0)(value))
    }
}

impl<V, R: FnMut(&V) -> Ended> Rule<V> for By<R> {
    fn ended(&mut self, value: &V) -> Ended {
        (self.0)(value)
    }
}
