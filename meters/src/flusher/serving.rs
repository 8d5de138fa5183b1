//! Does what it is asked. Who comes while that takes long waits for it no longer than half of his own time, and windows go on
//! ending meanwhile.

use std::time::{Duration, Instant, SystemTime};

use meters_core::Error;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use super::engine::{Engine, Sealer, answer};
use super::{Command, boundary};
use crate::ending::FAREWELL;
use crate::export::FlushReport;
use crate::export::cloudwatch::Cause;

/// What was asked for next; none at the end, when nobody is left to ask.
pub(super) type Next = Option<Command>;

/// Who else may ask, and how often windows end, if they do by themselves.
pub(super) struct Desk<'d> {
    pub(super) asked: &'d mut UnboundedReceiver<Command>,
    pub(super) interval: Option<Duration>,
}

impl Desk<'_> {
    /// Does a command, and those that come meanwhile; says whether that was the last thing.
    pub(super) async fn serve(&mut self, engine: &mut Engine, command: Next) -> bool {
        let mut command = command;
        loop {
            // In a child of `fork`, which connects when it first has to.
            let deadline = command.as_ref().map_or_else(farewell, Command::deadline);
            if let Err(error) = engine.reach(deadline).await {
                let Some(refused) = command else {
                    engine.end(deadline).await;
                    return true;
                };
                return engine.refuse(refused, &error);
            }
            let next = match command {
                Some(Command::Flush { deadline, reply }) => {
                    engine.seal();
                    let (sealer, outbox) = engine.parts();
                    outbox.receive(sealer);
                    let (report, next) = self.work(sealer, outbox.send(Cause::Asked, deadline)).await;
                    answer(
                        reply,
                        report.unwrap_or_else(|| FlushReport { error: Some(gone()), ..outbox.interrupted() }),
                    );
                    if next.is_none() {
                        outbox.pack();
                    }
                    next
                }
                Some(Command::Put { datum, deadline, reply }) => {
                    let (sealer, outbox) = engine.parts();
                    let (sent, next) = self.work(sealer, outbox.send_one(*datum, deadline)).await;
                    answer(reply, sent.unwrap_or_else(|| Err(gone())));
                    next
                }
                Some(Command::Shutdown { deadline, reply }) => {
                    let report = engine.end(deadline).await;
                    answer(reply, report);
                    return true;
                }
                None => {
                    // The guard was dropped without a word.
                    engine.end(deadline).await;
                    return true;
                }
            };
            match next {
                Some(next) => command = next,
                None => return false,
            }
        }
    }

    /// Sends what is sealed, since the clock says so.
    pub(super) async fn periodic(&mut self, engine: &mut Engine, deadline: Instant) -> bool {
        let (sealer, outbox) = engine.parts();
        outbox.receive(sealer);
        let (report, next) = self.work(sealer, outbox.send(Cause::Interval, deadline)).await;
        if let Some(report) = report {
            tracing::debug!(target: "meters", %report, "flushed");
        }
        match next {
            Some(next) => self.serve(engine, next).await,
            None => {
                outbox.pack();
                false
            }
        }
    }

    /// Comes to what the work does, unless somebody asked for something else and half of the time for that is over; and to what
    /// was asked.
    pub(super) async fn work<T>(
        &mut self,
        sealer: &mut Sealer,
        work: impl Future<Output = T>,
    ) -> (Option<T>, Option<Next>) {
        let mut work = std::pin::pin!(work);
        let next = loop {
            tokio::select! {
                biased;
                done = &mut work => return (Some(done), None),
                next = self.asked.recv() => break next,
                () = window(self.interval) => sealer.seal(),
            }
        };
        let deadline = next.as_ref().map_or_else(farewell, Command::deadline);
        let mut half = std::pin::pin!(sleep(deadline.saturating_duration_since(Instant::now()) / 2));
        loop {
            tokio::select! {
                biased;
                done = &mut work => return (Some(done), Some(next)),
                () = &mut half => return (None, Some(next)),
                () = window(self.interval) => sealer.seal(),
            }
        }
    }
}

/// The deadline of one who just drops everything.
pub(super) fn farewell() -> Instant {
    Instant::now() + FAREWELL
}

async fn window(interval: Option<Duration>) {
    match interval {
        Some(interval) => boundary::reached(SystemTime::now, interval).await,
        None => std::future::pending().await,
    }
}

pub(super) fn gone() -> Error {
    Error::timeout("it had to give way to another flush or a shutdown, which sends what is pending")
}
