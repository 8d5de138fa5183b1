//! What a child of `fork` forgets: everything that was recorded before. Series, handles and limits stay as they are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Instant, SystemTime};

use super::{Inner, Registry};
use crate::fork::{self, Actions, Lock};
use crate::instrument;

/// All registries of this process.
static ALL: Lock<Vec<Weak<Inner>>> = Lock::new(Vec::new());
/// When this process was forked. Taken from inside only: free in each child.
static BORN: Mutex<Option<(Instant, SystemTime)>> = Mutex::new(None);

fn born() -> MutexGuard<'static, Option<(Instant, SystemTime)>> {
    BORN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From the first registry on.
pub(super) fn watch() {
    fork::watch(Actions { part, renew });
}

pub(super) fn note(registry: &Registry) {
    let mut all = ALL.lock();
    // Those that are no more go when there is no room: a registry each second would else be one each second for ever.
    if all.len() == all.capacity() {
        all.retain(|known| known.strong_count() > 0);
    }
    all.push(Arc::downgrade(&registry.0));
}

/// In the fork itself. Reading the clocks is allowed there, and the lock is free.
fn part() {
    instrument::part();
    *born() = Some((Instant::now(), SystemTime::now()));
}

/// Before anything else is done with a registry.
fn renew() {
    let (instant, time) = born().take().unwrap_or_else(|| (Instant::now(), SystemTime::now()));
    let all: Vec<_> = ALL.lock().iter().filter_map(Weak::upgrade).map(Registry).collect();
    for registry in all {
        registry.entries().into_iter().for_each(|entry| entry.forget());
        registry.forget_clicks();
        *registry.0.began.lock() = instant;
        registry.0.sealing.lock().begin(time);
    }
}
