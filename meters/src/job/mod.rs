//! Jobs of a queue: how long they waited, how often they were tried, how long they took and how they ended.
//!
//! ```
//! use meters::job::Job;
//! use std::time::{Duration, SystemTime};
//!
//! struct Message { sent: SystemTime, deliveries: u32, to: String }
//! fn send(to: &str) -> Result<(), &'static str> {
//!     if to.contains('@') { Ok(()) } else { Err("NoAddress") }
//! }
//!
//! let job = Job::new("SendMail").dimension("Queue", "mail").register();
//! # let sent = SystemTime::now() - Duration::from_secs(2);
//! # let queue = [("a@b.example", 1), ("nobody", 1), ("nobody", 2)];
//! # let queue = queue.map(|(to, deliveries)| Message { sent, deliveries, to: to.to_owned() });
//! for message in queue {
//!     let attempt = job.attempt().enqueued_at(message.sent).number(message.deliveries).kind(|error: &&str| *error);
//!     _ = attempt.run(|| send(&message.to)); // what the closure returns
//! }
//!
//! let seen = meters::snapshot();
//! let mail = seen.metric("SendMail").with("Queue", "mail");
//! assert_eq!((mail.calls().ok(), mail.calls().errors), (1, 2));
//! assert_eq!(seen.metric("SendMail.Errors").with("Kind", "NoAddress").count(), 2);
//! assert_eq!(seen.metric("SendMail.Retries").count(), 1);
//! assert!(seen.metric("SendMail.Wait").distribution().unwrap().min() >= Some(2e6)); // microseconds
//! ```
//!
//! # What is recorded
//!
//! | metric | unit | what |
//! |---|---|---|
//! | `SendMail` | Microseconds | attempts: the time from the beginning of one to its end |
//! | `SendMail.Errors` | Count | those that returned an error or panicked: the average is the error rate |
//! | `SendMail.Errors` with `Kind` | Count | errors by what [`kind`](Attempt::kind) says of them |
//! | `SendMail.Cancelled` | Count | futures of attempts that were dropped before they were done: by a timeout, or a shutdown |
//! | `SendMail.InFlight` | Count | attempts under way |
//! | `SendMail.Wait` | as `SendMail` | the time from [`enqueued_at`](Attempt::enqueued_at) to the beginning |
//! | `SendMail.Retries` | Count | attempts with a [`number`](Attempt::number) above 1 |
//!
//! Of a job whose name has neither capitals nor dots, as Prometheus likes it, they are `send_mail_wait`, `send_mail_retries`,
//! `send_mail_in_flight` and `send_mail_errors_by_kind`.
//!
//! All carry what [`dimension`](JobBuilder::dimension) adds; each is there once there is something to tell. What the body says
//! by [`meters::dimension`](fn@crate::dimension) goes to `SendMail`, `SendMail.Errors` and `SendMail.Cancelled`.
//!
//! # After each job
//!
//! A worker that may be ended at any time sends what it recorded after each job: [`JobBuilder::after`] calls what was given to
//! it at the end of each attempt, however that ended.
//!
#![cfg_attr(feature = "cloudwatch", doc = "```no_run")]
#![cfg_attr(not(feature = "cloudwatch"), doc = "```ignore")]
//! # fn main() -> Result<(), meters::Error> {
//! use std::{sync::Arc, time::Duration};
//! let meters = Arc::new(meters::namespace("Shop").manual().start()?);
//! let flusher = meters.clone();
//! let job = meters::job::Job::new("SendMail")
//!     .after(move |_| _ = flusher.flush(Duration::from_secs(2)))
//!     .register();
//! # let _ = job;
//! # Ok(())
//! # }
//! ```
//!
//! Such a flush waits. An async worker awaits one instead: `meters.flush_after(timeout, job.attempt().run_async(work)).await`.

mod attempt;
mod kind;
mod running;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use meters_core::{
    Across, Counter, DimensionValue, Ended, Gauge, Handle, Histogram, Monitor, Register, Registry, Resolution, Unit,
    fork,
};

pub use attempt::Attempt;
pub use kind::{By, Kinds, Untold};
pub use running::Running;

use crate::beside::beside;

/// Jobs of one name; made by [`Job::new`]. Cheap to clone: clones are one.
#[derive(Clone)]
pub struct Job(Arc<Inner>);

struct Inner {
    said: Said,
    monitor: Monitor,
    in_flight: Gauge,
    wait: OnceLock<Histogram>,
    retries: OnceLock<Counter>,
}

/// Says what jobs are called and which dimensions they have; see the [module](self).
#[must_use = "nothing is registered until `register()`"]
pub struct JobBuilder(Said);

type After = dyn Fn(&Done) + Send + Sync;

struct Said {
    registry: Registry,
    name: String,
    unit: Unit,
    resolution: Resolution,
    dimensions: Vec<(String, String)>,
    after: Option<Box<After>>,
}

/// An attempt that has ended: what [`JobBuilder::after`] is told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Done {
    /// How it ended.
    pub ended: Ended,
    /// How long it took.
    pub took: Duration,
    /// How long it waited before, as far as that was said.
    pub waited: Option<Duration>,
    /// Which attempt it was; 1 unless told.
    pub number: u32,
}

impl Job {
    /// Jobs of this name, in the registry of this process unless told.
    #[expect(clippy::new_ret_no_self, reason = "a job is what is registered in the end")]
    pub fn new(name: &str) -> JobBuilder {
        JobBuilder(Said {
            registry: Registry::global().clone(),
            name: name.to_owned(),
            unit: Unit::Microseconds,
            resolution: Resolution::Standard,
            dimensions: Vec::new(),
            after: None,
        })
    }

    /// One attempt at one job, which begins when it is [run](Attempt::run).
    pub fn attempt(&self) -> Attempt {
        Attempt::new(self)
    }

    fn wait(&self) -> Histogram {
        let said = &self.0.said;
        *fork::once(&self.0.wait, || {
            let wait = said.registry.histogram(&beside(&said.name, "Wait")).unit(said.unit);
            said.register(wait).description("Time that jobs waited in their queue").register()
        })
    }

    fn retries(&self) -> Counter {
        let said = &self.0.said;
        *fork::once(&self.0.retries, || {
            let retries = said.registry.counter(&beside(&said.name, "Retries"));
            said.register(retries).description("Attempts that are not the first").register()
        })
    }

    /// Counts an error of this kind.
    fn kind(&self, kind: &str) {
        let said = &self.0.said;
        let errors = said.registry.counter(&said.errors());
        said.register(errors).dimension("Kind", kind).register().inc(1);
    }
}

impl JobBuilder {
    /// Records there.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.0.registry = registry.clone();
        self
    }

    /// The unit of durations and waits, one of time; Microseconds unless told.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.0.unit = unit;
        self
    }

    /// How finely CloudWatch keeps it; by the minute unless told.
    pub fn resolution(mut self, resolution: Resolution) -> Self {
        self.0.resolution = resolution;
        self
    }

    /// One more dimension of all that is recorded. The number of a job is none: each would be a series.
    pub fn dimension(mut self, name: &str, value: impl DimensionValue) -> Self {
        self.0.dimensions.push((name.to_owned(), value.with_str(str::to_owned)));
        self
    }

    /// Called at the end of each attempt, once it is recorded, where it ended: on the thread that ran it or dropped its future.
    /// A panic in it goes nowhere.
    pub fn after(mut self, after: impl Fn(&Done) + Send + Sync + 'static) -> Self {
        self.0.after = Some(Box::new(after));
        self
    }

    /// The jobs. What CloudWatch would refuse is mended, as [`Register::register`] does.
    pub fn register(self) -> Job {
        let Self(said) = self;
        let monitor = said.register(said.registry.monitor(&said.name).unit(said.unit)).register();
        let gauge = said.registry.gauge(&beside(&said.name, "InFlight")).unit(Unit::Count).across(Across::Sum);
        let in_flight = said.register(gauge).description("Attempts under way").register();
        Job(Arc::new(Inner { said, monitor, in_flight, wait: OnceLock::new(), retries: OnceLock::new() }))
    }
}

impl Said {
    /// Where Prometheus reads it, the errors of all kinds have a name of this kind already.
    fn errors(&self) -> String {
        let errors = beside(&self.name, "Errors");
        if errors.ends_with("_errors") { errors + "_by_kind" } else { errors }
    }

    fn register<'r, H: Handle>(&self, register: Register<'r, H>) -> Register<'r, H> {
        let said = |register: Register<'r, H>, (name, value): &(String, String)| register.dimension(name, value);
        self.dimensions.iter().fold(register.resolution(self.resolution), said)
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("name", &self.0.said.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for JobBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobBuilder").field("name", &self.0.name).finish_non_exhaustive()
    }
}
