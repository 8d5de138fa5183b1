//! Windows: what was recorded between two moments, given to each reader exactly once.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Registry;
use super::idle::Idle;
use crate::clock;
use crate::fork::Lock;
use crate::model::Window;

/// Windows that a reader has not fetched yet.
type Waiting = Lock<Option<Window>>;

/// What waits for a reader, apart from the reader itself.
#[derive(Clone, Debug, Default)]
#[doc(hidden)]
pub struct Seat(Arc<Waiting>);

/// A wall clock that runs ahead of the other by this much did not run: it was set.
const STEP: Duration = Duration::from_secs(3600);

/// Where the last window ended, and who waits for the next.
pub(super) struct Sealing {
    end: SystemTime,
    age: Duration,
    readers: Vec<Arc<Waiting>>,
    idle: Idle,
}

impl Sealing {
    pub(super) fn new(began: SystemTime) -> Self {
        Self { end: began, age: Duration::ZERO, readers: Vec::new(), idle: Idle::default() }
    }

    /// Windows begin at this moment. Those who read the parent's may still live, and read on.
    pub(super) fn begin(&mut self, at: SystemTime) {
        (self.end, self.age) = (at, Duration::ZERO);
        self.readers.iter().for_each(|waiting| *waiting.lock() = None);
    }
}

/// Someone who is given everything that is recorded, window by window, each record exactly once.
///
/// Readers do not disturb each other: a window that one seals is kept for the others, merged into what already waits for
/// them. The first reader is given what was recorded before it came; after a time without readers, so is the next.
///
/// ```
/// let registry = meters_core::Registry::new();
/// let orders = registry.counter("Orders").register();
/// orders.inc(1);
/// let (mut one, mut other) = (registry.reader(), registry.reader());
/// assert_eq!(one.window().counter("Orders"), 1);
/// orders.inc(2);
/// assert_eq!(one.window().counter("Orders"), 2);
/// assert_eq!(other.window().counter("Orders"), 3);
/// ```
#[derive(Debug)]
pub struct Reader {
    registry: Registry,
    waiting: Arc<Waiting>,
}

impl Reader {
    pub(super) fn new(registry: Registry, seat: &Seat) -> Self {
        let waiting = seat.0.clone();
        let mut sealing = registry.0.sealing.lock();
        sealing.readers.retain(|other| !Arc::ptr_eq(other, &waiting));
        sealing.readers.push(waiting.clone());
        drop(sealing);
        Self { registry, waiting }
    }

    /// Everything since this reader's last window: series that moved, and gauges. Seals a window for all readers.
    ///
    /// Count, sum and buckets of each series are exact, and so are minimum and maximum; only where two or more records of
    /// one thread fall into the nanoseconds in which this asks for them may an extreme be known within its bucket.
    pub fn window(&mut self) -> Window {
        let mut sealing = self.registry.0.sealing.lock();
        let window = self.seal(&mut sealing);
        for other in sealing.readers.iter().filter(|other| !Arc::ptr_eq(other, &self.waiting)) {
            let mut waiting = other.lock();
            match &mut *waiting {
                Some(earlier) => earlier.append(&window),
                none => *none = Some(window.clone()),
            }
        }
        drop(sealing);
        match self.waiting.lock().take() {
            Some(mut earlier) => {
                earlier.append(&window);
                earlier
            }
            None => window,
        }
    }

    fn seal(&self, sealing: &mut Sealing) -> Window {
        clock::refine();
        let (end, age) = (SystemTime::now(), self.registry.0.began.lock().elapsed());
        let items = sealing.idle.seal(&self.registry);
        let elapsed = age.saturating_sub(std::mem::replace(&mut sealing.age, age));
        let start = began(std::mem::replace(&mut sealing.end, end), end, elapsed);
        Window { start, end, elapsed, items }
    }
}

/// When a window began that ends at `end`: when the last one ended, unless the wall clock was set since, or stood still while
/// the machine slept. Then its length says it: what is told shall not lie in the future, nor weeks ago.
fn began(start: SystemTime, end: SystemTime, elapsed: Duration) -> SystemTime {
    match end.duration_since(start) {
        Ok(passed) if passed <= elapsed + STEP => start,
        _ => end.checked_sub(elapsed).unwrap_or(end),
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut sealing = self.registry.0.sealing.lock();
        sealing.readers.retain(|other| !Arc::ptr_eq(other, &self.waiting));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_moves_the_next_window_and_not_this_one() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let minute = Duration::from_secs(60);
        assert_eq!(began(at(60_000), at(60_060), minute), at(60_000));
        assert_eq!(began(at(60_000), at(60_059), minute), at(60_000), "a clock is adjusted a little all the time");
        assert_eq!(began(at(60_000), at(56_460), minute), at(56_400), "an hour back");
        assert_eq!(began(at(60_000), at(67_260), minute), at(67_200), "two hours ahead, or asleep");
        assert_eq!(began(at(0), at(1_800_000_000), minute), at(1_799_999_940), "the clock was not set when it began");
    }
}
