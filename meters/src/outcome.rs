//! Whether what a function returned is an error.

use std::ops::ControlFlow;
use std::task::Poll;

pub use meters_core::Ended;

/// A returned value that may be an error. `Result` is one, as are `ControlFlow` (`Break`) and `Poll` of any of these;
/// implement or derive it for a type of your own, and a `#[monitored]` function that returns it counts its errors.
///
/// ```
/// enum Reply { Fine, Broken }
/// impl meters::Outcome for Reply {
///     fn is_error(&self) -> bool {
///         matches!(self, Reply::Broken)
///     }
/// }
/// ```
pub trait Outcome {
    /// Whether the call shall count as an error.
    fn is_error(&self) -> bool;
}

impl<T, E> Outcome for Result<T, E> {
    #[inline]
    fn is_error(&self) -> bool {
        self.is_err()
    }
}

/// Ready with an error; one that is pending has not ended.
impl<T: Outcome> Outcome for Poll<T> {
    #[inline]
    fn is_error(&self) -> bool {
        matches!(self, Poll::Ready(value) if value.is_error())
    }
}

/// `Break` is an error, as `?` treats it.
impl<B, C> Outcome for ControlFlow<B, C> {
    #[inline]
    fn is_error(&self) -> bool {
        self.is_break()
    }
}

fn ended(error: bool) -> Ended {
    if error { Ended::Error } else { Ended::Ok }
}

/// `errors(if = rule)`
#[doc(hidden)]
#[inline]
pub fn judged<T: ?Sized>(returned: &T, rule: impl FnOnce(&T) -> bool) -> Ended {
    ended(rule(returned))
}

/// `errors(none)`
#[doc(hidden)]
#[inline]
pub fn none<T>(returned: &Option<T>) -> Ended {
    ended(returned.is_none())
}

/// `errors(ignore(pattern))`
#[doc(hidden)]
#[inline]
pub fn ignoring<T, E>(returned: &Result<T, E>, ignored: impl FnOnce(&E) -> bool) -> Ended {
    ended(matches!(returned, Err(error) if !ignored(error)))
}

/// Finds by autoref whether a type is an [`Outcome`]: the nearer of two methods wins.
#[doc(hidden)]
pub struct Probe<'v, T: ?Sized>(pub &'v T);

/// The nearer method: the type says it itself.
#[doc(hidden)]
pub trait OfOutcome {
    fn ended(&self) -> Ended;
}

impl<T: Outcome + ?Sized> OfOutcome for &Probe<'_, T> {
    #[inline]
    fn ended(&self) -> Ended {
        ended(self.0.is_error())
    }
}

/// The farther method: any other type is no error.
#[doc(hidden)]
pub trait OfAny {
    fn ended(&self) -> Ended;
}

impl<T: ?Sized> OfAny for Probe<'_, T> {
    #[inline]
    fn ended(&self) -> Ended {
        Ended::Ok
    }
}

/// Calls it: a closure handed to a function that wants `FnOnce` may return what it captured by `&mut`.
#[doc(hidden)]
#[inline(always)]
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// How a call that returned this reference ended.
#[doc(hidden)]
#[macro_export]
macro_rules! __ended {
    ($result:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::{OfAny as _, OfOutcome as _};
        (&&$crate::__private::Probe($result)).ended()
    }};
}
