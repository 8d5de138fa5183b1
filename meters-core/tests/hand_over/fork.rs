//! The locks of `src/fork.rs` over loom's. Nobody forks here.

use crate::primitive::{Mutex, PoisonError};

pub(crate) use crate::primitive::MutexGuard as Locked;

#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> Locked<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn settle() {}

pub(crate) fn enter() {}

pub(crate) fn is_untouched() -> bool {
    false
}
