//! What stands on a page, and in which order.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use meters_core::{Identity, Kind, Series, Shape, Value};

use crate::config::Config;
use crate::name::{Book, Form, Part, Who, escaped, is_label, is_metric};

/// A name as it is, and in characters that every scraper knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) raw: String,
    pub(crate) escaped: String,
}

impl Name {
    pub(crate) fn label(raw: String) -> Self {
        let escaped = escaped(&raw, is_label);
        Self { raw, escaped }
    }

    fn metric(raw: String) -> Self {
        let escaped = escaped(&raw, is_metric);
        Self { raw, escaped }
    }
}

/// Series with the same labels but for their values, by those.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) labels: Vec<Name>,
    /// Where they are among the places of the group.
    pub(crate) range: Range<usize>,
}

/// The series of one metric.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) who: Who,
    pub(crate) runs: Vec<Run>,
    /// Their places in the snapshot.
    pub(crate) places: Vec<u32>,
    /// Of each, by which quantiles it is told; empty where it is no summary.
    pub(crate) quantiles: Vec<&'static [f64]>,
    /// What was said of all of them, if it is the same.
    pub(crate) description: Option<&'static str>,
}

/// A family of samples: all of a group, or one side of it.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: Name,
    pub(crate) part: Part,
    pub(crate) group: usize,
}

/// Groups, and families by their names, of snapshots with exactly these series.
#[derive(Debug, Default)]
pub(crate) struct Order {
    series: Vec<Series>,
    said: usize,
    pub(crate) groups: Vec<Group>,
    pub(crate) families: Vec<Family>,
}

/// Of a group that is being gathered, by the names of the labels: where its series are.
type Gathered = BTreeMap<Vec<&'static str>, Vec<u32>>;

impl Order {
    /// Whether this is the order of these.
    pub(crate) fn is_of(&self, items: &[(Series, Value)]) -> bool {
        self.said == Series::said()
            && self.series.len() == items.len()
            && self.series.iter().zip(items).all(|(known, (series, _))| known == series)
    }

    /// `name` says what all of these are called.
    pub(crate) fn new(items: &[(Series, Value)], config: &Config, name: impl FnOnce(&[Group]) -> Vec<Family>) -> Self {
        let said = Series::said();
        let mut groups: BTreeMap<Who, (Gathered, Descriptions)> = BTreeMap::new();
        // Metric by metric, as looking up a group is dear.
        let mut found: HashMap<(usize, Form), (Vec<u32>, Descriptions)> = HashMap::new();
        let mut identities = HashMap::new();
        for (place, (series, value)) in items.iter().enumerate() {
            let (internal, shape, description) = series.shown();
            let identity = Identity::of(series);
            let Some(form) = form(identity.kind(), shape, value).filter(|_| !internal) else { continue };
            let (places, descriptions) = found.entry((identity.address(), form)).or_default();
            places.push(u32::try_from(place).unwrap_or(u32::MAX));
            descriptions.hear(description);
            identities.entry(identity.address()).or_insert(identity);
        }
        for ((address, form), (places, heard)) in found {
            let identity: Identity = identities[&address];
            let who = Who {
                name: identity.name(),
                kind: identity.kind(),
                unit: identity.unit(),
                resolution: identity.resolution(),
                unnamed: !identity.named(),
                form,
            };
            let (gathered, descriptions) = groups.entry(who).or_default();
            gathered.insert(identity.keys().collect(), places);
            descriptions.join(heard);
        }
        let groups: Vec<_> = groups
            .into_iter()
            .map(|(who, (gathered, descriptions))| {
                let (runs, places) = runs(gathered, items, config);
                let quantiles = match who.form {
                    Form::Summary => places.iter().map(|place| quantiles(&items[*place as usize].0)).collect(),
                    _ => Vec::new(),
                };
                Group { who, runs, places, quantiles, description: descriptions.all() }
            })
            .collect();
        let families = name(&groups);
        Self { series: items.iter().map(|(series, _)| series.clone()).collect(), said, groups, families }
    }
}

fn quantiles(series: &Series) -> &'static [f64] {
    match series.shape() {
        Some(Shape::Quantiles(quantiles)) => quantiles,
        _ => &[],
    }
}

/// By the values of the labels, each set of them once.
fn runs(gathered: Gathered, items: &[(Series, Value)], config: &Config) -> (Vec<Run>, Vec<u32>) {
    let (mut runs, mut all) = (Vec::with_capacity(gathered.len()), Vec::new());
    for (keys, mut places) in gathered {
        let values = |place: &u32| items[*place as usize].0.packed();
        places.sort_by(|one, other| values(one).cmp(values(other)));
        places.dedup_by(|later, first| values(later) == values(first));
        let start = all.len();
        all.append(&mut places);
        let labels = keys.into_iter().map(|key| Name::label(config.labels.name(key))).collect();
        runs.push(Run { labels, range: start..all.len() });
    }
    (runs, all)
}

/// The families of all groups under the names that this book gives them.
pub(crate) fn families(groups: &[Group], book: &mut Book, config: &Config) -> Vec<Family> {
    book.enter(&config.prefix, groups.iter().map(|group| group.who));
    let named = |(group, Group { who, .. }): (usize, &Group)| {
        let families: Arc<[(Part, String)]> = book.families(who);
        let families: Vec<_> = families.iter().cloned().collect();
        families.into_iter().map(move |(part, name)| Family { name: Name::metric(name), part, group })
    };
    let mut families: Vec<_> = groups.iter().enumerate().flat_map(named).collect();
    families.sort_by(|one, other| one.name.cmp(&other.name));
    families
}

/// What a series looks like to Prometheus; `None` where its value is none of its kind.
fn form(kind: Kind, shape: Option<&Shape>, value: &Value) -> Option<Form> {
    let form = match (kind, value) {
        (Kind::Counter, Value::Counter(_)) | (Kind::Meter, Value::Meter(_)) => Form::Counter,
        (Kind::FloatCounter, Value::FloatCounter(_)) => Form::Counter,
        (Kind::Gauge, Value::Gauge(_)) => Form::Gauge,
        (Kind::Histogram, Value::Histogram(_)) if matches!(shape, Some(Shape::Quantiles(_))) => Form::Summary,
        (Kind::Histogram, Value::Histogram(_)) => Form::Histogram,
        (Kind::Calls, Value::Calls(_)) => Form::Calls,
        (Kind::Values, Value::Values(_)) | (Kind::Statistic, Value::Statistic(_)) => Form::Extremes,
        _ => return None,
    };
    Some(form)
}

/// What was said of series of one group.
#[derive(Clone, Copy, Default)]
struct Descriptions {
    first: Option<&'static str>,
    differ: bool,
}

impl Descriptions {
    fn hear(&mut self, one: Option<&'static str>) {
        let Some(one) = one else { return };
        self.differ |= *self.first.get_or_insert(one) != one;
    }

    fn join(&mut self, other: Self) {
        self.hear(other.first);
        self.differ |= other.differ;
    }

    fn all(self) -> Option<&'static str> {
        self.first.filter(|_| !self.differ)
    }
}
