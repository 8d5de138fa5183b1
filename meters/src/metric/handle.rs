//! The ways into a call, by what is told of it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use meters_core::clock::Moment;
use meters_core::{AsyncCall, Call, Counter, Ended, FullCall, Histogram, Monitor, Summary, Timer};

/// A metric that calls are told to.
#[doc(hidden)]
pub trait Handle: Copy {
    /// A call of a plain function.
    type Call;
    /// The call of a future, or of a stream.
    type Async: Watched;
    /// A call that may be none.
    type Full: Off;

    fn enter(self) -> Self::Call;
    fn enter_async(self) -> Self::Async;
    fn enter_full(self) -> Self::Full;
    fn enter_full_async(self) -> Self::Full;

    /// Of a stream that began then there is a first item; what counts all of them.
    fn first_item(self, start: Moment) -> Option<Counter>;
}

/// The call of a future that is polled through it.
#[doc(hidden)]
pub trait Watched {
    fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output>;
    fn finish(&self, ended: Ended);
}

/// A call that may be none.
#[doc(hidden)]
pub trait Off {
    fn off() -> Self;
}

/// What is told how a call ended.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is told how long a call took, and not how it ended, so that this argument has no use",
    label = "remove it, or let `metric` be a `Monitor`",
    note = "a `Monitor` is made by `meters::monitor(\"Name\").register()`"
)]
pub trait Judged: Handle {
    fn monitor(self) -> Monitor;
}

impl Judged for Monitor {
    #[inline]
    fn monitor(self) -> Monitor {
        self
    }
}

impl Handle for Monitor {
    type Call = Call;
    type Async = AsyncCall;
    type Full = FullCall<'static>;

    #[inline]
    fn enter(self) -> Call {
        Self::enter(&self)
    }

    #[inline]
    fn enter_async(self) -> AsyncCall {
        Self::enter_async(&self)
    }

    fn enter_full(self) -> FullCall<'static> {
        Self::enter_full(&self)
    }

    fn enter_full_async(self) -> FullCall<'static> {
        Self::enter_full_async(&self)
    }

    fn first_item(self, start: Moment) -> Option<Counter> {
        self.time_to_first().observe_duration(Duration::from_nanos(start.nanoseconds()));
        Some(self.items())
    }
}

impl Watched for AsyncCall {
    #[inline]
    fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        Self::poll(self, body, context)
    }

    #[inline]
    fn finish(&self, ended: Ended) {
        Self::finish(self, ended);
    }
}

impl Off for FullCall<'_> {
    fn off() -> Self {
        Self::off()
    }
}

/// What is told durations alone.
macro_rules! durations {
    ($($handle:ident),*) => {$(
        impl Handle for $handle {
            type Call = Timing;
            type Async = Timing;
            type Full = Timing;

            #[inline]
            fn enter(self) -> Timing {
                Timing { _timer: Some(self.start()) }
            }

            #[inline]
            fn enter_async(self) -> Timing {
                self.enter()
            }

            #[inline]
            fn enter_full(self) -> Timing {
                self.enter()
            }

            #[inline]
            fn enter_full_async(self) -> Timing {
                self.enter()
            }

            fn first_item(self, _: Moment) -> Option<Counter> {
                None
            }
        }
    )*};
}

durations! { Histogram, Summary }

/// A call under way of which the time alone is told, however it ends: when this is dropped.
#[doc(hidden)]
#[must_use]
pub struct Timing {
    _timer: Option<Timer>,
}

impl Timing {
    /// The body as it is.
    #[inline]
    pub fn run<F: Future>(&self, body: F) -> F {
        body
    }

    /// How it ended is not told.
    #[inline]
    pub fn finish(&self, _: Ended) {}
}

impl Watched for Timing {
    #[inline]
    fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        body.poll(context)
    }

    #[inline]
    fn finish(&self, _: Ended) {}
}

impl Off for Timing {
    #[inline]
    fn off() -> Self {
        Self { _timer: None }
    }
}
