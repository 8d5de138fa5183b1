//! A process that sends by itself, from a queue of its own.

mod living;
mod serving;

use std::collections::VecDeque;
use std::time::Instant;

use meters_core::{Error, Window};

use super::command::{answer, unstarted};
use super::sealer::{Sealer, Seals};
use super::thread::guarded;
use super::{Command, Plan};
use crate::export::FlushReport;
use crate::export::cloudwatch::{Cause, Client, CloudWatch, Datum, Exit};

/// How often in a row a panic is met with another try.
const TRIES: u32 = 3;

/// Where windows come from, and the exporter that they go to.
pub(crate) struct Engine {
    sealer: Sealer,
    outbox: Outbox,
    /// What to connect with.
    exit: Exit,
}

/// The exporter, and windows until it has taken them in.
pub(super) struct Outbox {
    windows: VecDeque<Window>,
    exporter: CloudWatch,
}

impl Outbox {
    fn new(exporter: CloudWatch) -> Self {
        Self { windows: VecDeque::new(), exporter }
    }

    /// Takes over what is sealed.
    pub(super) fn receive(&mut self, sealer: &mut Sealer) {
        self.windows.extend(sealer.sealed());
    }

    /// Sends what there is. May be dropped at any time. A panic on the way is met with another try; a window that leads to one
    /// each time is given up, and its series are counted as dropped.
    pub(super) async fn send(&mut self, cause: Cause, deadline: Instant) -> FlushReport {
        let mut panics = 0;
        loop {
            if let Some(report) = guarded(self.exporter.send(&mut self.windows, cause, deadline)).await {
                return report;
            }
            panics += 1;
            if panics == TRIES {
                // Those before it are with the exporter.
                let Some(window) = self.windows.pop_front() else { break };
                self.exporter.give_up(&window);
                panics = 0;
            }
        }
        let mut report = self.exporter.interrupted();
        report.error = Some(Error::export("sending ended in a panic, again and again: see what was told of it"));
        report
    }

    /// What a send that was dropped has come to, and what waits.
    pub(super) fn interrupted(&mut self) -> FlushReport {
        self.exporter.interrupted()
    }

    /// What waits takes less memory from now on, which may take a while.
    pub(super) fn pack(&mut self) {
        self.exporter.pack();
    }

    /// Sends one datum at once.
    pub(super) async fn send_one(&self, datum: Datum, deadline: Instant) -> Result<(), Error> {
        self.exporter.send_one(datum, deadline).await
    }
}

impl Engine {
    /// Connects; the error says what to set.
    pub(super) async fn connect(plan: &Plan, exit: Exit) -> Result<Self, Error> {
        let client = exit.connect().await?;
        let mut engine = Self::later(plan, exit);
        engine.connected(client);
        Ok(engine)
    }

    /// In a child of `fork`, whose parent had connected: so it shall be here. Until it is, what is recorded waits.
    pub(super) fn later(plan: &Plan, exit: Exit) -> Self {
        Self { sealer: Sealer::of(plan), outbox: Outbox::new(exit.exporter()), exit }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.outbox.exporter.is_connected()
    }

    pub(super) fn connected(&mut self, client: Client) {
        self.outbox.exporter.connect(client);
    }

    /// Ends a window, and keeps it.
    pub(super) fn hold(&mut self) {
        self.seal();
        self.keep();
    }

    /// Keeps what is sealed.
    fn keep(&mut self) {
        self.outbox.receive(&mut self.sealer);
        self.outbox.exporter.hold(&mut self.outbox.windows);
    }

    pub(super) fn parts(&mut self) -> (&mut Sealer, &mut Outbox) {
        (&mut self.sealer, &mut self.outbox)
    }

    pub(super) fn seal(&mut self) {
        self.sealer.seal();
    }

    /// Ends the last window and sends what is sealed for the last time; what does not arrive goes into the spool, or is given up.
    pub(super) async fn end(&mut self, deadline: Instant) -> FlushReport {
        let reserve = self.outbox.exporter.reserve(deadline);
        self.sealer.seal_last();
        self.outbox.receive(&mut self.sealer);
        let mut report = self.outbox.send(Cause::Last, deadline - reserve).await;
        self.outbox.exporter.conclude(&mut report, deadline);
        report
    }

    /// Connects, where that was not done yet.
    pub(super) async fn reach(&mut self, deadline: Instant) -> Result<(), Error> {
        if self.is_connected() {
            return Ok(());
        }
        let deadline = deadline - self.outbox.exporter.reserve(deadline);
        let late = |_| Error::timeout("the time was over before region and credentials were found: allow more time");
        self.connected(tokio::time::timeout_at(deadline.into(), self.exit.reconnect()).await.map_err(late)??);
        Ok(())
    }

    /// Says why it cannot be done: what was recorded waits, or, at the end, goes into the spool or is given up; and whether
    /// it was the last thing.
    pub(super) fn refuse(&mut self, command: Command, why: &Error) -> bool {
        let deadline = command.deadline();
        match command {
            Command::Flush { reply, .. } => {
                self.seal();
                answer(reply, self.held(why));
            }
            Command::Put { reply, .. } => answer(reply, Err(unstarted(why))),
            Command::Shutdown { reply, .. } => {
                self.sealer.seal_last();
                let mut report = self.held(why);
                self.outbox.exporter.conclude(&mut report, deadline);
                answer(reply, report);
                return true;
            }
        }
        false
    }

    fn held(&mut self, why: &Error) -> FlushReport {
        self.keep();
        FlushReport { error: Some(unstarted(why)), ..self.outbox.exporter.interrupted() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use meters_core::{Namespace, Registry};

    use super::super::serving::Desk;
    use super::*;
    use crate::export::cloudwatch::Settings;
    use crate::export::cloudwatch::client::scripted::Server;
    use crate::export::cloudwatch::tests::FAULTS;

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    /// A registry, and an engine that takes from it.
    fn stage() -> (Registry, Engine, Server) {
        let (registry, server) = (Registry::new(), Server::new([]));
        let settings = Settings::new(Namespace::new("Shop").unwrap());
        let sealer = Sealer::new(registry.reader());
        let outbox = Outbox::new(CloudWatch::new(server.client(), settings.clone()));
        let exit = Exit { client: Ok(server.client()), settings };
        (registry, Engine { sealer, outbox, exit }, server)
    }

    async fn flush(engine: &mut Engine) -> FlushReport {
        let (sealer, outbox) = engine.parts();
        outbox.receive(sealer);
        outbox.send(Cause::Asked, far()).await
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn a_window_whose_encoding_panicked_is_sent_all_the_same() {
        let (registry, mut engine, _server) = stage();
        registry.counter("Orders").register().inc(1);
        FAULTS.set(TRIES - 1);
        engine.seal();
        let report = block_on(flush(&mut engine));
        assert_eq!((report.sent, report.dropped), (1, 0), "{report}");
        assert!(report.is_complete());
    }

    #[test]
    fn a_window_that_always_panics_is_given_up_and_counted_and_the_next_one_is_sent() {
        let (registry, mut engine, _server) = stage();
        registry.counter("Orders").register().inc(1);
        FAULTS.set(TRIES);
        engine.seal();
        let report = block_on(flush(&mut engine));
        assert_eq!((report.sent, report.dropped, report.pending), (0, 1, 0), "{report}");
        registry.counter("Orders").register().inc(1);
        engine.seal();
        assert_eq!(block_on(flush(&mut engine)).sent, 1);
    }

    #[test]
    fn of_several_windows_the_one_that_always_panics_is_given_up_alone() {
        let (registry, mut engine, _server) = stage();
        for _ in 0..3 {
            registry.counter("Orders").register().inc(1);
            engine.seal();
        }
        FAULTS.set(TRIES);
        let report = block_on(flush(&mut engine));
        assert_eq!((report.sent, report.dropped, report.pending), (2, 1, 0), "{report}");
    }

    #[test]
    fn a_shutdown_whose_window_panics_is_answered_and_is_the_end() {
        let (registry, mut engine, _server) = stage();
        registry.counter("Orders").register().inc(1);
        FAULTS.set(1);
        let (reply, answer) = mpsc::channel();
        let reply: crate::flusher::Reply<FlushReport> = Box::new(move |report| reply.send(report).unwrap());
        let (_commands, mut asked) = tokio::sync::mpsc::unbounded_channel();
        let mut desk = Desk { asked: &mut asked, interval: None };
        let command = Some(Command::Shutdown { deadline: far(), reply });
        assert!(block_on(desk.serve(&mut engine, command)), "it goes on");
        assert_eq!(answer.recv().unwrap().sent, 1);
    }
}
