//! What a distribution that only grows gained lately.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Distribution;

/// Remembers how a cumulative distribution stood, to say what came to it in the last while: what the quantiles of a summary are
/// taken of, when a page is made now and then.
///
/// It holds as many earlier states as it has parts, and two more at the most, however often it is told. What came *lately* is
/// what came after the latest of them that is old enough: so it reaches back at least as long as was said, and further by no
/// more than one part and the time between two states that it was told.
///
/// ```
/// # use meters_core as meters;
/// use std::time::{Duration, Instant};
/// use meters::{Distribution, Recent};
/// let (began, minute) = (Instant::now(), Duration::from_secs(60));
/// let (mut recent, mut all) = (Recent::new(10 * minute, 5), Distribution::new());
/// all.record(900.0);
/// recent.push(began + minute, &all);
/// for passed in 2..30 {
///     all.record(1.0);
///     recent.push(began + passed * minute, &all);
/// }
/// let lately = recent.distribution(began + 29 * minute).unwrap();
/// assert!((10..=13).contains(&lately.count()));
/// assert_eq!(lately.max(), Some(1.0)); // the slow one was long ago
/// ```
#[derive(Clone, Debug)]
pub struct Recent {
    span: Duration,
    /// Earlier states that are kept are as far apart at least.
    step: Duration,
    /// By rising time.
    earlier: VecDeque<(Instant, Distribution)>,
    now: Option<(Instant, Distribution)>,
}

impl Recent {
    /// Lately is the last `span`; earlier states that are remembered are a `parts`th of it apart, and `parts` is 1 at least.
    pub fn new(span: Duration, parts: u32) -> Self {
        Self { span, step: span / parts.max(1), earlier: VecDeque::new(), now: None }
    }

    /// Tells how the distribution stands at this moment. One that holds fewer values than the last began anew, as in a child of
    /// `fork`: what was before is forgotten.
    pub fn push(&mut self, at: Instant, total: &Distribution) {
        // Told by two threads, the later may come first.
        let at = self.now.as_ref().map_or(at, |(last, _)| at.max(*last));
        if let Some(last) = self.now.replace((at, total.clone())) {
            if total.count() < last.1.count() {
                self.earlier.clear();
            } else if self.earlier.back().is_none_or(|(kept, _)| last.0.duration_since(*kept) >= self.step) {
                self.earlier.push_back(last);
            }
        }
        self.forget(at);
    }

    /// What came in the last while; `None` before the first state. Where none is old enough, that is all there ever was.
    pub fn distribution(&self, now: Instant) -> Option<Distribution> {
        let (at, total) = self.now.as_ref()?;
        if self.is_old(*at, now) {
            return Some(total.since(total));
        }
        let then = self.earlier.iter().rev().find(|(kept, _)| self.is_old(*kept, now));
        Some(then.map_or_else(|| total.clone(), |(_, then)| total.since(then)))
    }

    fn is_old(&self, at: Instant, now: Instant) -> bool {
        now.saturating_duration_since(at) >= self.span
    }

    /// Of what is old enough only the latest is wanted again.
    fn forget(&mut self, now: Instant) {
        while self.earlier.get(1).is_some_and(|(next, _)| self.is_old(*next, now)) {
            self.earlier.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPAN: Duration = Duration::from_secs(60);

    proptest! {
        #[test]
        fn lately_is_what_came_in_the_span_and_at_most_a_part_and_a_push_more(
            pushes in prop::collection::vec((1..40_000u64, prop::collection::vec(1.0..1e3f64, 0..4)), 1..80),
            parts in 1..12u32,
            later in 0..90_000u64,
        ) {
            let (began, mut at) = (Instant::now(), Duration::ZERO);
            let (mut recent, mut total) = (Recent::new(SPAN, parts), Distribution::new());
            let (mut told, mut longest) = (Vec::new(), 0);
            for (passed, values) in &pushes {
                at += Duration::from_millis(*passed);
                longest = longest.max(*passed);
                for value in values {
                    total.record(*value);
                    told.push((at, *value));
                }
                recent.push(began + at, &total);
                prop_assert!(recent.earlier.len() <= parts as usize + 2);
            }
            let now = at + Duration::from_millis(later);
            let lately = recent.distribution(began + now).unwrap();
            // What is told at a push came since the push before it.
            let within = |reach: Duration| told.iter().filter(|(at, _)| now < *at + reach).count() as u64;
            let reach = SPAN + SPAN / parts + 2 * Duration::from_millis(longest);
            prop_assert!(lately.count() >= within(SPAN), "{} of {}", lately.count(), within(SPAN));
            prop_assert!(lately.count() <= within(reach), "{} of {}", lately.count(), within(reach));
            let all: f64 = told.iter().map(|(_, value)| value).sum();
            prop_assert!(lately.sum() <= all * (1.0 + 1e-12));
        }
    }

    #[test]
    fn one_that_began_anew_has_no_past() {
        let (began, mut recent, mut total) = (Instant::now(), Recent::new(SPAN, 4), Distribution::new());
        assert_eq!(recent.distribution(began), None);
        total.record_n(5.0, 10);
        recent.push(began, &total);
        recent.push(began + SPAN, &total);
        let mut anew = Distribution::new();
        anew.record(1.0);
        recent.push(began + SPAN + SPAN / 2, &anew);
        let lately = recent.distribution(began + SPAN + SPAN / 2).unwrap();
        assert_eq!((lately.count(), lately.max()), (1, Some(1.0)));
        assert_eq!(recent.distribution(began + 3 * SPAN).map(|lately| lately.count()), Some(0), "long ago");
    }

    #[test]
    fn a_state_that_is_told_late_is_of_now() {
        let (began, mut recent, mut total) = (Instant::now() + SPAN, Recent::new(SPAN, 4), Distribution::new());
        total.record(1.0);
        recent.push(began, &total);
        total.record(2.0);
        recent.push(began - SPAN / 2, &total);
        assert_eq!(recent.distribution(began).map(|lately| lately.count()), Some(2));
    }
}
