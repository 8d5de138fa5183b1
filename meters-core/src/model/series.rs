//! The identity of a series: name, dimensions, unit, kind.

use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use crate::fork::{self, Lock};
use crate::model::{Dimension, Dimensions, Level, MetricName, Resolution, Shape, Unit, policy};

/// What a series counts or measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A total that only grows.
    Counter,
    /// A level that goes up and down.
    Gauge,
    /// Events per second.
    Meter,
    /// A distribution of values.
    Histogram,
    /// The calls of a function: durations and outcomes.
    Calls,
    /// Values put by hand, each distinct one with its count.
    Values,
    /// Values put by hand, of which only count, sum, minimum and maximum are kept.
    Statistic,
    /// A total that only grows, by any amount.
    FloatCounter,
}

/// What all series of one metric share. Interned and never freed: there are as many as the program has metrics.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Metric {
    pub(crate) name: Box<str>,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) resolution: Resolution,
    /// The user chose the name: what derives from it is `Name.Errors`, not `Errors`.
    pub(crate) named: bool,
    /// The names of the dimensions, sorted.
    pub(crate) keys: Box<[Box<str>]>,
}

impl Metric {
    /// The name of a metric that derives from this one: `Errors`, or `Checkout.Errors` where the user chose the name.
    pub(crate) fn derived(&self, what: &str) -> String {
        if self.named { format!("{}.{what}", self.name) } else { what.to_owned() }
    }

    /// The one copy of this metric.
    pub(crate) fn intern(self) -> &'static Metric {
        match self.interned(|_| true) {
            Some(metric) => metric,
            None => unreachable!("there was room"),
        }
    }

    /// The same if there is one.
    pub(crate) fn known(self) -> Option<&'static Metric> {
        self.interned(|_| false)
    }

    /// The same for what another process says; `None` where this process keeps too much of that already.
    pub(super) fn intern_foreign(self) -> Option<&'static Metric> {
        self.interned(|metric| {
            let texts = metric.keys.iter().map(|key| 16 + key.len()).sum::<usize>();
            policy::room(128 + metric.name.len() + texts)
        })
    }

    fn interned(self, room: impl FnOnce(&Metric) -> bool) -> Option<&'static Metric> {
        static INTERNED: LazyLock<Lock<HashSet<&'static Metric>>> = LazyLock::new(Lock::default);
        let _inside = fork::enter();
        let mut interned = INTERNED.lock();
        if let Some(known) = interned.get(&self) {
            return Some(known);
        }
        if !room(&self) {
            return None;
        }
        let metric: &'static Metric = Box::leak(Box::new(self));
        interned.insert(metric);
        Some(metric)
    }
}

/// Stands between the packed values of a series; no cleaned value can hold it.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// The identity of a series: name, sorted dimensions, unit, resolution and kind. Cheap to clone and to compare.
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// registry.counter("Orders").dimension("Kind", "web").dimension("Tier", "gold").register().inc(1);
/// registry.counter("Orders").dimension("Tier", "gold").dimension("Kind", "web").register().inc(1);
/// let snapshot = registry.snapshot();
/// assert_eq!(snapshot.iter().len(), 1); // order is no part of the identity
/// let (series, _) = snapshot.iter().next().unwrap();
/// assert_eq!((series.name(), series.dimension("Kind")), ("Orders", Some("web")));
/// assert_eq!(series.to_string(), "Orders{Kind=\"web\",Tier=\"gold\"}");
/// ```
#[derive(Clone)]
pub struct Series {
    pub(crate) metric: &'static Metric,
    pub(crate) values: Packed,
}

/// The values of a series' dimensions, packed. Those of a registry live as long as it does, which is for ever.
#[derive(Clone)]
pub(crate) enum Packed {
    Kept(&'static str),
    Shared(Arc<str>),
}

impl Deref for Packed {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match self {
            Self::Kept(values) => values,
            Self::Shared(values) => values,
        }
    }
}

impl Series {
    /// The series of these parts. The metric's name and the names of its dimensions are kept for the life of the process.
    pub fn new(name: &MetricName, kind: Kind, unit: Unit, resolution: Resolution, dimensions: &Dimensions) -> Self {
        let metric = Metric {
            name: name.as_str().into(),
            kind,
            unit,
            resolution,
            named: true,
            keys: dimensions.iter().map(|(key, _)| key.into()).collect(),
        };
        let values: Vec<_> = dimensions.iter().map(|(_, value)| Dimension::cleaned_value(value)).collect();
        Self { metric: metric.intern(), values: Packed::Shared(values.join("\u{1f}").into()) }
    }

    /// The metric's name.
    pub fn name(&self) -> &str {
        &self.metric.name
    }

    /// What is counted or measured.
    pub fn kind(&self) -> Kind {
        self.metric.kind
    }

    /// The unit it is reported in. The durations of [`Kind::Calls`] are held in nanoseconds until they are reported.
    pub fn unit(&self) -> Unit {
        self.metric.unit
    }

    /// How finely CloudWatch stores it.
    pub fn resolution(&self) -> Resolution {
        self.metric.resolution
    }

    /// (name, value) of each dimension, sorted by name.
    pub fn dimensions(&self) -> impl Iterator<Item = (&str, &str)> + '_ {
        self.metric.keys.iter().map(AsRef::as_ref).zip(self.values.split(SEPARATOR))
    }

    /// The value of one dimension.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// What it is, as [`Register::description`](crate::Register::description) or an attribute said; else the first paragraph of
    /// the documentation of the annotated function that the metric is named in.
    pub fn description(&self) -> Option<&'static str> {
        self.metric.policy(&self.values).in_words()
    }

    /// How it is shown beside its lattice, if it is a histogram of which that was said.
    pub fn shape(&self) -> Option<&'static Shape> {
        self.metric.policy(&self.values).shape
    }

    /// Whether it is for this process alone: no exporter sends or shows it.
    pub fn is_internal(&self) -> bool {
        self.metric.policy(&self.values).internal
    }

    /// For whom it is recorded.
    pub fn level(&self) -> Level {
        self.metric.policy(&self.values).level.unwrap_or_default()
    }

    /// The name under which the errors of [`Kind::Calls`] are reported: `Errors`, or `Checkout.Errors` where the metric was
    /// named `Checkout`.
    pub fn errors_name(&self) -> String {
        self.metric.derived("Errors")
    }

    /// The name under which the cancelled calls of [`Kind::Calls`] are reported.
    pub fn cancelled_name(&self) -> String {
        self.metric.derived("Cancelled")
    }
}

impl PartialEq for Series {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.metric, other.metric) && *self.values == *other.values
    }
}

impl Eq for Series {}

impl Hash for Series {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.metric).hash(state);
        self.values.hash(state);
    }
}

impl fmt::Debug for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        for (place, (key, value)) in self.dimensions().enumerate() {
            write!(f, "{}{key}={value:?}", if place == 0 { "{" } else { "," })?;
        }
        f.write_str(if self.metric.keys.is_empty() { "" } else { "}" })
    }
}
