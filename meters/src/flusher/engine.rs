//! What a flusher works with: where windows come from and where they go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Instant;

use meters_core::{Error, Reader, Registry, Seat, Window};

use super::Command;
use crate::export::FlushReport;
use crate::export::cloudwatch::{Client, ClientSettings, CloudWatch, Settings};

/// How often in a row a panic is met with another try.
const TRIES: u32 = 3;

/// What was said in the builder.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) registry: Registry,
    pub(crate) client: Result<Client, ClientSettings>,
    pub(crate) settings: Settings,
    /// Of the reader, that a child of `fork` goes on with.
    pub(crate) seat: Seat,
}

/// A reader of the registry and the exporter that its windows go to.
pub(crate) struct Engine {
    reader: Reader,
    exporter: CloudWatch,
    /// Sealed, and not with the exporter yet.
    sealed: Option<Window>,
}

impl Engine {
    /// Connects; the error says what to set. Of a client of the user's own, a child of `fork` leaves the connections.
    pub(crate) async fn connect(plan: Plan, child: bool) -> Result<Self, Error> {
        let client = match plan.client {
            Ok(client) if child => client.renewed(),
            Ok(client) => client,
            Err(settings) => Client::connect(settings).await?,
        };
        let reader = plan.registry.reader_at(&plan.seat);
        Ok(Self { reader, exporter: CloudWatch::new(client, plan.settings), sealed: None })
    }

    /// Ends the window here and begins the next.
    pub(super) fn seal(&mut self) {
        let window = self.reader.window();
        match &mut self.sealed {
            Some(earlier) => earlier.append(&window),
            none => *none = Some(window),
        }
    }

    /// Sends what is sealed. May be dropped at any time: what did not arrive stays with the exporter. A panic on the way is
    /// met with another try; a window that leads to one each time is given up, and its series are counted as dropped.
    pub(super) async fn send(&mut self, deadline: Instant) -> FlushReport {
        let mut given_up = 0;
        for attempt in 1.. {
            let export = async {
                self.exporter.take(&mut self.sealed);
                self.exporter.export(None, deadline).await
            };
            if let Some(mut report) = guarded(export).await {
                report.dropped += given_up;
                return report;
            }
            if attempt == TRIES {
                given_up = self.sealed.take().map_or(0, |window| window.iter().len() as u64);
            }
            if attempt > TRIES || (attempt == TRIES && given_up == 0) {
                break;
            }
        }
        let mut report = self.exporter.interrupted();
        report.dropped += given_up;
        report.error = Some(Error::export("sending ended in a panic, again and again: see what was told of it"));
        report
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
                let mut report = self.send(deadline).await;
                report.conclude();
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

impl Command {
    /// Says why it cannot be done; and whether it was the last one.
    pub(super) fn refuse(self, why: &Error) -> bool {
        let error = || Error::configuration("the exporter could not be started").with_source(why.to_string());
        let report = || FlushReport { error: Some(error()), ..FlushReport::default() };
        match self {
            Self::Flush { reply, .. } => answer(reply, report()),
            Self::Put { reply, .. } => answer(reply, Err(error())),
            Self::Shutdown { reply, .. } => {
                answer(reply, report());
                return true;
            }
        }
        false
    }
}

/// A reply wakes a task, and a waker is somebody else's code.
fn answer<T>(reply: super::Reply<T>, with: T) {
    _ = catch_unwind(AssertUnwindSafe(|| reply(with)));
}

/// Runs a piece of work; a panic in it is reported and survived.
pub(super) async fn guarded<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => {
            // Who listens may be who panicked.
            let told = || tracing::error!(target: "meters", "a panic in the flusher: it tries again");
            _ = catch_unwind(told);
            Poll::Ready(None)
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use meters_core::Namespace;

    use super::*;
    use crate::export::cloudwatch::client::scripted::Server;
    use crate::export::cloudwatch::tests::FAULTS;

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    /// A registry, and an engine that takes from it.
    fn stage() -> (Registry, Engine, Server) {
        let (registry, server) = (Registry::new(), Server::new([]));
        let settings = Settings::new(Namespace::new("Shop").unwrap());
        let reader = registry.reader();
        let exporter = CloudWatch::new(server.client(), settings);
        (registry, Engine { reader, exporter, sealed: None }, server)
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
        let report = block_on(engine.send(far()));
        assert_eq!((report.sent, report.dropped), (1, 0), "{report}");
        assert!(report.is_complete());
    }

    #[test]
    fn a_window_that_always_panics_is_given_up_and_counted_and_the_next_one_is_sent() {
        let (registry, mut engine, _server) = stage();
        registry.counter("Orders").register().inc(1);
        FAULTS.set(TRIES);
        engine.seal();
        let report = block_on(engine.send(far()));
        assert_eq!((report.sent, report.dropped, report.pending), (0, 1, 0), "{report}");
        registry.counter("Orders").register().inc(1);
        engine.seal();
        assert_eq!(block_on(engine.send(far())).sent, 1);
    }

    #[test]
    fn a_shutdown_whose_window_panics_is_answered_and_is_the_end() {
        let (registry, mut engine, _server) = stage();
        registry.counter("Orders").register().inc(1);
        FAULTS.set(1);
        let (reply, answer) = mpsc::channel();
        let reply: super::super::Reply<FlushReport> = Box::new(move |report| reply.send(report).unwrap());
        assert!(block_on(engine.serve(Command::Shutdown { deadline: far(), reply })), "it goes on");
        assert_eq!(answer.recv().unwrap().sent, 1);
    }
}
