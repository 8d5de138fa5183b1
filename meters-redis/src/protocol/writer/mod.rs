//! The writer: pushes what a process recorded, so that each batch is stored once, whatever the network and the server do.
//!
//! Deltas wait in a [`queue`], one for each period. The oldest is frozen as batch `seq`, and sent until its fate is known:
//! nothing else is sent meanwhile. Stored batches stay in the [`log`], because a server may forget: its answers tell the last
//! number that it knows, and what comes after that in the log is sent again.

mod log;
mod queue;

use std::time::Duration;

use self::log::Log;
use self::queue::Queue;
use super::call::{Call, Outcome, Trouble, number};
use super::keys::Keys;
use super::reply::{Reply, Strange};
use super::scripts;
use super::settings::{Settings, millis};

/// What a process recorded in one period.
pub(crate) trait Delta {
    /// Adds what was recorded later.
    fn merge(&mut self, younger: Self);
    /// How many series it has.
    fn series(&self) -> u64;
    /// About how many bytes it takes.
    fn bytes(&self) -> usize;
    /// What is stored: sent again byte for byte.
    fn encode(&self) -> Vec<u8>;
}

/// What an outcome means for the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Go on with the next call at once.
    Next,
    /// Go on after a while, on a new connection if the outcome was unknown.
    Later,
    /// Somebody has to mend something. Go on after a while: it may be mended.
    Misconfigured,
    /// Another process pushes under this name: a copy of this one's memory. It needs another: [`Writer::rename`].
    Copied,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Series of batches that were stored.
    pub(crate) pushed: u64,
    /// Bytes of them.
    pub(crate) bytes: u64,
    /// Series of batches that the server has forgotten, and this process, too.
    pub(crate) lost: u64,
    /// Batches that were stored already when they were sent again.
    pub(crate) duplicates: u64,
    /// Times that the server had forgotten something.
    pub(crate) gaps: u64,
    /// Batches stored again for it.
    pub(crate) replayed: u64,
}

/// The machine. Time is counted from any fixed moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Writer<D> {
    settings: Settings,
    keys: Keys,
    id: String,
    queue: Queue<D>,
    log: Log,
    /// The last number that the server is known to have.
    confirmed: u64,
    flight: Option<Flight>,
    copied: bool,
    /// When it was last heard, and what its clock said.
    heard: Duration,
    server_time: Option<u64>,
    epoch: String,
    tally: Tally,
    /// Series that are lost, and not counted in the server yet.
    untold: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Flight {
    Push(u64),
    Look,
}

impl<D: Delta> Writer<D> {
    /// A writer with a name that nobody ever had: host, pid and a random number. A child of `fork` makes another.
    pub(crate) fn new(settings: Settings, keys: Keys, id: String) -> Self {
        let (queue, log) = (Queue::default(), Log::default());
        Self {
            settings,
            keys,
            id,
            queue,
            log,
            confirmed: 0,
            flight: None,
            copied: false,
            heard: Duration::ZERO,
            server_time: None,
            epoch: String::new(),
            tally: Tally::default(),
            untold: 0,
        }
    }

    /// Takes in what was recorded in a period. Periods never go back: what is told to be earlier is counted to the latest.
    pub(crate) fn take(&mut self, period: u64, delta: D) {
        self.queue.take(period.max(self.log.newest_period()), delta);
        self.queue.bound(self.settings.queue_periods, self.settings.queue_bytes);
    }

    /// Of the server's memory, when it was last heard; empty before.
    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// What is to be done next; none where nothing waits. A call whose outcome was not told is taken for unknown.
    pub(crate) fn next(&mut self, now: Duration) -> Option<Call> {
        if self.flight.is_some() {
            self.unknown();
        }
        if self.copied {
            return None;
        }
        if self.log.after(self.confirmed).is_none()
            && let Some((period, delta)) = self.queue.freeze()
        {
            self.log.freeze(period, &delta);
        }
        if self.log.after(self.confirmed).is_some() {
            return Some(self.push());
        }
        let due = self.log.keeps_any() && now >= self.heard + self.settings.look;
        due.then(|| self.look())
    }

    fn push(&mut self) -> Call {
        let batch = self.log.after(self.confirmed).expect("one waits");
        self.flight = Some(Flight::Push(batch.seq));
        let keys = &self.keys;
        Call::new(
            &scripts::PUSH,
            [
                keys.writer(&self.id),
                keys.bucket(batch.period),
                keys.open(),
                keys.epoch(),
                keys.newest(),
                keys.claims(),
                keys.counts(),
            ],
            [
                number(batch.seq),
                number(self.confirmed),
                number(batch.period),
                batch.body.as_deref().unwrap_or_default().to_vec(),
                number(millis(self.settings.writer_ttl)),
                number(millis(self.settings.bucket_ttl)),
                self.id.clone().into_bytes(),
                number(batch.was_stored().into()),
                number(self.untold),
            ],
        )
    }

    fn look(&mut self) -> Call {
        self.flight = Some(Flight::Look);
        let keys = &self.keys;
        let keys = [keys.writer(&self.id), keys.epoch(), keys.open(), keys.newest(), keys.claims()];
        Call::new(&scripts::LOOK, keys, [number(millis(self.settings.writer_ttl))])
    }

    /// What came of the last call.
    pub(crate) fn heard(&mut self, outcome: Outcome, now: Duration) -> Heard {
        match outcome {
            Outcome::Unknown => {
                self.unknown();
                Heard::Later
            }
            Outcome::Failed(trouble) => {
                self.flight = None;
                if trouble == Trouble::Configuration { Heard::Misconfigured } else { Heard::Later }
            }
            Outcome::Reply(value) => match self.reply(value, now) {
                Ok(()) if self.copied => Heard::Copied,
                Ok(()) => Heard::Next,
                Err(Strange) => {
                    self.unknown();
                    Heard::Misconfigured
                }
            },
        }
    }

    fn unknown(&mut self) {
        if let Some(Flight::Push(seq)) = self.flight.take() {
            self.log.maybe_stored(seq);
        }
    }

    fn reply(&mut self, value: redis::Value, now: Duration) -> Result<(), Strange> {
        let mut reply = Reply::new(value)?;
        let status = reply.text()?;
        let last: u64 = reply.number()?;
        let epoch = reply.text()?;
        // Below zero where something is open or claimed since the beginning of time.
        let mark: i64 = reply.number()?;
        let server_time: u64 = reply.number()?;
        let newest = self.log.newest_seq();
        match (status.as_str(), self.flight.take()) {
            ("OK", Some(Flight::Push(seq))) if seq == last => self.stored(seq, now),
            ("DUP", Some(Flight::Push(seq))) if last >= seq => {
                if self.log.was_maybe_stored(seq) {
                    self.tally.duplicates += 1;
                    self.stored(seq, now);
                    self.confirmed = last.min(newest);
                } else {
                    self.copied = true;
                }
            }
            ("GAP", Some(Flight::Push(_))) | ("LOOK", Some(Flight::Look)) => {
                if last < self.confirmed {
                    self.tally.gaps += 1;
                }
                self.confirmed = last.min(newest);
                let lost = self.log.forgotten(self.confirmed);
                self.tally.lost += lost;
                self.untold += lost;
            }
            (_, flight) => {
                self.flight = flight;
                return Err(Strange);
            }
        }
        // Whoever knows a number that we never gave has our name.
        self.copied |= last > newest;
        (self.heard, self.server_time, self.epoch) = (now, Some(server_time), epoch);
        let mark = u64::try_from(mark).ok();
        self.log.release(last, mark, now.saturating_sub(self.settings.retention));
        self.log.bound(last, self.settings.retained_bytes);
        Ok(())
    }

    fn stored(&mut self, seq: u64, now: Duration) {
        let Some((series, bytes, again)) = self.log.stored(seq, now) else { return };
        self.confirmed = seq;
        self.untold = 0;
        if again {
            self.tally.replayed += 1;
        } else {
            self.tally.pushed += series;
            self.tally.bytes += bytes as u64;
        }
    }

    /// Goes on under another name, which nobody ever had. What is stored is the other process's to keep.
    pub(crate) fn rename(&mut self, id: String) {
        self.id = id;
        self.copied = false;
        self.flight = None;
        self.log.restart();
        self.confirmed = 0;
    }

    /// Series, each counted once a period, that are not known to be stored.
    pub(crate) fn pending(&self) -> u64 {
        self.queue.series() + self.log.series_after(self.confirmed)
    }

    /// The server's clock at the last answer, in milliseconds since 1970.
    pub(crate) fn server_time(&self) -> Option<u64> {
        self.server_time
    }

    /// Counts since the start.
    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }
}

#[cfg(test)]
impl<D: std::hash::Hash> std::hash::Hash for Writer<D> {
    /// What its behaviour depends on, and differs between two of the same settings.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.id, &self.queue, &self.log, self.confirmed, self.flight, self.copied, self.heard).hash(state);
    }
}

#[cfg(test)]
impl<D: Delta> Writer<D> {
    /// What is kept, and the numbers under which it is: zero for what has none yet.
    pub(super) fn kept(&self) -> Vec<(u64, Vec<u8>)> {
        let waiting = self.queue.iter().map(|delta| (0, delta.encode()));
        waiting.chain(self.log.kept()).collect()
    }

    /// The last number that the server is known to have.
    pub(super) fn confirmed(&self) -> u64 {
        self.confirmed
    }
}
