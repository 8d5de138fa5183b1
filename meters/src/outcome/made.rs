//! What a plain function returned: a future or a stream in it would be timed as its making, which nobody asked for.

use std::marker::PhantomData;
use std::ops::Deref;

use futures_core::Stream;

use super::{Ended, Other, Outcome, ended};

/// As [`Probe`](super::Probe), but a future does not compile: where the type is no `Outcome` but a future, it finds a method
/// that asks for what no type has.
#[doc(hidden)]
pub struct Made<'v, T>(pub &'v T);

impl<T: Outcome> Made<'_, T> {
    /// The type says it itself.
    #[inline]
    pub fn ended(&self) -> Ended {
        ended(self.0.is_error())
    }
}

#[doc(hidden)]
pub struct MadeFuture<T>(PhantomData<*const T>);

impl<T: Future> MadeFuture<T> {
    /// Never called.
    pub fn ended(&self) -> Ended
    where
        T: TimedAsFuture,
    {
        Ended::Ok
    }
}

/// As [`Made`], and neither does a stream. Only asked of types whose name suggests one: each question costs the compiler.
#[doc(hidden)]
pub struct MadeStream<'v, T>(pub Made<'v, T>);

impl<T: Stream> MadeStream<'_, T> {
    /// Never called.
    pub fn ended(&self) -> Ended
    where
        T: TimedAsStream,
    {
        Ended::Ok
    }
}

/// No type is.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a future, and by its name that was not known: is the call the future, or its making?",
    label = "say in the attribute `future = true` (only of a boxed one), or `future = false`",
    note = "`future = true` times the future, from its first poll to its end; `future = false` times its making alone",
    note = "a future that is not boxed is timed where it is used: `.monitored(meters::monitor!(\"Fetch\")).await`"
)]
pub trait TimedAsFuture {}

/// No type is.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a stream, and by its name that was not known: is the call the stream, or its making?",
    label = "return `impl Stream<…>` or `BoxStream<…>`, or say `future = false` in the attribute",
    note = "by such a type the stream is timed, from its first poll to its end; `future = false` times its making alone",
    note = "any stream can be timed where it is used: `.monitored(meters::monitor!(\"Rows\"))`"
)]
pub trait TimedAsStream {}

impl<T> Deref for Made<'_, T> {
    type Target = MadeFuture<T>;

    fn deref(&self) -> &MadeFuture<T> {
        &MadeFuture(PhantomData)
    }
}

impl<T> Deref for MadeFuture<T> {
    type Target = Other;

    fn deref(&self) -> &Other {
        &Other
    }
}

impl<'v, T> Deref for MadeStream<'v, T> {
    type Target = Made<'v, T>;

    fn deref(&self) -> &Made<'v, T> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, Made, MadeStream};

    fn generic<T>(value: &T) -> Ended {
        Made(value).ended()
    }

    #[test]
    fn the_type_says_it_or_it_is_none() {
        struct Plain;
        assert_eq!(Made(&Err::<u8, u8>(1)).ended(), Ended::Error);
        assert_eq!(Made(&Ok::<u8, u8>(1)).ended(), Ended::Ok);
        assert_eq!(Made(&Plain).ended(), Ended::Ok);
        assert_eq!(MadeStream(Made(&Err::<u8, u8>(1))).ended(), Ended::Error);
        assert_eq!(MadeStream(Made(&Plain)).ended(), Ended::Ok);
        assert_eq!(generic(&Err::<u8, u8>(1)), Ended::Ok);
    }
}
