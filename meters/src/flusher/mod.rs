//! Who drives the exporters: an OS thread of its own with a runtime of its own, never the user's.

#[cfg(feature = "cloudwatch")]
mod alone;
mod boundary;
mod closing;
mod command;
mod manual;
mod nowhere;
mod plan;
mod revival;
mod sealer;
mod serving;
mod shared;
mod thread;
mod work;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use meters_core::Error;
use meters_core::fork::{self, Lock, generation};
use tokio::sync::{mpsc as queue, oneshot};

use crate::export::FlushReport;
#[cfg(feature = "cloudwatch")]
use crate::export::cloudwatch::Datum;

use closing::Closing;
pub(crate) use command::{Command, Reply};
use manual::Manual;
pub(crate) use plan::Plan;
pub(crate) use shared::Sharing;
pub(crate) use thread::is_flusher;

/// How much longer than the deadline a caller waits for an answer that is due at it.
const GRACE: Duration = Duration::from_millis(500);

/// Sends what is recorded, with a standing thread or, for programs that want none, with one for each flush.
pub(crate) struct Flusher {
    plan: Plan,
    interval: Option<Duration>,
    alive: Lock<Alive>,
    closing: Closing,
}

/// Who does the work, and in which process: see [`fork::generation`].
struct Alive {
    generation: u32,
    mode: Mode,
}

#[derive(Clone)]
enum Mode {
    Standing(queue::UnboundedSender<Command>),
    Manual(Manual),
    /// Switched off.
    Off,
}

impl Flusher {
    /// Connects, and from then on seals and sends a window every `interval`; none: only when told.
    pub(crate) fn start(plan: Plan, interval: Option<Duration>) -> Result<Self, Error> {
        let mode = match interval {
            Some(interval) => Mode::Standing(thread::standing(plan.clone(), interval)?),
            None => Mode::Manual(Manual::connect(plan.clone())?),
        };
        Ok(Self::new(plan, interval, mode))
    }

    /// Sends nothing, and has no thread.
    pub(crate) fn off(plan: Plan) -> Self {
        Self::new(plan, None, Mode::Off)
    }

    fn new(plan: Plan, interval: Option<Duration>, mode: Mode) -> Self {
        let alive = Alive { generation: generation(), mode };
        Self { plan, interval, alive: Lock::new(alive), closing: Closing::new() }
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

    /// Sends everything once more and ends; the second time there is nothing left to do but to wait for that.
    pub(crate) fn shutdown(&self, timeout: Duration) -> FlushReport {
        let (reply, answer) = mpsc::sync_channel(1);
        self.end(deadline(timeout), Box::new(move |report| _ = reply.send(report)));
        answer.recv_timeout(timeout.saturating_add(GRACE)).unwrap_or_else(|_| no_report())
    }

    /// As [`shutdown`](Self::shutdown), for a task.
    pub(crate) async fn shutdown_async(&self, timeout: Duration) -> FlushReport {
        let (reply, answer) = oneshot::channel();
        self.end(deadline(timeout), Box::new(move |report| _ = reply.send(report)));
        answer.await.unwrap_or_else(|_| no_report())
    }

    /// As [`shutdown`](Self::shutdown), for several at once: `reply` is called, or dropped, when it is done.
    pub(crate) fn end(&self, deadline: Instant, reply: Reply<FlushReport>) {
        // First: whoever starts anew from here on must not be told what this one will tell.
        self.plan.seat.leave();
        self.closing.close(reply, |reply| match self.idle() {
            Some(report) => reply(report),
            None => self.ask(Command::Shutdown { deadline, reply }),
        });
    }

    /// As [`flush`](Self::flush), for several at once.
    pub(crate) fn send(&self, deadline: Instant, reply: Reply<FlushReport>) {
        if !self.is_closed() && self.idle().is_none() {
            self.ask(Command::Flush { deadline, reply });
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closing.is_begun()
    }

    /// In a child of `fork`, has its own thread.
    pub(crate) fn revive(&self) {
        if !self.is_closed() && self.interval.is_some() {
            // Not to `on_error`: this is the thread that records.
            if let Err(error) = self.mode() {
                tracing::error!(target: "meters", ?error, "a child of fork does not export until it is asked to flush");
            }
        }
    }

    /// Sends one datum at once.
    #[cfg(feature = "cloudwatch")]
    pub(crate) fn put(&self, datum: Box<Datum>, timeout: Duration) -> Result<(), Error> {
        let (reply, answer) = mpsc::sync_channel(1);
        let reply = Box::new(move |result| _ = reply.send(result));
        self.ask(Command::Put { datum, deadline: deadline(timeout), reply });
        answer.recv_timeout(timeout.saturating_add(GRACE)).unwrap_or_else(|_| Err(unanswered()))
    }

    /// As [`put`](Self::put), for a task.
    #[cfg(feature = "cloudwatch")]
    pub(crate) async fn put_async(&self, datum: Box<Datum>, timeout: Duration) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        let reply = Box::new(move |result| _ = reply.send(result));
        self.ask(Command::Put { datum, deadline: deadline(timeout), reply });
        answer.await.unwrap_or_else(|_| Err(unanswered()))
    }

    fn wait(&self, timeout: Duration, command: impl FnOnce(Instant, Reply<FlushReport>) -> Command) -> FlushReport {
        if let Some(report) = self.idle() {
            return report;
        }
        let (reply, answer) = mpsc::sync_channel(1);
        self.ask(command(deadline(timeout), Box::new(move |report| _ = reply.send(report))));
        answer.recv_timeout(timeout.saturating_add(GRACE)).unwrap_or_else(|_| no_report())
    }

    async fn promise(
        &self,
        timeout: Duration,
        command: impl FnOnce(Instant, Reply<FlushReport>) -> Command,
    ) -> FlushReport {
        if let Some(report) = self.idle() {
            return report;
        }
        let (reply, answer) = oneshot::channel();
        self.ask(command(deadline(timeout), Box::new(move |report| _ = reply.send(report))));
        answer.await.unwrap_or_else(|_| no_report())
    }

    /// The report of one who has nothing to send, whatever was recorded; a child of `fork` that recorded nothing starts no
    /// thread to say so.
    fn idle(&self) -> Option<FlushReport> {
        if fork::is_untouched() {
            return Some(FlushReport::default());
        }
        matches!(self.alive.lock().mode, Mode::Off).then(|| FlushReport { off: true, ..FlushReport::default() })
    }

    /// Who does the work in this process. What a parent had is left as it is: ending it would reach into the parent, whose
    /// sockets and pollers are the same.
    ///
    /// # Errors
    /// In a child of `fork` where there can be no thread; it is tried again the next time.
    fn mode(&self) -> Result<Mode, Error> {
        let mut alive = self.alive.lock();
        let generation = generation();
        if alive.generation != generation && !matches!(alive.mode, Mode::Off) {
            let own = match self.interval {
                Some(interval) => Mode::Standing(revival::revived(self.plan.clone(), interval)?),
                None => Mode::Manual(Manual::later(self.plan.clone())),
            };
            std::mem::forget(std::mem::replace(&mut alive.mode, own));
            alive.generation = generation;
        }
        Ok(alive.mode.clone())
    }

    /// Hands a command over. One that nobody takes any more is dropped, and with it its reply: the caller learns at once.
    fn ask(&self, command: Command) {
        match self.mode() {
            Ok(Mode::Standing(commands)) => _ = commands.send(command),
            Ok(Mode::Manual(manual)) => manual.ask(command),
            Ok(Mode::Off) => match command {
                Command::Put { reply, .. } => reply(Err(switched_off())),
                other => other.refuse(&switched_off()),
            },
            Err(error) => manual::refuse(self.plan.clone(), command, &error),
        }
    }
}

fn switched_off() -> Error {
    Error::configuration(
        "exporting is switched off, and nothing was sent: see `METERS` in the documentation of `start()`",
    )
}

impl Drop for Flusher {
    fn drop(&mut self) {
        let mut alive = self.alive.lock();
        if alive.generation != generation() {
            std::mem::forget(std::mem::replace(&mut alive.mode, Mode::Off));
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
