//! Annotate functions, name a namespace once in `main`, and see calls, errors and true latency percentiles in Amazon
//! CloudWatch, at the lowest overhead and the lowest bill.
//!
#![cfg_attr(all(feature = "macros", feature = "_export"), doc = "```no_run")]
#![cfg_attr(not(all(feature = "macros", feature = "_export")), doc = "```ignore")]
//! use meters::{metered, monitored};
//! use std::time::Duration;
//!
//! #[monitored(dimensions(Route = "checkout", tier))]
//! async fn checkout(tier: &str, cart: u32) -> Result<u32, String> {
//!     Ok(cart * 2)
//! }
//!
//! #[metered]
//! fn login(user: &str) -> bool {
//!     user == "root"
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), meters::Error> {
//!     let meters = meters::namespace("Shop").interval("30s").dimension("Env", "prod").start()?;
//!     if login("root") {
//!         println!("{:?}", checkout("gold", 21).await);
//!     }
//!     println!("{}", meters.shutdown_async(Duration::from_secs(5)).await); // what was sent, and what was not
//!     Ok(())
//! }
//! ```
//!
//! * **Annotate**: [`monitored`][macro@monitored] times calls and counts their outcomes, [`metered`][macro@metered] counts
//!   calls. Dimensions may be literals, arguments and expressions.
//!   What is known only later comes from [`set!`]; [`timed!`] times a block.
//! * **Futures and streams** are [`monitored`](MonitoredExt::monitored) where they are used, by a [`monitor`](fn@monitor).
//! * **By hand**: [`counter`](fn@counter), [`gauge`](fn@gauge), [`histogram`](fn@histogram), [`meter`](fn@meter) and the
//!   macros of the same names; [`float_counter`](fn@float_counter), [`summary`](fn@summary), [`clicks`] of late, the state of
//!   a [`link`], [`uptime`], a gauge that is [read from a function](Register::from_fn), a [`Family`] by labels; [`put`],
//!   [`put_statistic`] and [`put_now`] for single values.
//! * **Which**: a metric may be [for this process alone](Register::internal) or [for debugging](Register::level), and be taken
//!   away by [`unregister`].
//! * **Export**: [`namespace`] begins the one sentence in `main`; [`Meters::flush`] and [`Meters::shutdown`] say what was
//!   sent and what was not.
#![cfg_attr(
    feature = "redis",
    doc = "* **Share**: with the feature `redis`, [`Builder::redis`] has many processes report as one."
)]
#![cfg_attr(
    feature = "prometheus",
    doc = "* **Scrape**: with the feature `prometheus`, [`Builder::prometheus_listener`] serves everything to Prometheus, and \
           [`prometheus::render`] is for a server of your own."
)]
//! * **Trouble** is told to [`Builder::on_error`] and, as events of target `meters`, to `tracing`; nothing is printed.
//! * **Test**: [`snapshot`] shows what was recorded; the crate `meters-local` is a CloudWatch on loopback.
//!
//! Libraries depend on this crate with `default-features = false, features = ["macros"]`: their annotations cost a few
//! nanoseconds and pull in no AWS SDK. Applications take the default features; those that leave it to others to report, or are
//! scraped, do without the SDK by `default-features = false, features = ["macros", "redis"]`, or `"prometheus"`.
//!
// Where a feature is off, the links to what it adds go to the documentation that has it.
#![cfg_attr(not(feature = "cloudwatch"), doc = include_str!("elsewhere/cloudwatch.md"))]
#![cfg_attr(not(feature = "macros"), doc = include_str!("elsewhere/macros.md"))]
#![forbid(unsafe_code)]

#[cfg(feature = "macros")]
mod attributes;
mod beside;
#[cfg(feature = "_export")]
mod builder;
#[cfg(feature = "_export")]
mod ending;
#[cfg(feature = "_export")]
mod export;
#[cfg(feature = "_export")]
mod flusher;
#[cfg(feature = "_export")]
mod handle;
#[cfg(feature = "_export")]
mod interval;
pub mod job;
#[cfg(feature = "_export")]
pub mod lambda;
#[cfg(feature = "macros")]
mod macros;
mod metric;
#[cfg(feature = "metrics")]
pub mod metrics_bridge;
mod monitored;
mod outcome;
#[cfg(all(feature = "process", unix))]
mod process;
#[cfg(feature = "prometheus")]
pub mod prometheus;
#[cfg(feature = "cloudwatch")]
mod put_now;
mod record;
#[cfg(feature = "_export")]
mod running;
#[cfg(feature = "_export")]
mod said;
#[cfg(feature = "_export")]
mod switch;
mod text;
#[cfg(feature = "tower")]
pub mod tower;

#[cfg(feature = "macros")]
pub use attributes::{Dimension, Outcome, metered, monitored};
#[cfg(feature = "_export")]
pub use builder::{Builder, namespace};
#[cfg(feature = "_export")]
pub use export::FlushReport;
#[cfg(feature = "cloudwatch")]
pub use export::{Ambiguous, Refused};
#[cfg(feature = "cloudwatch")]
pub use handle::put_now;
#[cfg(feature = "_export")]
pub use handle::{Meters, flush, shutdown};
#[cfg(feature = "_export")]
pub use interval::Interval;
pub use meters_core::{
    Across, Buckets, Calls, Clicks, Counter, Dimension, DimensionValue, Distribution, Ended, Error, Exemplar, Family,
    FloatCounter, Gauge, Histogram, Kind, Labels, Level, LinkState, Meter, Monitor, Putting, Query, Register,
    RegisterClicks, RegisterLink, Registry, Resolution, Series, Shape, Snapshot, StatisticSet, Summary, Timer, Unit,
    Value, Window, dimension, refused,
};
#[cfg(feature = "redis")]
pub use meters_redis::{RedisStorage, RedisStorageBuilder};
pub use metric::{Counted, Timed};
pub use monitored::{ByType, If, Monitored, MonitoredExt};
pub use outcome::Outcome;
#[cfg(all(feature = "process", unix))]
pub use process::process_metrics;
#[cfg(feature = "cloudwatch")]
pub use put_now::PutNow;
pub use record::{
    clicks, counter, float_counter, gauge, histogram, link, meter, monitor, put, put_statistic, set_level, snapshot,
    summary, unregister, uptime,
};

/// The examples of `COMING.md` compile, and run where they can.
#[cfg(all(doctest, unix, feature = "axum", feature = "cloudwatch", feature = "macros", feature = "metrics"))]
#[cfg(all(feature = "process", feature = "prometheus", feature = "redis"))]
#[doc = include_str!("../../COMING.md")]
mod coming {}

/// What the macros expand to names these. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "cloudwatch")]
    pub use crate::export::read_spool;
    pub use crate::metric::{Handle, count, handle, member, off, timer, with_outcomes};
    pub use crate::monitored::{future, stream};
    pub use crate::outcome::{Ended, Made, MadeStream, Probe, Returning, call, ignoring, judged, none};
    pub use crate::text::{debug, display};
    pub use meters_core::is_on;
    pub use meters_core::{
        CallSite, CounterSite, FloatCounterSite, FullCall, GaugeSite, HistogramSite, MemberSite, MeterSite, OwnSite,
        Rename, Slot, SummarySite,
    };
    #[cfg(feature = "macros")]
    pub use meters_macros::{
        counter_impl, defaults_impl, float_counter_impl, gauge_impl, histogram_impl, meter_impl, monitor_impl,
        set_impl, summary_impl, timed_impl,
    };

    /// Of crates without `meters::defaults!`.
    pub const METERS_DEFAULTS: Rename = Rename::AsWritten;

    /// Whether this path of a module is that of a crate.
    pub const fn is_root(path: &str) -> bool {
        let mut at = 0;
        while at < path.len() {
            if path.as_bytes()[at] == b':' {
                return false;
            }
            at += 1;
        }
        true
    }
}
