//! A series that is rarely recorded: a few buckets in place, shared by all threads.

use crate::model::distribution::{Bucket, Class, Distribution, Sum, classify};
use crate::model::{Calls, Ended};

/// Buckets that fit; the series that needs more is not a cold one.
const BUCKETS: usize = 11;
/// Records after which a series is not a cold one.
const RECORDS: u16 = 32;

/// The smallest and the largest of some values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extremes {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Extremes {
    pub(super) const NONE: Self = Self {
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
    };

    pub(super) fn fold(&mut self, min: f64, max: f64) {
        self.min = self.min.min(min);
        self.max = self.max.max(max);
    }
}

/// Kept small: a program may have a hundred thousand of these.
pub(super) struct Cold {
    sum: f64,
    /// Since the last window was sealed.
    pub(super) fresh: Extremes,
    zero: u16,
    records: u16,
    ended: [u8; 3],
    used: u8,
    buckets: [(i16, u16); BUCKETS],
}

impl Cold {
    pub(super) const fn new() -> Self {
        Self {
            sum: 0.0,
            fresh: Extremes::NONE,
            zero: 0,
            records: 0,
            ended: [0; 3],
            used: 0,
            buckets: [(0, 0); BUCKETS],
        }
    }

    pub(super) fn records(&self) -> u64 {
        u64::from(self.records)
    }

    /// Adds one value, or says no where there is no room for it.
    pub(super) fn record(&mut self, origin: f64, value: f64, ended: Ended) -> bool {
        if self.records >= RECORDS {
            return false;
        }
        match classify(value, origin) {
            Some(Class::Bucket(index)) => {
                let index = index as i16; // ±11,520 by `classify`
                let used = usize::from(self.used);
                match self.buckets[..used]
                    .iter_mut()
                    .find(|(known, _)| *known == index)
                {
                    Some((_, count)) => *count += 1,
                    None if used < BUCKETS => {
                        self.buckets[used] = (index, 1);
                        self.used += 1;
                    }
                    None => return false,
                }
            }
            _ => self.zero += 1,
        }
        self.records += 1;
        self.sum += value;
        self.fresh.fold(value, value);
        if ended != Ended::Ok {
            self.ended[ended as usize - 1] += 1;
        }
        true
    }

    /// All that was recorded. Minimum and maximum are exact until a window is sealed, then within a bucket.
    pub(super) fn calls(&self, origin: f64) -> Calls {
        let buckets = &self.buckets[..usize::from(self.used)];
        let buckets = buckets.iter().map(|&(index, count)| Bucket {
            index: index.into(),
            count: count.into(),
        });
        let sum = Sum {
            high: self.sum,
            low: 0.0,
        };
        let (min, max) = (self.fresh.min, self.fresh.max);
        let mut duration =
            Distribution::from_parts(origin, self.zero.into(), sum, min, max, buckets.collect());
        duration.widen();
        let [errors, panics, cancelled] = self.ended.map(u64::from);
        Calls {
            duration,
            errors,
            panics,
            cancelled,
        }
    }
}
