//! Finding a series by its identity, and keeping each metric within its limit.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use super::arena::Arena;
use super::entry::Entry;
use crate::model::series::Metric;

/// The value of the dimensions of the series that takes what is over the limit.
const OTHER: &str = "_other";

/// All series of a registry, in the order in which they appeared.
#[derive(Default)]
pub(super) struct Index {
    hasher: RandomState,
    places: HashTable<u32>,
    pub(super) entries: Vec<&'static Entry>,
    /// By the address of the metric and its literal dimensions: how many series it has, and whether its limit was told.
    counts: HashMap<(usize, String), Count>,
    arena: Arena,
}

#[derive(Default)]
struct Count {
    series: usize,
    warned: bool,
}

/// A series about to be found or made: `dynamic` says which of its values came at run time.
pub(super) struct Wanted<'a> {
    pub(super) metric: &'static Metric,
    pub(super) values: Vec<std::borrow::Cow<'a, str>>,
    pub(super) dynamic: Vec<bool>,
    pub(super) limit: usize,
}

impl Index {
    /// The series, made where there is none; over the metric's limit, the one that takes the rest, and the first time a
    /// warning. Whoever gives it must hold no lock: those who hear of it may record themselves.
    pub(super) fn entry(&mut self, wanted: &Wanted<'_>) -> (&'static Entry, Option<Crowded>) {
        let values = wanted.values.join("\u{1f}");
        if let Some(entry) = self.find(wanted.metric, &values) {
            return (entry, None);
        }
        let open = wanted.dynamic.contains(&true);
        let parts = || wanted.values.iter().zip(&wanted.dynamic);
        let fixed: Vec<&str> = parts().filter(|(_, dynamic)| !**dynamic).map(|(value, _)| &**value).collect();
        let fixed = fixed.join("\u{1f}");
        let count = self.counts.entry((std::ptr::from_ref(wanted.metric) as usize, fixed.clone())).or_default();
        if open && count.series >= wanted.limit {
            let first = !std::mem::replace(&mut count.warned, true);
            let crowded = first.then(|| self.crowded(wanted, fixed.replace('\u{1f}', ", ")));
            let rest: Vec<&str> = parts().map(|(value, dynamic)| if *dynamic { OTHER } else { value }).collect();
            let rest = rest.join("\u{1f}");
            return (self.find(wanted.metric, &rest).unwrap_or_else(|| self.insert(wanted.metric, &rest)), crowded);
        }
        count.series += usize::from(open);
        (self.insert(wanted.metric, &values), None)
    }

    fn find(&self, metric: &'static Metric, values: &str) -> Option<&'static Entry> {
        let same = |place: &u32| {
            let entry = self.entries[*place as usize];
            std::ptr::eq(entry.metric, metric) && entry.values == values
        };
        self.places.find(self.hash(metric, values), same).map(|place| self.entries[*place as usize])
    }

    fn insert(&mut self, metric: &'static Metric, values: &str) -> &'static Entry {
        let values = self.arena.text(values);
        let entry = self.arena.entry(Entry::new(metric, values));
        let place = self.entries.len() as u32;
        self.entries.push(entry);
        let hash = self.hash(metric, values);
        let Self { hasher, places, entries, .. } = self;
        places.insert_unique(hash, place, |place| {
            let entry = entries[*place as usize];
            hash_of(hasher, entry.metric, entry.values)
        });
        entry
    }

    fn hash(&self, metric: &'static Metric, values: &str) -> u64 {
        hash_of(&self.hasher, metric, values)
    }

    /// The dimension with the most values is the one to look at.
    #[cold]
    fn crowded(&self, wanted: &Wanted<'_>, fixed: String) -> Crowded {
        let metric = wanted.metric;
        let siblings = || self.entries.iter().filter(|entry| std::ptr::eq(entry.metric, metric));
        let distinct = |place: usize| {
            let values = siblings().filter_map(|entry| entry.values.split('\u{1f}').nth(place));
            values.collect::<std::collections::BTreeSet<_>>()
        };
        let places = (0..metric.keys.len()).map(|place| (place, distinct(place)));
        let (dimension, values) = places
            .max_by_key(|(_, values)| values.len())
            .map_or(("", Vec::new()), |(place, values)| (&*metric.keys[place], values.into_iter().take(3).collect()));
        Crowded { metric: &metric.name, fixed, limit: wanted.limit, dimension, values }
    }
}

/// A metric that has more series than its limit, and the dimension that makes them.
pub(super) struct Crowded {
    metric: &'static str,
    fixed: String,
    limit: usize,
    dimension: &'static str,
    values: Vec<&'static str>,
}

impl Crowded {
    #[cold]
    pub(super) fn warn(self) {
        let Self { metric, fixed, limit, dimension, values } = self;
        tracing::warn!(
            metric,
            fixed,
            limit,
            dimension,
            ?values,
            "more series than the limit: further ones are counted together as `_other`; raise `limit` or drop the dimension"
        );
    }
}

fn hash_of(hasher: &RandomState, metric: &'static Metric, values: &str) -> u64 {
    hasher.hash_one((std::ptr::from_ref(metric) as usize, values))
}
