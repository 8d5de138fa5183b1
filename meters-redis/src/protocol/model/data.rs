//! Strings, hashes and sorted sets, as far as the scripts use them.

use std::collections::BTreeMap;

type Bytes = Vec<u8>;

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Held {
    Text(Bytes),
    Hash(BTreeMap<Bytes, Bytes>),
    Sorted(BTreeMap<Bytes, u64>),
}

/// All keys, with the millisecond at which they are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Data(pub(crate) BTreeMap<Bytes, (Held, Option<u64>)>);

impl Data {
    pub(super) fn expire(&mut self, now: u64) {
        self.0.retain(|_, (_, end)| end.is_none_or(|end| end > now));
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        match self.0.get(key) {
            Some((Held::Text(text), _)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn set(&mut self, key: &[u8], value: Bytes, end: Option<u64>) {
        self.0.insert(key.to_vec(), (Held::Text(value), end));
    }

    pub(super) fn pexpire(&mut self, key: &[u8], end: u64) {
        if let Some((_, old)) = self.0.get_mut(key) {
            *old = Some(end);
        }
    }

    pub(super) fn persist(&mut self, key: &[u8]) {
        if let Some((_, end)) = self.0.get_mut(key) {
            *end = None;
        }
    }

    pub(crate) fn del(&mut self, key: &[u8]) {
        self.0.remove(key);
    }

    pub(super) fn exists(&self, key: &[u8]) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn rename(&mut self, from: &[u8], to: Bytes) {
        if let Some(held) = self.0.remove(from) {
            self.0.insert(to, held);
        }
    }

    pub(crate) fn hash(&self, key: &[u8]) -> Option<&BTreeMap<Bytes, Bytes>> {
        match self.0.get(key) {
            Some((Held::Hash(hash), _)) => Some(hash),
            _ => None,
        }
    }

    pub(super) fn hget(&self, key: &[u8], field: &[u8]) -> Option<&[u8]> {
        self.hash(key)?.get(field).map(Vec::as_slice)
    }

    pub(super) fn hset(&mut self, key: Bytes, field: Bytes, value: Bytes) {
        let held = self.0.entry(key).or_insert_with(|| (Held::Hash(BTreeMap::new()), None));
        if let Held::Hash(hash) = &mut held.0 {
            hash.insert(field, value);
        }
    }

    pub(super) fn hincrby(&mut self, key: &[u8], field: &str, by: u64) {
        let old = self.hget(key, field.as_bytes()).and_then(super::parse).unwrap_or(0);
        self.hset(key.to_vec(), field.as_bytes().to_vec(), super::digits(old + by));
    }

    pub(super) fn hdel(&mut self, key: &[u8], field: &[u8]) {
        if let Some((Held::Hash(hash), _)) = self.0.get_mut(key) {
            hash.remove(field);
            if hash.is_empty() {
                self.0.remove(key);
            }
        }
    }

    pub(super) fn zadd(&mut self, key: &[u8], score: u64, member: Bytes) {
        let held = self.0.entry(key.to_vec()).or_insert_with(|| (Held::Sorted(BTreeMap::new()), None));
        if let Held::Sorted(set) = &mut held.0 {
            set.insert(member, score);
        }
    }

    pub(super) fn zrem(&mut self, key: &[u8], member: &[u8]) -> bool {
        let mut there = false;
        if let Some((Held::Sorted(set), _)) = self.0.get_mut(key) {
            there = set.remove(member).is_some();
            if set.is_empty() {
                self.0.remove(key);
            }
        }
        there
    }

    /// By score, then by name.
    pub(crate) fn sorted(&self, key: &[u8]) -> Vec<(u64, Bytes)> {
        let Some((Held::Sorted(set), _)) = self.0.get(key) else { return Vec::new() };
        let mut all: Vec<_> = set.iter().map(|(member, score)| (*score, member.clone())).collect();
        all.sort();
        all
    }
}

/// What proofs ask.
impl Data {
    pub(crate) fn number(&self, key: &[u8]) -> u64 {
        self.get(key).and_then(super::parse).unwrap_or(0)
    }

    pub(crate) fn text(&self, key: &[u8]) -> Vec<u8> {
        self.get(key).unwrap_or_default().to_vec()
    }

    /// Whether an event is in a batch that will be found: of an open period, or of a claim.
    pub(crate) fn finds(&self, keys: &super::super::keys::Keys, event: u8) -> bool {
        let has = |key: &[u8]| self.hash(key).is_some_and(|hash| hash.values().any(|body| body.contains(&event)));
        let name = |member: Bytes| String::from_utf8(member).expect("a name");
        let mut open = self.sorted(&keys.open()).into_iter().map(|(period, _)| keys.bucket(period));
        let mut claims = self.sorted(&keys.claims()).into_iter().map(|(_, bid)| name(bid));
        open.any(|key| has(&key)) || claims.any(|bid| has(&keys.batch(&bid)) && self.hash(&keys.claim(&bid)).is_some())
    }
}
