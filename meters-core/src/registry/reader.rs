//! Windows: what was recorded between two moments, given to each reader exactly once.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Registry;
use crate::clock;
use crate::fork::Lock;
use crate::model::Window;

/// Windows that a reader has not fetched yet.
type Waiting = Lock<Option<Window>>;

/// What waits for a reader, apart from the reader itself.
#[derive(Clone, Debug, Default)]
#[doc(hidden)]
pub struct Seat(Arc<Waiting>);

/// Where the last window ended, and who waits for the next.
pub(super) struct Sealing {
    end: SystemTime,
    age: Duration,
    readers: Vec<Arc<Waiting>>,
}

impl Sealing {
    pub(super) fn new(began: SystemTime) -> Self {
        Self { end: began, age: Duration::ZERO, readers: Vec::new() }
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
        let entries = self.registry.entries();
        let (end, age) = (SystemTime::now(), self.registry.0.began.lock().elapsed());
        let mut items = Vec::with_capacity(entries.len());
        items.extend(entries.iter().filter_map(|entry| Some((entry.series(), entry.seal()?))));
        let start = std::mem::replace(&mut sealing.end, end);
        let elapsed = age - std::mem::replace(&mut sealing.age, age);
        Window { start, end, elapsed, items }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut sealing = self.registry.0.sealing.lock();
        sealing.readers.retain(|other| !Arc::ptr_eq(other, &self.waiting));
    }
}
