//! The values that a thread met first at a site with one dynamic dimension: short texts, told apart by two words.

use super::entry::Entry;

/// Values that are kept here; what is met later is found in the table behind.
const MOST: usize = 64;
const FIRST: usize = 16;

/// A text of up to 16 bytes, all of it: see [`words`](super::values::words).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Short {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) length: usize,
}

/// Open addressing, at most half full, so that a look is a multiplication and as a rule one comparison.
#[derive(Default)]
pub(super) struct Front {
    /// None, or a power of two.
    slots: Vec<Option<(Short, &'static Entry)>>,
    used: usize,
}

impl Front {
    /// The series of a value, by its hash.
    #[inline]
    pub(super) fn find(&self, hash: u64, value: Short) -> Option<&'static Entry> {
        let mut place = hash as usize;
        loop {
            // Half of the slots are empty: the search ends.
            let (known, entry) = (*self.slots.get(place & self.slots.len().wrapping_sub(1))?)?;
            if known == value {
                return Some(entry);
            }
            place = place.wrapping_add(1);
        }
    }

    /// Keeps a value that is not here yet, if there is room; `hash` is that of any value.
    pub(super) fn keep(&mut self, value: Short, entry: &'static Entry, hash: impl Fn(Short) -> u64) -> bool {
        if self.used >= MOST {
            return false;
        }
        if 2 * (self.used + 1) > self.slots.len() {
            let size = (2 * self.slots.len()).max(FIRST);
            for (value, entry) in std::mem::replace(&mut self.slots, vec![None; size]).into_iter().flatten() {
                self.put(value, entry, hash(value));
            }
        }
        self.put(value, entry, hash(value));
        self.used += 1;
        true
    }

    fn put(&mut self, value: Short, entry: &'static Entry, hash: u64) {
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        while self.slots[place].is_some() {
            place = (place + 1) & mask;
        }
        self.slots[place] = Some((value, entry));
    }
}

#[cfg(test)]
mod tests {
    use super::super::values::{hash_short, short};
    use super::super::{Registry, entry::Entry};
    use super::*;

    /// An entry of this name, from a registry.
    fn entry(name: &str) -> &'static Entry {
        let registry = Registry::new();
        registry.counter(name).register();
        registry.entries()[0]
    }

    #[test]
    fn each_value_is_found_and_no_other() {
        let mut front = Front::default();
        let hash = |value| hash_short(value, 7);
        let value = |n: usize| short(format!("v{n}").as_bytes()).unwrap();
        for n in 0..MOST {
            assert!(front.find(hash(value(n)), value(n)).is_none());
            assert!(front.keep(value(n), entry(&format!("m{n}")), hash));
        }
        assert!(!front.keep(value(MOST), entry("more"), hash), "there is room for 64");
        for n in 0..MOST {
            let found = front.find(hash(value(n)), value(n)).unwrap();
            assert_eq!(&*found.metric.name, format!("m{n}"));
        }
        assert!(front.find(hash(value(MOST)), value(MOST)).is_none());
    }
}
