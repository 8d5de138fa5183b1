//! A child of `fork` starts clean: it waits for no lock that a thread of its parent held, and holds nothing of what the
//! parent recorded.
//!
//! Whoever takes a lock of ours is counted *inside*. A fork waits until nobody is: so no lock is held in the child, where
//! only one thread goes on. What was recorded before is forgotten by the first in the child who comes inside; until then
//! nothing is recorded there, as the one thread that goes on has lost its shards.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{
    AtomicBool, AtomicU32, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

thread_local! {
    /// How many [`Inside`] this thread holds. No destructor: it may be asked to the very end.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// How many threads are inside.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// A thread forks at this moment.
static FORKING: AtomicBool = AtomicBool::new(false);
/// How many forks lie between this process and the one that was started.
static GENERATION: AtomicU32 = AtomicU32::new(0);
/// Nobody in this child has come inside yet.
static STALE: AtomicBool = AtomicBool::new(false);
static RENEWING: Mutex<()> = Mutex::new(());
static ACTIONS: OnceLock<Actions> = OnceLock::new();
static REVIVE: OnceLock<fn()> = OnceLock::new();

/// What there is to do in a child.
pub(crate) struct Actions {
    /// In the fork itself: neither locks nor memory are to be had.
    pub(crate) part: fn(),
    /// Before anything is recorded.
    pub(crate) renew: fn(),
}

/// From now on children start clean. Not called from inside: the C library has a lock of its own for this.
pub(crate) fn watch(actions: Actions) {
    ACTIONS.get_or_init(|| {
        crate::process::at_fork(prepare, parent, child);
        actions
    });
}

extern "C" fn prepare() {
    while FORKING.swap(true, SeqCst) {
        std::thread::yield_now();
    }
    // An allocator of the user's may fork while this thread is inside: its locks go on with it.
    let own = usize::from(DEPTH.get() > 0);
    while INSIDE.load(SeqCst) > own {
        std::thread::yield_now();
    }
    // What others do in this fork may record, and must not wait for its end.
    DEPTH.set(DEPTH.get() + 1);
}

extern "C" fn parent() {
    DEPTH.set(DEPTH.get() - 1);
    FORKING.store(false, SeqCst);
}

extern "C" fn child() {
    DEPTH.set(DEPTH.get() - 1);
    INSIDE.store(usize::from(DEPTH.get() > 0), SeqCst);
    FORKING.store(false, SeqCst);
    GENERATION.fetch_add(1, SeqCst);
    crate::process::part();
    if let Some(actions) = ACTIONS.get() {
        (actions.part)();
    }
    STALE.store(true, SeqCst);
}

/// How many forks lie between this process and the one that was started.
pub fn generation() -> u32 {
    GENERATION.load(Acquire)
}

/// Whether this is a child in which nothing was recorded so far, nor anything else done with these crates.
pub fn is_untouched() -> bool {
    STALE.load(Acquire)
}

/// Calls `revive` in each child as soon as something is recorded there, on the thread that records. The first one counts.
pub fn on_first_use(revive: fn()) {
    _ = REVIVE.set(revive);
}

/// Makes sure that what is touched next is not the parent's.
#[inline]
pub(crate) fn settle() {
    if STALE.load(Acquire) {
        renew();
    }
}

#[cold]
#[inline(never)]
fn renew() {
    // From inside there is no waiting for others: a fork from there is an allocator's, which knows what it does.
    if DEPTH.get() > 0 {
        return;
    }
    {
        let _inside = come_in();
        let _one = RENEWING.lock().unwrap_or_else(PoisonError::into_inner);
        if !STALE.load(Acquire) {
            return;
        }
        if let Some(actions) = ACTIONS.get() {
            (actions.renew)();
        }
        STALE.store(false, Release);
    }
    if let Some(revive) = REVIVE.get() {
        revive();
    }
}

/// As long as it lives no other thread forks.
#[must_use]
pub(crate) struct Inside(PhantomData<*const ()>);

pub(crate) fn enter() -> Inside {
    settle();
    come_in()
}

/// What a cell holds, made where it is empty: by several at once if need be, of which one is first. Nobody waits for who makes it:
/// in a child of `fork` he is not there, and what he makes it of may come here again.
#[inline]
pub fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    match cell.get() {
        Some(known) => known,
        None => {
            let made = make();
            let _inside = enter();
            cell.get_or_init(|| made)
        }
    }
}

/// Whether this thread holds a lock of ours, or is about to.
pub(crate) fn is_inside() -> bool {
    DEPTH.get() > 0
}

fn come_in() -> Inside {
    let depth = DEPTH.get();
    if depth == 0 {
        loop {
            INSIDE.fetch_add(1, SeqCst);
            if !FORKING.load(SeqCst) {
                break;
            }
            INSIDE.fetch_sub(1, SeqCst);
            while FORKING.load(Relaxed) {
                std::thread::yield_now();
            }
        }
    }
    DEPTH.set(depth + 1);
    Inside(PhantomData)
}

impl Drop for Inside {
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            INSIDE.fetch_sub(1, SeqCst);
        }
    }
}

/// A mutex that is free in every child, and knows no poison.
#[derive(Debug, Default)]
pub struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    /// Free, and holding this.
    pub const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Waits for it. None of the user's code may run until it is dropped, as forks wait for that.
    pub fn lock(&self) -> Locked<'_, T> {
        let inside = enter();
        Locked { guard: self.0.lock().unwrap_or_else(PoisonError::into_inner), _inside: inside }
    }

    /// Takes it where nobody has it.
    pub fn try_lock(&self) -> Option<Locked<'_, T>> {
        let inside = enter();
        let guard = match self.0.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(Locked { guard, _inside: inside })
    }
}

/// A [`Lock`] that is held.
pub struct Locked<'l, T> {
    // In this order: it is left only when the lock is free.
    guard: MutexGuard<'l, T>,
    _inside: Inside,
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for Locked<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_who_makes_what_is_made_once() {
        let cell = OnceLock::new();
        // As in a child of `fork`, where the other one never gets further; and as on one thread that comes here again.
        let made = once(&cell, || {
            std::thread::scope(|scope| assert_eq!(scope.spawn(|| *once(&cell, || 1)).join().unwrap(), 1));
            2
        });
        assert_eq!(*made, 1);
    }

    #[test]
    fn a_fork_waits_until_nobody_is_inside_and_keeps_others_out() {
        let (lock, entered) = (Lock::new(0), AtomicBool::new(false));
        let held = lock.lock();
        std::thread::scope(|scope| {
            let forking = scope.spawn(|| {
                prepare();
                assert!(entered.load(SeqCst), "it did not wait for who was inside");
                parent();
            });
            entered.store(true, SeqCst);
            drop(held);
            forking.join().unwrap();
        });
        assert_eq!(*lock.lock(), 0);
    }
}
