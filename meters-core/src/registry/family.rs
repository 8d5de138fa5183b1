//! Families: handles of one metric by the values of labels whose names were said before.

mod member;

pub use member::MemberSite;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use foldhash::fast::RandomState;

use super::Registry;
use super::entry::Entry;
use super::index::Wanted;
use super::register::{From, Handle};
use super::shut::Asks;
use super::site;
use super::table::{Key, Part};
use super::values::{Row, Values};
use crate::error::Error;
use crate::model::series::Metric;
use crate::model::{Dimension, DimensionValue, Dimensions};

/// Families that a registry has given out, by metric, values that are always the same, and labels in their order.
pub(super) type Families = HashMap<(usize, String, Vec<String>), &'static Shape, RandomState>;

/// What a family is; kept for the life of the process, as there are as many as the source says.
pub(super) struct Shape {
    registry: Registry,
    metric: &'static Metric,
    labels: Vec<String>,
    /// By the places of the metric's keys; `None` where it is a label.
    fixed: Vec<Option<String>>,
    key: Key,
    warned: AtomicBool,
}

/// A metric whose labels were said before, in Prometheus' word: its handles are found by their values. Cheap to copy; made by
/// [`Register::labels`](crate::Register::labels).
///
/// A label is a dimension like all others. Of values that this thread has met before, [`with`](Self::with) takes no lock and
/// allocates nothing; where it matters, keep the handle. Of one metric there are as many series as
/// [its limit](Registry::set_limit) says, and what comes beyond is counted as `_other`.
///
/// ```
/// # use meters_core as meters;
/// use std::sync::LazyLock;
/// use meters::{Counter, Family, Registry};
///
/// static REQUESTS: LazyLock<Family<Counter>> =
///     LazyLock::new(|| Registry::global().counter("Requests").labels(["code", "method"]).family().unwrap());
///
/// REQUESTS.with(["200", "GET"]).inc(1);
/// REQUESTS.get([("method", "GET"), ("code", "200")])?.inc(1);
/// assert!(REQUESTS.get([("method", "GET"), ("path", "/")]).is_err());
/// assert_eq!(Registry::global().snapshot().metric("Requests").with("code", "200").count(), 2);
/// # Ok::<(), meters::Error>(())
/// ```
pub struct Family<H>(&'static Shape, PhantomData<fn() -> H>);

impl<H> Clone for Family<H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H> Copy for Family<H> {}

impl<H> fmt::Debug for Family<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("metric", &self.0.metric.name).field("labels", &self.0.labels).finish()
    }
}

impl<H: Handle> Family<H> {
    pub(super) fn new(registry: &Registry, metric: &'static Metric, fixed: &Dimensions, labels: Vec<String>) -> Self {
        let nth = |key: &str| labels.iter().position(|label| label == key);
        let fixed: Vec<_> = metric.keys.iter().map(|key| fixed.get(key).map(str::to_owned)).collect();
        let keys = metric.keys.iter().map(|key| &**key);
        let parts = keys.zip(&fixed).map(|(key, fixed)| match fixed {
            Some(value) => Part::Fixed(value.len()),
            None => Part::Dynamic(nth(key).unwrap_or_default()),
        });
        let parts: Vec<Part> = parts.collect();
        let values: Vec<&str> = fixed.iter().flatten().map(String::as_str).collect();
        let known = (std::ptr::from_ref(metric).addr(), values.join("\u{1f}"), labels.clone());
        let mut families = registry.0.families.lock();
        let shape = *families.entry(known).or_insert_with(|| {
            let (registry, key) = (registry.clone(), Key::new(site::next_table(), parts));
            Box::leak(Box::new(Shape { registry, metric, labels, fixed, key, warned: AtomicBool::new(false) }))
        });
        drop(families);
        registry.register_again(metric);
        Self(shape, PhantomData)
    }

    /// The handle of these values, in the order of the labels. A value is cleaned as [`Dimension::cleaned_value`] says.
    /// Where there are fewer values than labels, the rest is `_`; further ones are left out. Both give one warning through
    /// `tracing`.
    #[inline]
    pub fn with<V: DimensionValue, const N: usize>(&self, values: [V; N]) -> H {
        let found = if N == self.0.labels.len() { self.0.key.find(&Row(&values)) } else { None };
        let entry = match found {
            Some(entry) if !entry.gate().is_gone() => entry,
            found => self.0.meet(&Row(&values), found.is_some()),
        };
        handle(entry, found.is_none().then_some(&self.0.registry))
    }

    /// The handle of these labels, in any order.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] where a label is missing, given twice or none of this family.
    pub fn get<V: DimensionValue, const N: usize>(&self, labels: [(&str, V); N]) -> Result<H, Error> {
        let Shape { labels: known, metric, registry, .. } = self.0;
        let place = |label: &String| labels.iter().position(|(name, _)| name == label);
        let places: Vec<usize> = known.iter().filter_map(place).collect();
        if places.len() != known.len() || N != known.len() {
            let (given, name) = (labels.each_ref().map(|(name, _)| *name), &metric.name);
            return Err(Error::invalid_input(format!(
                "the labels of {name} are {known:?}, each once and no others: these are {given:?}"
            )));
        }
        let text = |place: usize| labels[place].1.with_str(str::to_owned);
        let entry = self.0.entry(places.into_iter().map(text).collect());
        Ok(handle(entry, Some(registry)))
    }

    /// Takes the series of these values away, as [`Registry::unregister`] does with all; asked for again, it is back. False
    /// where there is none.
    pub fn remove<V: DimensionValue, const N: usize>(&self, values: [V; N]) -> bool {
        let mut given = Vec::new();
        Row(&values).copy_to(&mut given);
        self.0.registry.unregister_one(self.0.metric, &self.0.values(given).join("\u{1f}"))
    }
}

/// The handle of a series that may have been met before.
#[inline]
fn handle<H: Handle>(entry: &'static Entry, met: Option<&Registry>) -> H {
    H::of(From(entry, met)).unwrap_or_else(|| unreachable!("the kind of a series decides its instrument"))
}

impl Shape {
    #[cold]
    #[inline(never)]
    fn meet<V: DimensionValue, const N: usize>(&self, row: &Row<'_, V, N>, known: bool) -> &'static Entry {
        if N != self.labels.len() && !self.warned.swap(true, Relaxed) {
            let (metric, labels) = (&*self.metric.name, &self.labels);
            tracing::warn!(
                metric,
                ?labels,
                given = N,
                "a handle was asked for with another number of values than labels"
            );
        }
        let mut given = Vec::new();
        row.copy_to(&mut given);
        let entry = self.entry(given);
        if N == self.labels.len() && !known {
            self.key.remember(row, entry);
        }
        entry
    }

    /// The series of these values, in the order of the labels.
    fn entry(&self, given: Vec<String>) -> &'static Entry {
        let dynamic: Vec<bool> = self.fixed.iter().map(Option::is_none).collect();
        self.registry.entry(&Wanted {
            metric: self.metric,
            values: self.values(given).into_iter().map(Cow::Owned).collect(),
            other: dynamic.clone(),
            dynamic,
            limit: self.registry.limit(),
            asks: Asks::Family,
        })
    }

    /// All values of a series, in the order of its keys.
    fn values(&self, given: Vec<String>) -> Vec<String> {
        let value = |(fixed, part): (&Option<String>, &Part)| match (fixed, *part) {
            (Some(fixed), _) => fixed.clone(),
            (None, Part::Dynamic(nth)) => {
                Dimension::cleaned_value(given.get(nth).map_or("", |value| value)).into_owned()
            }
            (None, Part::Fixed(_)) => String::new(),
        };
        self.fixed.iter().zip(&self.key.parts).map(value).collect()
    }
}
