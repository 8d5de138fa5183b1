//! Whether what a function returned is an error.

mod made;
mod standard;

use std::ops::Deref;

pub use made::{Made, MadeStream};
pub use meters_core::Ended;

/// A returned value that may be an error. `Result` is one, as are `ControlFlow` (`Break`), `ExitCode` (all but success), and
/// `Poll`, references and boxes of any of these; `()`, `bool`, `char`, numbers, texts, `Option`, `Vec`, arrays and tuples are
/// never. Implement or derive it for a type of your own, and a `#[monitored]` function that returns it counts its errors.
///
/// ```
/// enum Reply { Fine, Broken }
/// impl meters::Outcome for Reply {
///     fn is_error(&self) -> bool {
///         matches!(self, Reply::Broken)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether it is an error",
    label = "a `Result`, or another type that implements `Outcome`, is wanted",
    note = "derive `meters::Outcome` for an enum, or implement it",
    note = "or say it where the call is monitored: `.monitored_if(monitor, |output| …)`"
)]
pub trait Outcome {
    /// Whether the call shall count as an error.
    fn is_error(&self) -> bool;
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

/// Finds whether a type is an [`Outcome`]: if it is, it has a method of its own; if not, that of what it points to is found.
#[doc(hidden)]
pub struct Probe<'v, T: ?Sized>(pub &'v T);

impl<T: Outcome + ?Sized> Probe<'_, T> {
    /// The type says it itself.
    #[inline]
    pub fn ended(&self) -> Ended {
        ended(self.0.is_error())
    }
}

/// Any other type is no error.
#[doc(hidden)]
pub struct Other;

impl Other {
    /// Never.
    #[inline]
    pub fn ended(&self) -> Ended {
        Ended::Ok
    }
}

impl<T: ?Sized> Deref for Probe<'_, T> {
    type Target = Other;

    #[inline]
    fn deref(&self) -> &Other {
        &Other
    }
}

/// Calls it: a closure handed to a function that wants `FnOnce` may return what it captured by `&mut`.
#[doc(hidden)]
#[inline(always)]
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// What a function returns: `!`, too, which has no name elsewhere.
#[doc(hidden)]
pub trait Returning {
    type Output;
}

impl<R> Returning for fn() -> R {
    type Output = R;
}

#[cfg(test)]
mod tests {
    use super::{Ended, Probe};

    #[test]
    fn the_type_says_it_or_it_is_none() {
        struct Other;
        let (failed, fine): (Result<u8, u8>, Result<u8, u8>) = (Err(1), Ok(1));
        assert_eq!(Probe(&failed).ended(), Ended::Error);
        assert_eq!(Probe(&fine).ended(), Ended::Ok);
        // Through references and boxes; inside of an `Option` or a tuple it is a value like any other.
        assert_eq!(Probe(&&failed).ended(), Ended::Error);
        assert_eq!(Probe(&Box::new(failed)).ended(), Ended::Error);
        assert_eq!(Probe(&Some(failed)).ended(), Ended::Ok);
        assert_eq!(Probe(&(failed, 1)).ended(), Ended::Ok);
        assert_eq!(Probe(&None::<u8>).ended(), Ended::Ok);
        assert_eq!(Probe(&Other).ended(), Ended::Ok);
    }

    fn generic<T>(value: &T) -> Ended {
        Probe(value).ended()
    }

    #[test]
    fn a_type_that_is_not_known_is_no_error() {
        assert_eq!(generic(&Err::<u8, u8>(1)), Ended::Ok);
    }
}
