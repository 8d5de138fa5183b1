//! The way out of the storage: what all processes recorded, when it is this one's turn to report it.

use std::future::pending;
use std::pin::pin;
use std::time::{Duration, Instant};

use meters_core::Error;
use meters_core::storage::Drain;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep_until, timeout};

use super::super::command::answer;
use super::super::revival::RECONNECT;
use super::super::thread::guarded;
use super::conductor::Round;
use super::panicked;
use crate::export::FlushReport;
use crate::export::cloudwatch::{Cause, Client, CloudWatch, Datum, Exit};

/// How long giving back may take where no time is left.
const FAREWELL: Duration = Duration::from_millis(100);

pub(super) struct Reporter {
    drain: Box<dyn Drain>,
    exporter: CloudWatch,
    /// What to connect with, in a child of `fork`.
    exit: Exit,
    /// When to try that again.
    again: Option<Instant>,
}

impl Reporter {
    pub(super) fn new(drain: Box<dyn Drain>, exit: Exit) -> Self {
        Self { drain, exporter: exit.exporter(), exit, again: None }
    }

    pub(super) fn connected(&mut self, client: Client) {
        self.exporter.connect(client);
    }

    /// Reports what is due, by `deadline`.
    pub(super) async fn round(&mut self, cause: Cause, deadline: Instant) -> FlushReport {
        if let Err(error) = self.connect(deadline).await {
            return FlushReport { error: Some(error), ..FlushReport::default() };
        }
        let report = guarded(self.exporter.drain(&mut *self.drain, cause, deadline)).await;
        report.unwrap_or_else(|| FlushReport { error: Some(panicked()), ..self.exporter.interrupted() })
    }

    /// Gives back what it has: there is no round after this. It is short, and worth a little where no time is left.
    pub(super) async fn retire(&mut self, deadline: Instant) {
        let deadline = deadline.max(Instant::now() + FAREWELL);
        let given_back = self.exporter.retire(&mut *self.drain, deadline);
        _ = guarded(tokio::time::timeout_at(deadline.into(), given_back)).await;
    }

    async fn connect(&mut self, deadline: Instant) -> Result<(), Error> {
        if self.exporter.is_connected() {
            return Ok(());
        }
        let connected = tokio::time::timeout_at(deadline.into(), self.exit.reconnect()).await;
        let late = || Error::timeout("the time for connecting to CloudWatch was over: allow more time");
        match connected.unwrap_or_else(|_| Err(late())) {
            Ok(client) => {
                self.exporter.connect(client);
                Ok(())
            }
            Err(error) => {
                self.again = Some(Instant::now() + RECONNECT.1);
                self.exporter.settings().tell_error(&error);
                Err(error)
            }
        }
    }

    /// When to look for something to report.
    fn next(&self) -> Instant {
        let next = self.drain.next();
        let held = [self.exporter.ready(), self.again.filter(|_| !self.exporter.is_connected())];
        held.into_iter().flatten().fold(next, Instant::max)
    }
}

/// Reports when there is something to report, and when it is asked.
pub(super) async fn live(reporter: &mut Option<Reporter>, mut asked: UnboundedReceiver<Round>, patience: Duration) {
    loop {
        let round = match reporter {
            None => asked.recv().await,
            Some(reporter) => tokio::select! {
                biased;
                round = asked.recv() => round,
                () = sleep_until(reporter.next().into()) => {
                    let mut under_way = pin!(reporter.round(Cause::Interval, Instant::now() + patience));
                    tokio::select! {
                        biased;
                        _ = &mut under_way => continue,
                        round = asked.recv() => {
                            if let Some(Round::Flush(deadline, _) | Round::Put(_, deadline, _) | Round::Last(deadline, _)) = &round {
                                // Half of the time for a request that may be under way: cut off, it might be counted twice.
                                let half = deadline.saturating_duration_since(Instant::now()) / 2;
                                _ = timeout(half, under_way).await;
                            }
                            round
                        }
                    }
                }
            },
        };
        match (round, &mut *reporter) {
            (Some(Round::Flush(deadline, mut reply)), Some(reporter)) => tokio::select! {
                biased;
                report = reporter.round(Cause::Asked, deadline) => drop(reply.send(report)),
                // It had to give way.
                () = reply.closed() => {}
            },
            (Some(Round::Flush(_, reply)), None) => _ = reply.send(FlushReport::default()),
            (Some(Round::Last(deadline, reply)), Some(reporter)) => {
                reporter.retire(deadline).await;
                drop(reply);
            }
            (Some(Round::Last(_, reply)), None) => drop(reply),
            (Some(Round::Put(datum, deadline, reply)), _) => answer(reply, put_now(reporter, *datum, deadline).await),
            (None, _) => pending().await,
        }
    }
}

/// Sends one datum at once.
pub(super) async fn put_now(reporter: &mut Option<Reporter>, datum: Datum, deadline: Instant) -> Result<(), Error> {
    let Some(reporter) = reporter else {
        return Err(Error::configuration("this process only pushes: let one that reports use `put_now`"));
    };
    reporter.connect(deadline).await?;
    reporter.exporter.send_one(datum, deadline).await
}
