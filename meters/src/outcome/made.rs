//! What a plain function returned: a future or a stream in it would be timed as its making, which nobody asked for.

use std::marker::PhantomData;
use std::ops::Deref;

use futures_core::Stream;

use super::{Ended, Other, Outcome, ended};

/// As [`Probe`](super::Probe), but a future or a stream does not compile: the first of `Made`, `Future` and `Stream` that
/// the type fits has the method, and that of the latter two asks for what no type has.
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

#[doc(hidden)]
pub struct MadeStream<T>(PhantomData<*const T>);

impl<T: Stream> MadeStream<T> {
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
    type Target = MadeStream<T>;

    fn deref(&self) -> &MadeStream<T> {
        &MadeStream(PhantomData)
    }
}

impl<T> Deref for MadeStream<T> {
    type Target = Other;

    fn deref(&self) -> &Other {
        &Other
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, Made};

    fn generic<T>(value: &T) -> Ended {
        Made(value).ended()
    }

    #[test]
    fn the_type_says_it_or_it_is_none() {
        struct Plain;
        assert_eq!(Made(&Err::<u8, u8>(1)).ended(), Ended::Error);
        assert_eq!(Made(&Ok::<u8, u8>(1)).ended(), Ended::Ok);
        assert_eq!(Made(&Plain).ended(), Ended::Ok);
        assert_eq!(generic(&Err::<u8, u8>(1)), Ended::Ok);
    }
}
