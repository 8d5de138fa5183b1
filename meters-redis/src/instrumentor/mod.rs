//! Metrics of Python's [instrumentor](https://pypi.org/project/instrumentor/) 0.0.1, in its own hashes and beside its
//! processes, without what the original loses: a Python process and a Rust process may increment the same counters, and
//! either side may expose them.
//!
//! ```no_run
//! # fn example() -> Result<(), meters_core::Error> {
//! use std::time::Duration;
//! use meters_redis::instrumentor::CollectorRegistry;
//!
//! let registry = CollectorRegistry::builder("redis://cache.example.com", "shop").every(Duration::from_secs(10)).start()?;
//! let requests = registry.counter("http_requests_total", "All requests.").labels(["code", "route"]).register()?;
//! let latency = registry.histogram("http_request_seconds", "How long they took.").buckets([0.1, 0.5, 2.5]).register()?;
//!
//! requests.labels(&[("code", &200), ("route", &"/cart")])?.inc(1);
//! latency.observe(0.07);
//! registry.shutdown(Duration::from_secs(5))?;
//! # Ok(()) }
//! ```
//!
//! [`CollectorRegistry`] writes, [`CollectorRegistry::mirror`] shares all that a registry of `meters` records,
//! [`Exposition`] reads a namespace, and [`Page`] is what Prometheus is to be served.
//!
//! # The format
//!
//! A namespace is one hash, whose key is the namespace. Its fields are `name:part:labels`:
//!
//! | field | holds |
//! |---|---|
//! | `hits::`, `hits::code="200",route="/"` | the number of a counter or gauge |
//! | `took:b:le="0.1",route="/"` | how many observations are no larger: whole numbers |
//! | `took:s:route="/"`, `took:c:route="/"` | their sum, and how many there are |
//! | `took:t:`, `took:d:` | the type: `c`, `g`, `h` or `s`; the description |
//!
//! Labels are sorted by name; numbers are as Python's `str` writes them. What was written last, by whom, is in
//! `meters:{shop}:writer:*`, each for a day: in the hash itself, Python fails at a field that it does not know.
//!
//! # What is done otherwise
//!
//! * A transfer that is sent again since its answer was lost counts once, as long as the Redis forgets nothing.
//! * A histogram with labels has them at its sum, its count and its bucket of all, too. Python's have not: a histogram with
//!   labels is right if Rust processes alone write it.
//! * What is whole is added as a whole number, and the field stays one that Python can add to. To a field that holds a float
//!   all is added as floats. (Python fails to add a whole number to a float, and all that it sends with it counts twice: do
//!   not mix them where Python processes write.)
//! * Values of labels are written with `\`, `"` and line ends escaped, descriptions with `\` and line ends. Python writes the
//!   characters themselves; [`Page`] adds both up.
//! * Type and description are written again after the Redis lost them, and where they are missing. A metric without labels is
//!   there with 0 before it is used; one with labels has type and description.
//! * A gauge that was set goes on to be added to, also by other processes.
//! * Names with colons are refused: Python's page would cut them there, and Prometheus keeps them for
//!   [recording rules](https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels). Values of labels may have
//!   them, as URLs do: [`Page`] can be scraped then, Python's page cannot.
//!
//! Nothing of the format tells when a series is over; whoever no longer wants one removes its fields.
//!
//! # Rights
//!
//! ```text
//! ACL SETUSER shop on >password resetkeys ~shop ~meters:{shop}:writer:* resetchannels -@all +hello +select
//!   +asking +client|setname +evalsha +script|load +hexists +hget +hgetall +hset +hsetnx +hincrby +hincrbyfloat +pexpire
//! ```

mod builder;
mod calls;
mod change;
mod collector;
mod exposition;
mod instrument;
mod label;
mod metric;
mod mirror;
mod number;
mod page;
mod register;
mod sender;
mod series;
mod shared;
mod worker;

pub use self::builder::CollectorRegistryBuilder;
#[cfg(test)]
pub(crate) use self::calls::ALL;
pub use self::collector::CollectorRegistry;
pub use self::exposition::Exposition;
pub use self::instrument::{Counter, Gauge, Histogram, HistogramTimer};
pub use self::label::LabelValue;
pub use self::number::Number;
pub use self::page::Page;
pub use self::register::Register;
pub use self::shared::Refused;

/// The value of labels beyond what a metric may have.
const OTHER: &str = "_other";
