//! What is said of one kind of instrument alone, when it is registered: buckets, quantiles, a maximum, a first level.

use super::entry::{Entry, Instrument};
use super::register::{From, Handle};
use super::{Register, Registry, derived, home};
use crate::instrument::{Cap, Counter, Gauge, Histogram, Summary};
use crate::model::shape::{self, Shape};
use crate::model::{Across, Buckets, Kind, VALUE_LIMIT, is_sendable};

/// Of a summary of which nothing else was said.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// Each is a line of each page of each series.
const MOST_QUANTILES: usize = 100;

impl Register<'_, Histogram> {
    /// Buckets of its own beside the lattice, told by [`Distribution::explicit`](crate::Distribution::explicit) and to
    /// Prometheus; CloudWatch and native histograms lose nothing by it. Of all that say it of one metric, the first is heard; a
    /// series that was registered before has none.
    pub fn buckets(mut self, buckets: Buckets) -> Self {
        self.draft.policy.shape = Some(shape::kept(Shape::Buckets(buckets.bounds().into())));
        self
    }
}

impl<'r> Register<'r, Summary> {
    pub(super) fn summary(registry: &'r Registry, name: &str) -> Self {
        Self::new(registry, name, Kind::Histogram).quantiles(QUANTILES)
    }

    /// The quantiles that it is told by: 1 to 100 numbers from 0 to 1 that rise; 0.5, 0.95 and 0.99 unless told. Of all that say
    /// it of one metric, the first is heard. Others are an error of [`try_register`](Self::try_register), and left out by
    /// [`register`](Self::register).
    pub fn quantiles(mut self, quantiles: impl IntoIterator<Item = f64>) -> Self {
        let quantiles: Vec<f64> =
            quantiles.into_iter().take(MOST_QUANTILES + 1).map(|quantile| quantile + 0.0).collect();
        let rise = quantiles.is_sorted_by(|one, next| one < next);
        let within = quantiles.iter().all(|quantile| (0.0..=1.0).contains(quantile));
        if quantiles.is_empty() || quantiles.len() > MOST_QUANTILES || !rise || !within {
            return self.flawed("quantiles are 1 to 100 numbers from 0 to 1, and rise");
        }
        self.draft.policy.shape = Some(shape::kept(Shape::Quantiles(quantiles.into())));
        self
    }

    /// Values above are not part of it: they are counted in the counter `Name.Above`. Of all that say it of one metric, the first
    /// is heard. A maximum that is no number from 0 to 2^360 is an error of [`try_register`](Self::try_register), and left out by
    /// [`register`](Self::register).
    pub fn maximum(mut self, most: f64) -> Self {
        if !(0.0..=VALUE_LIMIT).contains(&most) {
            return self.flawed("the maximum of a summary is a number from 0 to 2^360");
        }
        self.draft.policy.maximum = Some(most);
        self
    }
}

impl Handle for Summary {
    fn of(From(entry, registry): From<'_>) -> Option<Self> {
        let histogram = Histogram::of(From(entry, registry))?;
        let most = entry.metric.policy(entry.values).maximum;
        let cap = most.and_then(|most| {
            if let Some(registry) = registry {
                home::note(entry, registry);
            }
            cap(entry, most)
        });
        Some(Self { histogram, cap })
    }
}

/// There from the beginning: that nothing was above is known, then.
pub(in crate::registry) fn cap(entry: &'static Entry, most: f64) -> Option<Cap> {
    match &derived::of(entry, derived::What::Above, &[]).instrument {
        Instrument::Tally(tally) => Some(Cap { most, above: Counter(tally) }),
        _ => None,
    }
}

impl Register<'_, Gauge> {
    /// What its levels in several processes come to, where they share their metrics; [`Across::Last`] unless told. Of all
    /// that say it of one metric, the first is heard.
    pub fn across(mut self, across: Across) -> Self {
        self.draft.policy.across = Some(across);
        self
    }

    /// Its level until it is set or moved: it is told from now on. One that was set before, or has a first level already, keeps
    /// it; a child of `fork` begins with the first level again. A level that CloudWatch could not take is an error of
    /// [`try_register`](Self::try_register), and left out by [`register`](Self::register).
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// let seats = registry.gauge("Seats").initial(5.0).register();
    /// seats.dec(1.0);
    /// assert_eq!(registry.snapshot().metric("Seats").gauge(), Some(4.0));
    /// ```
    pub fn initial(mut self, level: f64) -> Self {
        if !is_sendable(level) {
            return self.flawed("the first level of a gauge is 0, or a number between 2^-360 and 2^360 in magnitude");
        }
        self.draft.initial = Some(level);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_quantile_maximum_or_level_says_so_and_is_left_out() {
        let registry = Registry::new();
        for quantiles in [&[][..], &[0.5, 0.5], &[0.9, 0.5], &[-0.1], &[1.1], &[f64::NAN], &[0.0; 101]] {
            let summary = || registry.summary("Wait").quantiles(quantiles.iter().copied());
            let error = summary().try_register().err().expect("it was taken");
            assert!(error.is_invalid_input() && error.to_string().contains("quantiles are"), "{error}");
            summary().register().observe(1.0);
        }
        let snapshot = registry.snapshot();
        let (series, _) = snapshot.iter().next().unwrap();
        assert_eq!(series.shape(), Some(&Shape::Quantiles(QUANTILES.into())));
        for most in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(registry.summary("Size").maximum(most).try_register().is_err());
            assert!(registry.gauge("Open").initial(most * f64::INFINITY).try_register().is_err());
        }
        registry.gauge("Open").initial(f64::NAN).register();
        assert_eq!(registry.snapshot().metric("Open").gauge(), None);
    }

    #[test]
    fn the_first_maximum_is_heard_and_what_is_above_is_in_the_same_registry() {
        let registry = Registry::new();
        let wait = registry.summary("SummaryCap").dimension("Route", "a").maximum(2.0).register();
        assert_eq!(registry.snapshot().metric("SummaryCap.Above").with("Route", "a").series().count(), 1);
        let again = registry.summary("SummaryCap").dimension("Route", "a").maximum(9.0).register();
        for summary in [wait, again] {
            [1.0, 2.0, 2.0f64.next_up(), 5.0, f64::NAN].iter().for_each(|value| summary.observe(*value));
            summary.observe_duration(std::time::Duration::from_secs(3));
            drop(summary.start());
        }
        let snapshot = registry.snapshot();
        assert_eq!((snapshot.metric("SummaryCap").count(), snapshot.counter("SummaryCap.Above")), (6, 6));
        assert_eq!(Registry::global().snapshot().metric("SummaryCap.Above").series().count(), 0);
    }

    #[test]
    fn a_first_level_is_only_that() {
        let registry = Registry::new();
        let open = registry.gauge("Open").register();
        open.set(7.0);
        _ = registry.gauge("Open").initial(5.0).register();
        assert_eq!(open.get(), Some(7.0));
        let other = registry.gauge("Other").initial(5.0).register();
        _ = registry.gauge("Other").initial(6.0).register();
        assert_eq!(registry.reader().window().metric("Other").gauge(), Some(5.0));
        other.inc(1.5);
        assert_eq!(other.get(), Some(6.5));
    }
}
