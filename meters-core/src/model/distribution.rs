//! Counts in base-2 exponential buckets with exact count, sum, minimum and maximum.

use std::sync::Arc;

use super::buckets::Buckets;
use super::class::{Class, classify};
use super::explicit::Explicit;
use super::lattice::{RECORD_SCALE, lower_bound, upper_bound};
use super::sum::Sum;

/// One bucket that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The `i` with γ^i < value ≤ γ^(i+1), see [`Distribution::bounds`].
    pub index: i32,
    /// How many values lie in it, at least 1.
    pub count: u64,
}

/// Where folding ends: two buckets hold all that an `f64` can.
pub(super) const COARSEST: i8 = -10;

/// The distribution of non-negative values, of a histogram or of the durations of calls.
///
/// Count, sum, minimum and maximum are exact. Percentiles are within 2.3 % where the largest value of a window is up to
/// 500 times the smallest, within 4.5 % up to 100,000 times. (That is what CloudWatch is sent: at most 150 values a window.
/// What is held here is within 2.3 % over any range.)
///
/// Values are held as recorded; the lattice of their buckets stands on [`origin`](Self::origin): 1 for plain values,
/// and for durations the number of recorded units in a second, so that the bounds are powers of two of a *second*
/// whatever unit is recorded, as OTLP and Prometheus want them.
///
/// ```
/// # use meters_core as meters;
/// use meters::Distribution;
/// let mut latency = Distribution::new();
/// for value in 1..=1000 {
///     latency.record(f64::from(value));
/// }
/// assert_eq!((latency.count(), latency.sum()), (1000, 500_500.0));
/// assert_eq!((latency.min(), latency.max()), (Some(1.0), Some(1000.0)));
/// let p99 = latency.quantile(0.99).unwrap();
/// assert!((p99 - 990.0).abs() / 990.0 < 0.023);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub(super) scale: i8,
    pub(super) origin: f64,
    pub(super) count: u64,
    pub(super) zero: u64,
    pub(super) sum: Sum,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) buckets: Vec<Bucket>,
    /// Boxed: few have it.
    pub(super) explicit: Option<Box<Explicit>>,
}

impl Default for Distribution {
    fn default() -> Self {
        Self::new()
    }
}

impl Distribution {
    /// An empty distribution of plain values, at scale 5.
    pub const fn new() -> Self {
        Self::with_origin(1.0)
    }

    /// An empty distribution whose bucket bounds are `origin`·γ^i, `origin` positive and finite.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Distribution;
    /// let mut nanoseconds = Distribution::with_origin(1e9);
    /// nanoseconds.record(2e9);
    /// let (_, upper, _) = nanoseconds.bounds().next().unwrap();
    /// assert_eq!(upper, 2e9); // two seconds close a bucket
    /// ```
    pub const fn with_origin(origin: f64) -> Self {
        Self {
            scale: RECORD_SCALE,
            origin,
            count: 0,
            zero: 0,
            sum: Sum { high: 0.0, low: 0.0 },
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            buckets: Vec::new(),
            explicit: None,
        }
    }

    /// An empty distribution whose values are also counted by these bounds, which are in recorded units; see
    /// [`explicit`](Self::explicit).
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::{Buckets, Distribution};
    /// let mut sizes = Distribution::with_buckets(1.0, &Buckets::linear(10.0, 10.0, 2).unwrap());
    /// [3.0, 10.0, 11.0, 99.0].map(|size| sizes.record(size));
    /// assert_eq!(sizes.explicit(), Some((&[10.0, 20.0][..], &[2, 1][..])));
    /// ```
    pub fn with_buckets(origin: f64, buckets: &Buckets) -> Self {
        Self::with_origin(origin).with_explicit(Some(Explicit::empty(buckets.shared())))
    }

    pub(crate) fn with_explicit(self, explicit: Option<Explicit>) -> Self {
        Self { explicit: explicit.map(Box::new), ..self }
    }

    /// Room for the parts that a shard was read into; `buckets` need no order and may repeat.
    pub(crate) fn from_parts(origin: f64, zero: u64, sum: Sum, min: f64, max: f64, mut buckets: Vec<Bucket>) -> Self {
        buckets.sort_unstable_by_key(|bucket| bucket.index);
        buckets.dedup_by(|from, into| {
            let same = from.index == into.index;
            if same {
                into.count += from.count;
            }
            same
        });
        let count = zero + buckets.iter().map(|bucket| bucket.count).sum::<u64>();
        Self { scale: RECORD_SCALE, origin, count, zero, sum, min, max, buckets, explicit: None }
    }

    /// Gives back the room that it keeps for more buckets.
    pub(crate) fn shrink(&mut self) {
        self.buckets.shrink_to_fit();
    }

    /// Adds one value. Negative, NaN, infinite values and those above 2^360 are refused: false, and nothing changes.
    pub fn record(&mut self, value: f64) -> bool {
        self.record_n(value, 1)
    }

    /// Adds one value `n` times; see [`record`](Self::record).
    pub fn record_n(&mut self, value: f64, n: u64) -> bool {
        let Some(tag) = classify(value, self.origin) else {
            return false;
        };
        if n == 0 {
            return true;
        }
        self.count = self.count.saturating_add(n);
        self.sum.add(value * n as f64);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if let Some(explicit) = &mut self.explicit {
            explicit.add(value, n);
        }
        match tag {
            Class::Zero => self.zero = self.zero.saturating_add(n),
            Class::Bucket(index) => _ = self.add(index >> (RECORD_SCALE - self.scale), n),
        }
        true
    }

    /// Adds to one bucket, and returns its place.
    pub(super) fn add(&mut self, index: i32, n: u64) -> usize {
        match self.buckets.binary_search_by_key(&index, |bucket| bucket.index) {
            Ok(at) => {
                self.buckets[at].count = self.buckets[at].count.saturating_add(n);
                at
            }
            Err(at) => {
                self.buckets.insert(at, Bucket { index, count: n });
                at
            }
        }
    }

    /// The number of values.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The sum of the values, exact but for one last rounding.
    pub fn sum(&self) -> f64 {
        self.sum.value()
    }

    /// The smallest value, if there is one.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value, if there is one.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    /// The mean, if there is a value.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum() / self.count as f64)
    }

    /// The scale: buckets grow by 2^(2^−scale), and it is 5 at first.
    pub const fn scale(&self) -> i8 {
        self.scale
    }

    /// What the bounds of the lattice are multiplied by.
    pub const fn origin(&self) -> f64 {
        self.origin
    }

    /// How many values are zero (or too small for CloudWatch to tell from it).
    pub const fn zero_count(&self) -> u64 {
        self.zero
    }

    /// The buckets that are not empty, by rising index; zeros are counted apart.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// Where the values are also counted by bounds of the user's own: these, and how many values lie in each bucket, up to its
    /// bound (`value <= bound`) and above the one before. In recorded units; as many counts as bounds. What is missing of
    /// [`count`](Self::count) lies above the last bound.
    ///
    /// The counts are exact, and stay so through merging, differences, folding and conversion. Merged with a distribution by
    /// other bounds, the bounds remain that both have; with one that has none, none. See [`Buckets`].
    pub fn explicit(&self) -> Option<(&[f64], &[u64])> {
        self.explicit_parts().map(|(bounds, counts)| (&**bounds, counts))
    }

    /// The same, with bounds that may be shared.
    #[doc(hidden)]
    pub fn explicit_parts(&self) -> Option<(&Arc<[f64]>, &[u64])> {
        self.explicit.as_deref().map(Explicit::parts)
    }

    /// (exclusive lower bound, inclusive upper bound, count) of each bucket that is not empty, in recorded units.
    pub fn bounds(&self) -> impl Iterator<Item = (f64, f64, u64)> + '_ {
        self.buckets.iter().map(|bucket| {
            let lower = lower_bound(self.scale, bucket.index) * self.origin;
            (lower, upper_bound(self.scale, bucket.index) * self.origin, bucket.count)
        })
    }

    /// Merges neighbours: the next coarser lattice, exactly. Count, sum, minimum and maximum stay. At scale −10 all values
    /// below one are one bucket and all above it another, and nothing changes any more.
    pub fn fold(&mut self) {
        if self.scale == COARSEST {
            return;
        }
        self.scale -= 1;
        for bucket in &mut self.buckets {
            bucket.index >>= 1;
        }
        self.buckets.dedup_by(|from, into| {
            let same = from.index == into.index;
            if same {
                into.count = into.count.saturating_add(from.count);
            }
            same
        });
    }

    /// Adds all of `other`, folding the finer of the two to the coarser scale. Counts beyond what a `u64` holds stay at the
    /// largest that it does.
    ///
    /// # Panics
    /// If the origins differ: values of different units do not add.
    pub fn merge(&mut self, other: &Distribution) {
        let same = self.absorb(&other.parts(), other.buckets.iter().copied(), other.explicit_parts());
        assert!(same, "distributions of different units do not merge");
    }

    /// What came after `previous`, an earlier state of this same distribution.
    ///
    /// Count, sum and buckets are exact. Minimum and maximum are exact where they moved since, else the bounds of the
    /// outermost buckets that gained.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Distribution;
    /// let mut d = Distribution::new();
    /// d.record(1.0);
    /// let before = d.clone();
    /// d.record(8.0);
    /// let gained = d.since(&before);
    /// assert_eq!((gained.count(), gained.sum(), gained.max()), (1, 8.0, Some(8.0)));
    /// ```
    pub fn since(&self, previous: &Distribution) -> Distribution {
        let mut gained = self.gained(previous);
        if gained.count > 0 {
            let lowest = gained.bounds().next().map_or(0.0, |(lower, ..)| lower);
            let highest = gained.bounds().last().map_or(0.0, |(_, upper, _)| upper);
            let lowest = if gained.zero > 0 { 0.0 } else { lowest };
            gained.min = if previous.count == 0 || self.min < previous.min { self.min } else { lowest.max(self.min) };
            gained.max = if previous.count == 0 || self.max > previous.max { self.max } else { highest.min(self.max) };
            // A value and the bound of its bucket may be rounded apart.
            gained.max = gained.max.max(gained.min);
        }
        gained
    }

    /// [`since`](Self::since) for callers that know the extremes of what was gained.
    pub(crate) fn since_with(&self, previous: &Distribution, min: f64, max: f64) -> Distribution {
        let mut gained = self.gained(previous);
        if gained.count > 0 {
            (gained.min, gained.max) = (min, max);
        }
        gained
    }

    fn gained(&self, previous: &Distribution) -> Distribution {
        if self.scale != previous.scale {
            // One of the two was folded since: the finer one is folded, too.
            let (mut now, mut then) = (self.clone(), previous.clone());
            while now.scale > then.scale {
                now.fold();
            }
            while then.scale > now.scale {
                then.fold();
            }
            return now.gained(&then);
        }
        let mut earlier = previous.buckets.iter().peekable();
        let mut gained = Vec::with_capacity(self.buckets.len());
        for bucket in &self.buckets {
            while earlier.next_if(|old| old.index < bucket.index).is_some() {}
            let old = earlier.next_if(|old| old.index == bucket.index).map_or(0, |old| old.count);
            if bucket.count > old {
                gained.push(Bucket { index: bucket.index, count: bucket.count - old });
            }
        }
        Distribution {
            scale: self.scale,
            origin: self.origin,
            count: self.count.saturating_sub(previous.count),
            zero: self.zero.saturating_sub(previous.zero),
            sum: self.sum.since(previous.sum),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            buckets: gained,
            explicit: match (&self.explicit, &previous.explicit) {
                (Some(now), Some(then)) => now.since(then).map(Box::new),
                (Some(now), None) if previous.count == 0 => Some(now.clone()),
                _ => None,
            },
        }
    }

    /// The value at rank ⌈q·count⌉, within one bucket; `q` in 0..=1. `None` where there is no value.
    ///
    /// 0 and 1 are the exact minimum and maximum.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.count == 0 || !(0.0..=1.0).contains(&q) {
            return None;
        }
        let rank = ((q * self.count as f64).ceil() as u64).clamp(1, self.count);
        if rank == 1 && q < 1.0 {
            return Some(self.min);
        }
        if rank == self.count {
            return Some(self.max);
        }
        let mut below = self.zero;
        if rank <= below {
            return Some(0.0);
        }
        for (lower, upper, count) in self.bounds() {
            if rank <= below.saturating_add(count) {
                let part = (rank - below) as f64 - 0.5;
                let value = lower + (upper - lower) * part / count as f64;
                return Some(value.max(self.min).min(self.max));
            }
            below = below.saturating_add(count);
        }
        Some(self.max)
    }

    /// The same distribution in another unit: every value times `multiply`, then divided by `divide`.
    ///
    /// Two factors rather than one, so that whole thousandths come out whole: dividing by 1,000 is rounded once, and right.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Distribution;
    /// let mut nanoseconds = Distribution::with_origin(1e9);
    /// nanoseconds.record(7_000.0);
    /// let microseconds = nanoseconds.converted(1.0, 1e3);
    /// assert_eq!((microseconds.sum(), microseconds.origin()), (7.0, 1e6));
    /// ```
    #[must_use]
    pub fn converted(&self, multiply: f64, divide: f64) -> Distribution {
        let mut converted = self.clone();
        let Self { origin, sum, min, max, .. } = &mut converted;
        for value in [origin, &mut sum.high, &mut sum.low, min, max] {
            *value = *value * multiply / divide;
        }
        converted.explicit = self.explicit.as_ref().map(|explicit| Box::new(explicit.converted(multiply, divide)));
        converted
    }
}
