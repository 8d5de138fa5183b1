//! What threads own and give back: made once, never freed, used again by the next thread.
//!
//! So a thread may hold a plain reference to its shard, and a record touches neither a reference count nor a borrow flag.

use crate::fork::Lock;

/// Things that no thread owns at the moment.
pub(super) struct Pool<T: 'static>(Lock<Vec<&'static T>>);

impl<T> Pool<T> {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self(Lock::new(Vec::new()))
    }

    /// loom's locks are made where they run.
    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self(Lock::new(Vec::new()))
    }

    /// One that was given back, or a new one.
    pub(super) fn take(&self, make: impl FnOnce() -> T) -> &'static T {
        let known = self.0.lock().pop();
        known.unwrap_or_else(|| Box::leak(Box::new(make())))
    }

    /// Gives one back that nobody writes or reads any more.
    pub(super) fn give(&self, thing: &'static T) {
        self.0.lock().push(thing);
    }
}
