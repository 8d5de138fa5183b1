//! Does what it is asked, with a queue of its own.

use std::time::Instant;

use super::super::Command;
use super::super::command::answer;
use super::super::serving::{Desk, Next, farewell, gone};
use super::Engine;
use crate::export::FlushReport;
use crate::export::cloudwatch::Cause;

impl Desk<'_> {
    /// Does a command, and those that come meanwhile; says whether that was the last thing.
    pub(in crate::flusher) async fn serve(&mut self, engine: &mut Engine, command: Next) -> bool {
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
    pub(in crate::flusher) async fn periodic(&mut self, engine: &mut Engine, deadline: Instant) -> bool {
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
}
