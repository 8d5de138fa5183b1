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
    /// use meters_core::Distribution;
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
        assert!(
            most >= 5,
            "a distribution needs room for its extremes, for zero, and for values below and above one"
        );
        let (Some(min), Some(max)) = (self.min(), self.max()) else {
            return Vec::new();
        };
        if min == max {
            return vec![(min, self.count() as f64)];
        }
        let mut spans = self.interior(min, max);
        squeeze(&mut spans, most - 2);
        for span in &mut spans {
            span.lower = span.lower.clamp(min, max);
            span.upper = span.upper.clamp(min, max);
        }
        let fraction = fraction(&spans, self.sum() - min - max);
        let mut pairs = Vec::with_capacity(spans.len() + 2);
        pairs.push((min, 1.0));
        for span in &spans {
            push(
                &mut pairs,
                span.lower + fraction * (span.upper - span.lower),
                span.count as f64,
            );
        }
        push(&mut pairs, max, 1.0);
        pairs
    }

    /// All buckets, less the one minimum and the one maximum.
    fn interior(&self, min: f64, max: f64) -> Vec<Span> {
        let zero = Span {
            lower: 0.0,
            upper: 0.0,
            index: i32::MIN,
            count: self.zero_count(),
        };
        let buckets = self.bounds().zip(self.buckets());
        let mut spans: Vec<Span> = std::iter::once(zero)
            .filter(|span| span.count > 0)
            .chain(buckets.map(|((lower, upper, count), bucket)| Span {
                lower,
                upper,
                index: bucket.index,
                count,
            }))
            .collect();
        debug_assert!(min < max);
        if let Some(first) = spans.first_mut() {
            first.count = first.count.saturating_sub(1);
        }
        if let Some(last) = spans.last_mut() {
            last.count = last.count.saturating_sub(1);
        }
        spans.retain(|span| span.count > 0);
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
                    previous.count += span.count;
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
    let low: f64 = spans
        .iter()
        .map(|span| span.lower * span.count as f64)
        .sum();
    let room: f64 = spans
        .iter()
        .map(|span| (span.upper - span.lower) * span.count as f64)
        .sum();
    if room > 0.0 {
        ((sum - low) / room).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

fn push(pairs: &mut Vec<(f64, f64)>, value: f64, count: f64) {
    match pairs.last_mut() {
        Some(last) if last.0 == value => last.1 += count,
        _ => pairs.push((value, count)),
    }
}
