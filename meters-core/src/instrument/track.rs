//! Where one series of durations or values is recorded, by however many threads.

use super::cold::{Cold, Extremes};
use super::local;
use super::shard::{Held, Shard};
use crate::clock::{self, Moment};
use crate::fork::{Lock, Locked};
use crate::model::{Calls, Distribution, Ended, Unit};
use crate::primitive::atomic::{AtomicU32, Ordering::Relaxed};
use crate::primitive::shared;

/// What the bounds of a series' lattice are multiplied by: recorded units in a second, or 1. A byte, for the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Plain,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Origin {
    pub(crate) fn of(unit: Unit) -> Self {
        match unit {
            Unit::Seconds => Self::Seconds,
            Unit::Milliseconds => Self::Milliseconds,
            Unit::Microseconds => Self::Microseconds,
            _ => Self::Plain,
        }
    }

    pub(crate) const fn factor(self) -> f64 {
        match self {
            Self::Plain | Self::Seconds => 1.0,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1e6,
            Self::Nanoseconds => 1e9,
        }
    }
}

// Numbers of series that threads may own shards of.
shared!(static NEXT_ID: AtomicU32 = AtomicU32::new(local::NO_ID + 1));

/// The recording of one series. Cold ones are a small slot under a lock; hot ones give each thread a shard.
pub(crate) struct Track {
    id: AtomicU32,
    origin: Origin,
    state: Lock<State>,
}

enum State {
    Cold(Cold),
    Hot(Box<Hot>),
}

struct Hot {
    /// What was taken out of shards so far, of all threads that ever were.
    base: Calls,
    /// All that there was when the last window was sealed.
    sealed: Calls,
    /// Since then.
    fresh: Extremes,
    shards: Vec<Held>,
}

impl Track {
    /// A series that many threads may come to share; it starts cold.
    pub(crate) fn new(origin: Origin) -> Self {
        Self { id: AtomicU32::new(local::NO_ID), origin, state: Lock::new(State::Cold(Cold::new())) }
    }

    /// Makes it a series whose threads get a shard each at once, as static call sites want it.
    pub(crate) fn heat(&self) {
        self.heated(&mut self.lock());
    }

    fn lock(&self) -> Locked<'_, State> {
        self.state.lock()
    }

    /// Adds one value, from 0 to 2^360; `WHOLE` says that all values of the series are whole numbers.
    #[inline]
    pub(crate) fn record<const WHOLE: bool>(&'static self, value: f64, ended: Ended) {
        match local::shard(self.id.load(Relaxed)) {
            Some(shard) => shard.record::<WHOLE>(value, ended),
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
            let shard = Shard::take(self.origin.factor());
            let held = Held::new(shard);
            let hot = self.heated(&mut state);
            if local::adopt_shard(self.id.load(Relaxed), shard, self) {
                hot.shards.push(held);
            } else {
                hot.absorb(held);
            }
        }
        self.keep_sample(value);
    }

    #[cold]
    #[inline(never)]
    fn record_slowly(&'static self, value: f64, ended: Ended) {
        let mut state = self.lock();
        if let State::Cold(cold) = &mut *state
            && cold.record(self.origin.factor(), value, ended)
        {
            return;
        }
        let shard = Shard::take(self.origin.factor());
        let held = Held::new(shard);
        let hot = self.heated(&mut state);
        if local::adopt_shard(self.id.load(Relaxed), shard, self) {
            hot.shards.push(held);
            drop(state);
            shard.record::<false>(value, ended);
        } else {
            // The thread is ending: no shard of its own, but its record counts.
            shard.record::<false>(value, ended);
            hot.absorb(held);
        }
    }

    fn heated<'a>(&self, state: &'a mut State) -> &'a mut Hot {
        if let State::Cold(cold) = state {
            let origin = self.origin.factor();
            let base = cold.total(origin);
            let fresh = cold.fresh;
            let sealed = match cold.seal(origin) {
                Some(open) => base.since(&open),
                None => base.clone(),
            };
            *state = State::Hot(Box::new(Hot { base, sealed, fresh, shards: Vec::new() }));
            self.id.store(NEXT_ID.fetch_add(1, Relaxed), Relaxed);
        }
        match state {
            State::Hot(hot) => hot,
            State::Cold(_) => unreachable!("it was just heated"),
        }
    }

    /// The owner's last act: what its shard holds goes over to the series.
    pub(super) fn retire(&self, shard: &Shard) {
        let mut state = self.lock();
        if let State::Hot(hot) = &mut *state
            && let Some(place) = hot.shards.iter().position(|held| held.is(shard))
        {
            let held = hot.shards.swap_remove(place);
            hot.absorb(held);
        }
    }

    /// Nothing was ever recorded. The shards of threads that are no more stay where they are: they may hold anything.
    pub(crate) fn forget(&self) {
        match &mut *self.lock() {
            State::Cold(cold) => *cold = Cold::new(),
            State::Hot(hot) => **hot = Hot::empty(self.origin.factor()),
        }
    }

    /// All that was recorded.
    pub(crate) fn total(&self) -> Calls {
        match &mut *self.lock() {
            State::Cold(cold) => cold.total(self.origin.factor()),
            State::Hot(hot) => hot.total(),
        }
    }

    /// What was recorded since this was last asked, with its own minimum and maximum; `None` where nothing was.
    pub(crate) fn seal(&self) -> Option<Calls> {
        match &mut *self.lock() {
            State::Cold(cold) => cold.seal(self.origin.factor()),
            State::Hot(hot) => hot.seal(),
        }
    }
}

impl Hot {
    fn empty(origin: f64) -> Self {
        let none = || Calls { duration: Distribution::with_origin(origin), ..Calls::new() };
        Self { base: none(), sealed: none(), fresh: Extremes::NONE, shards: Vec::new() }
    }

    fn total(&mut self) -> Calls {
        let Self { base, fresh, shards, .. } = self;
        let mut open: Vec<Calls> = Vec::new();
        for held in shards {
            held.collect(|found| {
                if let Some((min, max)) = found.fresh {
                    fresh.fold(min, max);
                }
                if found.taken {
                    base.merge(&found.calls);
                } else {
                    open.push(found.calls);
                }
            });
        }
        let mut total = base.clone();
        for part in &open {
            total.merge(part);
        }
        total
    }

    fn seal(&mut self) -> Option<Calls> {
        let total = self.total();
        if total.count() == self.sealed.count() {
            return None;
        }
        let Extremes { min, max } = std::mem::replace(&mut self.fresh, Extremes::NONE);
        let gained = total.since_with(&self.sealed, min, max);
        self.sealed = total;
        Some(gained)
    }

    fn absorb(&mut self, held: Held) {
        held.give_back(|found| {
            if let Some((min, max)) = found.fresh {
                self.fresh.fold(min, max);
            }
            self.base.merge(&found.calls);
        });
    }
}
