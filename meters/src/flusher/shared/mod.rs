//! A flusher whose process shares a storage with others: it pushes what is recorded here, and reports what all have pushed
//! when it is its turn.

mod conductor;
mod pusher;
mod reporter;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use meters_core::Error;
use meters_core::storage::{Storage, Terms};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{sleep, timeout_at};

use super::command::{answer, unstarted};
use super::revival::RECONNECT;
use super::sealer::{Sealed, Sealer, Seals};
use super::serving::{Desk, gone};
use super::thread::{PATIENCE, SPREAD};
use super::work::{Asked, Task, Work};
use super::{Command, Plan};
use crate::export::FlushReport;
use crate::export::cloudwatch::{ATTEMPT, Cause, Exit};
use crate::said::Said;

use conductor::{Ways, conduct};
use pusher::Pusher;
use reporter::Reporter;

/// With whom this process shares: it reports what all have pushed where it has a way to CloudWatch, and only pushes elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Sharing {
    pub(crate) storage: Arc<dyn Storage>,
    /// How long a period is, unless the storage says otherwise.
    pub(crate) period: Duration,
}

/// All that such a flusher works with.
pub(super) struct Shared {
    plan: Plan,
    sharing: Sharing,
    sealer: Sealer,
    /// `None` until it has joined.
    ends: Option<Ends>,
}

/// The way into the storage, and the way out of it for those who report.
struct Ends {
    pusher: Pusher,
    reporter: Option<Reporter>,
}

impl Work for Shared {
    fn serve<'a>(&'a mut self, command: Command, asked: &'a mut Asked) -> Task<'a, bool> {
        Box::pin(Shared::serve(self, command, asked))
    }

    fn refuse(&mut self, command: Command, why: &Error) -> bool {
        Shared::refuse(self, command, why)
    }

    fn tell_error(&self, error: &Error) {
        self.plan.said.tell_error(error);
    }

    fn live<'a>(self: Box<Self>, asked: &'a mut Asked, interval: Duration) -> Task<'a, ()> {
        Box::pin(Shared::live(*self, asked, interval))
    }

    fn revive<'a>(self: Box<Self>, first: Option<Command>, asked: &'a mut Asked, interval: Duration) -> Task<'a, ()> {
        Box::pin(Shared::revive(*self, first, asked, interval))
    }
}

impl Shared {
    /// Joins the others, and connects to CloudWatch if it is to report; the error says what to set.
    pub(super) async fn join(plan: Plan, sharing: Sharing) -> Result<Self, Error> {
        let client = match &plan.cloudwatch {
            Some(exit) => Some(exit.connect().await?),
            None => None,
        };
        let mut ends = ends(&plan, &sharing).await?;
        if let (Some(client), Some(reporter)) = (client, &mut ends.reporter) {
            reporter.connected(client);
        }
        Ok(Self { ends: Some(ends), ..Self::later(plan, sharing) })
    }

    /// In a child of `fork`, which joins when it first has to. Until then, what is recorded waits.
    pub(super) fn later(plan: Plan, sharing: Sharing) -> Self {
        Self { sealer: Sealer::of(&plan), plan, sharing, ends: None }
    }

    /// Does a command, and those that come meanwhile, for those who have no standing thread; says whether that was the last.
    pub(super) async fn serve(&mut self, command: Command, asked: &mut Asked) -> bool {
        let mut command = command;
        loop {
            if self.ends.is_none() {
                match self.ends_by(Some(command.deadline())).await {
                    Ok(ends) => self.ends = Some(ends),
                    Err(error) => return self.refuse(command, &error),
                }
            }
            let Some(Ends { pusher, reporter }) = &mut self.ends else { return false };
            let (last, deadline, reply) = match command {
                Command::Flush { deadline, reply } => (false, deadline, reply),
                Command::Shutdown { deadline, reply } => (true, deadline, reply),
                Command::Put { datum, deadline, reply } => {
                    answer(reply, reporter::put_now(reporter, *datum, deadline).await);
                    return false;
                }
            };
            if last {
                self.sealer.seal_last();
            } else {
                self.sealer.seal();
            }
            let mut sealed = Sealed::default();
            self.sealer.sealed().for_each(|window| sealed.push(window));
            pusher.take_all(&mut sealed).await;
            let work = async {
                let mut report = pusher.push(deadline).await;
                if let Some(reporter) = reporter {
                    with_reported(&mut report, reporter.round(Cause::Asked, deadline).await);
                }
                report
            };
            if last {
                let mut report = work.await;
                if let Some(reporter) = reporter {
                    reporter.retire(deadline).await;
                }
                conclude(&mut report, &self.plan.said);
                answer(reply, report);
                return true;
            }
            let (report, next) = Desk { asked: &mut *asked, interval: None }.work(&mut self.sealer, work).await;
            answer(reply, report.unwrap_or_else(|| unreported(gone())));
            match next {
                Some(Some(next)) => command = next,
                _ => return false,
            }
        }
    }

    /// Joins; who waits for that is told in time where it takes too long.
    async fn ends_by(&self, deadline: Option<Instant>) -> Result<Ends, Error> {
        let joining = ends(&self.plan, &self.sharing);
        let Some(deadline) = deadline else { return joining.await };
        let late = |_| Error::timeout("the time was over before shared storage was joined: allow more time");
        timeout_at(deadline.into(), joining).await.map_err(late)?
    }

    /// Says why it cannot be done: what was recorded waits, or, at the end, is given up and counted; and whether it was the
    /// last thing.
    pub(super) fn refuse(&mut self, command: Command, why: &Error) -> bool {
        if matches!(command, Command::Shutdown { .. }) {
            self.sealer.seal_last();
        } else {
            self.sealer.seal();
        }
        let mut report = FlushReport { pending: self.sealer.series(), ..FlushReport::default() };
        report.error = Some(unstarted(why));
        match command {
            Command::Put { reply, .. } => answer(reply, Err(unstarted(why))),
            Command::Flush { reply, .. } => answer(reply, report),
            Command::Shutdown { reply, .. } => {
                conclude(&mut report, &self.plan.said);
                answer(reply, report);
                return true;
            }
        }
        false
    }

    /// Joins, however often that has to be tried, and lives on.
    pub(super) async fn revive(mut self, mut first: Option<Command>, asked: &mut Asked, interval: Duration) {
        let mut wait = RECONNECT.0;
        while self.ends.is_none() {
            match self.ends_by(first.as_ref().map(Command::deadline)).await {
                Ok(ends) => self.ends = Some(ends),
                Err(error) => {
                    self.tell_error(&error);
                    if first.take().is_some_and(|command| self.refuse(command, &error)) {
                        return;
                    }
                    first = tokio::select! {
                        biased;
                        command = asked.recv() => match command {
                            None => return,
                            command => command,
                        },
                        () = sleep(wait) => None,
                    };
                    wait = (2 * wait).min(RECONNECT.1);
                }
            }
        }
        if let Some(first) = first
            && self.serve(first, asked).await
        {
            return;
        }
        self.live(asked, interval).await;
    }

    /// Seals at each boundary, pushes a little later, reports when there is something to report, and serves commands, until
    /// told to stop. Pushing and reporting wait for nobody but themselves.
    pub(super) async fn live(self, asked: &mut Asked, interval: Duration) {
        let Self { mut sealer, plan, ends: Some(Ends { mut pusher, mut reporter }), .. } = self else { return };
        let (to_pusher, pushes) = unbounded_channel();
        let (to_reporter, rounds) = unbounded_channel();
        let ways = Ways { pusher: to_pusher, reporter: to_reporter };
        // One phase a process: a fleet that seals at the full minute does not push at it.
        let spread = SPREAD.min(interval / 10).mul_f64(fastrand::f64());
        let patience = interval.max(PATIENCE);
        let pushing = pusher.live(pushes, spread, patience);
        let reporting = reporter::live(&mut reporter, rounds, patience);
        tokio::select! {
            () = conduct(&mut sealer, &ways, asked, interval, &plan.said) => {}
            ((), ()) = async { tokio::join!(pushing, reporting) } => {}
        }
    }
}

async fn ends(plan: &Plan, sharing: &Sharing) -> Result<Ends, Error> {
    let mut terms = Terms::new(plan.said.namespace.clone(), sharing.period, plan.cloudwatch.is_some());
    terms.patience = ATTEMPT;
    terms.read_back = plan.cloudwatch.as_ref().and_then(Exit::read_back);
    let joined = sharing.storage.join(terms).await?;
    let reporter = joined.drain.zip(plan.cloudwatch.clone()).map(|(drain, exit)| Reporter::new(drain, exit));
    Ok(Ends { pusher: Pusher::new(joined.writer, plan.said.clone(), joined.trouble), reporter })
}

/// What was pushed here, and what was reported for all.
fn with_reported(pushed: &mut FlushReport, reported: FlushReport) {
    let (pending, error) = (pushed.pending, pushed.error.take());
    pushed.merge(reported);
    pushed.pending = pending;
    pushed.error = error.or(pushed.error.take());
}

/// Of what is pending nothing is known.
fn unreported(why: Error) -> FlushReport {
    FlushReport { error: Some(why), ..FlushReport::default() }
}

fn panicked() -> Error {
    Error::export("the work with shared storage ended in a panic: see what was told of it")
}

/// Nothing is pushed after this.
fn conclude(report: &mut FlushReport, said: &Said) {
    if report.pending > 0 {
        let lost =
            format!("{} series could not be pushed to shared storage before the end, and are lost", report.pending);
        said.tell_error(&Error::export(format!("{lost}: allow more time, or look after the storage")));
    }
    report.conclude(0);
}
