//! The static behind an annotated function or a macro's handle.

mod call_site;
mod kinds;
mod own;
mod target;

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use super::entry::{Entry, fits, too_many_buckets};
use super::index::Wanted;
use super::rename::{Spelling, Told};
use super::shut::Asks;
use super::table::{Key, Part};
use super::{Registry, Values};
use crate::fork;
use crate::model::policy::{self, Policy};
use crate::model::series::Metric;
use crate::model::shape::{self, Shape};
use crate::model::{Dimension, Kind, Resolution, Unit};

pub(super) use call_site::Extras;
pub use kinds::{CallSite, CounterSite, FloatCounterSite, GaugeSite, HistogramSite, MeterSite, SummarySite};
pub use own::OwnSite;

use target::Target;

/// What is known when the program is compiled, and what was found out since.
struct Site<T: 'static> {
    /// The value of the implied dimension, where that is the only one.
    function: Option<&'static str>,
    name: &'static str,
    /// (name, value), the value missing where it comes at run time.
    dimensions: &'static [(&'static str, Option<&'static str>)],
    kind: Kind,
    unit: Unit,
    resolution: Resolution,
    named: bool,
    policy: Policy,
    /// Those of [`HistogramSite::buckets`].
    bounds: &'static [f64],
    /// Those of [`SummarySite::quantiles`].
    quantiles: &'static [f64],
    extras: Extras,
    spelling: Spelling,
    layout: OnceLock<Layout>,
    /// Of the only series, or of each combination of closed values.
    places: OnceLock<Box<[OnceLock<&'static T>]>>,
    only: OnceLock<&'static T>,
}

/// A number for the tables of one more site.
pub(super) fn next_table() -> u32 {
    NEXT_TABLE.fetch_add(1, Relaxed)
}

/// The dimensions in the order in which series pack them.
struct Layout {
    metric: &'static Metric,
    told: Told,
    fixed: Vec<Option<Cow<'static, str>>>,
    key: Key,
    /// Another site said otherwise before, and nobody was told.
    unheard: AtomicBool,
    /// There are too many sets of buckets, and nobody was told.
    unfit: AtomicBool,
    /// Of a summary, whoever said it first.
    maximum: Option<f64>,
}

static NEXT_TABLE: AtomicU32 = AtomicU32::new(0);

impl<T: Target> Site<T> {
    const fn new(
        kind: Kind,
        unit: Unit,
        name: &'static str,
        dimensions: &'static [(&'static str, Option<&'static str>)],
    ) -> Self {
        Self {
            function: None,
            name,
            dimensions,
            kind,
            unit,
            resolution: Resolution::Standard,
            // What derives from a name has to say which; of counters and their like nothing does.
            named: !matches!(kind, Kind::Calls),
            policy: Policy::NONE,
            bounds: &[],
            quantiles: &[],
            extras: Extras::NONE,
            spelling: Spelling::AS_WRITTEN,
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
            asks: Asks::Handle,
        })
    }

    fn policy(&'static self) -> Policy {
        let shape = match (self.bounds, self.quantiles) {
            ([], []) => None,
            ([], quantiles) => Some(Shape::Quantiles(quantiles.into())),
            (bounds, _) => Some(Shape::Buckets(bounds.into())),
        };
        let shape = shape.map(shape::kept).filter(|shape| fits(Some(shape), self.unit));
        Policy { shape, ..self.policy }
    }

    fn layout(&'static self) -> &'static Layout {
        let inside = fork::enter();
        let layout = self.layout.get_or_init(|| {
            let told = self.spelling.told(self.dimensions);
            let mut nth = 0;
            let mut all: Vec<(&'static str, Option<Cow<'static, str>>, Part)> = Vec::new();
            let implied = self.function.map(|function| (policy::FUNCTION, Some(function)));
            for (name, value) in self.dimensions.iter().copied().chain(implied) {
                let fixed = value.map(Dimension::cleaned_value);
                let part = match &fixed {
                    Some(fixed) => Part::Fixed(fixed.len()),
                    None => {
                        nth += 1;
                        Part::Dynamic(nth - 1)
                    }
                };
                all.push((told.of(name), fixed, part));
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
            let policy = self.policy();
            let unfit = policy.shape.is_none() && !self.bounds.is_empty();
            let heard = metric.adopt(function.as_deref(), policy.spelt(|name| told.of(name)));
            let (fixed, parts) = all.into_iter().map(|(_, fixed, part)| (fixed, part)).unzip();
            let key = Key::new(next_table(), parts);
            let maximum = metric.policy("").maximum.or(policy.maximum);
            let (unheard, unfit) = (AtomicBool::new(!heard), AtomicBool::new(unfit));
            Layout { metric, told, fixed, key, unheard, unfit, maximum }
        });
        drop(inside);
        // Only now: who hears of it may record here.
        if layout.unheard.load(Relaxed) && layout.unheard.swap(false, Relaxed) {
            let Policy { limit, limits, rollups, across, description, shape, level, .. } = self.policy();
            let metric = self.name;
            tracing::warn!(
                metric,
                ?limit,
                ?limits,
                ?rollups,
                ?across,
                ?description,
                ?shape,
                ?level,
                "another place in the source says otherwise of the same metric, and came first: say the same in both"
            );
        }
        if layout.unfit.load(Relaxed) && layout.unfit.swap(false, Relaxed) {
            too_many_buckets(self.name);
        }
        layout
    }
}
