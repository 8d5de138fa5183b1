//! A series that is rarely recorded: a few buckets in place, shared by all threads.

use std::num::NonZeroU8;

use super::cut::Cut;
use crate::model::class::Class;
use crate::model::sum::Sum;
use crate::model::{Bucket, Calls, Ended};

/// Buckets that fit; the series that needs more is not a cold one.
const BUCKETS: usize = 11;
/// Records after which a series is not a cold one: every count fits a byte.
const RECORDS: u8 = 32;

/// What part of a value may be lost to rounding when it is added to a cold series' sum.
const WHOLE: f64 = 1e-13;

/// The smallest and the largest of some values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extremes {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Extremes {
    pub(super) const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    pub(super) fn fold(&mut self, min: f64, max: f64) {
        self.min = self.min.min(min);
        self.max = self.max.max(max);
    }
}

/// How often something was seen, and how often of that since the last window was sealed.
#[derive(Clone, Copy, Default)]
struct Seen {
    all: u8,
    fresh: u8,
}

impl Seen {
    fn add(&mut self) {
        self.all += 1;
        self.fresh += 1;
    }

    fn count(self, fresh: bool) -> u64 {
        u64::from(if fresh { self.fresh } else { self.all })
    }
}

/// Kept small: a program may have a hundred thousand of these.
pub(super) struct Cold {
    sum: f64,
    all: Extremes,
    /// Since the last window was sealed.
    fresh_sum: f64,
    pub(super) fresh: Extremes,
    records: Seen,
    zero: Seen,
    ended: [Seen; 3],
    /// One more than the buckets in use: that it is never 0 saves eight bytes a series, as `State` needs no tag then.
    used: NonZeroU8,
    buckets: [(i16, Seen); BUCKETS],
}

impl Cold {
    pub(super) fn new() -> Self {
        Self {
            sum: 0.0,
            all: Extremes::NONE,
            fresh_sum: 0.0,
            fresh: Extremes::NONE,
            records: Seen::default(),
            zero: Seen::default(),
            ended: [Seen::default(); 3],
            used: NonZeroU8::MIN,
            buckets: [(0, Seen::default()); BUCKETS],
        }
    }

    fn used(&self) -> usize {
        usize::from(self.used.get() - 1)
    }

    /// Adds one value, or says no where there is no room for it.
    pub(super) fn record(&mut self, cut: Cut, value: f64, ended: Ended) -> bool {
        let mut sum = Sum { high: self.sum, low: 0.0 };
        sum.add(value);
        // One number for the sum is enough as long as it takes in every value whole.
        if self.records.all >= RECORDS || sum.low.abs() > value * WHOLE {
            return false;
        }
        match cut.classify(value) {
            Some(Class::Bucket(index)) => {
                let index = index as i16; // ±11,520 by `classify`, and parts up to 14,000
                let used = self.used();
                let known = self.buckets[..used].iter_mut().find(|(known, _)| *known == index);
                match known {
                    Some((_, seen)) => seen.add(),
                    None if used < BUCKETS => {
                        self.buckets[used] = (index, Seen { all: 1, fresh: 1 });
                        self.used = self.used.saturating_add(1);
                    }
                    None => return false,
                }
            }
            _ => self.zero.add(),
        }
        self.records.add();
        self.sum = sum.high;
        self.fresh_sum += value;
        self.all.fold(value, value);
        self.fresh.fold(value, value);
        if ended != Ended::Ok {
            self.ended[ended as usize - 1].add();
        }
        true
    }

    /// All that was recorded.
    pub(super) fn total(&self, cut: Cut) -> Calls {
        self.calls(cut, false)
    }

    /// What was recorded since this was last asked; `None` where nothing was.
    pub(super) fn seal(&mut self, cut: Cut) -> Option<Calls> {
        if !self.moved() {
            return None;
        }
        let calls = self.calls(cut, true);
        self.fresh = Extremes::NONE;
        self.fresh_sum = 0.0;
        let used = self.used();
        let used = &mut self.buckets[..used];
        let buckets = used.iter_mut().map(|(_, seen)| seen);
        for seen in buckets.chain(&mut self.ended).chain([&mut self.zero, &mut self.records]) {
            seen.fresh = 0;
        }
        Some(calls)
    }

    /// Whether anything came since the last window was sealed.
    pub(super) fn moved(&self) -> bool {
        self.records.fresh > 0
    }

    fn calls(&self, cut: Cut, fresh: bool) -> Calls {
        let used = &self.buckets[..self.used()];
        let mut buckets = Vec::with_capacity(used.len());
        buckets.extend(used.iter().filter_map(|&(index, seen)| {
            let count = seen.count(fresh);
            (count > 0).then(|| Bucket { index: index.into(), count })
        }));
        let (high, extremes) = if fresh { (self.fresh_sum, self.fresh) } else { (self.sum, self.all) };
        let (sum, Extremes { min, max }) = (Sum { high, low: 0.0 }, extremes);
        let duration = cut.distribution(self.zero.count(fresh), sum, [min, max], buckets);
        let [errors, panics, cancelled] = self.ended.map(|seen| seen.count(fresh));
        Calls { duration, errors, panics, cancelled }
    }
}
