//! Finding a series by its identity, and keeping each metric within its limit.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use super::arena::Arena;
use super::entry::Entry;
use crate::model::Series;
use crate::model::series::{Metric, Packed};

/// The value of the dimensions of the series that takes what is over the limit.
const OTHER: &str = "_other";

/// All series of a registry, in the order in which they appeared.
#[derive(Default)]
pub(super) struct Index {
    hasher: RandomState,
    places: HashTable<u32>,
    pub(super) entries: Vec<&'static Entry>,
    /// By the address of the metric: how many series it has, and whether its limit was spoken of.
    counts: HashMap<usize, Count>,
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
    /// The series, made where there is none; over the metric's limit, the one that takes the rest.
    pub(super) fn entry(&mut self, wanted: &Wanted<'_>) -> &'static Entry {
        let values = wanted.values.join("\u{1f}");
        if let Some(entry) = self.find(wanted.metric, &values) {
            return entry;
        }
        let open = wanted.dynamic.contains(&true);
        let count = self.counts.entry(std::ptr::from_ref(wanted.metric) as usize).or_default();
        if open && count.series >= wanted.limit {
            if !std::mem::replace(&mut count.warned, true) {
                self.warn(wanted);
            }
            let parts = wanted.values.iter().zip(&wanted.dynamic);
            let rest: Vec<&str> = parts.map(|(value, dynamic)| if *dynamic { OTHER } else { value }).collect();
            let rest = rest.join("\u{1f}");
            return self.find(wanted.metric, &rest).unwrap_or_else(|| self.insert(wanted.metric, &rest));
        }
        count.series += usize::from(open);
        self.insert(wanted.metric, &values)
    }

    fn find(&self, metric: &'static Metric, values: &str) -> Option<&'static Entry> {
        let same = |place: &u32| {
            let entry = self.entries[*place as usize];
            std::ptr::eq(entry.metric(), metric) && &*entry.series.values == values
        };
        self.places.find(self.hash(metric, values), same).map(|place| self.entries[*place as usize])
    }

    fn insert(&mut self, metric: &'static Metric, values: &str) -> &'static Entry {
        let values = self.arena.text(values);
        let entry = self.arena.entry(Entry::new(Series { metric, values: Packed::Kept(values) }));
        let place = self.entries.len() as u32;
        self.entries.push(entry);
        let hash = self.hash(metric, values);
        let Self { hasher, places, entries, .. } = self;
        places.insert_unique(hash, place, |place| {
            let entry = entries[*place as usize];
            hash_of(hasher, entry.metric(), &entry.series.values)
        });
        entry
    }

    fn hash(&self, metric: &'static Metric, values: &str) -> u64 {
        hash_of(&self.hasher, metric, values)
    }

    #[cold]
    fn warn(&self, wanted: &Wanted<'_>) {
        let metric = wanted.metric;
        // The dimension with the most values is the one to look at.
        let siblings = || self.entries.iter().filter(|entry| std::ptr::eq(entry.metric(), metric));
        let distinct = |place: usize| {
            let values = siblings().filter_map(|entry| entry.series.values.split('\u{1f}').nth(place));
            values.collect::<std::collections::BTreeSet<_>>()
        };
        let widest =
            (0..metric.keys.len()).map(|place| (place, distinct(place))).max_by_key(|(_, values)| values.len());
        let (dimension, values) = widest
            .map_or(("", Vec::new()), |(place, values)| (&*metric.keys[place], values.into_iter().take(3).collect()));
        tracing::warn!(
            metric = &*metric.name,
            limit = wanted.limit,
            dimension,
            ?values,
            "more series than the limit: further ones are counted together as `_other`; raise `limit` or drop the dimension"
        );
    }
}

fn hash_of(hasher: &RandomState, metric: &'static Metric, values: &str) -> u64 {
    hasher.hash_one((std::ptr::from_ref(metric) as usize, values))
}
