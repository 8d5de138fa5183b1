//! Ends windows, also while earlier ones are being sent.

use std::collections::VecDeque;

use meters_core::{Reader, Window};

use super::Plan;

/// How many windows wait for a send that takes long; further ones are merged with the last.
const MOST_WINDOWS: usize = 64;

/// Where windows come from.
pub(super) struct Sealer {
    reader: Reader,
    /// Sealed, and not taken over yet.
    sealed: VecDeque<Window>,
}

impl Sealer {
    pub(super) fn of(plan: &Plan) -> Self {
        Self::new(plan.registry.reader_at(&plan.seat))
    }

    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, sealed: VecDeque::new() }
    }

    /// What is sealed, to be taken elsewhere.
    pub(super) fn sealed(&mut self) -> impl Iterator<Item = Window> {
        self.sealed.drain(..)
    }

    /// How many series that is, each counted once a window.
    pub(super) fn series(&self) -> u64 {
        self.sealed.iter().map(|window| window.iter().len() as u64).sum()
    }

    /// Ends the window here and begins the next.
    pub(super) fn seal(&mut self) {
        let window = self.reader.window();
        self.keep(window);
    }

    /// The same for the last time.
    pub(super) fn seal_last(&mut self) {
        let window = self.reader.last_window();
        self.keep(window);
    }

    fn keep(&mut self, window: Window) {
        let full = self.sealed.len() >= MOST_WINDOWS;
        match self.sealed.back_mut() {
            Some(last) if full => last.append(&window),
            _ => self.sealed.push_back(window),
        }
    }
}
