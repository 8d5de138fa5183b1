//! A file whose datums are being sent, and how far that is.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::file::Held;
use super::format::{self, Place};

/// A file that this process took, until its last datum is done with.
#[derive(Debug)]
pub(super) struct Slot(Mutex<State>);

#[derive(Debug)]
struct State {
    held: Option<Held>,
    /// Datums that are not done with.
    left: u64,
    trouble: Option<io::Error>,
}

impl Slot {
    pub(super) fn new(held: Held, left: u64) -> Self {
        Self(Mutex::new(State { held: Some(held), left, trouble: None }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // In a child of `fork` the file is the parent's, who goes on with it.
        if state.held.as_ref().is_some_and(Held::is_inherited) {
            state.held = None;
        }
        state
    }

    /// What went wrong in writing down how far it is; told once.
    pub(super) fn trouble(&self) -> Option<io::Error> {
        self.state().trouble.take()
    }

    /// Gives the file away; nothing is noted in it from now on.
    pub(super) fn release(&self) -> Option<Held> {
        self.state().held.take()
    }
}

/// Where a batch stands in the file that it came from.
#[derive(Debug)]
pub(crate) struct Mark {
    slot: Arc<Slot>,
    place: Place,
    done: u32,
}

impl Mark {
    pub(super) fn new(slot: &Arc<Slot>, place: Place, done: u32) -> Self {
        Self { slot: slot.clone(), place, done }
    }

    pub(super) fn is_of(&self, slot: &Arc<Slot>) -> bool {
        Arc::ptr_eq(&self.slot, slot)
    }

    /// The next `count` datums may be counted from now on, also should this process end before it knows.
    pub(crate) fn begin(&self, count: usize) {
        self.note(count, true);
    }

    /// Of the next datums, no more than `count` may have been counted.
    pub(crate) fn settle(&self, count: usize) {
        self.note(count, false);
    }

    /// `count` datums are done with; of those behind them, no more than `doubtful` may have been counted.
    pub(crate) fn advance(&mut self, count: usize, doubtful: usize) {
        self.done += count as u32;
        let mut state = self.slot.state();
        state.left = state.left.saturating_sub(count as u64);
        if state.left > 0 {
            drop(state);
            self.note(doubtful, false);
        } else if let Some(Err(error)) = state.held.take().map(Held::delete) {
            state.trouble.get_or_insert(error);
        }
    }

    fn note(&self, begun: usize, sync: bool) {
        let progress = format::progress(self.place.number, self.done, begun as u32);
        let mut state = self.slot.state();
        let written = state.held.as_ref().map(|held| held.overwrite(self.place.offset, &progress, sync));
        if let Some(Err(error)) = written {
            state.trouble.get_or_insert(error);
        }
    }
}
