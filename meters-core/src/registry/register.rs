//! Handles and hand-put values from code without macros.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::entry::{Entry, Instrument, fits, too_many_buckets};
use super::index::Wanted;
use super::shut::Asks;
use super::{Monitor, Registry};
use crate::error::Error;
use crate::instrument::{Counter, FloatCounter, Gauge, Histogram, Meter, refuse};
use crate::model::policy::{self, Policy};
use crate::model::series::Metric;
use crate::model::{Dimension, DimensionValue, Dimensions, Kind, Level, MetricName, Resolution, Unit};

/// What a metric is made of, as far as it was said.
#[derive(Clone, Debug)]
pub(super) struct Draft<'r> {
    pub(super) registry: &'r Registry,
    pub(super) name: String,
    kind: Kind,
    unit: Unit,
    resolution: Resolution,
    pub(super) dimensions: Vec<(String, String)>,
    pub(super) policy: Policy,
    /// The dimension whose value the source says, so that it stays what it is over the limit.
    literal: Option<&'static str>,
    /// The first level of a gauge.
    pub(super) initial: Option<f64>,
    /// What is wrong with what was said.
    flaw: Option<&'static str>,
}

impl<'r> Draft<'r> {
    fn new(registry: &'r Registry, name: &str, kind: Kind) -> Self {
        let unit = match kind {
            Kind::Counter | Kind::FloatCounter => Unit::Count,
            Kind::Meter => Unit::CountPerSecond,
            Kind::Calls => Unit::Microseconds,
            _ => Unit::None,
        };
        let resolution = Resolution::Standard;
        let (name, dimensions, policy) = (name.to_owned(), Vec::new(), Policy::NONE);
        Self { registry, name, kind, unit, resolution, dimensions, policy, literal: None, initial: None, flaw: None }
    }

    fn dimension(&mut self, name: &str, value: &impl DimensionValue) {
        value.with_str(|value| self.dimensions.push((name.to_owned(), Dimension::cleaned_value(value).into_owned())));
    }

    /// The unit that was said, but that calls are reported in one of time.
    fn unit_to_report(&self) -> Unit {
        let timed = self.kind != Kind::Calls || self.unit.per_second().is_some();
        if timed { self.unit } else { Unit::Microseconds }
    }

    /// Its name, if that and the unit can be sent.
    pub(super) fn named(&self) -> Result<MetricName, Error> {
        let name = MetricName::new(self.name.as_str())?;
        if self.unit_to_report() != self.unit {
            let unit = self.unit;
            return Err(Error::invalid_input(format!("{unit} is no unit of time: {name} is a duration")));
        }
        if let Some(flaw) = self.flaw {
            return Err(Error::invalid_input(format!("{flaw} (metric {name})")));
        }
        Ok(name)
    }

    fn checked(&self) -> Result<&'static Entry, Error> {
        let name = self.named()?;
        let dimensions = Dimensions::try_from_iter(self.dimensions.iter().map(|(name, value)| (&**name, &**value)))?;
        Ok(self.entry(name.as_str(), dimensions.iter()))
    }

    /// Whatever was said, made sendable.
    fn mended(&self, error: &Error) -> &'static Entry {
        tracing::warn!(metric = self.name, %error, "a metric was mended so that it can be sent");
        let name: String = Dimension::cleaned_value(&self.name).chars().take(MetricName::MAX_LEN).collect();
        let mut dimensions = Dimensions::new();
        for (name, value) in &self.dimensions {
            let more =
                Dimension::new(Dimension::cleaned_name(name), value).and_then(|dimension| dimensions.with(dimension));
            dimensions = more.unwrap_or(dimensions);
        }
        self.entry(&name, dimensions.iter())
    }

    pub(super) fn adopt(&self, metric: &'static Metric) {
        let mut said = self.policy;
        if !fits(said.shape, self.unit) {
            too_many_buckets(&metric.name);
            said.shape = None;
        }
        if !metric.adopt(None, said) {
            tracing::warn!(
                metric = &*metric.name,
                ?said,
                "another place says otherwise of the same metric, and came first"
            );
        }
    }

    pub(super) fn unregister(&self) -> bool {
        let dimensions = self.dimensions.iter().map(|(name, value)| (&**name, &**value));
        let Ok(dimensions) = Dimensions::try_from_iter(dimensions) else { return false };
        let (keys, values): (Vec<&str>, Vec<&str>) = dimensions.iter().unzip();
        let metric = self.metric(&self.name, &keys).known();
        metric.is_some_and(|metric| self.registry.unregister_one(metric, &values.join("\u{1f}")))
    }

    pub(super) fn metric(&self, name: &str, keys: &[&str]) -> Metric {
        Metric {
            name: name.into(),
            kind: self.kind,
            unit: self.unit_to_report(),
            resolution: self.resolution,
            named: true,
            keys: keys.iter().map(|key| (*key).into()).collect(),
        }
    }

    fn entry<'d>(&self, name: &str, dimensions: impl Iterator<Item = (&'d str, &'d str)>) -> &'static Entry {
        let (keys, values): (Vec<&str>, Vec<Cow<'_, str>>) =
            dimensions.map(|(name, value)| (name, Cow::Borrowed(value))).unzip();
        let metric = self.metric(name, &keys).intern();
        self.adopt(metric);
        let dynamic: Vec<bool> = keys.iter().map(|key| self.literal != Some(*key)).collect();
        let other = dynamic.clone();
        let (limit, asks) = (self.registry.limit(), Asks::Register);
        let entry = self.registry.entry(&Wanted { metric, values, dynamic, other, limit, asks });
        if let (Some(level), Instrument::Level(gauge)) = (self.initial, &entry.instrument) {
            gauge.begin(level);
        }
        entry
    }
}

/// A handle that a series can be asked for.
pub trait Handle: Sized {
    #[doc(hidden)]
    fn of(from: From<'_>) -> Option<Self>;
}

/// A series of any kind, and its registry where it may not be known yet; its parts are nobody's business.
#[doc(hidden)]
pub struct From<'r>(pub(super) &'static Entry, pub(super) Option<&'r Registry>);

macro_rules! handles {
    ($($handle:ident: $instrument:ident($found:ident), $entry:ident => $make:expr;)*) => {$(
        impl Handle for $handle {
            fn of(From($entry, _): From<'_>) -> Option<Self> {
                if let Instrument::$instrument($found) = &$entry.instrument { Some($make) } else { None }
            }
        }
    )*};
}

handles! {
    Counter: Tally(tally), _entry => Counter(tally);
    Meter: Tally(tally), _entry => Meter(tally);
    FloatCounter: Amount(amount), _entry => FloatCounter(amount);
    Gauge: Level(level), _entry => Gauge(level);
    Histogram: Track(track), entry => Histogram { track, unit: entry.metric.unit };
}

impl Handle for Monitor {
    fn of(From(entry, registry): From<'_>) -> Option<Self> {
        Monitor::new(entry, registry)
    }
}

/// Says what a metric is before it is registered: unit, resolution, dimensions.
///
/// Registering the same again gives a handle on the same series.
///
/// ```
/// # use meters_core as meters;
/// use meters::{Registry, Unit};
/// let registry = Registry::new();
/// let orders = registry.counter("Orders").dimension("Kind", "web").dimension("Shard", 7).register();
/// let size = registry.histogram("Size").unit(Unit::Bytes).register();
/// orders.inc(1);
/// size.observe(512.0);
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is registered until `register()`"]
pub struct Register<'r, H> {
    pub(super) draft: Draft<'r>,
    handle: PhantomData<fn() -> H>,
}

impl<'r, H: Handle> Register<'r, H> {
    pub(super) fn new(registry: &'r Registry, name: &str, kind: Kind) -> Self {
        Self { draft: Draft::new(registry, name, kind), handle: PhantomData }
    }

    /// What was said last is left out.
    pub(super) fn flawed(mut self, flaw: &'static str) -> Self {
        self.draft.flaw.get_or_insert(flaw);
        self
    }

    /// The unit of its values. Counters count in `Count`, meters in `Count/Second`, monitors in `Microseconds`, others in
    /// `None` unless told.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.draft.unit = unit;
        self
    }

    /// How finely CloudWatch stores it; [`Resolution::Standard`] (60 s) unless told.
    pub fn resolution(mut self, resolution: Resolution) -> Self {
        self.draft.resolution = resolution;
        self
    }

    /// One more dimension. The value is cleaned as [`Dimension::cleaned_value`] says.
    pub fn dimension(mut self, name: &str, value: impl DimensionValue) -> Self {
        self.draft.dimension(name, &value);
        self
    }

    /// What it is, in words, for Prometheus and for people; kept for the life of the process. Of all that say it of one metric,
    /// the first is heard.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// registry.counter("Orders").description("Orders that were paid").register().inc(1);
    /// let snapshot = registry.snapshot();
    /// assert_eq!(snapshot.iter().next().unwrap().0.description(), Some("Orders that were paid"));
    /// ```
    pub fn description(mut self, text: &str) -> Self {
        self.draft.policy.description = Some(policy::kept(text));
        self
    }

    /// The dimensions that each roll-up keeps, as sites have them.
    #[doc(hidden)]
    pub fn rollups(mut self, rollups: &'static [&'static [&'static str]]) -> Self {
        self.draft.policy.rollups = rollups;
        self
    }

    /// For this process alone: no exporter sends or shows it, as no window of a [`Reader`](crate::Reader) has it. A
    /// [snapshot](Registry::snapshot) does. Said of one series of a metric, it is said of all with the same dimensions.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// let (retries, mut reader) = (registry.counter("Retries").internal().register(), registry.reader());
    /// retries.inc(1);
    /// assert!(reader.window().is_empty());
    /// assert_eq!(registry.snapshot().counter("Retries"), 1);
    /// ```
    pub fn internal(mut self) -> Self {
        self.draft.policy.internal = true;
        self
    }

    /// For whom it is recorded; [`Level::Runtime`] unless told.
    pub fn level(mut self, level: Level) -> Self {
        self.draft.policy.level = Some(level);
        self
    }

    pub(super) fn registry(&self) -> &'r Registry {
        self.draft.registry
    }

    /// This dimension is said where the metric is: series are limited apart for each of its values.
    pub(super) fn literal(mut self, name: &'static str) -> Self {
        self.draft.literal = Some(name);
        self
    }

    /// Its series, registered from now on.
    pub(super) fn told(&self) -> &'static Entry {
        self.draft.checked().unwrap_or_else(|error| self.draft.mended(&error))
    }

    /// The handle. A name or dimension that CloudWatch would refuse, or a monitor's unit that is none of time, is mended,
    /// with a warning through `tracing`.
    pub fn register(self) -> H {
        let entry = self.told();
        H::of(From(entry, Some(self.draft.registry)))
            .unwrap_or_else(|| unreachable!("the kind of a series decides its instrument"))
    }

    /// The handle, if every part of it is as CloudWatch wants it.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] for a name, a dimension's name, a dimension given twice, or more than 30 of them; and for
    /// a monitor whose unit is none of time.
    pub fn try_register(self) -> Result<H, Error> {
        let entry = self.draft.checked()?;
        Ok(H::of(From(entry, Some(self.draft.registry)))
            .unwrap_or_else(|| unreachable!("the kind of a series decides its instrument")))
    }
}

/// One value put by hand: recorded when this is dropped, at the end of the statement.
///
/// ```
/// # use meters_core as meters;
/// use meters::{Registry, Unit};
/// let registry = Registry::new();
/// registry.put("BatchSize", 12.0).unit(Unit::Count).dimension("Queue", "mail");
/// ```
#[derive(Debug)]
pub struct Putting<'r> {
    draft: Draft<'r>,
    value: f64,
}

impl<'r> Putting<'r> {
    pub(super) fn new(registry: &'r Registry, name: &str, kind: Kind, value: f64) -> Self {
        Self { draft: Draft::new(registry, name, kind), value }
    }

    /// The unit of the value, [`Unit::None`] unless told.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.draft.unit = unit;
        self
    }

    /// How finely CloudWatch stores it.
    pub fn resolution(mut self, resolution: Resolution) -> Self {
        self.draft.resolution = resolution;
        self
    }

    /// One more dimension. The value is cleaned as [`Dimension::cleaned_value`] says.
    pub fn dimension(mut self, name: &str, value: impl DimensionValue) -> Self {
        self.draft.dimension(name, &value);
        self
    }
}

impl Drop for Putting<'_> {
    fn drop(&mut self) {
        let entry = self.draft.checked().unwrap_or_else(|error| self.draft.mended(&error));
        if !matches!(&entry.instrument, Instrument::Put(put) if put.record(self.value)) {
            refuse();
        }
    }
}
