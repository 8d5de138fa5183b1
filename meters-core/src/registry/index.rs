//! Finding a series by its identity, and keeping each metric within its limit.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use super::arena::Arena;
use super::crowd::{Crowd, Crowded, Distinct, GENERATIONS, OTHER, Of, told};
use super::entry::Entry;
use super::mark::{Gone, Mark};
use super::shut::Asks;
use crate::model::policy::{self, Policy};
use crate::model::series::Metric;
use crate::model::{Kind, Level};

/// All series of a registry, in the order in which they appeared.
#[derive(Default)]
pub(super) struct Index {
    hasher: RandomState,
    places: HashTable<u32>,
    pub(super) entries: Vec<&'static Entry>,
    /// What is known of them, by place as the next.
    pub(super) marks: Vec<Mark>,
    /// How much of what was said of metrics the marks have taken over.
    heard: usize,
    /// For whom it records.
    pub(super) level: Level,
    /// Names of metrics that are gone.
    pub(super) unregistered: HashSet<Box<str>, RandomState>,
    /// Places of series whose gates may not stand as their marks have it.
    pub(super) turning: Vec<u32>,
    members: Vec<Member>,
    crowds: Vec<Crowd>,
    /// Their places, by the address of the metric and its literal dimensions.
    known: HashMap<(usize, String), u32, RandomState>,
    arena: Arena,
}

/// Where a series counts. A number, as there may be a hundred thousand of them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Member(u32);

impl Member {
    /// In no crowd: nothing of it came at run time, or it takes a part of the rest.
    const NONE: Self = Self(u32::MAX);
    /// It takes all the rest of a crowd, and never expires.
    const LASTING: Self = Self(u32::MAX - 1);

    /// Its crowd, where it counts in one.
    fn crowd(self) -> Option<usize> {
        (self != Self::NONE && self != Self::LASTING).then_some(self.0 as usize)
    }
}

/// A series about to be found or made: `dynamic` says which of its values came at run time, `other` which of them give way
/// where there are too many, `limit` how many there may be where the metric's policy does not.
pub(super) struct Wanted<'a> {
    pub(super) metric: &'static Metric,
    pub(super) values: Vec<std::borrow::Cow<'a, str>>,
    pub(super) dynamic: Vec<bool>,
    pub(super) other: Vec<bool>,
    pub(super) limit: usize,
    pub(super) asks: Asks,
}

impl Index {
    /// The series, made where there is none. Over the metric's limit, it is the one that takes the rest; over that of a
    /// dimension, the one that takes the rest of its values. The first time there are warnings: whoever gives them must hold
    /// no lock, as those who hear of it may record themselves.
    pub(super) fn entry(&mut self, wanted: &Wanted<'_>) -> (&'static Entry, Vec<Crowded>) {
        let Wanted { metric, values, dynamic, asks, .. } = wanted;
        self.hear();
        let lifted = *asks == Asks::Register && self.bring_back(metric);
        let packed = values.join("\u{1f}");
        if let Some(place) = self.find(metric, &packed) {
            self.asked(place, *asks, lifted);
            return (self.entries[place], Vec::new());
        }
        let policy = metric.policy(&packed);
        if !dynamic.contains(&true) {
            let place = self.insert(metric, &packed, Member::NONE);
            return (self.entries[place], Vec::new());
        }
        let fixed: Vec<&str> =
            values.iter().zip(dynamic).filter(|(_, open)| !**open).map(|(value, _)| &**value).collect();
        let fixed = fixed.join("\u{1f}");
        let key = (std::ptr::from_ref(*metric) as usize, fixed);
        let crowds = &mut self.crowds;
        let place = *self.known.entry(key).or_insert_with_key(|(_, fixed)| {
            crowds.push(Crowd::of(fixed));
            (crowds.len() - 1) as u32
        });
        // Taken out and put back, for what follows needs the rest of the index.
        let mut crowd = std::mem::take(&mut self.crowds[place as usize]);
        let (found, crowded) = self.settled(wanted, packed, policy, (&mut crowd, Member(place)));
        self.crowds[place as usize] = crowd;
        self.asked(found, *asks, lifted);
        (self.entries[found], crowded)
    }

    /// The series within the limits of its crowd.
    fn settled(
        &mut self,
        Wanted { metric, values, dynamic, other, limit, .. }: &Wanted<'_>,
        mut packed: String,
        policy: Policy,
        (crowd, member): (&mut Crowd, Member),
    ) -> (usize, Vec<Crowded>) {
        let (mut crowded, mut changed) = (Vec::new(), false);
        let mut values: Vec<&str> = values.iter().map(|value| &**value).collect();
        for &(name, most) in policy.limits {
            let place = metric.keys.iter().position(|key| **key == *name);
            // A literal value is one.
            let Some(place) = place.filter(|place| dynamic[*place]) else { continue };
            let dimension = crowd.dimensions.entry(place).or_insert_with(|| Distinct::of(place, self.admitted(member)));
            if dimension.full(values[place], most) {
                if dimension.first() {
                    crowded.push(dimension.crowded(metric, place, &crowd.fixed, most));
                }
                values[place] = OTHER;
                changed = true;
            }
        }
        if changed {
            packed = values.join("\u{1f}");
            if let Some(place) = self.find(metric, &packed) {
                return (place, crowded);
            }
        }
        let limit = policy.limit.unwrap_or(*limit);
        let (room, remade) = (crowd.series < limit, crowd.made >= limit.saturating_mul(GENERATIONS));
        if room && !remade {
            let member = if is_rest(&values, dynamic) { Member::LASTING } else { member };
            let place = self.insert(metric, &packed, member);
            crowd.made += 1;
            crowd.admit(self.entries[place]);
            return (place, crowded);
        }
        if !std::mem::replace(if room { &mut crowd.warned_ever } else { &mut crowd.warned }, true) {
            crowded.push(self.crowded(metric, &crowd.fixed, if room { Of::Ever } else { Of::Series }, limit));
        }
        values.iter_mut().zip(other).filter(|(_, other)| **other).for_each(|(value, _)| *value = OTHER);
        let rest = values.join("\u{1f}");
        let member = if is_rest(&values, dynamic) { Member::LASTING } else { Member::NONE };
        match self.find(metric, &rest) {
            Some(place) => (place, crowded),
            None => (self.insert(metric, &rest, member), crowded),
        }
    }

    /// Takes over what was said of metrics since the marks were made, in whatever registry.
    pub(super) fn hear(&mut self) {
        let turned = policy::turned(&mut self.heard);
        if turned.is_empty() {
            return;
        }
        for place in 0..self.entries.len() {
            let entry = self.entries[place];
            if turned.contains(&entry.metric.address()) {
                self.marks[place] = self.marks[place].told(entry);
                self.settle(place);
            }
        }
    }

    /// The series at this place gives its room to others, if it may; it stays where it is found.
    pub(super) fn expire(&mut self, place: usize) -> bool {
        let (entry, member) = (self.entries[place], self.members[place]);
        // A level says nothing of whether it is still wanted.
        if member == Member::LASTING || entry.metric.kind == Kind::Gauge {
            return false;
        }
        if !std::mem::replace(&mut self.marks[place].expired, true) {
            self.dismiss(place);
        }
        true
    }

    /// Its room is another's.
    pub(super) fn dismiss(&mut self, place: usize) {
        if let Some(crowd) = self.members[place].crowd() {
            self.crowds[crowd].dismiss(self.entries[place]);
        }
    }

    /// It is back, even where there is no room.
    pub(super) fn readmit(&mut self, place: usize) {
        if self.marks[place].gone == Gone::No
            && std::mem::replace(&mut self.marks[place].expired, false)
            && let Some(crowd) = self.members[place].crowd()
        {
            self.crowds[crowd].admit(self.entries[place]);
        }
    }

    /// The series that have a place in a crowd.
    fn admitted(&self, member: Member) -> impl Iterator<Item = &'static Entry> {
        let all = self.entries.iter().zip(&self.members).zip(&self.marks);
        all.filter(move |((_, of), mark)| **of == member && !mark.expired).map(|((entry, _), _)| *entry)
    }

    pub(super) fn find(&self, metric: &'static Metric, values: &str) -> Option<usize> {
        let same = |place: &u32| {
            let entry = self.entries[*place as usize];
            std::ptr::eq(entry.metric, metric) && entry.values == values
        };
        self.places.find(self.hash(metric, values), same).map(|place| *place as usize)
    }

    fn insert(&mut self, metric: &'static Metric, values: &str, member: Member) -> usize {
        let values = self.arena.text(values);
        let entry = self.arena.entry(Entry::new(metric, values));
        let place = self.entries.len() as u32;
        self.entries.push(entry);
        self.marks.push(Mark::of(entry));
        self.members.push(member);
        let hash = self.hash(metric, values);
        let Self { hasher, places, entries, .. } = self;
        places.insert_unique(hash, place, |place| {
            let entry = entries[*place as usize];
            hash_of(hasher, entry.metric, entry.values)
        });
        self.arrived(place as usize);
        place as usize
    }

    fn hash(&self, metric: &'static Metric, values: &str) -> u64 {
        hash_of(&self.hasher, metric, values)
    }

    /// The dimension with the most values is the one to look at.
    #[cold]
    fn crowded(&self, metric: &'static Metric, fixed: &str, of: Of, limit: usize) -> Crowded {
        let ever = matches!(of, Of::Ever);
        let known = || self.entries.iter().zip(&self.marks).filter(|(_, mark)| ever || !mark.expired);
        let siblings = || known().map(|(entry, _)| entry).filter(|entry| std::ptr::eq(entry.metric, metric));
        let distinct = |place: usize| {
            let values = siblings().filter_map(|entry| entry.values.split('\u{1f}').nth(place));
            values.collect::<std::collections::BTreeSet<_>>()
        };
        let places = (0..metric.keys.len()).map(|place| (place, distinct(place)));
        let (dimension, values) = places
            .max_by_key(|(_, values)| values.len())
            .map_or(("", Vec::new()), |(place, values)| (&*metric.keys[place], values.into_iter().take(3).collect()));
        Crowded { metric: &metric.name, fixed: told(fixed), limit, of, dimension, values }
    }
}

/// Whether all that came at run time gave way.
fn is_rest(values: &[&str], dynamic: &[bool]) -> bool {
    values.iter().zip(dynamic).filter(|(_, dynamic)| **dynamic).all(|(value, _)| *value == OTHER)
}

fn hash_of(hasher: &RandomState, metric: &'static Metric, values: &str) -> u64 {
    hasher.hash_one((std::ptr::from_ref(metric) as usize, values))
}
