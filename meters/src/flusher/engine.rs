//! What a flusher works with: where windows come from and where they go.

use std::collections::VecDeque;
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

/// How many windows wait for a send that takes long; further ones are merged with the last.
const MOST_WINDOWS: usize = 64;

/// Where windows come from, and the exporter that they go to.
pub(crate) struct Engine {
    sealer: Sealer,
    exporter: CloudWatch,
}

/// Ends windows, also while earlier ones are being sent.
pub(super) struct Sealer {
    reader: Reader,
    /// Sealed, and not with the exporter yet.
    sealed: VecDeque<Window>,
}

impl Sealer {
    /// Ends the window here and begins the next.
    pub(super) fn seal(&mut self) {
        let window = self.reader.window();
        let full = self.sealed.len() >= MOST_WINDOWS;
        match self.sealed.back_mut() {
            Some(last) if full => last.append(&window),
            _ => self.sealed.push_back(window),
        }
    }

    /// What is sealed, for the exporter.
    pub(super) fn take(&mut self) -> VecDeque<Window> {
        std::mem::take(&mut self.sealed)
    }
}

impl Engine {
    /// Connects; the error says what to set.
    pub(crate) async fn connect(plan: Plan) -> Result<Self, Error> {
        let client = match plan.client {
            Ok(client) => client,
            Err(settings) => Client::connect(settings).await?,
        };
        let sealer = Sealer { reader: plan.registry.reader(), sealed: VecDeque::new() };
        Ok(Self { sealer, exporter: CloudWatch::new(client, plan.settings) })
    }

    pub(super) fn parts(&mut self) -> (&mut Sealer, &mut CloudWatch) {
        (&mut self.sealer, &mut self.exporter)
    }

    pub(super) fn seal(&mut self) {
        self.sealer.seal();
    }

    /// Sends what is sealed. May be dropped at any time: what did not arrive stays with the exporter.
    async fn send(&mut self, deadline: Instant) -> FlushReport {
        let windows = self.sealer.take();
        self.exporter.export(windows, Cause::Asked, deadline).await
    }

    /// Sends what is sealed for the last time; what does not arrive goes into the spool, or is given up.
    pub(super) async fn end(&mut self, deadline: Instant) -> FlushReport {
        let deadline = deadline - self.exporter.reserve(deadline);
        let mut report = self.send(deadline).await;
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
                answer(reply, self.send(deadline).await);
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
