//! From entries of many processes to one value of each series.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use meters_core::{Foreign, Identity, Series, Value};

use super::body::{self, Body, behind};
use super::damaged::{Damaged, Flaw};
use super::levels::Pushed;
use super::metric::{self, Told};
use super::said;
use super::sets;
use super::value::{self, Held};
use super::warn;

/// How many series one merge holds: about a gigabyte, were each a histogram.
const MOST_SERIES: usize = 2_000_000;
/// How many bytes the values of their dimensions may have.
const MOST_TEXT: usize = 1 << 30;

/// What the entries of a claim come to. The same entries give the same values, to the bit.
pub struct Merge {
    hasher: RandomState,
    metrics: Vec<Metric>,
    /// By the bytes of their identities.
    identities: HashTable<u32>,
    slots: Vec<Slot>,
    /// The values of all series, one behind the other: they are compared in the order in which they first came.
    texts: Vec<u8>,
    /// By metric and values.
    places: HashTable<u32>,
    /// Bounds of buckets: what all processes have is held once.
    sets: Vec<Arc<[f64]>>,
    /// (writer, seq) of the entry added last.
    last: Option<(Box<[u8]>, u64)>,
    writers: u64,
    most: usize,
    plan: Plan,
}

struct Metric {
    identity: Identity,
    bytes: Box<[u8]>,
    origin: f64,
    keys: usize,
    /// What was heard last: as a rule all processes say the same.
    said: Box<[u8]>,
}

struct Slot {
    metric: u32,
    /// The series that came after this one last time.
    next: u32,
    /// Where in the texts its values begin, and how long they are.
    start: u32,
    length: u32,
    held: Held,
}

impl Slot {
    #[inline]
    fn values<'t>(&self, texts: &'t [u8]) -> &'t [u8] {
        texts.get(self.start as usize..).and_then(|from| from.get(..self.length as usize)).unwrap_or_default()
    }
}

/// What an entry holds, as far as it has to be known before anything is added; kept for its room.
#[derive(Default)]
struct Plan {
    /// Bounds of buckets.
    sets: Vec<Arc<[f64]>>,
    /// Of each metric of the entry: its place, or [`NEW`], or [`NEWER`].
    metrics: Vec<u32>,
    /// Of each series: its place, or [`NEW`].
    slots: Vec<u32>,
}

const NEW: u32 = u32::MAX;
/// Of a kind that this process does not know: its series are left out, and the rest of the entry is not.
const NEWER: u32 = NEW - 1;

impl Default for Merge {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            metrics: Vec::new(),
            identities: HashTable::new(),
            slots: Vec::new(),
            texts: Vec::new(),
            places: HashTable::new(),
            sets: Vec::new(),
            last: None,
            writers: 0,
            most: MOST_SERIES,
            plan: Plan::default(),
        }
    }
}

impl Merge {
    /// One that holds so many series at most.
    #[cfg(test)]
    pub(super) fn of_at_most(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Adds what `writer` pushed as its batch `seq`. Entries come by rising writer, and of one writer by rising `seq`: sums of
    /// fractions depend on the order, if only in their last bit, and so do levels.
    ///
    /// # Errors
    /// Where the entry is no delta batch, or would be too much, or comes out of order: nothing of it is added, and the merge
    /// goes on without it.
    pub fn add(&mut self, writer: &[u8], seq: u64, entry: &[u8]) -> Result<(), Damaged> {
        let same = self.last.as_ref().is_some_and(|(last, _)| **last == *writer);
        if self.last.as_ref().is_some_and(|(last, of)| (&**last, *of) >= (writer, seq)) {
            return Err(Damaged::from("it is not behind the one before it"));
        }
        let mut plan = std::mem::take(&mut self.plan);
        plan.metrics.clear();
        plan.slots.clear();
        let added = self.check(entry, &mut plan).and_then(|body| self.adopt(body, &mut plan));
        if let Ok(body) = &added {
            self.writers += u64::from(!same);
            match &mut self.last {
                Some((_, last)) if same => *last = seq,
                last => *last = Some((writer.into(), seq)),
            }
            // Checked above: it cannot fail any more.
            self.apply(*body, &plan)?;
        }
        self.plan = plan;
        added.map(|_| ())
    }

    /// How many processes pushed what was added.
    pub fn writers(&self) -> u32 {
        u32::try_from(self.writers).unwrap_or(u32::MAX)
    }

    /// What it all came to, in an order that follows from the entries.
    pub fn finish(self) -> Vec<(Series, Value)> {
        let Self { metrics, texts, .. } = self;
        let series = |slot: &Slot| {
            let values = String::from_utf8_lossy(slot.values(&texts));
            metrics[slot.metric as usize].identity.series(values.into())
        };
        self.slots.into_iter().map(|slot| (series(&slot), slot.held.finish())).collect()
    }

    /// The body of an entry in which all is as it should be; `plan` says what of it is known.
    fn check<'a>(&self, entry: &'a [u8], plan: &mut Plan) -> Result<Body<'a>, Damaged> {
        let mut reader = body::of(entry)?;
        let end = reader.varint()?;
        plan.sets = sets::read(&mut reader)?;
        let body = Body { end, rest: reader };
        let count = reader.count()?;
        let mut told: Vec<Option<Told<'a>>> = Vec::new();
        for _ in 0..count {
            let (identity, said) = (reader.slice()?, reader.slice()?);
            if metric::is_newer(identity) {
                warn::newer(metric::name(identity));
                plan.metrics.push(NEWER);
                told.push(None);
                continue;
            }
            let place = self.metric(identity);
            plan.metrics.push(place.unwrap_or(NEW));
            told.push(self.check_metric(identity, said, place, &plan.sets)?);
        }
        let (mut before, mut new, mut text) = (NEW, 0, 0);
        for (place, told) in plan.metrics.iter().zip(&told) {
            if *place == NEWER {
                reader.slice()?;
                continue;
            }
            let (kind, origin, keys) = match (self.metrics.get(*place as usize), told) {
                (Some(metric), _) => (metric.identity.kind(), metric.origin, metric.keys),
                (None, Some(told)) => (told.foreign().kind, told.foreign().origin(), told.foreign().keys.len()),
                (None, None) => return Err(Damaged::from("a metric that is none")),
            };
            let of = |damaged: Damaged| damaged.of(self.name(*place, told.as_ref()));
            let behind = behind(&mut reader, kind).map_err(|flaw| of(flaw.into()))?;
            for _ in 0..reader.count().map_err(|flaw| of(flaw.into()))? {
                let values = reader.slice().map_err(|flaw| of(flaw.into()))?;
                let slot = self.find(before, *place, values);
                if slot.is_none() {
                    // Of those that are known this was asked before.
                    if !Identity::are_values(values, keys) {
                        return Err(of("values of dimensions that are none".into()));
                    }
                    new += 1;
                    text += values.len();
                }
                before = slot.unwrap_or(NEW);
                plan.slots.push(before);
                value::check(&mut reader, kind, origin, &plan.sets).map_err(|flaw| of(flaw.into()))?;
            }
            if let Some(behind) = behind {
                reader.end().map_err(|flaw| of(flaw.into()))?;
                reader = behind;
            }
            if self.slots.len() + new > self.most || self.texts.len() + text > MOST_TEXT {
                return Err(of(Damaged::CROWDED));
            }
        }
        reader.end()?;
        Ok(body)
    }

    fn name<'n>(&'n self, place: u32, told: Option<&'n Told<'_>>) -> &'n str {
        match (self.metrics.get(place as usize), told) {
            (Some(metric), _) => metric.identity.name(),
            (None, told) => told.map_or("", |told| told.foreign().name),
        }
    }

    /// Reads what is not known of a metric.
    fn check_metric<'a>(
        &self,
        identity: &'a [u8],
        said: &'a [u8],
        place: Option<u32>,
        sets: &[Arc<[f64]>],
    ) -> Result<Option<Told<'a>>, Flaw> {
        let known = place.and_then(|place| self.metrics.get(place as usize));
        if known.is_some_and(|metric| *metric.said == *said) {
            return Ok(None);
        }
        let told = Told::read(identity)?;
        said::read(said, told.foreign().keys, sets, |_, _| {})?;
        Ok(Some(told))
    }

    /// Makes the metrics of an entry known, before anything of it is added.
    fn adopt<'a>(&mut self, body: Body<'a>, plan: &mut Plan) -> Result<Body<'a>, Damaged> {
        let mut reader = body.rest;
        plan.sets.iter_mut().for_each(|set| self.share(set));
        for place in 0..reader.count()? {
            let (identity, said) = (reader.slice()?, reader.slice()?);
            let known = self.metrics.get(plan.metrics[place] as usize);
            if plan.metrics[place] == NEWER || known.is_some_and(|metric| *metric.said == *said) {
                continue;
            }
            let told = Told::read(identity)?;
            let foreign = told.foreign();
            let crowded = || Damaged::CROWDED.of(foreign.name);
            let adopted = match known {
                Some(metric) => metric.identity,
                None => Identity::adopt(&foreign).ok_or_else(crowded)?,
            };
            let mut room = true;
            said::read(said, foreign.keys, &plan.sets, |function, said| room &= adopted.hear(function, said))?;
            if !room {
                return Err(crowded());
            }
            plan.metrics[place] = self.note(identity, said, adopted, &foreign);
        }
        Ok(body)
    }

    /// The same bounds as those of other entries are the same memory, for as many as processes of ours have.
    fn share(&mut self, set: &mut Arc<[f64]>) {
        match self.sets.iter().find(|known| ***known == **set) {
            Some(known) => set.clone_from(known),
            None if self.sets.len() < sets::MOST => self.sets.push(set.clone()),
            None => {}
        }
    }

    /// Keeps a metric, or what is said of it. Twice in one entry it is one.
    fn note(&mut self, bytes: &[u8], said: &[u8], identity: Identity, foreign: &Foreign<'_>) -> u32 {
        if let Some(place) = self.metric(bytes) {
            self.metrics[place as usize].said = said.into();
            return place;
        }
        let place = self.metrics.len() as u32;
        let (origin, keys) = (foreign.origin(), foreign.keys.len());
        self.metrics.push(Metric { identity, bytes: bytes.into(), origin, keys, said: said.into() });
        let Self { hasher, metrics, identities, .. } = self;
        let hash = |place: &u32| hasher.hash_one(&metrics[*place as usize].bytes);
        identities.insert_unique(hash(&place), place, hash);
        place
    }

    fn metric(&self, identity: &[u8]) -> Option<u32> {
        let same = |place: &u32| *self.metrics[*place as usize].bytes == *identity;
        self.identities.find(self.hasher.hash_one(identity), same).copied()
    }

    /// Adds all series of a body that was checked.
    fn apply(&mut self, body: Body<'_>, plan: &Plan) -> Result<(), Flaw> {
        let mut reader = body.rest;
        let pushed = Pushed { writer: self.writers, end: body.end };
        for _ in 0..reader.count()? {
            // Identity and what is said.
            reader.slice()?;
            reader.slice()?;
        }
        let (mut slots, mut before) = (plan.slots.iter(), NEW);
        for place in &plan.metrics {
            let Some(&Metric { identity, origin, .. }) = self.metrics.get(*place as usize) else {
                reader.slice()?;
                continue;
            };
            let (behind, mut same) = (behind(&mut reader, identity.kind())?, true);
            for _ in 0..reader.count()? {
                let values = reader.slice()?;
                let slot = match slots.next() {
                    Some(&slot) if slot != NEW => slot,
                    _ => self.slot(*place, values),
                };
                if let Some(before) = self.slots.get_mut(before as usize) {
                    before.next = slot;
                }
                before = slot;
                same &= self.slots[slot as usize].held.add(&mut reader, origin, pushed, &plan.sets)?;
            }
            if !same {
                warn::other_buckets(identity.name());
            }
            reader = behind.unwrap_or(reader);
        }
        Ok(())
    }

    /// The series, as a rule the one that came after that at `before` the last time.
    #[inline]
    fn find(&self, before: u32, metric: u32, values: &[u8]) -> Option<u32> {
        let is = |place: u32| {
            let slot = self.slots.get(place as usize);
            slot.is_some_and(|slot| slot.metric == metric && slot.values(&self.texts) == values)
        };
        let next = self.slots.get(before as usize).map_or(0, |slot| slot.next);
        if is(next) {
            return Some(next);
        }
        self.places.find(self.hasher.hash_one((metric, values)), |place| is(*place)).copied()
    }

    /// The series, made where there is none.
    #[cold]
    fn slot(&mut self, metric: u32, values: &[u8]) -> u32 {
        if let Some(slot) = self.find(NEW, metric, values) {
            return slot;
        }
        let place = self.slots.len() as u32;
        let of = &self.metrics[metric as usize];
        let held = Held::nothing(of.identity.kind(), of.origin);
        let (start, length) = (self.texts.len() as u32, values.len() as u32);
        self.texts.extend_from_slice(values);
        self.slots.push(Slot { metric, next: place + 1, start, length, held });
        let Self { hasher, slots, texts, places, .. } = self;
        let hash = |place: &u32| {
            let slot = &slots[*place as usize];
            hasher.hash_one((slot.metric, slot.values(texts)))
        };
        places.insert_unique(hash(&place), place, hash);
        place
    }
}
