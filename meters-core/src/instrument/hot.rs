//! A series of which threads own shards, and what stays of it when it has been idle for long.

use super::cold::{Cold, Extremes};
use super::cut::Cut;
use super::shard::{Held, Shard};
use crate::model::Calls;

pub(super) struct Hot {
    /// Under which its threads find their shards. It keeps it for ever, so that there are no more numbers than series.
    pub(super) number: u32,
    /// What was taken out of shards so far, of all threads that ever were.
    base: Calls,
    /// `None` where it went idle and no thread has a shard any more: `base` is all there is, and was told.
    live: Option<Box<Live>>,
}

struct Live {
    /// All that there was when the last window was sealed.
    sealed: Calls,
    /// Since then.
    fresh: Extremes,
    shards: Vec<Held>,
}

impl Hot {
    /// What was a cold one until now.
    pub(super) fn of(cold: &mut Cold, cut: Cut, number: u32) -> Self {
        let base = cold.total(cut);
        let fresh = cold.fresh;
        let sealed = match cold.seal(cut) {
            Some(open) => base.since(&open),
            None => base.clone(),
        };
        Self { number, base, live: Some(Box::new(Live { sealed, fresh, shards: Vec::new() })) }
    }

    fn live(&mut self) -> (&mut Calls, &mut Live) {
        let Self { base, live, .. } = self;
        let begin = || Box::new(Live { sealed: base.clone(), fresh: Extremes::NONE, shards: Vec::new() });
        let live = live.get_or_insert_with(begin);
        (base, live)
    }

    /// A thread owns one shard more.
    pub(super) fn add(&mut self, held: Held) {
        self.live().1.shards.push(held);
    }

    /// A shard that its owner gives up: what it holds goes over to the series.
    pub(super) fn absorb(&mut self, held: Held) {
        let (base, live) = self.live();
        held.give_back(|found| {
            if let Some((min, max)) = found.fresh {
                live.fresh.fold(min, max);
            }
            base.merge(&found.calls);
        });
    }

    /// The same of a shard that is in its list.
    pub(super) fn retire(&mut self, shard: &Shard) {
        let shards = self.live.as_mut().map(|live| &mut live.shards);
        let held = shards.and_then(|shards| {
            let place = shards.iter().position(|held| held.is(shard))?;
            Some(shards.swap_remove(place))
        });
        if let Some(held) = held {
            self.absorb(held);
        }
    }

    /// Keeps the total alone, if there is nothing else.
    pub(super) fn rest(&mut self) {
        if let Some(live) = &self.live
            && live.shards.is_empty()
            && live.sealed.count() == self.base.count()
        {
            self.live = None;
            self.base.duration.shrink();
        }
    }

    /// Nothing was ever recorded. Shards stay where they are.
    pub(super) fn forget(&mut self, cut: Cut) {
        let base = Calls { duration: cut.empty(), ..Calls::new() };
        *self = Self { number: self.number, base, live: None };
    }

    pub(super) fn total(&mut self) -> Calls {
        let Self { base, live: Some(live), .. } = self else { return self.base.clone() };
        let Live { fresh, shards, .. } = &mut **live;
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

    pub(super) fn seal(&mut self) -> Option<Calls> {
        self.live.as_ref()?;
        let total = self.total();
        let live = self.live.as_mut()?;
        if total.count() == live.sealed.count() {
            return None;
        }
        let Extremes { min, max } = std::mem::replace(&mut live.fresh, Extremes::NONE);
        let gained = total.since_with(&live.sealed, min, max);
        live.sealed = total;
        Some(gained)
    }

    /// Whether anything came since the last window was sealed.
    pub(super) fn moved(&mut self) -> bool {
        let count = self.total().count();
        self.live.as_ref().is_some_and(|live| live.sealed.count() != count)
    }
}
