//! The types of sites: one for each instrument.

use super::Site;
use crate::instrument::{self, Amount, Counter, FloatCounter, Gauge, Histogram, Meter, Summary, Tally, Track};
use crate::model::{Across, Buckets, Kind, Level, Resolution, Unit};
use crate::registry::Monitor;
use crate::registry::Values;
use crate::registry::entry::Entry;
use crate::registry::rename::{Rename, Spelling};
use crate::registry::{shaped, shut};

macro_rules! sites {
    ($($(#[$what:meta])* $site:ident($target:ty, $kind:ident, $unit:ident);)*) => {$(
        $(#[$what])*
        #[doc(hidden)]
        pub struct $site(pub(super) Site<$target>);

        impl $site {
            /// A site of this metric; a dimension without a value takes one at run time, in this order.
            pub const fn new(
                name: &'static str,
                dimensions: &'static [(&'static str, Option<&'static str>)],
            ) -> Self {
                Self(Site::new(Kind::$kind, Unit::$unit, name, dimensions))
            }

            /// Reported in this unit.
            #[must_use]
            pub const fn unit(mut self, unit: Unit) -> Self {
                self.0.unit = unit;
                self
            }

            /// Stored this finely.
            #[must_use]
            pub const fn resolution(mut self, resolution: Resolution) -> Self {
                self.0.resolution = resolution;
                self
            }

            /// At most so many series, whatever the registry says. Of several sites of one metric the first is heard.
            #[must_use]
            pub const fn limit(mut self, limit: usize) -> Self {
                self.0.policy.limit = Some(limit);
                self
            }

            /// At most so many values of each of these dimensions; what comes beyond is `_other` in that dimension alone.
            #[must_use]
            pub const fn limits(mut self, limits: &'static [(&'static str, usize)]) -> Self {
                self.0.policy.limits = limits;
                self
            }

            /// Also told merged over all but these dimensions; see [`Window::rolled_up`](crate::Window::rolled_up).
            #[must_use]
            pub const fn rollups(mut self, rollups: &'static [&'static [&'static str]]) -> Self {
                self.0.policy.rollups = rollups;
                self
            }

            /// What it is, in words. Of several sites of one metric the first is heard.
            #[must_use]
            pub const fn description(mut self, text: &'static str) -> Self {
                self.0.policy.description = Some(text);
                self
            }

            /// For this process alone: no exporter sends or shows it.
            #[must_use]
            pub const fn internal(mut self) -> Self {
                self.0.policy.internal = true;
                self
            }

            /// For whom it is recorded.
            #[must_use]
            pub const fn level(mut self, level: Level) -> Self {
                self.0.policy.level = Some(level);
                self
            }

            /// Whether its level is one that is recorded now, for code that would else read the clock: a load and a comparison.
            #[inline]
            pub fn is_on(&self) -> bool {
                match self.0.policy.level {
                    Some(level) => shut::is_on(level),
                    None => shut::is_on(Level::Runtime),
                }
            }

            /// Keys written as identifiers are spelt so; `identifiers` says of each dimension whether it is one.
            #[must_use]
            pub const fn renamed(mut self, rename: Rename, identifiers: &'static [bool]) -> Self {
                self.0.spelling = Spelling { rename, identifiers };
                self
            }

            /// The documentation of the function that reports it, for want of a description.
            #[must_use]
            pub const fn doc(mut self, text: &'static str) -> Self {
                self.0.policy.doc = Some(text);
                self
            }
        }
    )*};
}

sites! {
    /// The static behind `#[monitored]`.
    CallSite(Entry, Calls, Microseconds);
    /// The static behind `#[metered]` and `meter!`.
    MeterSite(Tally, Meter, CountPerSecond);
    /// The static behind `counter!`.
    CounterSite(Tally, Counter, Count);
    /// The static behind `float_counter!`.
    FloatCounterSite(Amount, FloatCounter, Count);
    /// The static behind `gauge!`.
    GaugeSite(instrument::Level, Gauge, None);
    /// The static behind `histogram!`.
    HistogramSite(Track, Histogram, None);
    /// The static behind `summary!`.
    SummarySite(Entry, Histogram, None);
}

impl GaugeSite {
    /// What its levels in several processes come to.
    #[must_use]
    pub const fn across(mut self, across: Across) -> Self {
        self.0.policy.across = Some(across);
        self
    }
}

impl HistogramSite {
    /// Buckets of its own beside the lattice, by bounds that rise and are finite.
    ///
    /// # Panics
    /// While the program is compiled, where there are none or too many bounds, or they do not rise or are not finite.
    #[must_use]
    pub const fn buckets(mut self, bounds: &'static [f64]) -> Self {
        assert!(Buckets::are_bounds(bounds), "buckets are 1 to 1000 finite numbers, and rise");
        self.0.bounds = bounds;
        self
    }
}

impl SummarySite {
    /// The quantiles that it is told by.
    ///
    /// # Panics
    /// While the program is compiled, where they do not rise or are not from 0 to 1.
    #[must_use]
    pub const fn quantiles(mut self, quantiles: &'static [f64]) -> Self {
        assert!(Buckets::are_bounds(quantiles), "quantiles rise");
        assert!(quantiles[0] >= 0.0 && quantiles[quantiles.len() - 1] <= 1.0, "quantiles are numbers from 0 to 1");
        self.0.quantiles = quantiles;
        self
    }

    /// Values above are counted apart.
    #[must_use]
    pub const fn maximum(mut self, most: f64) -> Self {
        self.0.policy.maximum = Some(most);
        self
    }

    /// The handle, where nothing varies.
    #[inline]
    pub fn at(&'static self) -> Summary {
        self.of(self.0.only())
    }

    /// The handle for these values.
    #[inline]
    pub fn at_with<V: Values>(&'static self, values: V) -> Summary {
        self.of(self.0.with(&values))
    }

    #[inline]
    fn of(&'static self, entry: &'static Entry) -> Summary {
        let histogram = Histogram { track: entry.track(), unit: self.0.unit };
        Summary { histogram, cap: self.0.layout().maximum.and_then(|most| shaped::cap(entry, most)) }
    }
}

impl MeterSite {
    /// Notes one event.
    #[inline]
    pub fn mark(&'static self) {
        self.0.only().add(1);
    }

    /// Notes one event with these values.
    #[inline]
    pub fn mark_with<V: Values>(&'static self, values: V) {
        self.0.with(&values).add(1);
    }
}

macro_rules! at {
    ($($site:ident -> $handle:ident: |$target:ident, $unit:ident| $make:expr;)*) => {$(
        impl $site {
            /// The handle, where nothing varies.
            #[inline]
            pub fn at(&'static self) -> $handle {
                let ($target, $unit) = (self.0.only(), self.0.unit);
                _ = $unit;
                $make
            }

            /// The handle for these values.
            #[inline]
            pub fn at_with<V: Values>(&'static self, values: V) -> $handle {
                let ($target, $unit) = (self.0.with(&values), self.0.unit);
                _ = $unit;
                $make
            }
        }
    )*};
}

at! {
    CallSite -> Monitor: |entry, unit| Monitor(entry);
    MeterSite -> Meter: |tally, unit| Meter(tally);
    CounterSite -> Counter: |tally, unit| Counter(tally);
    FloatCounterSite -> FloatCounter: |amount, unit| FloatCounter(amount);
    GaugeSite -> Gauge: |level, unit| Gauge(level);
    HistogramSite -> Histogram: |track, unit| Histogram { track, unit };
}
