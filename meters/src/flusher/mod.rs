//! Who drives the exporters: an OS thread of its own with a runtime of its own, never the user's.

mod boundary;
mod engine;
mod thread;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use meters_core::Error;
use tokio::sync::{mpsc as queue, oneshot};

use crate::export::FlushReport;
use crate::export::cloudwatch::Datum;

pub(crate) use engine::{Engine, Plan};

/// What a flusher can be asked for.
pub(crate) enum Command {
    Flush { deadline: Instant, reply: Reply<FlushReport> },
    Shutdown { deadline: Instant, reply: Reply<FlushReport> },
    Put { datum: Box<Datum>, deadline: Instant, reply: Reply<Result<(), Error>> },
}

/// How an answer is given: to a waiting thread or to a waiting task.
pub(crate) type Reply<T> = Box<dyn FnOnce(T) + Send>;

/// How much longer than the deadline a caller waits for an answer that is due at it.
const GRACE: Duration = Duration::from_millis(500);

/// Sends what is recorded, with a standing thread or, for programs that want none, with one for each flush.
pub(crate) struct Flusher {
    mode: Mode,
    closed: AtomicBool,
}

enum Mode {
    Standing(queue::UnboundedSender<Command>),
    Manual(Arc<Mutex<Engine>>),
}

impl Flusher {
    /// Connects, and from then on seals and sends a window every `interval`; none: only when told.
    pub(crate) fn start(plan: Plan, interval: Option<Duration>) -> Result<Self, Error> {
        let mode = match interval {
            Some(interval) => Mode::Standing(thread::standing(plan, interval)?),
            None => Mode::Manual(Arc::new(Mutex::new(thread::connected(plan)?))),
        };
        Ok(Self { mode, closed: AtomicBool::new(false) })
    }

    /// Sends everything recorded so far, by `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> FlushReport {
        if self.is_closed() {
            return ended();
        }
        self.wait(timeout, |deadline, reply| Command::Flush { deadline, reply })
    }

    /// As [`flush`](Self::flush), for a task.
    pub(crate) async fn flush_async(&self, timeout: Duration) -> FlushReport {
        if self.is_closed() {
            return ended();
        }
        self.promise(timeout, |deadline, reply| Command::Flush { deadline, reply }).await
    }

    /// Sends everything once more and ends; the second time there is nothing left to do.
    pub(crate) fn shutdown(&self, timeout: Duration) -> FlushReport {
        if self.closed.swap(true, SeqCst) {
            return FlushReport::default();
        }
        self.wait(timeout, |deadline, reply| Command::Shutdown { deadline, reply })
    }

    /// As [`shutdown`](Self::shutdown), for a task.
    pub(crate) async fn shutdown_async(&self, timeout: Duration) -> FlushReport {
        if self.closed.swap(true, SeqCst) {
            return FlushReport::default();
        }
        self.promise(timeout, |deadline, reply| Command::Shutdown { deadline, reply }).await
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// Sends one datum at once.
    pub(crate) fn put(&self, datum: Box<Datum>, timeout: Duration) -> Result<(), Error> {
        let (reply, answer) = mpsc::sync_channel(1);
        let reply = Box::new(move |result| _ = reply.send(result));
        self.ask(Command::Put { datum, deadline: deadline(timeout), reply });
        answer.recv_timeout(timeout.saturating_add(GRACE)).unwrap_or_else(|_| Err(unanswered()))
    }

    /// As [`put`](Self::put), for a task.
    pub(crate) async fn put_async(&self, datum: Box<Datum>, timeout: Duration) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        let reply = Box::new(move |result| _ = reply.send(result));
        self.ask(Command::Put { datum, deadline: deadline(timeout), reply });
        answer.await.unwrap_or_else(|_| Err(unanswered()))
    }

    fn wait(&self, timeout: Duration, command: impl FnOnce(Instant, Reply<FlushReport>) -> Command) -> FlushReport {
        let (reply, answer) = mpsc::sync_channel(1);
        self.ask(command(deadline(timeout), Box::new(move |report| _ = reply.send(report))));
        answer.recv_timeout(timeout.saturating_add(GRACE)).unwrap_or_else(|_| no_report())
    }

    async fn promise(
        &self,
        timeout: Duration,
        command: impl FnOnce(Instant, Reply<FlushReport>) -> Command,
    ) -> FlushReport {
        let (reply, answer) = oneshot::channel();
        self.ask(command(deadline(timeout), Box::new(move |report| _ = reply.send(report))));
        answer.await.unwrap_or_else(|_| no_report())
    }

    /// Hands a command over. One that nobody takes any more is dropped, and with it its reply: the caller learns at once.
    fn ask(&self, command: Command) {
        match &self.mode {
            Mode::Standing(commands) => _ = commands.send(command),
            Mode::Manual(engine) => {
                let engine = engine.clone();
                _ = thread::spawn(move || {
                    let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
                    _ = thread::block_on(engine.serve(command));
                });
            }
        }
    }
}

/// A timeout may be as long as a `Duration` can be; a year is for ever.
fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now + Duration::from_secs(365 * 24 * 3600))
}

/// The report of a flusher that is no more.
fn ended() -> FlushReport {
    let error = Error::configuration("exporting was shut down: start again to send what was recorded since");
    FlushReport { error: Some(error), ..FlushReport::default() }
}

fn no_report() -> FlushReport {
    FlushReport { error: Some(unanswered()), ..FlushReport::default() }
}

fn unanswered() -> Error {
    Error::timeout("the flusher gave no answer in time: it has ended, or is held up in a call that does not return")
}
