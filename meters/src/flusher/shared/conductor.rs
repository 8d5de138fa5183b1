//! Who ends windows and hears commands, while others push and report.

use std::time::{Duration, Instant, SystemTime};

use meters_core::{Error, Window};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::super::command::answer;
use super::super::sealer::{Sealer, Seals};
use super::super::serving::{Desk, Next, farewell, gone};
use super::super::thread::guarded;
use super::super::{Command, Reply, boundary};
use super::{conclude, unreported, with_reported};
use crate::export::FlushReport;
use crate::export::cloudwatch::Datum;
use crate::said::Said;

/// Where the conductor's wishes go.
pub(super) struct Ways {
    pub(super) pusher: UnboundedSender<Push>,
    pub(super) reporter: UnboundedSender<Round>,
}

pub(super) enum Push {
    /// Something new, to be pushed when there is time.
    Window(Window),
    /// All there is, by then.
    Flush(Instant, oneshot::Sender<FlushReport>),
}

pub(super) enum Round {
    /// All that is due, by then.
    Flush(Instant, oneshot::Sender<FlushReport>),
    Put(Box<Datum>, Instant, Reply<Result<(), Error>>),
    /// There is none after this one: others may have what is left. The end of it is told by dropping the sender.
    Last(Instant, oneshot::Sender<()>),
}

impl Ways {
    /// Everything, by `deadline`: first what is recorded here, then what is due of all.
    async fn flush(&self, deadline: Instant) -> FlushReport {
        let (reply, pushed) = oneshot::channel();
        _ = self.pusher.send(Push::Flush(deadline, reply));
        let mut report = pushed.await.unwrap_or_default();
        let (reply, reported) = oneshot::channel();
        _ = self.reporter.send(Round::Flush(deadline, reply));
        // A datum that is sent at once may have more time than this.
        let reported = timeout_at((deadline + LATE).into(), reported).await;
        with_reported(&mut report, reported.map_or_else(|_| unreported(late()), |told| told.unwrap_or_default()));
        report
    }

    fn push(&self, sealer: &mut Sealer) {
        sealer.seal();
        self.hand_over(sealer);
    }

    fn hand_over(&self, sealer: &mut Sealer) {
        sealer.sealed().for_each(|window| _ = self.pusher.send(Push::Window(window)));
    }

    /// Does a command, and those that come meanwhile; says whether that was the last.
    async fn serve(&self, desk: &mut Desk<'_>, command: Next, sealer: &mut Sealer, said: &Said) -> bool {
        let mut command = command;
        loop {
            let (deadline, reply) = match command {
                Some(Command::Put { datum, deadline, reply }) => {
                    _ = self.reporter.send(Round::Put(datum, deadline, reply));
                    return false;
                }
                Some(Command::Flush { deadline, reply }) => {
                    self.push(sealer);
                    let (report, next) = desk.work(&mut Handing { ways: self, sealer }, self.flush(deadline)).await;
                    answer(reply, report.unwrap_or_else(|| unreported(gone())));
                    match next {
                        Some(next) => command = next,
                        None => return false,
                    }
                    continue;
                }
                Some(Command::Shutdown { deadline, reply }) => (deadline, Some(reply)),
                // Nobody is left to ask: the guard was dropped without a word.
                None => (farewell(), None),
            };
            sealer.seal_last();
            self.hand_over(sealer);
            let mut report = self.flush(deadline).await;
            let (done, given_back) = oneshot::channel();
            _ = self.reporter.send(Round::Last(deadline, done));
            _ = timeout_at((deadline + LATE).into(), given_back).await;
            conclude(&mut report, said);
            if let Some(reply) = reply {
                answer(reply, report);
            }
            return true;
        }
    }
}

/// Windows that end while a flush is under way: who pushes has them at once.
struct Handing<'h> {
    ways: &'h Ways,
    sealer: &'h mut Sealer,
}

impl Seals for Handing<'_> {
    fn seal(&mut self) {
        self.ways.push(self.sealer);
    }
}

/// How much longer than its deadline a report may take that is about to end.
const LATE: Duration = Duration::from_millis(200);

fn late() -> Error {
    Error::timeout("the time was over before it was known what was reported of what is due: allow more time")
}

/// Until the last command.
pub(super) async fn conduct(
    sealer: &mut Sealer,
    ways: &Ways,
    asked: &mut UnboundedReceiver<Command>,
    interval: Duration,
    said: &Said,
) {
    let mut last = false;
    let mut desk = Desk { asked, interval: Some(interval) };
    while !last {
        let next = tokio::select! {
            biased;
            command = desk.asked.recv() => Some(command),
            () = boundary::reached(SystemTime::now, interval) => None,
        };
        last = guarded(async {
            match next {
                Some(command) => ways.serve(&mut desk, command, sealer, said).await,
                None => {
                    ways.push(sealer);
                    false
                }
            }
        })
        .await
        .unwrap_or(false);
    }
}
