//! A distribution as CloudWatch's `Values` and `Counts`: few pairs, the sum exact.

use crate::model::distribution::Distribution;

/// A run of values that will be told as one: (lower, upper] and how many lie in it.
#[derive(Clone, Copy)]
struct Span {
    lower: f64,
    upper: f64,
    index: i32,
    count: u64,
}

impl Span {
    fn at(&self, fraction: f64) -> f64 {
        self.lower + fraction * (self.upper - self.lower)
    }
}

impl Distribution {
    /// At most `most` pairs (value, count), by rising value, whose count, sum, minimum and maximum are exactly those of
    /// the distribution and whose quantiles are within one bucket.
    ///
    /// The minimum and the maximum stand for themselves; every other value stands at the same fraction *t* of its bucket,
    /// with the one *t* that makes the sum right. Where the buckets are too many, neighbours are merged from the low end
    /// on until they fit, so that the high percentiles stay finest. `most` is at least 5; CloudWatch's limit is
    /// [150](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Distribution;
    /// let mut d = Distribution::new();
    /// for value in [1.0, 2.5, 2.5, 40.0] {
    ///     d.record(value);
    /// }
    /// let pairs = d.pairs(150);
    /// assert_eq!(pairs.first(), Some(&(1.0, 1.0)));
    /// assert_eq!(pairs.last(), Some(&(40.0, 1.0)));
    /// let sum: f64 = pairs.iter().map(|(value, count)| value * count).sum();
    /// assert!((sum - 46.0).abs() < 1e-12);
    /// ```
    ///
    /// # Panics
    /// If `most` is below 5.
    pub fn pairs(&self, most: usize) -> Vec<(f64, f64)> {
        assert!(most >= 5, "a distribution needs room for its extremes, for zero, and for values below and above one");
        let (Some(min), Some(max)) = (self.min(), self.max()) else {
            return Vec::new();
        };
        if min == max {
            return vec![(min, self.count() as f64)];
        }
        self.told(most, min, max, true).or_else(|| self.told(most, min, max, false)).unwrap_or_default()
    }

    /// The pairs, where `apart` with the extremes for themselves. `None` where no values of the buckets would then give
    /// the sum: a difference of snapshots knows its extremes only within a bucket, and count and sum matter more.
    fn told(&self, most: usize, min: f64, max: f64, apart: bool) -> Option<Vec<(f64, f64)>> {
        let mut spans = self.spans(apart);
        squeeze(&mut spans, most - 2);
        for span in &mut spans {
            span.lower = span.lower.max(min).min(max);
            span.upper = span.upper.max(min).min(max);
        }
        let sum = self.sum() - if apart { min + max } else { 0.0 };
        let fraction = fraction(&spans, sum);
        if apart {
            let told: f64 = spans.iter().map(|span| span.at(fraction) * span.count as f64).sum();
            // Both sides are rounded, each in its own way.
            if (told - sum).abs() > 1e-9 * self.sum() {
                return None;
            }
        }
        let mut pairs = Vec::with_capacity(spans.len() + 2);
        if apart {
            pairs.push((min, 1.0));
        }
        for span in &spans {
            push(&mut pairs, span.at(fraction), span.count as f64);
        }
        if apart {
            push(&mut pairs, max, 1.0);
        }
        Some(pairs)
    }

    /// All buckets, where `apart` less the one minimum and the one maximum.
    fn spans(&self, apart: bool) -> Vec<Span> {
        let zero = Span { lower: 0.0, upper: 0.0, index: i32::MIN, count: self.zero_count() };
        let buckets = self.bounds().zip(self.buckets()).map(|((lower, upper, count), bucket)| Span {
            lower,
            upper,
            index: bucket.index,
            count,
        });
        let mut spans: Vec<Span> = std::iter::once(zero).chain(buckets).collect();
        spans.retain(|span| span.count > 0);
        if apart {
            if let Some(first) = spans.first_mut() {
                first.count -= 1;
            }
            if let Some(last) = spans.last_mut() {
                last.count = last.count.saturating_sub(1);
            }
            spans.retain(|span| span.count > 0);
        }
        spans
    }
}

/// Merges neighbours, scale after scale, from the low end on, until at most `most` spans are left.
fn squeeze(spans: &mut Vec<Span>, most: usize) {
    while spans.len() > most {
        let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
        let mut excess = spans.len() - most;
        // Zero has no neighbour until it is the last to merge with.
        for mut span in spans.drain(..) {
            let zero = span.index == i32::MIN;
            let parent = if zero { i32::MIN } else { span.index >> 1 };
            match kept.last_mut() {
                Some(previous) if excess > 0 && !zero && previous.index == parent => {
                    previous.upper = span.upper;
                    previous.count = previous.count.saturating_add(span.count);
                    excess -= 1;
                }
                _ => {
                    span.index = parent;
                    kept.push(span);
                }
            }
        }
        *spans = kept;
    }
}

/// The fraction of every span at which its values must stand for their sum to be `sum`.
fn fraction(spans: &[Span], sum: f64) -> f64 {
    let low: f64 = spans.iter().map(|span| span.lower * span.count as f64).sum();
    let room: f64 = spans.iter().map(|span| (span.upper - span.lower) * span.count as f64).sum();
    if room > 0.0 { ((sum - low) / room).clamp(0.0, 1.0) } else { 0.0 }
}

fn push(pairs: &mut Vec<(f64, f64)>, value: f64, count: f64) {
    match pairs.last_mut() {
        Some(last) if last.0 == value => last.1 += count,
        _ => pairs.push((value, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Distribution {
        let mut distribution = Distribution::new();
        for value in values {
            assert!(distribution.record(*value));
        }
        distribution
    }

    /// Count and sum of pairs.
    fn totals(pairs: &[(f64, f64)]) -> (f64, f64) {
        (pairs.iter().map(|(_, count)| count).sum(), pairs.iter().map(|(value, count)| value * count).sum())
    }

    #[test]
    fn a_difference_keeps_count_and_sum_though_its_extremes_are_not_known() {
        let all = [3.0, 1.0, 8.0, 7.9, 8.1, 64.0, 2.5, 2.5];
        for cut in 0..all.len() {
            let (before, after) = (of(&all[..cut]), of(&all));
            let (count, sum) = totals(&after.since(&before).pairs(150));
            assert_eq!(count, (all.len() - cut) as f64);
            let expected: f64 = all[cut..].iter().sum();
            assert!((sum - expected).abs() < 1e-9 * expected, "{sum} for {expected}");
        }
        assert_eq!(of(&[1.0, 8.0, 64.0, 8.0]).since(&of(&[1.0, 8.0, 64.0])).pairs(150), [(8.0, 1.0)]);
    }
}
