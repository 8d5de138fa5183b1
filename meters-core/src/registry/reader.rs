//! Windows: what was recorded between two moments, given to each reader exactly once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use super::Registry;
use super::idle::Idle;
use crate::clock;
use crate::fork::Lock;
use crate::model::Window;

/// What a reader has not fetched yet.
#[derive(Debug, Default)]
struct Waiting {
    windows: Lock<Option<Window>>,
    /// It will fetch no more than what it needs to end.
    leaving: AtomicBool,
}

/// What waits for a reader, apart from the reader itself.
#[derive(Clone, Debug, Default)]
#[doc(hidden)]
pub struct Seat(Arc<Waiting>);

impl Seat {
    /// Its reader is about to end: what is recorded after the next reader came is that one's alone.
    pub fn leave(&self) {
        self.0.leaving.store(true, SeqCst);
    }
}

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
        self.readers.iter().for_each(|waiting| *waiting.windows.lock() = None);
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
        // Another one may leave meanwhile: then what functions told last is told.
        if registry.0.sealing.lock().readers.iter().any(|other| other.leaving.load(SeqCst)) {
            registry.read_functions();
        }
        let mut sealing = registry.0.sealing.lock();
        sealing.readers.retain(|other| !Arc::ptr_eq(other, &waiting));
        if sealing.readers.iter().any(|other| other.leaving.load(SeqCst)) {
            // To here it is theirs, and from here on this one's: else both would tell it.
            let window = seal(&registry, &mut sealing);
            sealing.readers.iter().for_each(|other| other.receive(&window));
            sealing.readers.retain(|other| !other.leaving.load(SeqCst));
        }
        sealing.readers.push(waiting.clone());
        drop(sealing);
        Self { registry, waiting }
    }

    /// Everything since this reader's last window: series that moved, and gauges. Seals a window for all readers.
    ///
    /// Count, sum and buckets of each series are exact, and so are minimum and maximum; only where two or more records of
    /// one thread fall into the nanoseconds in which this asks for them may an extreme be known within its bucket.
    pub fn window(&mut self) -> Window {
        self.next(false)
    }

    /// The same for the last time: what is recorded from here on is another's, and none of it is kept for this one.
    #[doc(hidden)]
    pub fn last_window(&mut self) -> Window {
        self.next(true)
    }

    fn next(&mut self, last: bool) -> Window {
        self.registry.read_functions();
        let mut sealing = self.registry.0.sealing.lock();
        if !sealing.readers.iter().any(|known| Arc::ptr_eq(known, &self.waiting)) {
            // It was leaving, and another came.
            let nothing = Window { start: sealing.end, end: sealing.end, elapsed: Duration::ZERO, items: Vec::new() };
            return self.waiting.windows.lock().take().unwrap_or(nothing);
        }
        let window = seal(&self.registry, &mut sealing);
        for other in sealing.readers.iter().filter(|other| !Arc::ptr_eq(other, &self.waiting)) {
            other.receive(&window);
        }
        if last {
            sealing.readers.retain(|known| !Arc::ptr_eq(known, &self.waiting));
        }
        drop(sealing);
        match self.waiting.windows.lock().take() {
            Some(mut earlier) => {
                earlier.append(&window);
                earlier
            }
            None => window,
        }
    }
}

impl Waiting {
    fn receive(&self, window: &Window) {
        let mut windows = self.windows.lock();
        match &mut *windows {
            Some(earlier) => earlier.append(window),
            none => *none = Some(window.clone()),
        }
    }
}

fn seal(registry: &Registry, sealing: &mut Sealing) -> Window {
    clock::refine();
    let (end, age) = (SystemTime::now(), registry.0.began.lock().elapsed());
    let items = sealing.idle.seal(registry);
    let elapsed = age.saturating_sub(std::mem::replace(&mut sealing.age, age));
    let start = began(std::mem::replace(&mut sealing.end, end), end, elapsed);
    Window { start, end, elapsed, items }
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
    fn what_is_recorded_after_a_reader_was_succeeded_is_its_successors_alone() {
        let (registry, seat) = (Registry::new(), Seat::default());
        let (mut old, mut other) = (registry.reader_at(&seat), registry.reader());
        let events = registry.counter("Events").register();
        events.inc(1);
        seat.leave();
        events.inc(2);
        let mut new = registry.reader();
        events.inc(4);
        let counted = |window: Window| window.counter("Events");
        assert_eq!(counted(old.window()), 3);
        events.inc(8);
        assert_eq!((counted(old.window()), counted(new.window()), counted(other.window())), (0, 12, 15));
        drop(old);
        events.inc(16);
        assert_eq!((counted(new.window()), counted(other.window())), (16, 16));
    }

    #[test]
    fn a_reader_that_leaves_and_has_no_successor_is_given_everything_to_its_end() {
        let (registry, seat) = (Registry::new(), Seat::default());
        let (mut old, events) = (registry.reader_at(&seat), registry.counter("Events").register());
        seat.leave();
        events.inc(1);
        assert_eq!(old.window().counter("Events"), 1);
        events.inc(2);
        assert_eq!(old.window().counter("Events"), 2);
    }

    #[test]
    fn who_has_had_its_last_window_keeps_nothing_from_its_successor_though_it_still_stands() {
        let (registry, seat) = (Registry::new(), Seat::default());
        let (mut old, events) = (registry.reader_at(&seat), registry.counter("Events").register());
        events.inc(1);
        seat.leave();
        assert_eq!(old.last_window().counter("Events"), 1);
        events.inc(2);
        let mut new = registry.reader();
        events.inc(4);
        assert_eq!((old.window().counter("Events"), new.window().counter("Events")), (0, 6));
    }

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
