//! The way into the storage: what this process recorded.

use std::pin::pin;
use std::time::{Duration, Instant};

use meters_core::storage::{Pushed, Writer};
use meters_core::{Dimension, Error, Window};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::super::sealer::Sealed;
use super::super::thread::guarded;
use super::conductor::Push;
use super::panicked;
use crate::export::FlushReport;
use crate::said::Said;

pub(super) struct Pusher {
    writer: Box<dyn Writer>,
    said: Said,
    /// Series with too many dimensions, since the last report.
    refused: u64,
    /// Series that led to a panic, since the last report.
    given_up: u64,
    /// The trouble that was last told of.
    told: Option<String>,
}

impl Pusher {
    /// Tells at once of a storage that is away: the first push is an interval ahead.
    pub(super) fn new(writer: Box<dyn Writer>, said: Said, away: Option<Error>) -> Self {
        away.iter().for_each(|error| said.tell_error(error));
        Self { writer, said, refused: 0, given_up: 0, told: away.map(|error| error.to_string()) }
    }

    /// What is recorded carries its process's dimensions from here on.
    pub(super) fn take(&mut self, window: Window) {
        let mut standing = self.said.dimensions.clone();
        let pid = self.said.pid_dimension.as_deref();
        if let Some(Ok(pid)) = pid.map(|name| Dimension::new(name, std::process::id().to_string())) {
            standing = standing.with(pid).unwrap_or(standing);
        }
        let (window, refused) = window.with_dimensions(&standing);
        if let Some(first) = refused.first() {
            self.refused += refused.len() as u64;
            let (count, standing) = (refused.len(), standing.len());
            let message =
                format!("{count} series have no room for the {standing} dimensions of this process: 30 is the most");
            self.said.tell_error(&Error::invalid_input(format!("{message}; {first} is one")));
        }
        self.writer.take(&window);
    }

    /// One at a time: a panic takes no more than its own window with it.
    pub(super) async fn take_all(&mut self, new: &mut Sealed) {
        while let Some(window) = new.pop() {
            let series = window.iter().len() as u64;
            if guarded(async { self.take(window) }).await.is_none() {
                self.given_up += series;
            }
        }
    }

    /// All there is, by `deadline`.
    pub(super) async fn push(&mut self, deadline: Instant) -> FlushReport {
        let Some(done) = guarded(self.writer.push(deadline)).await else {
            return FlushReport { pending: self.writer.pending(), error: Some(panicked()), ..FlushReport::default() };
        };
        let Pushed { pushed, pending, lost, mut error, .. } = done;
        let kind = error.as_ref().map(ToString::to_string);
        if let Some(error) = error.as_ref().filter(|_| kind != self.told) {
            self.said.tell_error(error);
        }
        if kind.is_some() || pushed > 0 {
            self.told = kind;
        }
        if lost > 0 {
            let message = format!("{lost} series are lost: the storage forgot them, and so has this process");
            let forgotten = Error::export(format!("{message}: have it keep its data, or remember longer here"));
            self.said.tell_error(&forgotten);
            error = error.or(Some(forgotten));
        }
        let given_up = std::mem::take(&mut self.given_up);
        if given_up > 0 {
            error = error.or_else(|| Some(panicked()));
        }
        let refused = std::mem::take(&mut self.refused);
        FlushReport { pushed, pending, dropped: lost + given_up, refused, error, ..FlushReport::default() }
    }

    /// Pushes what comes, a `spread` after it came. What comes while that takes long is pushed next, and does not cut it off:
    /// trouble would never be told.
    pub(super) async fn live(&mut self, mut asked: UnboundedReceiver<Push>, spread: Duration, patience: Duration) {
        let (mut new, mut next) = (Sealed::default(), None);
        loop {
            let push = match next.take() {
                Some(push) => push,
                None if new.is_empty() => asked.recv().await,
                None => tokio::select! {
                    biased;
                    push = asked.recv() => push,
                    () = sleep(spread) => {
                        self.take_all(&mut new).await;
                        next = self.push_until(&mut asked, &mut new, Instant::now() + patience).await;
                        continue;
                    }
                },
            };
            match push {
                Some(Push::Window(window)) => new.push(window),
                Some(Push::Flush(deadline, reply)) => {
                    self.take_all(&mut new).await;
                    next = self.flush(&mut asked, &mut new, deadline, reply).await;
                }
                None => return,
            }
        }
    }

    /// Pushes for somebody who waits for it. Windows that end meanwhile are taken; what else is asked for comes next.
    async fn flush(
        &mut self,
        asked: &mut UnboundedReceiver<Push>,
        new: &mut Sealed,
        deadline: Instant,
        mut reply: oneshot::Sender<FlushReport>,
    ) -> Option<Option<Push>> {
        let mut pushing = pin!(self.push(deadline));
        loop {
            tokio::select! {
                biased;
                report = &mut pushing => {
                    _ = reply.send(report);
                    return None;
                }
                // It had to give way.
                () = reply.closed() => return None,
                push = asked.recv() => match push {
                    Some(Push::Window(window)) => new.push(window),
                    other => return Some(other),
                }
            }
        }
    }

    /// Pushes by `deadline`, unless something else is asked for, which is returned.
    async fn push_until(
        &mut self,
        asked: &mut UnboundedReceiver<Push>,
        new: &mut Sealed,
        deadline: Instant,
    ) -> Option<Option<Push>> {
        let mut pushing = pin!(self.push(deadline));
        loop {
            tokio::select! {
                biased;
                report = &mut pushing => {
                    tracing::debug!(target: "meters", %report, "pushed");
                    return None;
                }
                push = asked.recv() => match push {
                    Some(Push::Window(window)) => new.push(window),
                    other => return Some(other),
                }
            }
        }
    }
}
