//! Annotate functions, name a namespace once in `main`, and see calls, errors and true latency percentiles in Amazon
//! CloudWatch, at the lowest overhead and the lowest bill.
#![forbid(unsafe_code)]

#[cfg(feature = "macros")]
mod attributes;
#[cfg(feature = "cloudwatch")]
mod builder;
#[cfg(feature = "cloudwatch")]
mod export;
#[cfg(feature = "cloudwatch")]
mod flusher;
#[cfg(feature = "cloudwatch")]
mod interval;
mod outcome;
#[cfg(feature = "cloudwatch")]
mod put_now;
mod record;

#[cfg(feature = "macros")]
pub use attributes::{Dimension, metered, monitored};
#[cfg(feature = "cloudwatch")]
pub use builder::{Builder, Meters, flush, namespace, put_now, shutdown};
#[cfg(feature = "cloudwatch")]
pub use export::{FlushReport, Refused};
#[cfg(feature = "cloudwatch")]
pub use interval::Interval;
pub use meters_core::*;
pub use outcome::Outcome;
#[cfg(feature = "cloudwatch")]
pub use put_now::PutNow;
pub use record::{counter, gauge, histogram, meter, put, put_statistic, snapshot};

/// What the macros expand to names these. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::outcome::{Ended, OfAny, OfOutcome, Probe, call};
    pub use meters_core::{CallSite, CounterSite, GaugeSite, HistogramSite, MeterSite};
    #[cfg(feature = "macros")]
    pub use meters_macros::{counter_impl, gauge_impl, histogram_impl, meter_impl};

    pub use crate::__ended as ended;
}
