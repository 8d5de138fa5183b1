//! What one thread records of one series, and how another thread reads it without ever disturbing the first.
//!
//! A shard has two banks. Its thread writes into the active one. A reader that wants the values *asks*; the thread answers
//! at its next record by going on in the other bank, and the bank it left is the reader's alone: read, emptied, and given
//! back by asking again. A thread that records nothing answers nothing, but then its bank stands still, and a sequence
//! number (odd while a record is being written) proves that it did while it was read.

use std::time::{Duration, Instant};

use super::bank::{self, Bank, Reading};
use super::cut::{Cut, Grid};
use super::pool::Pool;
use crate::model::class::Class;
use crate::model::{Calls, Ended};
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering, Ordering::Relaxed, fence};
use crate::primitive::{shared, spin_loop, yield_now};

/// How long a reader waits for a thread that was stopped in the few nanoseconds of a record.
const PATIENCE: Duration = Duration::from_millis(200);

/// The lines of two threads' shards never touch: 128 bytes is what processors fetch at once.
#[repr(align(128))]
pub(super) struct Shard {
    sequence: AtomicU64,
    /// Written by readers, one at a time: the number of the question.
    asked: AtomicU32,
    /// Written by the owner: the number of the last question it answered. Its lowest bit is the active bank.
    answered: AtomicU32,
    /// An `f64`: the same shard serves other series after this one.
    origin: AtomicU64,
    stride: Stride,
    banks: [Bank; 2],
}

/// Of calls that are sampled: how many of them are still not to be timed, and the duration that stands for theirs.
struct Stride {
    left: AtomicU32,
    timed: AtomicU64,
}

/// A bit pattern that no duration has.
const UNTIMED: u64 = u64::MAX;

shared!(static POOL: Pool<Shard> = Pool::new());

impl Shard {
    /// An empty shard.
    pub(super) fn take(origin: f64) -> &'static Self {
        let shard = POOL.take(|| Self {
            sequence: AtomicU64::new(0),
            asked: AtomicU32::new(0),
            answered: AtomicU32::new(0),
            origin: AtomicU64::new(0),
            stride: Stride { left: AtomicU32::new(0), timed: AtomicU64::new(UNTIMED) },
            banks: [Bank::new(), Bank::new()],
        });
        shard.origin.store(origin.to_bits(), Relaxed);
        shard.stride.timed.store(UNTIMED, Relaxed);
        shard
    }

    #[inline]
    fn origin(&self) -> f64 {
        f64::from_bits(self.origin.load(Relaxed))
    }

    /// Adds one value that a distribution takes. Only ever called by the one thread that owns the shard.
    /// `WHOLE` says that values are whole numbers.
    #[inline(always)]
    pub(super) fn record<const WHOLE: bool>(&self, value: f64, ended: Ended) {
        self.record_at::<WHOLE, _>(value, ended, move |origin| bank::tag(value, origin));
    }

    /// The same where bounds cut the lattice.
    #[inline]
    pub(super) fn record_cut(&self, grid: &Grid, value: f64) {
        let class = grid.classify(value).unwrap_or(Class::Zero);
        let tag = bank::tag_of_class(class);
        self.record_at::<false, _>(value, Ended::Ok, move |_| tag);
    }

    #[inline(always)]
    fn record_at<const WHOLE: bool, T: Fn(f64) -> u64>(&self, value: f64, ended: Ended, tag: T) {
        let answered = self.answered.load(Relaxed);
        if self.asked.load(Relaxed) != answered {
            return self.answer::<WHOLE, T>(value, ended, tag);
        }
        let sequence = self.sequence.load(Relaxed);
        self.sequence.store(sequence + 1, Relaxed);
        fence(Ordering::Release);
        // A branch, which is predicted, and not an address that waits for a multiplication.
        let bank = if answered.is_multiple_of(2) { &self.banks[0] } else { &self.banks[1] };
        let parked = bank.park::<WHOLE>(tag(self.origin()), value, ended);
        // Last, and the only call of it: the usual path holds nothing across one.
        if bank.count(parked) {
            self.sequence.store(sequence + 2, Ordering::Release);
        } else {
            self.finish_elsewhere(bank, parked, sequence);
        }
    }

    /// Whether its owner, who asks, is in the middle of a record: an allocator that records may ask there.
    pub(super) fn is_writing(&self) -> bool {
        !self.sequence.load(Relaxed).is_multiple_of(2)
    }

    /// The duration that stands for that of the call which begins now, or `None` where it is to be timed: one of `every`.
    #[inline]
    pub(super) fn standing(&self, every: u32) -> Option<f64> {
        let (left, timed) = (self.stride.left.load(Relaxed), self.stride.timed.load(Relaxed));
        let stands = left > 0 && timed != UNTIMED;
        self.stride.left.store(if stands { left - 1 } else { every - 1 }, Relaxed);
        stands.then_some(f64::from_bits(timed))
    }

    /// Keeps the duration of a call that was timed, for those that come until the next is.
    #[inline]
    pub(super) fn keep_sample(&self, value: f64) {
        self.stride.timed.store(value.to_bits(), Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn finish_elsewhere(&self, bank: &Bank, parked: u64, sequence: u64) {
        bank.count_elsewhere(parked);
        self.sequence.store(sequence + 2, Ordering::Release);
    }

    #[cold]
    #[inline(never)]
    fn answer<const WHOLE: bool, T: Fn(f64) -> u64>(&self, value: f64, ended: Ended, tag: T) {
        // Acquire: the other bank was emptied before the question was asked.
        let asked = self.asked.load(Ordering::Acquire);
        self.answered.store(asked, Ordering::Release);
        self.record_at::<WHOLE, T>(value, ended, tag);
    }
}

/// A reader's hold on a shard; readers take turns by the lock of the series.
pub(super) struct Held {
    shard: &'static Shard,
    cut: Cut,
    asked: u32,
    /// The last answer whose bank was emptied.
    emptied: u32,
    /// What an earlier reader has already seen of the active bank.
    seen: Option<Calls>,
}

/// Values found in a shard.
pub(super) struct Found {
    pub(super) calls: Calls,
    /// Smallest and largest of those that no earlier reader saw.
    pub(super) fresh: Option<(f64, f64)>,
    /// Whether they were taken out of the shard, and so now belong to whoever has them.
    pub(super) taken: bool,
}

impl Held {
    pub(super) fn new(shard: &'static Shard, cut: Cut) -> Self {
        let asked = shard.asked.load(Relaxed);
        Self { shard, cut, asked, emptied: asked, seen: None }
    }

    pub(super) fn is(&self, shard: &Shard) -> bool {
        std::ptr::eq(self.shard, shard)
    }

    /// All values recorded so far, each exactly once among all that was ever `taken` and what is found open now.
    pub(super) fn collect(&mut self, mut found: impl FnMut(Found)) {
        let shard = self.shard;
        if shard.answered.load(Ordering::Acquire) == self.asked {
            self.empty_sealed(&mut found);
            // No question is open, and the bank that the answer will turn to is empty: ask.
            self.asked = self.asked.wrapping_add(1);
            shard.asked.store(self.asked, Ordering::Release);
        }
        fence(Ordering::SeqCst);
        let start = Instant::now();
        let mut tries = 0u32;
        loop {
            let answered = shard.answered.load(Ordering::Acquire);
            if answered == self.asked {
                self.empty_sealed(&mut found);
                return;
            }
            let before = shard.sequence.load(Ordering::Acquire);
            if before.is_multiple_of(2) {
                let reading = shard.banks[answered as usize % 2].read(self.cut);
                fence(Ordering::Acquire);
                let same = shard.sequence.load(Relaxed) == before && shard.answered.load(Relaxed) == answered;
                if same {
                    found(self.fresh(reading, false));
                    return;
                }
            }
            tries += 1;
            if tries > 1000 && start.elapsed() > PATIENCE {
                // A thread that was stopped in mid-record for so long: what was seen last is what there is for now.
                if let Some(calls) = self.seen.clone() {
                    found(Found { calls, fresh: None, taken: false });
                }
                return;
            }
            if tries < 100 { spin_loop() } else { yield_now() }
        }
    }

    /// Everything, from the owner itself as its thread ends; the shard goes to whoever needs one next.
    pub(super) fn give_back(mut self, mut found: impl FnMut(Found)) {
        let answered = self.shard.answered.load(Relaxed);
        if answered == self.asked {
            self.empty_sealed(&mut found);
        }
        let bank = &self.shard.banks[answered as usize % 2];
        let reading = bank.read(self.cut);
        bank.clear();
        found(self.fresh(reading, true));
        // A question that nobody will answer any more must not meet the next owner.
        self.shard.asked.store(answered, Relaxed);
        POOL.give(self.shard);
    }

    /// Takes what lies in the bank that the last answer left, once.
    fn empty_sealed(&mut self, found: &mut impl FnMut(Found)) {
        if self.emptied == self.asked {
            return;
        }
        let bank = &self.shard.banks[self.asked.wrapping_add(1) as usize % 2];
        let reading = bank.read(self.cut);
        bank.clear();
        self.emptied = self.asked;
        found(self.fresh(reading, true));
    }

    fn fresh(&mut self, reading: Reading, taken: bool) -> Found {
        let Reading { calls, last } = reading;
        let fresh = match &self.seen {
            None => calls.duration.min().zip(calls.duration.max()),
            // Only records that overlapped the question can have come since: later ones go to the other bank.
            Some(seen) => match calls.count().saturating_sub(seen.count()) {
                0 => None,
                1 => last.map(|last| (last, last)),
                _ => {
                    let gained = calls.duration.since(&seen.duration);
                    gained.min().zip(gained.max())
                }
            },
        };
        self.seen = (!taken).then(|| calls.clone());
        Found { calls, fresh, taken }
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::super::cut::Origin;
    use super::*;

    const PLAIN: Cut = Cut::plain(Origin::Plain);

    fn totals(held: &mut Held) -> (u64, Option<(f64, f64)>) {
        let (mut count, mut fresh) = (0, None);
        held.collect(|found| {
            count += found.calls.count();
            fresh = fresh.or(found.fresh);
        });
        (count, fresh)
    }

    /// A thread that was stopped while it wrote: what was seen last is told again, neither less nor more.
    #[test]
    fn an_owner_stopped_in_mid_record_changes_nothing_until_it_goes_on() {
        let shard = Shard::take(1.0);
        let mut held = Held::new(shard, PLAIN);
        shard.record::<false>(2.0, Ended::Ok);
        assert_eq!(totals(&mut held), (1, Some((2.0, 2.0))));
        let sequence = shard.sequence.load(Relaxed);
        shard.sequence.store(sequence + 1, Relaxed);
        shard.banks[0].park::<false>(bank::tag(8.0, 1.0), 8.0, Ended::Ok);
        assert_eq!(totals(&mut held), (1, None));
        shard.banks[0].count_elsewhere(bank::tag(2.0, 1.0));
        shard.sequence.store(sequence + 2, Relaxed);
        assert_eq!(totals(&mut held), (2, Some((8.0, 8.0))));
    }

    /// What a fence would forbid, and what costs too much to forbid: two records that overlap one question.
    #[test]
    fn two_records_that_overlap_a_question_are_fresh_and_their_extremes_within_a_bucket() {
        let shard = Shard::take(1.0);
        let mut held = Held::new(shard, PLAIN);
        shard.record::<false>(1.0, Ended::Ok);
        assert_eq!(totals(&mut held), (1, Some((1.0, 1.0))));
        let answered = shard.asked.swap(0, Relaxed);
        for value in [4.0, 5.0] {
            shard.record::<false>(value, Ended::Ok);
        }
        shard.asked.store(answered, Relaxed);
        let (count, fresh) = totals(&mut held);
        let (min, max) = fresh.unwrap();
        assert_eq!((count, max), (3, 5.0));
        assert!((3.9..=4.0).contains(&min), "{min}");
    }

    #[test]
    fn one_call_in_four_is_timed_and_stands_for_the_next_three() {
        let shard = Shard::take(1.0);
        assert_eq!(shard.standing(4), None);
        assert_eq!(shard.standing(4), None, "the first one has not ended: nothing can stand for another");
        let mut timed = 0;
        for number in 0..40 {
            match shard.standing(4) {
                Some(stands) => assert_eq!(stands, f64::from(timed)),
                None => {
                    timed = number;
                    shard.keep_sample(f64::from(timed));
                }
            }
        }
        assert_eq!(timed, 36);
        let other = Shard::take(1.0);
        assert_eq!(other.standing(4), None, "of another series nothing is known");
    }
}
