//! The way in: asks the writer's machines what to do, does it, and tells them what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use meters_core::Error;
use meters_core::Window;
use meters_core::storage::{Health, Pushed, Task, Writer};

use super::agreement::{Agreement, strange};
use super::batch::Batch;
use super::clock::awake_or_not;
use super::name::unheard_of;
use super::outcome::outcome;
use super::shard::split;
use super::without::without_check;
use crate::connection::{Connection, Doubt, Failure};
use crate::protocol::keys::Keys;
use crate::protocol::period::Labels;
use crate::protocol::settings::Settings as Times;
use crate::protocol::writer::{Heard, Tally, Writer as Machine};

#[derive(Debug)]
pub(crate) struct RedisWriter {
    agreement: Arc<Agreement>,
    labels: Labels,
    lanes: Vec<Lane>,
    /// Of the memory in which the agreement is.
    epoch: String,
    /// Only in tests.
    pub(crate) unchecked: bool,
}

/// A shard.
#[derive(Debug)]
struct Lane {
    machine: Machine<Batch>,
    connection: Connection,
    /// What was told of its counts.
    told: Tally,
}

impl RedisWriter {
    pub(crate) fn new(agreement: Arc<Agreement>, times: &Times, lanes: Vec<(Keys, Connection)>) -> Self {
        let labels = Labels::new(u64::try_from(times.period.as_millis()).unwrap_or(u64::MAX));
        let lane = |(keys, connection)| Lane {
            machine: Machine::new(times.clone(), keys, unheard_of()),
            connection,
            told: Tally::default(),
        };
        Self { agreement, labels, lanes: lanes.into_iter().map(lane).collect(), epoch: String::new(), unchecked: false }
    }

    /// Asks the server whether all mean the same.
    pub(crate) async fn agree(&mut self, deadline: Instant) -> Result<(), Failure> {
        if let Some(time) = self.agreement.reach(&mut self.lanes[0].connection, deadline).await? {
            self.compare(time);
        }
        Ok(())
    }

    /// Asks until it is told, or time runs out: what waits is worth as much before the first answer as after it.
    async fn agree_by(&mut self, deadline: Instant) -> Result<(), Failure> {
        loop {
            let Err(failure) = self.agree(deadline).await else { return Ok(()) };
            let late = self.lanes[0].connection.not_before().is_some_and(|until| until >= deadline);
            if failure.doubt == Doubt::Configuration || late || Instant::now() >= deadline {
                return Err(failure);
            }
        }
    }

    /// Who has forgotten everything has forgotten what all mean, and takes in who means something else.
    async fn agree_again(&mut self, deadline: Instant) -> Result<(), Failure> {
        let epoch = self.lanes[0].machine.epoch();
        if epoch != self.epoch {
            // After the first push, too: it may have forgotten since this process joined.
            epoch.clone_into(&mut self.epoch);
            self.agreement.forgotten();
        }
        self.agree(deadline).await
    }

    fn compare(&mut self, server: u64) {
        if let Some(off) = self.labels.compare(millis(SystemTime::now()), server) {
            tracing::warn!(
                milliseconds = off,
                "this machine's clock is wrong by minutes, by the clock of the Redis, which is used instead: set it"
            );
        }
    }

    async fn push_all(&mut self, deadline: Instant) -> Pushed {
        let mut pushed = Pushed::default();
        match self.agree_by(deadline).await {
            Ok(()) => {
                // At the same time: a node of a cluster that is away must not hold up the others.
                let unchecked = self.unchecked;
                let lanes = join_all(self.lanes.iter_mut().map(|lane| lane.push(deadline, unchecked))).await;
                for (part, time) in lanes {
                    pushed.pushed += part.pushed;
                    pushed.lost += part.lost;
                    pushed.requests += part.requests;
                    pushed.bytes += part.bytes;
                    pushed.error = pushed.error.take().or(part.error);
                    if let Some(time) = time {
                        self.compare(time);
                    }
                }
                // Without an answer it is asked for with the next push.
                if let Err(failure) = self.agree_again(deadline).await
                    && failure.doubt == Doubt::Configuration
                {
                    pushed.error = Some(failure.error);
                }
            }
            Err(failure) => pushed.error = Some(failure.error),
        }
        pushed.pending = self.pending();
        pushed
    }
}

impl Lane {
    /// Pushes all that waits. With it the server's clock, where it answered.
    async fn push(&mut self, deadline: Instant, unchecked: bool) -> (Pushed, Option<u64>) {
        let (mut pushed, mut time) = (Pushed::default(), None);
        loop {
            if Instant::now() >= deadline || self.connection.not_before().is_some_and(|until| until >= deadline) {
                if self.machine.pending() > 0 && pushed.error.is_none() {
                    pushed.error = Some(Error::timeout("time ran out before all was pushed to the Redis"));
                }
                break;
            }
            let Some(call) = self.machine.next(awake_or_not()) else { break };
            pushed.requests += 1;
            let (outcome, failure) = match unchecked {
                false => outcome(self.connection.call(&call, deadline).await),
                true => without_check(&mut self.connection, call, deadline).await,
            };
            match self.machine.heard(outcome, awake_or_not()) {
                Heard::Next => (pushed.error, time) = (None, self.machine.server_time()),
                Heard::Later => pushed.error = failure.map(|failure| failure.error),
                Heard::Misconfigured => {
                    pushed.error = Some(failure.unwrap_or_else(strange).error);
                    break;
                }
                Heard::Copied => self.machine.rename(unheard_of()),
            }
        }
        let tally = self.machine.tally();
        pushed.pushed = tally.pushed - self.told.pushed;
        pushed.bytes = tally.bytes - self.told.bytes;
        pushed.lost = tally.lost - self.told.lost;
        self.told = tally;
        (pushed, time)
    }
}

impl Writer for RedisWriter {
    fn take(&mut self, window: &Window) {
        if window.is_empty() {
            return;
        }
        let period = self.labels.label(millis(window.start()), millis(window.end()));
        if let [lane] = &mut self.lanes[..] {
            return lane.machine.take(period, Batch(window.clone()));
        }
        let shards = u16::try_from(self.lanes.len()).unwrap_or(u16::MAX);
        for (lane, part) in self.lanes.iter_mut().zip(split(window, shards)) {
            if !part.is_empty() {
                lane.machine.take(period, Batch(part));
            }
        }
    }

    fn push(&mut self, deadline: Instant) -> Task<'_, Pushed> {
        Box::pin(self.push_all(deadline))
    }

    fn pending(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.machine.pending()).sum()
    }

    fn health(&self) -> Health {
        let mut health = Health::default();
        for lane in &self.lanes {
            let tally = lane.machine.tally();
            health.duplicates += tally.duplicates;
            health.gaps += tally.gaps;
            health.replayed += tally.replayed;
            health.connections += lane.connection.opened();
        }
        health
    }
}

fn millis(time: SystemTime) -> u64 {
    let since: Duration = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
