//! Which registry a series is of: there the series are that follow from it.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::Registry;
use super::entry::Entry;
use crate::fork::{self, Lock};

/// By the address of a series, which lives as long as the process; those of the registry of the process are not here.
static ELSEWHERE: LazyLock<Lock<HashMap<usize, Registry, RandomState>>> = LazyLock::new(Lock::default);

/// Notes that series will follow from this one.
pub(super) fn note(entry: &'static Entry, registry: &Registry) {
    if registry.id() != Registry::global().id() {
        let _inside = fork::enter();
        let mut elsewhere = ELSEWHERE.lock();
        elsewhere.insert(std::ptr::from_ref(entry).addr(), registry.clone());
    }
}

/// The registry of a series from which others follow.
pub(super) fn of(entry: &'static Entry) -> Registry {
    let _inside = fork::enter();
    let elsewhere = ELSEWHERE.lock();
    elsewhere.get(&std::ptr::from_ref(entry).addr()).unwrap_or(Registry::global()).clone()
}
