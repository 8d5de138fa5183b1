//! Where one series of durations or values is recorded, by however many threads.

use super::cold::Cold;
use super::cut::{Cut, Origin};
use super::gate::{Gate, Gated};
use super::hot::Hot;
use super::local;
use super::shard::{Held, Shard};
use crate::clock::{self, Moment};
use crate::fork::{Lock, Locked};
use crate::model::{Calls, Ended};
use crate::primitive::atomic::{AtomicU32, Ordering::Relaxed};
use crate::primitive::shared;

// Numbers of series that threads may own shards of.
shared!(static NEXT_ID: AtomicU32 = AtomicU32::new(local::NO_ID + 1));

/// More than there are series.
const APART: u32 = 1 << 31;

/// The recording of one series. Cold ones are a small slot under a lock; hot ones give each thread a shard.
///
/// A hot one that goes idle [cools](Self::cool): its threads no longer find their shards. They stay in its list, for a thread
/// may be about to write, until each owner gives its own back. No shard is ever taken from a living owner.
pub(crate) struct Track {
    /// [`Hot::number`], or [`local::NO_ID`] where no thread shall find a shard. Changed under the lock. With [`APART`], where
    /// the lattice is cut: the usual way finds nothing then, and has to ask nothing for it.
    id: AtomicU32,
    /// The parts of its [`Cut`] apart, so that the gate has a place between them.
    origin: Origin,
    /// Turned under the lock.
    gate: Gated,
    grid: u16,
    state: Lock<State>,
}

enum State {
    Cold(Cold),
    Hot(Box<Hot>),
}

impl Track {
    /// A series that many threads may come to share; it starts cold.
    pub(crate) fn new(cut: Cut) -> Self {
        let state = Lock::new(State::Cold(Cold::new()));
        let Cut { origin, grid } = cut;
        Self { id: AtomicU32::new(local::NO_ID), origin, gate: Gated::new(), grid, state }
    }

    #[inline]
    fn cut(&self) -> Cut {
        Cut { origin: self.origin, grid: self.grid }
    }

    /// Makes it a series whose threads get a shard each at once, as static call sites want it.
    pub(crate) fn heat(&self) {
        let mut state = self.lock();
        if !self.gate.is_shut() {
            self.heated(&mut state);
        }
    }

    fn lock(&self) -> Locked<'_, State> {
        self.state.lock()
    }

    /// Adds one value, from 0 to 2^360; `WHOLE` says that all values of the series are whole numbers.
    #[inline]
    pub(crate) fn record<const WHOLE: bool>(&'static self, value: f64, ended: Ended) {
        match local::shard(self.id.load(Relaxed)) {
            Some(shard) => shard.record::<WHOLE>(value, ended),
            None => self.record_apart(value, ended),
        }
    }

    /// Where the lattice is cut, or this thread has no shard.
    #[inline(never)]
    fn record_apart(&'static self, value: f64, ended: Ended) {
        let Some(grid) = self.cut().grid() else { return self.record_slowly(value, ended) };
        match local::shard(self.id.load(Relaxed) ^ APART) {
            Some(shard) => shard.record_cut(grid, value),
            None => self.record_slowly(value, ended),
        }
    }

    /// The start of a call of which one in `every` is timed, by each thread.
    #[inline]
    pub(crate) fn sampled(&self, every: u32) -> Moment {
        let standing = local::shard(self.id.load(Relaxed)).and_then(|shard| shard.standing(every));
        standing.map_or_else(clock::now, Moment::standing)
    }

    /// What was timed stands for the calls that are not.
    #[inline]
    pub(crate) fn keep_sample(&self, value: f64) {
        if let Some(shard) = local::shard(self.id.load(Relaxed)) {
            shard.keep_sample(value);
        }
    }

    /// The same where the call was recorded elsewhere: this series may never be recorded itself, and its threads still count
    /// here which calls are to be timed.
    pub(crate) fn keep_sample_apart(&'static self, value: f64) {
        if local::shard(self.id.load(Relaxed)).is_none() {
            let mut state = self.lock();
            if self.gate.is_shut() {
                return;
            }
            let hot = self.heated(&mut state);
            if local::shard(hot.number).is_none() {
                let (shard, held) = self.shard();
                if local::adopt_shard(hot.number, shard, self) {
                    hot.add(held);
                } else {
                    hot.absorb(held);
                }
            }
        }
        self.keep_sample(value);
    }

    #[cold]
    #[inline(never)]
    fn record_slowly(&'static self, value: f64, ended: Ended) {
        if !self.gate.is_shut() {
            self.record_in_common(value, ended);
        }
    }

    /// Apart, so that what is switched off saves no registers.
    #[inline(never)]
    fn record_in_common(&'static self, value: f64, ended: Ended) {
        let mut state = self.lock();
        // It may have been shut while this waited.
        if self.gate.is_shut() {
            return;
        }
        if let State::Cold(cold) = &mut *state
            && cold.record(self.cut(), value, ended)
        {
            return;
        }
        let hot = self.heated(&mut state);
        // It had cooled, and this thread has not given its own back.
        if let Some(shard) = local::shard(hot.number) {
            drop(state);
            return self.record_into(shard, value, ended);
        }
        let (shard, held) = self.shard();
        if local::adopt_shard(hot.number, shard, self) {
            hot.add(held);
            drop(state);
            self.record_into(shard, value, ended);
            local::sweep();
        } else {
            // The thread is ending: no shard of its own, but its record counts.
            self.record_into(shard, value, ended);
            hot.absorb(held);
        }
    }

    fn record_into(&self, shard: &Shard, value: f64, ended: Ended) {
        match self.cut().grid() {
            None => shard.record::<false>(value, ended),
            Some(grid) => shard.record_cut(grid, value),
        }
    }

    fn shard(&self) -> (&'static Shard, Held) {
        let shard = Shard::take(self.cut().factor());
        (shard, Held::new(shard, self.cut()))
    }

    fn heated<'a>(&self, state: &'a mut State) -> &'a mut Hot {
        if let State::Cold(cold) = state {
            let number = NEXT_ID.fetch_add(1, Relaxed);
            *state = State::Hot(Box::new(Hot::of(cold, self.cut(), number)));
        }
        match state {
            State::Hot(hot) => {
                let apart = if self.cut().is_whole() { 0 } else { APART };
                self.id.store(hot.number | apart, Relaxed);
                hot
            }
            State::Cold(_) => unreachable!("it was just heated"),
        }
    }

    /// The series is idle: threads that record it again take the slow way first, and those that have shards of it give them
    /// back when they take the next of another series, or end. What is recorded meanwhile is told as ever.
    pub(crate) fn cool(&self) {
        self.cool_down(&mut self.lock());
    }

    fn cool_down(&self, state: &mut State) {
        if let State::Hot(hot) = state {
            if self.id.swap(local::NO_ID, Relaxed) != local::NO_ID {
                local::cooled();
            }
            hot.rest();
        }
    }

    /// From now on it takes records, or none: what threads have of it then goes back, as when it is idle.
    pub(crate) fn turn(&self, gate: Gate) {
        let mut state = self.lock();
        self.gate.turn(gate);
        if self.gate.is_shut() {
            self.cool_down(&mut state);
        }
    }

    #[inline]
    pub(crate) fn gate(&self) -> &Gated {
        &self.gate
    }

    pub(crate) fn is_cool(&self) -> bool {
        self.id.load(Relaxed) == local::NO_ID
    }

    /// The owner's last act: what its shard holds goes over to the series.
    pub(super) fn retire(&self, shard: &Shard) {
        if let State::Hot(hot) = &mut *self.lock() {
            hot.retire(shard);
            if self.is_cool() {
                hot.rest();
            }
        }
    }

    /// Nothing was ever recorded. The shards of threads that are no more stay where they are: they may hold anything.
    pub(crate) fn forget(&self) {
        match &mut *self.lock() {
            State::Cold(cold) => *cold = Cold::new(),
            State::Hot(hot) => hot.forget(self.cut()),
        }
    }

    /// All that was recorded.
    pub(crate) fn total(&self) -> Calls {
        match &mut *self.lock() {
            State::Cold(cold) => cold.total(self.cut()),
            State::Hot(hot) => hot.total(),
        }
    }

    /// What was recorded since this was last asked, with its own minimum and maximum; `None` where nothing was.
    pub(crate) fn seal(&self) -> Option<Calls> {
        match &mut *self.lock() {
            State::Cold(cold) => cold.seal(self.cut()),
            State::Hot(hot) => hot.seal(),
        }
    }

    /// Whether anything came since the last window was sealed.
    pub(crate) fn moved(&self) -> bool {
        match &mut *self.lock() {
            State::Cold(cold) => cold.moved(),
            State::Hot(hot) => hot.moved(),
        }
    }
}
