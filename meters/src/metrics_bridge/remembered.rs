//! The handles that a thread asked for before: the facade asks for them at each record.

use std::cell::RefCell;

use hashbrown::HashTable;
use metrics::{Counter, Gauge, Histogram, Key};

use super::described::What;

/// How many a thread remembers before it begins anew, and how long name and labels of one may be together.
const MOST: usize = 1024;
const LONGEST: usize = 1024;

/// A bridge, and how much it was told when the handle was made.
pub(super) type Of = (u64, u32);

/// Handles of the thread's own: where they are counted, no other thread counts.
struct Known {
    of: Of,
    what: What,
    key: Key,
    handle: Remembered,
}

#[derive(Clone)]
pub(super) enum Remembered {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
}

thread_local! {
    static KNOWN: RefCell<HashTable<Known>> = const { RefCell::new(HashTable::new()) };
}

/// The handle, made where this thread has none.
pub(super) fn find(of: Of, what: What, key: &Key, make: impl FnOnce() -> Remembered) -> Remembered {
    let is = |known: &Known| known.of == of && known.what == what && known.key == *key;
    let look = |known: &RefCell<HashTable<Known>>| {
        let known = known.try_borrow().ok()?;
        known.find(key.get_hash(), is).map(|known| known.handle.clone())
    };
    // Past its end a thread remembers nothing.
    if let Some(handle) = KNOWN.try_with(look).ok().flatten() {
        return handle;
    }
    let handle = make();
    let labels = key.labels().map(|label| label.key().len() + label.value().len());
    if key.name().len() + labels.sum::<usize>() <= LONGEST {
        _ = KNOWN.try_with(|known| {
            let Ok(mut known) = known.try_borrow_mut() else { return };
            if known.len() >= MOST {
                known.clear();
            }
            let entry = Known { of, what, key: key.clone(), handle: handle.clone() };
            known.insert_unique(key.get_hash(), entry, |known| known.key.get_hash());
        });
    }
    handle
}

impl Remembered {
    pub(super) fn counter(self) -> Counter {
        if let Self::Counter(counter) = self { counter } else { Counter::noop() }
    }

    pub(super) fn gauge(self) -> Gauge {
        if let Self::Gauge(gauge) = self { gauge } else { Gauge::noop() }
    }

    pub(super) fn histogram(self) -> Histogram {
        if let Self::Histogram(histogram) = self { histogram } else { Histogram::noop() }
    }
}
