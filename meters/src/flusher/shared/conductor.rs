//! Who ends windows and hears commands, while others push and report.

use std::time::{Duration, Instant, SystemTime};

use meters_core::{Error, Window};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

use super::super::engine::{Sealer, answer, guarded};
use super::super::{Command, Reply, boundary};
use super::{conclude, farewell, with_reported};
use crate::export::FlushReport;
use crate::export::cloudwatch::{Datum, Settings};

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
}

impl Ways {
    /// Everything, by `deadline`: first what is recorded here, then what is due of all.
    async fn flush(&self, deadline: Instant) -> FlushReport {
        let (reply, pushed) = oneshot::channel();
        _ = self.pusher.send(Push::Flush(deadline, reply));
        let mut report = pushed.await.unwrap_or_default();
        let (reply, reported) = oneshot::channel();
        _ = self.reporter.send(Round::Flush(deadline, reply));
        with_reported(&mut report, reported.await.unwrap_or_default());
        report
    }

    fn push(&self, sealer: &mut Sealer) {
        sealer.seal();
        sealer.sealed().for_each(|window| _ = self.pusher.send(Push::Window(window)));
    }

    /// Says whether that was the last command.
    async fn serve(&self, command: Option<Command>, sealer: &mut Sealer, settings: &Settings) -> bool {
        let (deadline, reply) = match command {
            Some(Command::Put { datum, deadline, reply }) => {
                _ = self.reporter.send(Round::Put(datum, deadline, reply));
                return false;
            }
            Some(Command::Flush { deadline, reply }) => {
                self.push(sealer);
                answer(reply, self.flush(deadline).await);
                return false;
            }
            Some(Command::Shutdown { deadline, reply }) => (deadline, Some(reply)),
            // Nobody is left to ask: the guard was dropped without a word.
            None => (farewell(), None),
        };
        self.push(sealer);
        let mut report = self.flush(deadline).await;
        conclude(&mut report, settings);
        if let Some(reply) = reply {
            answer(reply, report);
        }
        true
    }
}

/// Until the last command.
pub(super) async fn conduct(
    sealer: &mut Sealer,
    ways: &Ways,
    asked: &mut UnboundedReceiver<Command>,
    interval: Duration,
    settings: &Settings,
) {
    let mut last = false;
    while !last {
        let next = tokio::select! {
            biased;
            command = asked.recv() => Some(command),
            () = boundary::reached(SystemTime::now, interval) => None,
        };
        last = guarded(async {
            match next {
                Some(command) => ways.serve(command, sealer, settings).await,
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
