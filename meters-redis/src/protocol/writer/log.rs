//! Batches that were frozen, in the order of their numbers: at most one that is not stored yet, then those that the server
//! may still forget.

use std::collections::VecDeque;
use std::time::Duration;

use super::Delta;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Log {
    batches: VecDeque<Batch>,
    newest_seq: u64,
    newest_period: u64,
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Batch {
    pub(super) seq: u64,
    pub(super) period: u64,
    /// None where memory did not allow to keep it.
    pub(super) body: Option<Vec<u8>>,
    series: u64,
    /// Sent, and the answer not seen.
    maybe: bool,
    /// When it was last known to be stored.
    stored: Option<Duration>,
}

impl Batch {
    /// Whether it is sent since the server has forgotten it.
    pub(super) fn was_stored(&self) -> bool {
        self.stored.is_some()
    }
}

impl Log {
    pub(super) fn freeze(&mut self, period: u64, delta: &impl Delta) {
        self.newest_seq += 1;
        self.newest_period = period;
        let body = delta.encode();
        self.bytes += body.len();
        let (seq, series) = (self.newest_seq, delta.series());
        self.batches.push_back(Batch { seq, period, body: Some(body), series, maybe: false, stored: None });
    }

    /// The first batch that comes after a number.
    pub(super) fn after(&self, seq: u64) -> Option<&Batch> {
        self.batches.iter().find(|batch| batch.seq > seq)
    }

    fn find(&mut self, seq: u64) -> Option<&mut Batch> {
        self.batches.iter_mut().find(|batch| batch.seq == seq)
    }

    pub(super) fn maybe_stored(&mut self, seq: u64) {
        if let Some(batch) = self.find(seq) {
            batch.maybe = true;
        }
    }

    /// Whether it was ever sent without a refusal.
    pub(super) fn was_maybe_stored(&mut self, seq: u64) -> bool {
        self.find(seq).is_some_and(|batch| batch.maybe || batch.stored.is_some())
    }

    /// Notes that it is stored: its series, bytes, and whether it was before.
    pub(super) fn stored(&mut self, seq: u64, now: Duration) -> Option<(u64, usize, bool)> {
        let batch = self.find(seq)?;
        let again = batch.stored.replace(now).is_some();
        Some((batch.series, batch.body.as_ref().map_or(0, Vec::len), again))
    }

    /// The server knows nothing after this number. Drops what cannot be sent again, and counts its series.
    pub(super) fn forgotten(&mut self, last: u64) -> u64 {
        let mut lost = 0;
        self.batches.retain(|batch| {
            let gone = batch.seq > last && batch.body.is_none();
            lost += if gone { batch.series } else { 0 };
            !gone
        });
        lost
    }

    /// Drops what the server has for good: stored before `durable`, and reported by the watermark of a history with `last`.
    pub(super) fn release(&mut self, last: u64, mark: Option<u64>, durable: Duration) {
        let Some(mark) = mark else { return };
        let bytes = &mut self.bytes;
        self.batches.retain(|batch| {
            let keep = batch.seq > last || batch.period > mark || batch.stored.is_none_or(|stored| stored >= durable);
            *bytes -= if keep { 0 } else { batch.body.as_ref().map_or(0, Vec::len) };
            keep
        });
    }

    /// Drops the oldest bodies that the server has, up to `last`, until no more than so many bytes are left.
    pub(super) fn bound(&mut self, last: u64, bytes: usize) {
        for batch in self.batches.iter_mut().filter(|batch| batch.seq <= last && batch.stored.is_some()) {
            if self.bytes <= bytes {
                break;
            }
            self.bytes -= batch.body.take().map_or(0, |body| body.len());
        }
    }

    /// Starts anew under another name: what is not stored gets new numbers.
    pub(super) fn restart(&mut self) {
        self.batches.retain(|batch| batch.stored.is_none());
        self.newest_seq = 0;
        for batch in &mut self.batches {
            self.newest_seq += 1;
            (batch.seq, batch.maybe) = (self.newest_seq, false);
        }
        self.bytes = self.batches.iter().map(|batch| batch.body.as_ref().map_or(0, Vec::len)).sum();
    }

    pub(super) fn keeps_any(&self) -> bool {
        !self.batches.is_empty()
    }

    pub(super) fn newest_seq(&self) -> u64 {
        self.newest_seq
    }

    pub(super) fn newest_period(&self) -> u64 {
        self.newest_period
    }

    pub(super) fn series_after(&self, seq: u64) -> u64 {
        self.batches.iter().filter(|batch| batch.seq > seq).map(|batch| batch.series).sum()
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> impl Iterator<Item = (u64, Vec<u8>)> {
        self.batches.iter().filter_map(|batch| Some((batch.seq, batch.body.clone()?)))
    }
}
