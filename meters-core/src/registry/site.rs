//! The static behind an annotated function or a macro's handle.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::entry::{Entry, Instrument};
use super::index::Wanted;
use super::rename::{self, Rename};
use super::table::{Key, Part};
use super::{Registry, Values};
use crate::instrument::{AsyncCall, Call, Counter, Gauge, Histogram, Level, Meter, Tally, Track};
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
    limit: Option<usize>,
    /// How the keys that were written as identifiers are spelt, and which these are.
    rename: Rename,
    identifiers: &'static [bool],
    layout: OnceLock<Layout>,
    /// Of the only series, or of each combination of closed values.
    places: OnceLock<Box<[OnceLock<&'static T>]>>,
    only: OnceLock<&'static T>,
}

/// The dimensions in the order in which series pack them.
struct Layout {
    metric: &'static Metric,
    fixed: Vec<Option<Cow<'static, str>>>,
    key: Key,
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
            limit: None,
            rename: Rename::AsWritten,
            identifiers: &[],
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
        let places = self.places.get_or_init(|| (0..count).map(|_| OnceLock::new()).collect());
        match places.get(values.place()) {
            // Resolved first: a warning on the way may record here itself, and come back.
            Some(place) => {
                let target = self.resolve(values, true);
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
            dynamic,
            limit: self.limit.unwrap_or_else(|| registry.limit()),
        })
    }

    /// The names of the dimensions as they are reported, in the order of the source.
    fn keys(&self) -> Vec<Cow<'static, str>> {
        let written: Vec<&'static str> = self.dimensions.iter().map(|(name, _)| *name).collect();
        rename::keys(self.rename, self.identifiers, &written)
    }

    fn layout(&'static self) -> &'static Layout {
        self.layout.get_or_init(|| {
            let mut nth = 0;
            let mut all: Vec<(Cow<'static, str>, Option<Cow<'static, str>>, Part)> = Vec::new();
            for (name, &(_, value)) in self.keys().into_iter().zip(self.dimensions) {
                let fixed = value.map(Dimension::cleaned_value);
                let part = match &fixed {
                    Some(fixed) => Part::Fixed(fixed.len()),
                    None => {
                        nth += 1;
                        Part::Dynamic(nth - 1)
                    }
                };
                all.push((name, fixed, part));
            }
            all.sort_by(|(one, ..), (other, ..)| one.cmp(other));
            let metric = Metric {
                name: self.name.into(),
                kind: self.kind,
                unit: self.unit,
                resolution: self.resolution,
                named: self.named,
                keys: all.iter().map(|(name, ..)| (&**name).into()).collect(),
            };
            let (fixed, parts) = all.into_iter().map(|(_, fixed, part)| (fixed, part)).unzip();
            Layout { metric: metric.intern(), fixed, key: Key::new(NEXT_TABLE.fetch_add(1, Relaxed), parts) }
        })
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

            /// At most so many series, whatever the registry says.
            #[must_use]
            pub const fn limit(mut self, limit: usize) -> Self {
                self.0.limit = Some(limit);
                self
            }

            /// Keys written as identifiers are spelt so; `identifiers` says of each dimension whether it is one.
            #[must_use]
            pub const fn renamed(mut self, rename: Rename, identifiers: &'static [bool]) -> Self {
                self.0.rename = rename;
                self.0.identifiers = identifiers;
                self
            }
        }
    )*};
}

sites! {
    /// The static behind `#[monitored]`.
    CallSite(Track, Calls, Microseconds);
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

    /// Begins a call of a plain function.
    #[inline]
    pub fn enter(&'static self) -> Call {
        Call::enter(self.0.only())
    }

    /// Begins a call of a plain function, with the values of its dynamic dimensions.
    #[inline]
    pub fn enter_with<V: Values>(&'static self, values: V) -> Call {
        Call::enter(self.0.with(&values))
    }

    /// Begins a call of an async function.
    #[inline]
    pub fn enter_async(&'static self) -> AsyncCall {
        AsyncCall::enter(self.0.only())
    }

    /// Begins a call of an async function, with the values of its dynamic dimensions.
    #[inline]
    pub fn enter_async_with<V: Values>(&'static self, values: V) -> AsyncCall {
        AsyncCall::enter(self.0.with(&values))
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
    MeterSite -> Meter: |tally, unit| Meter(tally);
    CounterSite -> Counter: |tally, unit| Counter(tally);
    GaugeSite -> Gauge: |level, unit| Gauge(level);
    HistogramSite -> Histogram: |track, unit| Histogram { track, unit };
}
