//! What a flusher works with: where windows come from and where they go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use meters_core::{Error, Reader, Registry, Window};

use super::Command;
use crate::export::FlushReport;
use crate::export::cloudwatch::{Cause, Client, ClientSettings, CloudWatch, Settings};

/// What was said in the builder.
pub(crate) struct Plan {
    pub(crate) registry: Registry,
    pub(crate) client: Result<Client, ClientSettings>,
    pub(crate) settings: Settings,
}

/// A reader of the registry and the exporter that its windows go to.
pub(crate) struct Engine {
    reader: Reader,
    exporter: CloudWatch,
    /// Sealed, and not with the exporter yet.
    sealed: Option<Window>,
}

impl Engine {
    /// Connects; the error says what to set.
    pub(crate) async fn connect(plan: Plan) -> Result<Self, Error> {
        let client = match plan.client {
            Ok(client) => client,
            Err(settings) => Client::connect(settings).await?,
        };
        Ok(Self { reader: plan.registry.reader(), exporter: CloudWatch::new(client, plan.settings), sealed: None })
    }

    /// Ends the window here and begins the next.
    pub(super) fn seal(&mut self) {
        let window = self.reader.window();
        match &mut self.sealed {
            Some(earlier) => earlier.append(&window),
            none => *none = Some(window),
        }
    }

    /// Sends what is sealed. May be dropped at any time: what did not arrive stays with the exporter.
    pub(super) async fn send(&mut self, cause: Cause, deadline: Instant) -> FlushReport {
        let window = self.sealed.take();
        self.exporter.export(window, cause, deadline).await
    }

    /// Sends what is sealed for the last time; what does not arrive goes into the spool, or is given up.
    pub(super) async fn end(&mut self, deadline: Instant) -> FlushReport {
        let deadline = deadline - self.exporter.reserve(deadline);
        let mut report = self.send(Cause::Asked, deadline).await;
        self.exporter.conclude(&mut report);
        report
    }

    /// Takes over what earlier processes left.
    pub(super) fn recover(&mut self) {
        self.exporter.recover();
    }

    /// Does what it is asked; says whether that was the last thing.
    pub(super) async fn serve(&mut self, command: Command) -> bool {
        match command {
            Command::Flush { deadline, reply } => {
                self.seal();
                answer(reply, self.send(Cause::Asked, deadline).await);
                false
            }
            Command::Shutdown { deadline, reply } => {
                self.seal();
                let report = self.end(deadline).await;
                answer(reply, report);
                true
            }
            Command::Put { datum, deadline, reply } => {
                answer(reply, self.exporter.send_one(*datum, deadline).await);
                false
            }
        }
    }
}

/// A reply wakes a task, and a waker is somebody else's code.
fn answer<T>(reply: super::Reply<T>, with: T) {
    _ = catch_unwind(AssertUnwindSafe(|| reply(with)));
}
