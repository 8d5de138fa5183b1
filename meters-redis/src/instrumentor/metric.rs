//! What a metric is: name, type, description, labels, buckets; and its series.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use meters_core::Error;
use meters_core::fork::Lock;

use super::label::{self, LabelValue, Labels, check_name};
use super::series::Series;
use super::{Number, OTHER};

/// The types that the format knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
    /// Python reads it, and never writes it.
    Summary,
}

impl Kind {
    pub(super) fn of(letter: &str) -> Option<Self> {
        [Self::Counter, Self::Gauge, Self::Histogram, Self::Summary].into_iter().find(|kind| kind.letter() == letter)
    }

    pub(super) fn letter(self) -> &'static str {
        &self.word()[..1]
    }

    /// As in Prometheus.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

/// The inclusive upper end of a bucket.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bound {
    pub(super) value: f64,
    pub(super) text: Box<str>,
}

/// As a user wrote it.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) description: String,
    pub(super) labels: Vec<String>,
    pub(super) buckets: Vec<Number>,
    pub(super) initial: Option<Number>,
    /// Whether it is there before anything is recorded.
    pub(super) zero: bool,
}

/// What is registered under a name.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) name: Box<str>,
    pub(super) kind: Kind,
    /// Escaped.
    pub(super) help: Box<str>,
    pub(super) allowed: Box<[Box<str>]>,
    pub(super) bounds: Box<[Bound]>,
    /// Of a gauge, where nobody has written it yet.
    pub(super) initial: Option<Number>,
    /// It is there before anything is recorded.
    pub(super) zero: bool,
    /// The Redis was told what it is.
    pub(super) described: AtomicBool,
    /// What is recorded from now on goes nowhere.
    pub(super) gone: AtomicBool,
    all: Lock<HashMap<Box<str>, Arc<Series>>>,
}

impl Metric {
    pub(super) fn new(definition: Definition) -> Result<Self, Error> {
        let Definition { name, kind, description, mut labels, buckets, initial, zero } = definition;
        if !label::is_name(&name) || name.starts_with("__") {
            return Err(Error::invalid_input(format!(
                "metric {name:?}: use letters, digits and _, no digit first, no __ first (instrumentor cannot read colons)"
            )));
        }
        labels.iter().try_for_each(|label| check_name(label))?;
        labels.sort_unstable();
        labels.dedup();
        if initial.is_some_and(|number| number.value().is_nan()) {
            return Err(Error::invalid_input(format!("metric {name:?}: the initial value is NaN: use a number")));
        }
        Ok(Self {
            bounds: bounds(&name, buckets)?,
            name: name.into(),
            kind,
            help: label::help(&description),
            // With labels, it is not known before which there will be.
            zero: zero && (labels.is_empty() || initial.is_some()),
            allowed: labels.into_iter().map(Into::into).collect(),
            initial,
            described: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            all: Lock::default(),
        })
    }

    /// Whether both say the same.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let parts = |one: &Self| (one.kind, one.help.clone(), one.allowed.clone(), one.bounds.clone(), one.initial);
        parts(self) == parts(other)
    }

    /// Sorted, escaped, and all of them allowed.
    pub(super) fn labels(&self, pairs: &[(&str, &dyn LabelValue)]) -> Result<Labels, Error> {
        let mut labels = Labels::new();
        for (name, value) in pairs {
            if !self.allowed.iter().any(|allowed| **allowed == **name) {
                return Err(Error::invalid_input(format!(
                    "metric {:?} has no label {name:?}: name it where the metric is registered, which allows {:?}",
                    self.name, self.allowed
                )));
            }
            labels.push(((*name).into(), label::escaped(&value.text())));
        }
        labels.sort_unstable();
        if labels.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::invalid_input(format!("metric {:?}: a label is given twice: give it once", self.name)));
        }
        Ok(labels)
    }

    /// The one series of these labels; beyond `limit` of them, the one of all others.
    pub(super) fn series(self: &Arc<Self>, mut labels: Labels, limit: usize) -> Arc<Series> {
        let mut text = label::joined(&labels, None);
        let mut all = self.all.lock();
        if all.len() >= limit && !labels.is_empty() && !all.contains_key(&*text) {
            labels.iter_mut().for_each(|(_, value)| *value = OTHER.into());
            text = label::joined(&labels, None);
        }
        Arc::clone(all.entry(text.into()).or_insert_with(|| Arc::new(Series::new(Arc::clone(self), labels))))
    }

    /// The bucket that takes a value: the first whose bound is not below it.
    pub(super) fn bucket(&self, value: f64) -> usize {
        self.bounds.partition_point(|bound| bound.value < value)
    }
}

/// In order, each once, and without the last, which is always there.
fn bounds(name: &str, buckets: Vec<Number>) -> Result<Box<[Bound]>, Error> {
    if buckets.iter().any(|bound| bound.value().is_nan()) {
        return Err(Error::invalid_input(format!("metric {name:?}: a bucket is NaN: use numbers")));
    }
    let mut bounds: Vec<_> = buckets
        .into_iter()
        .filter(|bound| bound.value() != f64::INFINITY)
        .map(|bound| Bound { value: bound.value(), text: bound.to_string().into() })
        .collect();
    bounds.sort_by(|a, b| a.value.total_cmp(&b.value));
    bounds.dedup_by(|a, b| a.value == b.value);
    Ok(bounds.into())
}
