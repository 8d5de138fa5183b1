//! What all of these tests need.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use meters_core::{Level, Registry, Series, Value};

/// The registry of the process, and its level, are one for all tests.
pub(crate) fn global() -> (MutexGuard<'static, ()>, &'static Registry) {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    Registry::global().set_level(Level::Runtime);
    (turn, Registry::global())
}

pub(crate) fn names<'a>(items: impl Iterator<Item = (&'a Series, &'a Value)>) -> BTreeSet<String> {
    items.map(|(series, _)| series.to_string()).collect()
}
