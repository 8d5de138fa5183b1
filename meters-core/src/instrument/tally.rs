//! Where one series of events is counted, by however many threads.

use super::gate::{Gate, Gated};
use super::local;
use super::pool::Pool;
use crate::fork::{self, Lock};
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use crate::primitive::shared;

/// Events after which each thread that counts gets a cell of its own.
const HOT: u32 = if cfg!(loom) { 1 } else { 32 };

shared!(static NEXT_ID: AtomicU32 = AtomicU32::new(local::NO_ID + 1));

/// The count of one thread, on lines that no other thread writes.
#[repr(align(128))]
pub(super) struct Cell(AtomicU64);

shared!(static POOL: Pool<Cell> = Pool::new());

impl Cell {
    /// Only ever called by the owner: no read-modify-write is needed.
    #[inline]
    fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }
}

/// The counting of one series: one shared number while it is rarely counted, then a cell a thread. Never reset.
pub(crate) struct Tally {
    /// [`Cells::number`], or [`local::NO_ID`] where no thread shall find a cell. Changed under the lock of the cells.
    id: AtomicU32,
    adds: AtomicU32,
    /// Turned under the lock of the cells.
    gate: Gated,
    shared: AtomicU64,
    /// The total when the last window was sealed.
    sealed: AtomicU64,
    cells: Lock<Cells>,
}

struct Cells {
    /// Under which threads find their cells, from the first time that it is hot for ever.
    number: u32,
    all: Vec<&'static Cell>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            id: AtomicU32::new(local::NO_ID),
            adds: AtomicU32::new(0),
            gate: Gated::new(),
            shared: AtomicU64::new(0),
            sealed: AtomicU64::new(0),
            cells: Lock::new(Cells { number: local::NO_ID, all: Vec::new() }),
        }
    }

    /// Makes it a series whose threads get a cell each at once, as static call sites want it.
    pub(crate) fn heat(&self) {
        let mut cells = self.cells.lock();
        if self.gate.is_shut() {
            return;
        }
        if cells.number == local::NO_ID {
            cells.number = NEXT_ID.fetch_add(1, Relaxed);
        }
        self.id.store(cells.number, Relaxed);
    }

    /// The series is idle: threads that count it again begin with the shared number, and those that have cells of it give
    /// them back when they take the next of another series, or end; see [`Track::cool`](super::Track::cool).
    pub(crate) fn cool(&self) {
        self.cool_down(&mut self.cells.lock());
    }

    fn cool_down(&self, cells: &mut Cells) {
        self.adds.store(0, Relaxed);
        if self.id.swap(local::NO_ID, Relaxed) != local::NO_ID {
            local::cooled();
        }
        self.rest(cells);
    }

    /// From now on it counts, or does not; see [`Track::turn`](super::Track::turn).
    pub(crate) fn turn(&self, gate: Gate) {
        let mut cells = self.cells.lock();
        self.gate.turn(gate);
        if self.gate.is_shut() {
            self.cool_down(&mut cells);
        }
    }

    #[inline]
    pub(crate) fn gate(&self) -> &Gated {
        &self.gate
    }

    pub(crate) fn is_cool(&self) -> bool {
        self.id.load(Relaxed) == local::NO_ID
    }

    fn rest(&self, cells: &mut Cells) {
        if self.is_cool() && cells.all.is_empty() {
            cells.all = Vec::new();
        }
    }

    /// Counts `n` events.
    #[inline]
    pub(crate) fn add(&'static self, n: u64) {
        match local::cell(self.id.load(Relaxed)) {
            Some(cell) => cell.add(n),
            None => self.add_slowly(n),
        }
    }

    #[cold]
    #[inline(never)]
    fn add_slowly(&'static self, n: u64) {
        if !self.gate.is_shut() {
            self.add_in_common(n);
        }
    }

    /// Apart, so that what is switched off saves no registers.
    #[inline(never)]
    fn add_in_common(&'static self, n: u64) {
        fork::settle();
        if !self.is_cool() {
            let mut cells = self.cells.lock();
            // It may have been shut while this waited.
            if self.gate.is_shut() {
                return;
            }
            self.add_to_own(&mut cells, n);
            drop(cells);
            return local::sweep();
        }
        self.shared.fetch_add(n, Relaxed);
        if self.adds.fetch_add(1, Relaxed) >= HOT {
            self.heat();
        }
    }

    fn add_to_own(&'static self, cells: &mut Cells, n: u64) {
        // It had cooled, and this thread has not given its own back.
        if let Some(cell) = local::cell(cells.number) {
            return cell.add(n);
        }
        let cell = POOL.take(|| Cell(AtomicU64::new(0)));
        if local::adopt_cell(cells.number, cell, self) {
            cell.add(n);
            cells.all.push(cell);
        } else {
            POOL.give(cell);
            self.shared.fetch_add(n, Relaxed);
        }
    }

    /// The owner's last act: what its cell holds goes over to the series.
    pub(super) fn retire(&self, cell: &'static Cell) {
        let mut cells = self.cells.lock();
        if let Some(place) = cells.all.iter().position(|known| std::ptr::eq(*known, cell)) {
            cells.all.swap_remove(place);
            self.shared.fetch_add(cell.0.swap(0, Relaxed), Relaxed);
            POOL.give(cell);
            self.rest(&mut cells);
        }
    }

    /// Nothing was ever counted. The cells of threads that are no more stay where they are: they may hold anything.
    pub(crate) fn forget(&self) {
        self.cells.lock().all.clear();
        self.shared.store(0, Relaxed);
        self.sealed.store(0, Relaxed);
    }

    /// All events so far.
    pub(crate) fn total(&self) -> u64 {
        let cells = self.cells.lock();
        let own = cells.all.iter().fold(0u64, |sum, cell| sum.wrapping_add(cell.0.load(Relaxed)));
        self.shared.load(Relaxed).wrapping_add(own)
    }

    /// Events since this was last asked.
    pub(crate) fn seal(&self) -> u64 {
        let total = self.total();
        total.wrapping_sub(self.sealed.swap(total, Relaxed))
    }
    /// Whether anything came since the last window was sealed.
    pub(crate) fn moved(&self) -> bool {
        self.total() != self.sealed.load(Relaxed)
    }
}
