//! What takes calls, or durations.

use meters_core::{Histogram, Monitor, Summary};

use super::{Handle, Sealed, Timing, through};

/// What `#[monitored(metric = …)]` takes: a [`Monitor`], which is told how each call ended, or a [`Histogram`] or [`Summary`], which
/// is told how long it took, in its unit (in seconds where that is none of time); also behind a reference, a
/// [`LazyLock`](std::sync::LazyLock), an `Arc`, `Rc` or `Box`.
///
/// ```
/// use meters::{Histogram, Unit, monitored};
/// use std::sync::LazyLock;
///
/// static LATENCY: LazyLock<Histogram> = LazyLock::new(|| meters::histogram("Latency").unit(Unit::Seconds).register());
///
/// #[monitored(metric = LATENCY)]
/// fn get(path: &str) -> Result<usize, std::num::ParseIntError> {
///     path.parse()
/// }
///
/// let _ = (get("1"), get("x"));
/// assert_eq!(meters::snapshot().metric("Latency").count(), 2); // however they end
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes neither calls nor durations",
    label = "a `Monitor`, `Histogram` or `Summary` is wanted, or a reference or `LazyLock` of one",
    note = "a `Family` wants its dimensions: `dimensions(code = code)`",
    note = "calls are counted by `#[metered(metric = …)]`, which takes a `Counter` or a `Meter`"
)]
pub trait Timed: Sealed {
    /// What is told of the calls.
    #[doc(hidden)]
    type Handle: Handle;

    #[doc(hidden)]
    fn handle(&self) -> Self::Handle;
}

/// What is told no more than how long it took.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`timed!` does not see how a block ends, which a `{Self}` wants to know",
    label = "a `Histogram` or `Summary` is wanted here",
    note = "what ends in a value is monitored as a function, or as a future: `.monitored(monitor)`"
)]
pub trait Unjudged: Handle<Call = Timing> {}

impl Unjudged for Histogram {}
impl Unjudged for Summary {}

macro_rules! timed {
    ($($handle:ident),*) => {$(
        impl Timed for $handle {
            type Handle = Self;

            #[inline]
            fn handle(&self) -> Self {
                *self
            }
        }
    )*};
}

timed! { Histogram, Monitor, Summary }

through! { Timed {
    type Handle = T::Handle;

    #[inline]
    fn handle(&self) -> T::Handle {
        (**self).handle()
    }
} }
