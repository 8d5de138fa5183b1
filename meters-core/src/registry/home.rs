//! Which registry a series is of: there the series are that follow from it.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use foldhash::fast::RandomState;

use super::Registry;
use super::entry::Entry;

/// By the address of a series, which lives as long as the process; those of the registry of the process are not here.
static ELSEWHERE: LazyLock<RwLock<HashMap<usize, Registry, RandomState>>> = LazyLock::new(RwLock::default);

/// Notes that series will follow from this one.
pub(super) fn note(entry: &'static Entry, registry: &Registry) {
    if registry.id() != Registry::global().id() {
        let mut elsewhere = ELSEWHERE.write().unwrap_or_else(PoisonError::into_inner);
        elsewhere.insert(std::ptr::from_ref(entry).addr(), registry.clone());
    }
}

/// The registry of a series from which others follow.
pub(super) fn of(entry: &'static Entry) -> Registry {
    let elsewhere = ELSEWHERE.read().unwrap_or_else(PoisonError::into_inner);
    elsewhere.get(&std::ptr::from_ref(entry).addr()).unwrap_or(Registry::global()).clone()
}
