//! What counts events.

use meters_core::{Counter, FloatCounter, Gauge, Meter};

use super::{Sealed, through};

/// What `#[metered(metric = …)]` takes: a [`Counter`], [`Meter`], [`FloatCounter`] or [`Gauge`], of which each call adds one;
/// also behind a reference, a [`LazyLock`](std::sync::LazyLock), an `Arc`, `Rc` or `Box`.
///
/// ```
/// use meters::{Counter, metered};
/// use std::sync::LazyLock;
///
/// static REQUESTS: LazyLock<Counter> = LazyLock::new(|| meters::counter("Requests").register());
///
/// #[metered(metric = REQUESTS)]
/// fn get() {}
///
/// #[metered(metric = REQUESTS)]
/// fn post() {}
///
/// get();
/// post();
/// assert_eq!(meters::snapshot().counter("Requests"), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not count events",
    label = "a `Counter`, `Meter`, `FloatCounter` or `Gauge` is wanted, or a reference or `LazyLock` of one",
    note = "a `Family` wants its dimensions: `dimensions(code = code)`",
    note = "calls are timed by `#[monitored(metric = …)]`, which takes a `Monitor`, `Histogram` or `Summary`"
)]
pub trait Counted: Sealed {
    /// One event.
    #[doc(hidden)]
    fn count(&self);
}

impl Counted for Counter {
    #[inline]
    fn count(&self) {
        self.inc(1);
    }
}

impl Counted for Meter {
    #[inline]
    fn count(&self) {
        self.mark(1);
    }
}

impl Counted for FloatCounter {
    #[inline]
    fn count(&self) {
        self.inc(1.0);
    }
}

impl Counted for Gauge {
    #[inline]
    fn count(&self) {
        self.inc(1.0);
    }
}

through! { Counted {
    #[inline]
    fn count(&self) {
        (**self).count();
    }
} }
