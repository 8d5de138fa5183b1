//! Who comes while something takes long waits for it no longer than half of his own time, and windows go on ending meanwhile.

use std::time::{Duration, Instant, SystemTime};

use meters_core::Error;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use super::sealer::Seals;
use super::{Command, boundary};
use crate::ending::FAREWELL;

/// What was asked for next; none at the end, when nobody is left to ask.
pub(super) type Next = Option<Command>;

/// Who else may ask, and how often windows end, if they do by themselves.
pub(super) struct Desk<'d> {
    pub(super) asked: &'d mut UnboundedReceiver<Command>,
    pub(super) interval: Option<Duration>,
}

impl Desk<'_> {
    /// Comes to what the work does, unless somebody asked for something else and half of the time for that is over; and to what
    /// was asked.
    pub(super) async fn work<T>(
        &mut self,
        sealer: &mut impl Seals,
        work: impl Future<Output = T>,
    ) -> (Option<T>, Option<Next>) {
        let mut work = std::pin::pin!(work);
        let next = loop {
            tokio::select! {
                biased;
                done = &mut work => return (Some(done), None),
                next = self.asked.recv() => break next,
                () = window(self.interval) => sealer.seal(),
            }
        };
        let deadline = next.as_ref().map_or_else(farewell, Command::deadline);
        let mut half = std::pin::pin!(sleep(deadline.saturating_duration_since(Instant::now()) / 2));
        loop {
            tokio::select! {
                biased;
                done = &mut work => return (Some(done), Some(next)),
                () = &mut half => return (None, Some(next)),
                () = window(self.interval) => sealer.seal(),
            }
        }
    }
}

/// The deadline of one who just drops everything.
pub(super) fn farewell() -> Instant {
    Instant::now() + FAREWELL
}

async fn window(interval: Option<Duration>) {
    match interval {
        Some(interval) => boundary::reached(SystemTime::now, interval).await,
        None => std::future::pending().await,
    }
}

pub(super) fn gone() -> Error {
    Error::timeout("it had to give way to another flush or a shutdown, which sends what is pending")
}
