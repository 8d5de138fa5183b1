//! What waits to be sent, oldest first, within bounds of bytes and of age.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use meters_core::Namespace;

use super::batch::Batch;
use super::datum::Datum;

#[cfg(test)]
mod tests;

/// Datums older than this are given up, however long they may wait: CloudWatch refuses timestamps of more than two weeks ago
/// ([MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)), and an hour is
/// left for the clocks to differ and the request to travel.
const MOST_AGE: Duration = Duration::from_secs((14 * 24 - 1) * 3600);

/// Batches that CloudWatch did not take yet. One leaves only when it did, or when it is given up.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    batches: VecDeque<Batch>,
    /// Of memory.
    bytes: usize,
}

impl Queue {
    /// How many batches wait.
    pub(crate) fn len(&self) -> usize {
        self.batches.len()
    }

    /// How many datums wait.
    pub(crate) fn datums(&self) -> u64 {
        self.batches.iter().map(|batch| batch.len() as u64).sum()
    }

    /// All batches, in the order in which they are sent.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter()
    }

    /// The turn of the batch at `place` has come.
    pub(crate) fn unpack(&mut self, place: usize) {
        if let Some(batch) = self.batches.get_mut(place) {
            self.bytes -= batch.memory();
            batch.unpack();
            self.bytes += batch.memory();
        }
    }

    /// What waits behind others waits in less memory; what may still be added to is left.
    pub(crate) fn pack(&mut self) {
        let most = self.batches.len().saturating_sub(1);
        for batch in self.batches.iter_mut().take(most) {
            self.bytes -= batch.memory();
            batch.pack();
            self.bytes += batch.memory();
        }
    }

    /// What the next request of the batch at `place` holds, if it is unpacked.
    pub(crate) fn next(&self, place: usize) -> Option<&[Datum]> {
        self.batches.get(place).map(Batch::next)
    }

    /// The batch at `place`, to note how CloudWatch took it.
    pub(crate) fn batch(&mut self, place: usize) -> &mut Batch {
        &mut self.batches[place]
    }

    /// Adds a batch behind all others, or tops up the last: after an outage, few full requests cost less than many.
    pub(crate) fn push(&mut self, batch: Batch, namespace: &Namespace, most: usize) {
        let rest = match self.batches.back_mut() {
            Some(last) => {
                self.bytes -= last.memory();
                let rest = last.append(batch, namespace, most);
                self.bytes += last.memory();
                rest
            }
            None => Some(batch),
        };
        self.bytes += rest.as_ref().map_or(0, Batch::memory);
        self.batches.extend(rest);
    }

    /// The first `count` datums of the batch at `place` leave; a batch that is then empty leaves, too.
    pub(crate) fn remove(&mut self, place: usize, count: usize) -> Vec<Datum> {
        self.bytes -= self.batches[place].memory();
        let gone = self.batches[place].remove(count).collect();
        if self.batches[place].len() == 0 {
            self.batches.remove(place);
        } else {
            self.bytes += self.batches[place].memory();
        }
        gone
    }

    /// Gives up the oldest batches until at most `most` bytes of memory are held, and says how many datums that were. First it
    /// is tried to hold all of them packed: windows that ended while a request hung come all at once.
    pub(crate) fn shed(&mut self, most: usize) -> u64 {
        let mut given_up = 0;
        if self.bytes > most {
            self.pack();
        }
        while self.bytes > most {
            let Some(mut batch) = self.batches.pop_front() else {
                break;
            };
            self.bytes -= batch.memory();
            given_up += batch.len() as u64;
            batch.give_up();
        }
        given_up
    }

    /// Gives up what is older than `age` at `now`, or so old that CloudWatch would refuse it, and says how many datums that
    /// were.
    pub(crate) fn expire(&mut self, now: SystemTime, age: Duration) -> u64 {
        let Some(oldest) = now.checked_sub(age.min(MOST_AGE)) else {
            return 0;
        };
        let mut given_up = 0;
        while self.batches.front().is_some_and(|batch| batch.oldest().is_some_and(|first| first < oldest)) {
            self.unpack(0);
            let count = self.batches[0].leading(|datum| datum.timestamp < oldest);
            let all = count == self.batches[0].len();
            given_up += self.remove(0, count).len() as u64;
            if !all {
                break;
            }
        }
        given_up
    }
}
