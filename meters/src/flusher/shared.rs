//! A flusher whose process shares a storage with others: it pushes what is recorded here, and reports what all have pushed
//! when it is its turn.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use meters_core::storage::{Drain, Pushed, Storage, Terms, Writer};
use meters_core::{Dimensions, Error, Series, Window};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::{sleep, sleep_until, timeout};

use super::Command;
use super::boundary;
use super::engine::{Plan, Sealer, answer, exporter, guarded};
use super::thread::SPREAD;
use crate::export::FlushReport;
use crate::export::cloudwatch::{Cause, CloudWatch, Settings};

/// How long a push or a report that nobody asked for may take, where the interval is shorter.
const PATIENCE: Duration = Duration::from_secs(10);

/// With whom this process shares, and what its part is.
#[derive(Clone, Debug)]
pub(crate) struct Sharing {
    pub(crate) storage: Arc<dyn Storage>,
    /// Whether it may report; else others do.
    pub(crate) reports: bool,
    /// How long a period is, unless the storage says otherwise.
    pub(crate) period: Duration,
}

/// All that such a flusher works with.
pub(super) struct Shared {
    sealer: Sealer,
    pusher: Pusher,
    reporter: Option<Reporter>,
}

/// The way into the storage.
struct Pusher {
    writer: Box<dyn Writer>,
    settings: Settings,
    /// Series with too many dimensions, since the last report.
    refused: u64,
    /// The trouble that was last told of.
    told: Option<String>,
}

/// The way out of it.
struct Reporter {
    drain: Box<dyn Drain>,
    exporter: CloudWatch,
}

impl Shared {
    /// Joins the others, and connects to CloudWatch if it is to report; the error says what to set.
    pub(super) async fn join(plan: Plan, sharing: Sharing, child: bool) -> Result<Self, Error> {
        let terms = Terms::new(plan.settings.namespace.clone(), sharing.period, sharing.reports);
        let joined = sharing.storage.join(terms).await?;
        let pusher = Pusher { writer: joined.writer, settings: plan.settings.clone(), refused: 0, told: None };
        let reporter = match joined.drain.filter(|_| sharing.reports) {
            Some(drain) => {
                let exporter = exporter(plan.client.clone(), plan.settings.clone(), child).await?;
                Some(Reporter { drain, exporter })
            }
            None => None,
        };
        Ok(Self { sealer: Sealer::of(&plan), pusher, reporter })
    }

    /// Does one command, for those who have no standing thread; says whether it was the last.
    pub(super) async fn serve(&mut self, command: Command) -> bool {
        let Self { sealer, pusher, reporter } = self;
        let (last, deadline, reply) = match command {
            Command::Flush { deadline, reply } => (false, deadline, reply),
            Command::Shutdown { deadline, reply } => (true, deadline, reply),
            put @ Command::Put { .. } => {
                put_now(reporter, put).await;
                return false;
            }
        };
        sealer.seal();
        sealer.sealed().for_each(|window| pusher.take(window));
        let mut report = pusher.push(deadline).await;
        if let Some(reporter) = reporter {
            join_reports(&mut report, reporter.round(Cause::Asked, deadline).await);
        }
        if last {
            conclude(&mut report, &pusher.settings);
        }
        answer(reply, report);
        last
    }

    /// Seals at each boundary, pushes a little later, reports when there is something to report, and serves commands, until
    /// told to stop. Pushing and reporting wait for nobody but themselves.
    pub(super) async fn live(self, asked: UnboundedReceiver<Command>, interval: Duration) {
        let Self { mut sealer, mut pusher, mut reporter } = self;
        let (to_pusher, pushes) = unbounded_channel();
        let (to_reporter, rounds) = unbounded_channel();
        let settings = pusher.settings.clone();
        let ways = Ways { pusher: to_pusher, reporter: to_reporter };
        let conducting = conduct(&mut sealer, &ways, asked, interval, &settings);
        // One phase a process: a fleet that seals at the full minute does not push at it.
        let spread = SPREAD.min(interval / 10).mul_f64(fastrand::f64());
        let pushing = pusher.live(pushes, spread, interval.max(PATIENCE));
        let reporting = report(&mut reporter, rounds, interval.max(PATIENCE));
        tokio::select! {
            () = conducting => {}
            ((), ()) = async { tokio::join!(pushing, reporting) } => {}
        }
    }
}

/// Where the conductor's wishes go.
struct Ways {
    pusher: UnboundedSender<Push>,
    reporter: UnboundedSender<Round>,
}

enum Push {
    /// Something new, to be pushed when there is time.
    Window(Window),
    /// All there is, by then.
    Flush(Instant, oneshot::Sender<FlushReport>),
}

enum Round {
    /// All that is due, by then.
    Flush(Instant, oneshot::Sender<FlushReport>),
    Put(Command),
}

impl Ways {
    /// Everything, by `deadline`: first what is recorded here, then what is due of all.
    async fn flush(&self, deadline: Instant) -> FlushReport {
        let (reply, pushed) = oneshot::channel();
        _ = self.pusher.send(Push::Flush(deadline, reply));
        let mut report = pushed.await.unwrap_or_default();
        let (reply, reported) = oneshot::channel();
        _ = self.reporter.send(Round::Flush(deadline, reply));
        join_reports(&mut report, reported.await.unwrap_or_default());
        report
    }
}

async fn conduct(
    sealer: &mut Sealer,
    ways: &Ways,
    mut asked: UnboundedReceiver<Command>,
    interval: Duration,
    settings: &Settings,
) {
    let mut seal = || {
        sealer.seal();
        sealer.sealed().for_each(|window| _ = ways.pusher.send(Push::Window(window)));
    };
    let mut last = false;
    while !last {
        last = guarded(async {
            tokio::select! {
                biased;
                command = asked.recv() => {
                    let (deadline, reply) = match command {
                        Some(Command::Flush { deadline, reply }) => {
                            seal();
                            answer(reply, ways.flush(deadline).await);
                            return false;
                        }
                        Some(put @ Command::Put { .. }) => {
                            _ = ways.reporter.send(Round::Put(put));
                            return false;
                        }
                        Some(Command::Shutdown { deadline, reply }) => (deadline, Some(reply)),
                        // Nobody is left to ask: the guard was dropped without a word.
                        None => (Instant::now() + crate::ending::FAREWELL, None),
                    };
                    seal();
                    let mut report = ways.flush(deadline).await;
                    conclude(&mut report, settings);
                    if let Some(reply) = reply {
                        answer(reply, report);
                    }
                    true
                }
                () = boundary::reached(SystemTime::now, interval) => {
                    seal();
                    false
                }
            }
        })
        .await
        .unwrap_or(false);
    }
}

impl Pusher {
    /// What is recorded carries its process's dimensions from here on.
    fn take(&mut self, window: Window) {
        let (settings, pid) = (&self.settings, self.settings.pid_dimension.as_deref());
        let mut standing = settings.dimensions.clone();
        if let Some(Ok(more)) = pid.map(|name| meters_core::Dimension::new(name, std::process::id().to_string())) {
            standing = standing.with(more).unwrap_or(standing);
        }
        let (window, refused) = window.with_dimensions(&standing);
        self.refuse(&refused, &standing);
        self.writer.take(&window);
    }

    fn refuse(&mut self, refused: &[Series], standing: &Dimensions) {
        let Some(first) = refused.first() else { return };
        self.refused += refused.len() as u64;
        let message = format!(
            "{} series have no room for the {} dimensions of this process, {first} among them: 30 is the most",
            refused.len(),
            standing.len()
        );
        self.settings.tell_error(&Error::invalid_input(message));
    }

    /// All there is, by `deadline`.
    async fn push(&mut self, deadline: Instant) -> FlushReport {
        let Pushed { pushed, pending, lost, error, .. } = self.writer.push(deadline).await;
        let kind = error.as_ref().map(ToString::to_string);
        if let Some(error) = error.as_ref().filter(|_| kind != self.told) {
            self.settings.tell_error(error);
        }
        if kind.is_some() || pushed > 0 {
            self.told = kind;
        }
        let refused = std::mem::take(&mut self.refused);
        FlushReport { pushed, pending, dropped: lost, refused, error, ..FlushReport::default() }
    }

    async fn live(&mut self, mut asked: UnboundedReceiver<Push>, spread: Duration, patience: Duration) {
        // What waits until a push that is under way ends, as that cannot be interrupted for it.
        let mut new = VecDeque::new();
        loop {
            let push = match new.is_empty() {
                true => asked.recv().await,
                false => match asked.try_recv() {
                    Ok(push) => Some(push),
                    Err(_) => {
                        new.drain(..).for_each(|window| self.take(window));
                        let pushing = guarded(async {
                            sleep(spread).await;
                            self.push(Instant::now() + patience).await
                        });
                        tokio::select! {
                            biased;
                            push = asked.recv() => push,
                            _ = pushing => continue,
                        }
                    }
                },
            };
            match push {
                Some(Push::Window(window)) => new.push_back(window),
                Some(Push::Flush(deadline, reply)) => {
                    new.drain(..).for_each(|window| self.take(window));
                    if let Some(report) = guarded(self.push(deadline)).await {
                        _ = reply.send(report);
                    }
                }
                None => return,
            }
        }
    }
}

impl Reporter {
    async fn round(&mut self, cause: Cause, deadline: Instant) -> FlushReport {
        let report = guarded(self.exporter.drain(&mut *self.drain, cause, deadline)).await;
        report.unwrap_or_else(|| self.exporter.interrupted())
    }

    /// When to look for something to report.
    fn next(&self) -> Instant {
        self.exporter.ready().map_or(self.drain.next(), |ready| ready.max(self.drain.next()))
    }
}

async fn report(reporter: &mut Option<Reporter>, mut asked: UnboundedReceiver<Round>, patience: Duration) {
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
                            if let Some(Round::Flush(deadline, _)) = &round {
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
            (Some(Round::Flush(deadline, reply)), Some(reporter)) => {
                _ = reply.send(reporter.round(Cause::Asked, deadline).await);
            }
            (Some(Round::Flush(_, reply)), None) => _ = reply.send(FlushReport::default()),
            (Some(Round::Put(put)), _) => put_now(reporter, put).await,
            (None, _) => pending().await,
        }
    }
}

async fn put_now(reporter: &mut Option<Reporter>, command: Command) {
    let Command::Put { datum, deadline, reply } = command else { return };
    match reporter {
        Some(reporter) => answer(reply, reporter.exporter.send_one(*datum, deadline).await),
        None => {
            answer(reply, Err(Error::configuration("this process only pushes: let one that reports use `put_now`")))
        }
    }
}

/// What was pushed here, and what was reported for all.
fn join_reports(pushed: &mut FlushReport, reported: FlushReport) {
    let (pending, error) = (pushed.pending, pushed.error.take());
    pushed.merge(reported);
    pushed.pending = pending;
    pushed.error = error.or(pushed.error.take());
}

/// Nothing is pushed after this.
fn conclude(report: &mut FlushReport, settings: &Settings) {
    if report.pending > 0 {
        let message =
            format!("{} series could not be pushed to shared storage before the end and are lost", report.pending);
        settings.tell_error(&Error::export(format!("{message}: allow more time, or look after the storage")));
    }
    report.conclude(0);
}
