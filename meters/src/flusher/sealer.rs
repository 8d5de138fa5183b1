//! Ends windows, also while earlier ones are being sent.

use std::collections::VecDeque;
use std::collections::vec_deque::Drain;

use meters_core::{Reader, Window};

use super::Plan;

/// How many windows wait for a send that takes long, and how many series in all of them, of some 100 bytes to 2 kB each;
/// further windows are merged with the last.
const MOST_WINDOWS: usize = 64;
const MOST_SERIES: usize = 20_000;

/// Windows that wait, within bounds: beyond them no count is lost, only which window it was.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    windows: VecDeque<Window>,
    series: usize,
}

impl Sealed {
    pub(super) fn push(&mut self, window: Window) {
        let full = self.windows.len() >= MOST_WINDOWS || self.series + window.iter().len() > MOST_SERIES;
        match self.windows.back_mut() {
            Some(last) if full => {
                self.series -= last.iter().len();
                last.append(&window);
                self.series += last.iter().len();
            }
            _ => {
                self.series += window.iter().len();
                self.windows.push_back(window);
            }
        }
    }

    pub(super) fn pop(&mut self) -> Option<Window> {
        let window = self.windows.pop_front()?;
        self.series -= window.iter().len();
        Some(window)
    }

    pub(super) fn drain(&mut self) -> Drain<'_, Window> {
        self.series = 0;
        self.windows.drain(..)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }
}

/// Who ends a window when its time is over.
pub(super) trait Seals {
    /// Ends the window here and begins the next.
    fn seal(&mut self);
}

/// Where windows come from.
pub(super) struct Sealer {
    reader: Reader,
    /// Not taken over yet.
    sealed: Sealed,
}

impl Sealer {
    pub(super) fn of(plan: &Plan) -> Self {
        Self::new(plan.registry.reader_at(&plan.seat))
    }

    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, sealed: Sealed::default() }
    }

    /// What is sealed, to be taken elsewhere.
    pub(super) fn sealed(&mut self) -> Drain<'_, Window> {
        self.sealed.drain()
    }

    /// How many series that is, each counted once a window.
    pub(super) fn series(&self) -> u64 {
        self.sealed.series as u64
    }

    /// Ends the window for the last time.
    pub(super) fn seal_last(&mut self) {
        let window = self.reader.last_window();
        self.sealed.push(window);
    }
}

impl Seals for Sealer {
    fn seal(&mut self) {
        let window = self.reader.window();
        self.sealed.push(window);
    }
}

#[cfg(test)]
mod tests {
    use meters_core::Registry;

    use super::*;

    /// Seals so many windows of so many series each, and returns how many windows and series wait for it.
    fn waiting(windows: usize, series: usize) -> (usize, usize) {
        let registry = Registry::new();
        registry.set_limit(series + 1);
        let mut sealer = Sealer::new(registry.reader());
        let counters: Vec<_> =
            (0..series).map(|n| registry.counter("Orders").dimension("Shop", n.to_string()).register()).collect();
        for _ in 0..windows {
            counters.iter().for_each(|counter| counter.inc(1));
            sealer.seal();
        }
        let mut orders = 0;
        let (held, count) = (sealer.sealed.series, sealer.sealed.windows.len());
        sealer.sealed().for_each(|window| orders += window.counter("Orders"));
        assert_eq!(orders, (windows * series) as u64, "none is lost");
        assert_eq!(sealer.series(), 0);
        (count, held)
    }

    #[test]
    fn what_waits_for_a_long_send_is_bounded_by_windows_and_by_series() {
        assert_eq!(waiting(200, 10), (MOST_WINDOWS, MOST_WINDOWS * 10));
        assert_eq!(waiting(30, 1_500), (13, 13 * 1_500));
    }

    #[test]
    fn windows_that_are_too_large_alone_come_to_one() {
        assert_eq!(waiting(3, MOST_SERIES + 1), (1, MOST_SERIES + 1));
    }
}
