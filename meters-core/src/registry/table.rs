//! The series of a site that the current thread has met: found without a lock and without a shared line.

#![allow(unsafe_code)]

use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::entry::Entry;
use super::front::Front;
use super::values::{Values, hash_one, hash_short, same, short};
use crate::instrument::List;
use crate::model::series::SEPARATOR;

thread_local! {
    static TABLES: List<Table> = const { List::new() };
    static OWNED: Owned = const { Owned };
}

/// What one thread has met at one site.
#[derive(Default)]
struct Table {
    front: Front,
    rest: HashTable<&'static Entry>,
}

/// Gives the memory of the tables back when the thread ends.
struct Owned;

impl Drop for Owned {
    fn drop(&mut self) {
        TABLES.with(List::clear);
    }
}

/// Of this process, so that nobody outside can choose values that collide.
static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::default().hash_one(0));

/// One dimension's part of a series' packed values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// Always the same; so many bytes.
    Fixed(usize),
    /// The value that the site hands over at this place.
    Dynamic(usize),
}

/// How a site's series are told apart.
pub(super) struct Key {
    /// Of the site's tables, one a thread.
    id: u32,
    seed: u64,
    pub(super) parts: Vec<Part>,
    /// Where there is one dynamic value: how many bytes are packed before it, and how many after it.
    around: (usize, usize),
}

/// How many values these are.
#[inline]
fn count<V: Values>(_: &V) -> usize {
    V::COUNT
}

impl Key {
    pub(super) fn new(id: u32, parts: Vec<Part>) -> Self {
        let length = |part: &Part| {
            if let Part::Fixed(length) = part { length + 1 } else { 0 }
        };
        let dynamic = parts.iter().position(|part| matches!(part, Part::Dynamic(_))).unwrap_or(parts.len());
        let sum = |parts: &[Part]| parts.iter().map(length).sum();
        let around = (sum(&parts[..dynamic]), sum(&parts[dynamic..]));
        Self { id, seed: *SEED, parts, around }
    }

    /// The series with these values, if this thread has met it.
    #[inline]
    pub(super) fn find(&self, values: &impl Values) -> Option<&'static Entry> {
        if count(values) == 1 { values.first(|value| self.find_one(value)) } else { self.find_all(values) }
    }

    #[inline]
    fn find_one(&self, value: &str) -> Option<&'static Entry> {
        let value = value.as_bytes();
        if let Some(short) = short(value) {
            let hash = hash_short(short, self.seed);
            // SAFETY: hashing is done, and comparing words calls nothing.
            let found = TABLES.with(|tables| unsafe { tables.look(self.id, |table| table.front.find(hash, short)) });
            if let Some(Some(entry)) = found {
                return Some(entry);
            }
        }
        self.find_behind(value)
    }

    /// A long value, or one that was met after many others.
    #[inline(never)]
    fn find_behind(&self, value: &[u8]) -> Option<&'static Entry> {
        let hash = hash_one(value, self.seed);
        let (before, after) = self.around;
        let is = |entry: &&'static Entry| {
            let packed = entry.values.as_bytes();
            packed.len() == before + value.len() + after
                && packed.get(before..before + value.len()).is_some_and(|packed| same(packed, value))
        };
        // SAFETY: hashing is done, and comparing bytes calls nothing but our own code.
        TABLES.with(|tables| unsafe { tables.look(self.id, |table| table.rest.find(hash, is).copied()) }).flatten()
    }

    fn find_all(&self, values: &impl Values) -> Option<&'static Entry> {
        let hash = values.hash(self.seed);
        // The user's code shows the values: it must not run while the table is looked into, for it may come back here. So
        // what has the right hash is noted first. More than these is a miss, which the registry mends.
        let mut candidates = [None; 8];
        let note = |table: &Table| {
            table.rest.iter_hash(hash).zip(&mut candidates).for_each(|(entry, place)| *place = Some(*entry));
        };
        // SAFETY: copying references calls nothing.
        TABLES.with(|tables| unsafe { tables.look(self.id, note) });
        candidates.into_iter().flatten().find(|entry| self.is(entry, values))
    }

    fn is(&self, entry: &Entry, values: &impl Values) -> bool {
        let mut rest = entry.values.as_bytes();
        for (place, part) in self.parts.iter().enumerate() {
            if place > 0 {
                match rest.split_first() {
                    Some((first, after)) if *first == SEPARATOR as u8 => rest = after,
                    _ => return false,
                }
            }
            let after = match *part {
                Part::Fixed(length) => rest.get(length..),
                Part::Dynamic(nth) => values.strip(nth, rest),
            };
            match after {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// Remembers a series for this thread, if its values are as they were handed over: one that had to be cleaned, or that
    /// went over to `_other`, is looked up in the registry each time.
    pub(super) fn remember(&self, values: &impl Values, entry: &'static Entry) {
        if !self.is(entry, values) || OWNED.try_with(|_| ()).is_err() {
            return;
        }
        let (place, hash) = (self.id as usize, values.hash(self.seed));
        let short = if count(values) == 1 { values.first(|value| short(value.as_bytes())) } else { None };
        TABLES.with(|tables| {
            tables.edit(|tables| {
                if tables.len() <= place {
                    tables.resize_with(place + 1, Table::default);
                }
                let Table { front, rest } = &mut tables[place];
                let kept = short.is_some_and(|short| front.keep(short, entry, |short| hash_short(short, self.seed)));
                if !kept {
                    rest.insert_unique(hash, entry, |entry| self.rehash(entry));
                }
            });
        });
    }

    /// The hash of a series' dynamic values, from its packed ones.
    fn rehash(&self, entry: &Entry) -> u64 {
        let parts = self.parts.iter().zip(entry.values.split(SEPARATOR));
        let mut dynamic: Vec<(usize, &str)> = parts
            .filter_map(|(part, value)| match part {
                Part::Dynamic(nth) => Some((*nth, value)),
                Part::Fixed(_) => None,
            })
            .collect();
        dynamic.sort_unstable();
        dynamic.into_iter().fold(self.seed, |seed, (_, value)| hash_one(value.as_bytes(), seed))
    }
}
