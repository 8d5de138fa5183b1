//! The cells of one half of a shard: written by one thread, read by another, plain stores and loads.

use super::cut::Cut;
use crate::lattice::index;
use crate::model::class::Class;
use crate::model::magnitude::SMALLEST;
use crate::model::sum::Sum;
use crate::model::{Bucket, Calls, Ended};
use crate::primitive::OnceLock;
use crate::primitive::atomic::{AtomicU64, Ordering::Relaxed};

/// Buckets that need no second look: two octaves of neighbours.
const NEAR: usize = if cfg!(loom) { 1 } else { 64 };
/// Buckets of one further table: any 32 octaves of neighbours.
const FAR: usize = if cfg!(loom) { 2 } else { 1024 };

const TAG_SHIFT: u32 = 48;
const COUNT: u64 = (1 << TAG_SHIFT) - 1;
/// Makes the index of any bucket that a distribution takes (±11,520), and of any part of one (up to 14,000), a positive number
/// of two bytes that is not [`ZERO`].
const TAG_OFFSET: i32 = 0x4000;
const ZERO: u64 = 1;

/// No value is parked: a tag that no cell holds, so that it needs no question of its own on the usual path.
const NOTHING: u64 = u32::MAX as u64;

pub(super) struct Bank {
    /// The tag of the latest value, not in its bucket yet: a store whose address depends on a clock just read would stall
    /// the next reading of it, so each record puts the value *before* it into a bucket.
    parked: AtomicU64,
    /// The latest value itself.
    last: AtomicU64,
    high: AtomicU64,
    low: AtomicU64,
    min: AtomicU64,
    max: AtomicU64,
    /// By [`Ended`]: errors, panics, cancelled.
    ended: [AtomicU64; 3],
    /// (tag, count) of a bucket, found by the low bits of its tag.
    near: [AtomicU64; NEAR],
    far: OnceLock<Box<Far>>,
}

/// Buckets that found their place in [`Bank::near`] taken.
struct Far {
    cells: [AtomicU64; FAR],
    next: OnceLock<Box<Far>>,
}

impl Far {
    fn new() -> Box<Self> {
        Box::new(Self { cells: std::array::from_fn(|_| AtomicU64::new(0)), next: OnceLock::new() })
    }
}

/// What a bank holds, read at one moment.
pub(super) struct Reading {
    pub(super) calls: Calls,
    /// The latest value.
    pub(super) last: Option<f64>,
}

impl Bank {
    pub(super) fn new() -> Self {
        Self {
            parked: AtomicU64::new(NOTHING),
            last: AtomicU64::new(0),
            high: AtomicU64::new(0),
            low: AtomicU64::new(0),
            min: AtomicU64::new(f64::INFINITY.to_bits()),
            max: AtomicU64::new(f64::NEG_INFINITY.to_bits()),
            ended: std::array::from_fn(|_| AtomicU64::new(0)),
            near: std::array::from_fn(|_| AtomicU64::new(0)),
            far: OnceLock::new(),
        }
    }

    /// Takes one value, from 0 to 2^360, and its tag, and says the tag of the one before it, whose turn to be counted it is.
    /// Only ever called by the one thread that owns the shard.
    #[inline]
    pub(super) fn park<const WHOLE: bool>(&self, tag: u64, value: f64, ended: Ended) -> u64 {
        let parked = self.parked.load(Relaxed);
        self.parked.store(tag, Relaxed);
        self.last.store(value.to_bits(), Relaxed);
        if WHOLE {
            // Whole numbers add exactly up to 2^53, and a bank is emptied long before: 104 days of nanoseconds.
            self.high.store((load(&self.high) + value).to_bits(), Relaxed);
        } else {
            let mut sum = self.sum();
            sum.add(value);
            self.high.store(sum.high.to_bits(), Relaxed);
            self.low.store(sum.low.to_bits(), Relaxed);
        }
        if value < load(&self.min) {
            self.min.store(value.to_bits(), Relaxed);
        }
        if value > load(&self.max) {
            self.max.store(value.to_bits(), Relaxed);
        }
        if ended != Ended::Ok {
            let cell = &self.ended[ended as usize - 1];
            cell.store(cell.load(Relaxed) + 1, Relaxed);
        }
        parked
    }

    /// Counts a value by its tag, if it needs no second look.
    #[inline]
    pub(super) fn count(&self, tag: u64) -> bool {
        let cell = &self.near[tag as usize % NEAR];
        let held = cell.load(Relaxed);
        let ours = held >> TAG_SHIFT == tag;
        if ours {
            cell.store(held + 1, Relaxed);
        }
        ours
    }

    /// Counts a value whose near cell is empty or another's. What is met more often than the owner of the cell gets it,
    /// so that an outlier that came first does not slow down what comes always.
    pub(super) fn count_elsewhere(&self, tag: u64) {
        if tag == NOTHING {
            return;
        }
        let near = &self.near[tag as usize % NEAR];
        let owner = near.load(Relaxed);
        if owner == 0 {
            near.store(tag << TAG_SHIFT | 1, Relaxed);
            return;
        }
        let far = self.count_far(tag, 1);
        let ours = far.load(Relaxed);
        // Twice as often, and not only at first: two that are met alike do not drive each other out for ever.
        if ours & COUNT > 2 * (owner & COUNT) + 8 {
            far.store(0, Relaxed);
            near.store(ours, Relaxed);
            self.count_far(owner >> TAG_SHIFT, owner & COUNT);
        }
    }

    /// Adds to a cell of the far tables: its place in the first of them where it is free or the tag's already.
    fn count_far(&self, tag: u64, n: u64) -> &AtomicU64 {
        let mut far = self.far.get_or_init(Far::new);
        loop {
            let cell = &far.cells[tag as usize % FAR];
            let held = cell.load(Relaxed);
            if held == 0 || held >> TAG_SHIFT == tag {
                cell.store((tag << TAG_SHIFT) | ((held & COUNT) + n), Relaxed);
                return cell;
            }
            far = far.next.get_or_init(Far::new);
        }
    }

    fn sum(&self) -> Sum {
        Sum { high: load(&self.high), low: load(&self.low) }
    }

    /// Reads all cells; consistent only while nobody writes.
    pub(super) fn read(&self, cut: Cut) -> Reading {
        let mut zero = 0;
        let mut buckets = Vec::new();
        let mut take = |tag: u64, count: u64| match tag {
            ZERO => zero += count,
            tag => buckets.push(Bucket { index: tag as i32 - TAG_OFFSET, count }),
        };
        self.each(|cell| match cell.load(Relaxed) {
            0 => {}
            held => take(held >> TAG_SHIFT, held & COUNT),
        });
        let parked = self.parked.load(Relaxed);
        let last = (parked != NOTHING).then(|| load(&self.last));
        if last.is_some() {
            take(parked, 1);
        }
        let (min, max) = (load(&self.min), load(&self.max));
        let duration = cut.distribution(zero, self.sum(), [min, max], buckets);
        let [errors, panics, cancelled] = [0, 1, 2].map(|which| self.ended[which].load(Relaxed));
        Reading { calls: Calls { duration, errors, panics, cancelled }, last }
    }

    /// Empties all cells; only while nobody writes.
    pub(super) fn clear(&self) {
        self.each(|cell| cell.store(0, Relaxed));
        self.parked.store(NOTHING, Relaxed);
        for cell in [&self.high, &self.low].into_iter().chain(&self.ended) {
            cell.store(0, Relaxed);
        }
        self.min.store(f64::INFINITY.to_bits(), Relaxed);
        self.max.store(f64::NEG_INFINITY.to_bits(), Relaxed);
    }

    fn each(&self, mut visit: impl FnMut(&AtomicU64)) {
        self.near.iter().for_each(&mut visit);
        let mut far = self.far.get();
        while let Some(table) = far {
            table.cells.iter().for_each(&mut visit);
            far = table.next.get();
        }
    }
}

/// What tells where a value is counted.
#[inline]
pub(super) fn tag(value: f64, origin: f64) -> u64 {
    // `classify`, but for the range, which the value was checked for.
    let base = value / origin;
    if base >= SMALLEST { (index(base) + TAG_OFFSET) as u64 } else { ZERO }
}

/// The same of what was classified.
#[inline]
pub(super) fn tag_of_class(class: Class) -> u64 {
    match class {
        Class::Bucket(index) => (index + TAG_OFFSET) as u64,
        Class::Zero => ZERO,
    }
}

#[inline]
fn load(cell: &AtomicU64) -> f64 {
    f64::from_bits(cell.load(Relaxed))
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::super::cut::Origin;
    use super::*;
    use crate::model::Distribution;

    const PLAIN: Cut = Cut::plain(Origin::Plain);

    /// Every bucket of the whole range at once: more than near and one far table hold.
    #[test]
    fn no_value_is_without_a_place() {
        let (bank, mut truth) = (Bank::new(), Distribution::new());
        for exponent in if cfg!(miri) { -20..20 } else { -360..360 } {
            for part in 0..32 {
                let value = 2f64.powi(exponent) * (1.0 + f64::from(part) / 32.0);
                let parked = bank.park::<false>(tag(value, 1.0), value, Ended::Ok);
                if !bank.count(parked) {
                    bank.count_elsewhere(parked);
                }
                truth.record(value);
            }
        }
        assert_eq!(bank.read(PLAIN).calls.duration, truth);
        bank.clear();
        assert_eq!(bank.read(PLAIN).calls.duration.count(), 0);
    }

    #[test]
    fn what_comes_always_gets_the_near_cell_of_what_came_first() {
        let (bank, mut truth) = (Bank::new(), Distribution::new());
        // Two octaves apart, so that both want one cell; the outlier comes first.
        for value in [6.0].into_iter().chain(std::iter::repeat_n(1.5, 100)) {
            let parked = bank.park::<false>(tag(value, 1.0), value, Ended::Ok);
            if !bank.count(parked) {
                bank.count_elsewhere(parked);
            }
            truth.record(value);
        }
        assert!(bank.count(tag(1.5, 1.0)), "the usual value is still counted far");
        truth.record(1.5);
        assert_eq!(bank.read(PLAIN).calls.duration.buckets(), truth.buckets());
    }
}
