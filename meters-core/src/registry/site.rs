//! The static behind an annotated function or a macro's handle.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use super::entry::{Entry, Instrument};
use super::index::Wanted;
use super::table::{Key, Part};
use super::{AsyncCall, Call, FullCall, Monitor, Slot};
use super::{Registry, Values};
use crate::fork;
use crate::instrument::{Counter, Gauge, Histogram, Level, Meter, Tally, Track};
use crate::model::policy::{self, Policy};
use crate::model::series::Metric;
use crate::model::{Dimension, Kind, Resolution, Unit};

/// What is known when the program is compiled, and what was found out since.
struct Site<T: 'static> {
    name: &'static str,
    /// (name, value), the value missing where it comes at run time.
    dimensions: &'static [(&'static str, Option<&'static str>)],
    kind: Kind,
    unit: Unit,
    resolution: Resolution,
    named: bool,
    policy: Policy,
    extras: Extras,
    layout: OnceLock<Layout>,
    /// Of the only series, or of each combination of closed values.
    places: OnceLock<Box<[OnceLock<&'static T>]>>,
    only: OnceLock<&'static T>,
}

/// What is recorded of a call besides its time and its outcome.
#[derive(Clone, Copy)]
pub(super) struct Extras {
    /// One of so many calls is timed.
    pub(super) sample: u32,
    pub(super) in_flight: bool,
    pub(super) busy: bool,
    pub(super) polls: bool,
}

/// The dimensions in the order in which series pack them.
struct Layout {
    metric: &'static Metric,
    fixed: Vec<Option<Cow<'static, str>>>,
    key: Key,
    /// Another site said otherwise before, and nobody was told.
    unheard: AtomicBool,
}

static NEXT_TABLE: AtomicU32 = AtomicU32::new(0);

/// What a site records into.
trait Target: Sized + 'static {
    fn of(entry: &'static Entry) -> Option<&'static Self>;
    /// The site's threads shall own their part of it from the first record on.
    fn heat(&self) {}
}

impl Target for Track {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        if let Instrument::Track(track) = &entry.instrument { Some(track) } else { None }
    }

    fn heat(&self) {
        Track::heat(self);
    }
}

/// Calls: more than one metric may follow from their series.
impl Target for Entry {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        Some(entry)
    }

    fn heat(&self) {
        if let Instrument::Track(track) = &self.instrument {
            track.heat();
        }
    }
}

impl Target for Tally {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        if let Instrument::Tally(tally) = &entry.instrument { Some(tally) } else { None }
    }

    fn heat(&self) {
        Tally::heat(self);
    }
}

impl Target for Level {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        if let Instrument::Level(level) = &entry.instrument { Some(level) } else { None }
    }
}

impl<T: Target> Site<T> {
    const fn new(
        kind: Kind,
        unit: Unit,
        name: &'static str,
        dimensions: &'static [(&'static str, Option<&'static str>)],
    ) -> Self {
        Self {
            name,
            dimensions,
            kind,
            unit,
            resolution: Resolution::Standard,
            // What derives from a name has to say which; of counters and their like nothing does.
            named: !matches!(kind, Kind::Calls),
            policy: Policy::NONE,
            extras: Extras { sample: 1, in_flight: false, busy: false, polls: false },
            layout: OnceLock::new(),
            places: OnceLock::new(),
            only: OnceLock::new(),
        }
    }

    /// The series, where nothing varies.
    #[inline]
    fn only(&'static self) -> &'static T {
        match self.only.get() {
            Some(target) => target,
            None => self.first(),
        }
    }

    #[cold]
    #[inline(never)]
    fn first(&'static self) -> &'static T {
        let target = self.resolve(&(), true);
        let _inside = fork::enter();
        self.only.get_or_init(|| target)
    }

    /// The series with these values: by an array index where they are of closed sets, else by this thread's table.
    #[inline]
    fn with<V: Values>(&'static self, values: &V) -> &'static T {
        if V::PLACES.is_some() {
            let known = self.places.get().and_then(|places| places.get(values.place())?.get());
            return match known {
                Some(target) => target,
                None => self.fill(values),
            };
        }
        let met = match self.layout.get() {
            Some(layout) => layout.key.find(values).and_then(T::of),
            None => None,
        };
        met.unwrap_or_else(|| self.meet(values))
    }

    #[cold]
    #[inline(never)]
    fn fill<V: Values>(&'static self, values: &V) -> &'static T {
        let count = V::PLACES.unwrap_or(1);
        let places = {
            let _inside = fork::enter();
            self.places.get_or_init(|| (0..count).map(|_| OnceLock::new()).collect())
        };
        match places.get(values.place()) {
            // Resolved first: a warning on the way may record here itself, and come back.
            Some(place) => {
                let target = self.resolve(values, true);
                let _inside = fork::enter();
                place.get_or_init(|| target)
            }
            // An `index()` beyond its own `VALUES` breaks the trait's word, but must not break the program.
            None => self.resolve(values, false),
        }
    }

    #[cold]
    #[inline(never)]
    fn meet<V: Values>(&'static self, values: &V) -> &'static T {
        let layout = self.layout();
        let entry = self.entry(layout, values);
        layout.key.remember(values, entry);
        T::of(entry).unwrap_or_else(|| unreachable!("the kind of a series decides its instrument"))
    }

    fn resolve<V: Values>(&'static self, values: &V, heat: bool) -> &'static T {
        let entry = self.entry(self.layout(), values);
        let target = T::of(entry).unwrap_or_else(|| unreachable!("the kind of a series decides its instrument"));
        if heat {
            target.heat();
        }
        target
    }

    fn entry<V: Values>(&'static self, layout: &Layout, values: &V) -> &'static Entry {
        let registry = Registry::global();
        let mut given = Vec::new();
        values.copy_to(&mut given);
        let value = |(fixed, part): (&Option<Cow<'static, str>>, &Part)| match (fixed, *part) {
            (Some(fixed), _) => (fixed.to_string(), false),
            (None, Part::Dynamic(nth)) => {
                (Dimension::cleaned_value(given.get(nth).map_or("", |v| v)).into_owned(), true)
            }
            (None, Part::Fixed(_)) => (String::new(), false),
        };
        let (values, dynamic): (Vec<String>, Vec<bool>) = layout.fixed.iter().zip(&layout.key.parts).map(value).unzip();
        registry.entry(&Wanted {
            metric: layout.metric,
            values: values.into_iter().map(Cow::Owned).collect(),
            other: dynamic.clone(),
            dynamic,
            limit: registry.limit(),
        })
    }

    /// The name of a dimension as it is told, of the one that was written; the policy's names are spelt by it, too.
    fn key(written: &'static str) -> &'static str {
        written
    }

    fn layout(&'static self) -> &'static Layout {
        let inside = fork::enter();
        let layout = self.layout.get_or_init(|| {
            let mut nth = 0;
            let mut all: Vec<(&'static str, Option<Cow<'static, str>>, Part)> = Vec::new();
            for &(name, value) in self.dimensions {
                let fixed = value.map(Dimension::cleaned_value);
                let part = match &fixed {
                    Some(fixed) => Part::Fixed(fixed.len()),
                    None => {
                        nth += 1;
                        Part::Dynamic(nth - 1)
                    }
                };
                all.push((Self::key(name), fixed, part));
            }
            let function = policy::function(all.iter().map(|(name, fixed, _)| (*name, fixed.as_deref())));
            let function = function.map(str::to_owned);
            all.sort_by_key(|(name, ..)| *name);
            let metric = Metric {
                name: self.name.into(),
                kind: self.kind,
                unit: self.unit,
                resolution: self.resolution,
                named: self.named,
                keys: all.iter().map(|(name, ..)| (*name).into()).collect(),
            };
            let metric = metric.intern();
            let heard = metric.adopt(function.as_deref(), self.policy.spelt(Self::key));
            let (fixed, parts) = all.into_iter().map(|(_, fixed, part)| (fixed, part)).unzip();
            let key = Key::new(NEXT_TABLE.fetch_add(1, Relaxed), parts);
            Layout { metric, fixed, key, unheard: AtomicBool::new(!heard) }
        });
        drop(inside);
        // Only now: who hears of it may record here.
        if layout.unheard.load(Relaxed) && layout.unheard.swap(false, Relaxed) {
            let Policy { limit, limits, rollups } = self.policy;
            let metric = self.name;
            tracing::warn!(
                metric,
                ?limit,
                ?limits,
                ?rollups,
                "another place in the source says otherwise of the same metric, and came first: say the same in both"
            );
        }
        layout
    }
}

macro_rules! sites {
    ($($(#[$what:meta])* $site:ident($target:ty, $kind:ident, $unit:ident);)*) => {$(
        $(#[$what])*
        #[doc(hidden)]
        pub struct $site(Site<$target>);

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
    /// The static behind `gauge!`.
    GaugeSite(Level, Gauge, None);
    /// The static behind `histogram!`.
    HistogramSite(Track, Histogram, None);
}

impl CallSite {
    /// The user chose the metric's name.
    #[must_use]
    pub const fn named(mut self) -> Self {
        self.0.named = true;
        self
    }

    /// One of so many calls is timed, from 2 on; all are counted.
    #[must_use]
    pub const fn sample(mut self, every: u32) -> Self {
        self.0.extras.sample = every;
        self
    }

    /// How many calls are under way is a gauge.
    #[must_use]
    pub const fn in_flight(mut self) -> Self {
        self.0.extras.in_flight = true;
        self
    }

    /// The time inside polls is a histogram.
    #[must_use]
    pub const fn busy(mut self) -> Self {
        self.0.extras.busy = true;
        self
    }

    /// The number of polls is a histogram.
    #[must_use]
    pub const fn polls(mut self) -> Self {
        self.0.extras.polls = true;
        self
    }

    /// Begins a call of which more is wanted, with the values of its dynamic dimensions (`()` where there are none), and the
    /// slots of those that become known later.
    pub fn enter_full<'s, V: Values>(&'static self, values: V, slots: &'s [&'s Slot]) -> FullCall<'s> {
        FullCall::enter(self.0.with(&values), self.0.extras, slots, false)
    }

    /// The same of an async function.
    pub fn enter_full_async<'s, V: Values>(&'static self, values: V, slots: &'s [&'s Slot]) -> FullCall<'s> {
        FullCall::enter(self.0.with(&values), self.0.extras, slots, true)
    }
}

/// Both ways into a call: where nothing varies, and with the values of its dynamic dimensions.
macro_rules! enters {
    ($($(#[$what:meta])* $enter:ident $enter_with:ident -> $call:ty: |$entry:ident, $extras:ident| $make:expr;)*) => {
        impl CallSite {$(
            $(#[$what])*
            #[inline]
            pub fn $enter(&'static self) -> $call {
                let ($entry, $extras) = (self.0.only(), &self.0.extras);
                _ = $extras;
                $make
            }

            $(#[$what])*
            /// With the values of its dynamic dimensions.
            #[inline]
            pub fn $enter_with<V: Values>(&'static self, values: V) -> $call {
                let ($entry, $extras) = (self.0.with(&values), &self.0.extras);
                _ = $extras;
                $make
            }
        )*}
    };
}

enters! {
    /// Begins a call of a plain function.
    enter enter_with -> Call: |entry, extras| Call::enter(entry);
    /// Begins a call of an async function.
    enter_async enter_async_with -> AsyncCall: |entry, extras| AsyncCall::enter(entry);
    /// Begins a call of a plain function of which one in so many is timed.
    enter_sampled enter_sampled_with -> Call<true>: |entry, extras| Call::enter_sampled(entry, extras.sample);
    /// Begins a call of an async function of which one in so many is timed.
    enter_async_sampled enter_async_sampled_with -> AsyncCall<true>:
        |entry, extras| AsyncCall::enter_sampled(entry, extras.sample);
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
    GaugeSite -> Gauge: |level, unit| Gauge(level);
    HistogramSite -> Histogram: |track, unit| Histogram { track, unit };
}
