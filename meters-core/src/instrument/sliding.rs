//! How many events came in the last so many seconds.

use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Release};
use std::time::Duration;

use super::Tally;
use crate::clock::{self, Moment};
use crate::fork::Lock;

/// Parts of a window: what it counts is up to one of them older than it says.
const PARTS: u64 = 100;
/// Totals that a window keeps: where each of its parts began, and where the one before them did.
const KEPT: usize = PARTS as usize + 1;

/// Counts events by a tally, and notes its total where a part of a window begins: whoever comes first in a part does it, so
/// that all others pay for a look at the clock and one comparison.
pub(crate) struct Sliding {
    tally: Tally,
    start: Moment,
    /// When the next part of any window begins, in nanoseconds since the start.
    next: AtomicU64,
    windows: Lock<Vec<Totals>>,
}

/// The totals of one window.
struct Totals {
    /// How long a part is, in nanoseconds.
    part: u64,
    /// The number of the part that was entered last.
    now: u64,
    /// Where parts began, by their numbers modulo the length.
    began: Box<[u64; KEPT]>,
}

impl Sliding {
    pub(crate) fn new() -> Self {
        let (start, windows) = (clock::now(), Lock::new(Vec::new()));
        Self { tally: Tally::new(), start, next: AtomicU64::new(u64::MAX), windows }
    }

    /// One more window of this length, unless there is one; and its place.
    pub(crate) fn window(&self, length: Duration) -> usize {
        let part = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX).div_ceil(PARTS).max(1);
        let (now, total) = (self.start.nanoseconds() / part, self.tally.total());
        let mut windows = self.windows.lock();
        if let Some(place) = windows.iter().position(|known| known.part == part) {
            return place;
        }
        windows.push(Totals { part, now, began: Box::new([total; KEPT]) });
        self.next.fetch_min((now + 1) * part, Release);
        windows.len() - 1
    }

    #[inline]
    pub(crate) fn add(&'static self, n: u64) {
        self.add_at(self.start.nanoseconds(), n);
    }

    #[inline]
    fn add_at(&'static self, now: u64, n: u64) {
        // Whoever sees that a part was entered adds after its total was taken.
        if now >= self.next.load(Acquire) {
            self.enter(now);
        }
        self.tally.add(n);
    }

    #[cold]
    #[inline(never)]
    fn enter(&self, now: u64) {
        let mut windows = self.windows.lock();
        let total = self.tally.total();
        windows.iter_mut().for_each(|window| window.enter(now / window.part, total));
        let next = windows.iter().map(|window| (window.now + 1).saturating_mul(window.part)).min();
        self.next.store(next.unwrap_or(u64::MAX), Release);
    }

    /// Events of the window at this place.
    pub(crate) fn count(&self, place: usize) -> u64 {
        self.count_at(self.start.nanoseconds(), place)
    }

    fn count_at(&self, now: u64, place: usize) -> u64 {
        self.enter(now);
        let windows = self.windows.lock();
        let window = &windows[place];
        self.tally.total().wrapping_sub(window.began[window.place(window.now + 1)])
    }

    /// Nothing was ever counted.
    pub(crate) fn forget(&self) {
        let mut windows = self.windows.lock();
        self.tally.forget();
        windows.iter_mut().for_each(|window| window.began.fill(0));
    }
}

impl Totals {
    fn place(&self, part: u64) -> usize {
        (part % KEPT as u64) as usize
    }

    fn enter(&mut self, part: u64, total: u64) {
        let skipped = self.now.max(part.saturating_sub(PARTS + 1));
        for entered in skipped + 1..=part {
            let place = self.place(entered);
            self.began[place] = total;
        }
        self.now = self.now.max(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sliding(milliseconds: &[u64]) -> &'static Sliding {
        let sliding = Box::leak(Box::new(Sliding::new()));
        // As if they were made at the start.
        for length in milliseconds {
            sliding.window(Duration::from_millis(*length));
        }
        sliding.windows.lock().iter_mut().for_each(|window| window.now = 0);
        sliding.next.store(0, Release);
        sliding
    }

    #[test]
    fn an_event_counts_for_the_whole_window_and_for_a_hundredth_more_at_most() {
        let window = 1_000_000;
        for began in [0, 1, 9_999, 10_000, 10_001, 123_456] {
            let sliding = sliding(&[1]);
            sliding.add_at(began, 3);
            for later in [0, 1, window / 2, window - 1] {
                assert_eq!(sliding.count_at(began + later, 0), 3, "{later} after {began}");
            }
            assert_eq!(sliding.count_at(began + window + window / 100, 0), 0, "after {began}");
            assert_eq!(sliding.count_at(began + 50 * window, 0), 0);
        }
    }

    #[test]
    fn nothing_is_left_of_what_came_before_a_fork() {
        let sliding = sliding(&[1, 60_000]);
        sliding.add_at(5, 3);
        sliding.forget();
        assert_eq!((sliding.count_at(6, 0), sliding.count_at(6, 1)), (0, 0));
        sliding.add_at(20_000, 2);
        assert_eq!((sliding.count_at(20_001, 0), sliding.count_at(20_001, 1)), (2, 2));
    }

    #[test]
    fn the_same_window_is_kept_once() {
        let sliding = Sliding::new();
        let lengths = [1000, 60_000, 1000].map(Duration::from_millis);
        assert_eq!(lengths.map(|length| sliding.window(length)), [0, 1, 0]);
    }

    proptest! {
        #[test]
        fn it_counts_all_of_the_window_and_nothing_that_is_a_hundredth_older(
            steps in prop::collection::vec((0u64..900_000, 0u64..5), 1..60),
        ) {
            let lengths = [1, 3, 40];
            let (sliding, mut now, mut all) = (sliding(&lengths), 0, Vec::new());
            for (step, n) in steps {
                now += step;
                sliding.add_at(now, n);
                all.push((now, n));
                for (place, length) in lengths.iter().enumerate() {
                    let length = length * 1_000_000;
                    let since = |age: u64| all.iter().filter(|(at, _)| at + age > now).map(|(_, n)| n).sum::<u64>();
                    let counted = sliding.count_at(now, place);
                    prop_assert!((since(length)..=since(length + length / 100)).contains(&counted));
                }
            }
        }
    }
}
