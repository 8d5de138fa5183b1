//! The way into the storage: what this process recorded.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use meters_core::storage::{Pushed, Writer};
use meters_core::{Dimension, Error, Window};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use super::super::engine::guarded;
use super::conductor::Push;
use crate::export::FlushReport;
use crate::export::cloudwatch::Settings;

pub(super) struct Pusher {
    writer: Box<dyn Writer>,
    settings: Settings,
    /// Series with too many dimensions, since the last report.
    refused: u64,
    /// The trouble that was last told of.
    told: Option<String>,
}

impl Pusher {
    /// Tells at once of a storage that is away: the first push is an interval ahead.
    pub(super) fn new(writer: Box<dyn Writer>, settings: Settings, away: Option<Error>) -> Self {
        away.iter().for_each(|error| settings.tell_error(error));
        Self { writer, settings, refused: 0, told: away.map(|error| error.to_string()) }
    }

    /// What is recorded carries its process's dimensions from here on.
    pub(super) fn take(&mut self, window: Window) {
        let mut standing = self.settings.dimensions.clone();
        let pid = self.settings.pid_dimension.as_deref();
        if let Some(Ok(pid)) = pid.map(|name| Dimension::new(name, std::process::id().to_string())) {
            standing = standing.with(pid).unwrap_or(standing);
        }
        let (window, refused) = window.with_dimensions(&standing);
        if let Some(first) = refused.first() {
            self.refused += refused.len() as u64;
            let (count, standing) = (refused.len(), standing.len());
            let message =
                format!("{count} series have no room for the {standing} dimensions of this process: 30 is the most");
            self.settings.tell_error(&Error::invalid_input(format!("{message}; {first} is one")));
        }
        self.writer.take(&window);
    }

    /// All there is, by `deadline`.
    pub(super) async fn push(&mut self, deadline: Instant) -> FlushReport {
        let Pushed { pushed, pending, lost, error, .. } = self.writer.push(deadline).await;
        let kind = error.as_ref().map(ToString::to_string);
        if let Some(error) = error.as_ref().filter(|_| kind != self.told) {
            self.settings.tell_error(error);
        }
        if kind.is_some() || pushed > 0 {
            self.told = kind;
        }
        if lost > 0 {
            let message = format!("{lost} series are lost: the storage forgot them, and so has this process");
            self.settings
                .tell_error(&Error::export(format!("{message}: have it keep its data, or remember longer here")));
        }
        let refused = std::mem::take(&mut self.refused);
        FlushReport { pushed, pending, dropped: lost, refused, error, ..FlushReport::default() }
    }

    /// Pushes what comes, a `spread` after it came.
    pub(super) async fn live(&mut self, mut asked: UnboundedReceiver<Push>, spread: Duration, patience: Duration) {
        let mut new = VecDeque::new();
        loop {
            let push = if new.is_empty() {
                asked.recv().await
            } else {
                let pushing = guarded(async {
                    sleep(spread).await;
                    new.drain(..).for_each(|window| self.take(window));
                    self.push(Instant::now() + patience).await
                });
                tokio::select! {
                    biased;
                    push = asked.recv() => push,
                    report = pushing => {
                        if let Some(report) = report {
                            tracing::debug!(target: "meters", %report, "pushed");
                        }
                        continue;
                    }
                }
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
