//! What can be monitored, and what it gives: futures their output, streams their items.

use futures_core::Stream;

/// What [`MonitoredExt`](crate::MonitoredExt) stands on: all futures and all streams.
///
/// `P` says which of the two, and is always found by the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a future nor a stream",
    label = "only futures and streams can be monitored here",
    note = "a function is monitored by the attribute `#[monitored]`"
)]
pub trait Pollable<P> {
    /// The output of the future, or an item of the stream.
    type Value;
}

/// Says that a [`Pollable`] is a future.
#[derive(Debug)]
pub enum AFuture {}

/// Says that a [`Pollable`] is a stream.
#[derive(Debug)]
pub enum AStream {}

impl<F: Future> Pollable<AFuture> for F {
    type Value = F::Output;
}

impl<S: Stream> Pollable<AStream> for S {
    type Value = S::Item;
}
