//! A strict CloudWatch-compatible receiver on loopback, for tests and demonstrations.
//!
//! It takes what `aws-sdk-cloudwatch` sends (Smithy RPC v2 CBOR, gzip) and what boto3 and the AWS CLI 2 can send (AWS
//! JSON 1.0), refuses what CloudWatch refuses with the same error codes, keeps the rest in memory, and answers
//! questions about it: in process, or over ListMetrics, GetMetricStatistics and GetMetricData. It can also misbehave
//! on demand ([`Fault`]), so that the retries of a client can be tested.
//!
//! ```
//! let cw = meters_local::start();
//! // Give cw.endpoint_url() to the code under test, let it flush, then:
//! assert_eq!(cw.metric("Duration").with("Function", "orders::place").sample_count(), 0.0);
//! ```
//!
//! The server has a thread and a runtime of its own: it works from sync and async tests alike, and ends when it is
//! dropped. The binary `meters-local` runs the same server for any process, and lists at `/` what it holds.
//!
//! # Rules
//!
//! Every limit is a constant in [`limits`], with its source. Where the documentation is silent:
//!
//! * A bad datum fails the whole request and nothing is stored. The message names each bad member, counted from one,
//!   up to ten of them.
//! * `StatisticValues` together with `Values` is refused: no documentation says what it means, and implementations
//!   disagree. So is `EntityMetricData`, which this server does not provide.
//! * Namespaces that begin with `AWS/` are refused. Metric names follow the rules of dimension names: ASCII without
//!   control characters, not only whitespace.
//! * In a statistic set Minimum must not exceed Maximum, and Sum must lie between Minimum and Maximum times
//!   SampleCount, within a relative 1e-9 for floating point.
//! * Values may repeat within `Values`; empty `Values` are absent `Values`.
//! * A signature must be present and name the service `monitoring`; its value is not checked.
//! * Percentiles are by nearest rank over values weighted by their counts. There are none where a value is negative,
//!   nor over a statistic set, unless it stands for equal values.
//! * GetMetricData evaluates metric queries only, no expressions, and merges units unless one is asked for;
//!   GetMetricStatistics answers one datapoint per unit. Data is visible at once and never expires by age.
//! * Trimmed means and the other extended statistics besides percentiles are refused.

mod body;
mod datum;
mod error;
mod exchange;
mod fault;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod limits;
mod operation;
mod page;
mod protocol;
mod query;
mod request;
mod server;
mod signature;
mod statistics;
mod store;
mod validate;

pub use datum::{Datum, DatumValue, Series};
pub use fault::{Fault, Faults};
pub use protocol::Protocol;
pub use query::Metric;
pub use request::LoggedRequest;
pub use server::{Builder, Server};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Starts a server on a free port of 127.0.0.1, with the defaults of [`Server::builder`].
///
/// # Panics
/// If no port can be bound or no thread be started, which means that the machine is out of them.
/// [`Builder::start`] returns the error instead.
#[must_use]
#[track_caller]
pub fn start() -> Server {
    match Server::builder().start() {
        Ok(server) => server,
        Err(error) => panic!("meters-local cannot start on 127.0.0.1: {error}"),
    }
}

/// Locks, also after a panic elsewhere: no update here leaves a state half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
