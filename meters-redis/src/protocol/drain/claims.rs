//! From a claim that was taken to one that is reported: what the shell tells and asks of it.

use std::ops::Range;
use std::time::Duration;

use meters_core::storage::Fate;

use super::super::call::{Call, number};
use super::super::keys::Field;
use super::super::scripts;
use super::super::settings::millis;
use super::held::{Stage, range_text};
use super::{Drain, Flight, Left, Owed, Wanted};

impl Drain {
    /// The barrier was passed, or not: then it is to be tried again.
    pub(crate) fn settled(&mut self, bid: &str, passed: bool) {
        if let Some(held) = self.held.get_mut(bid).filter(|held| held.stage == Stage::Fresh && passed) {
            held.stage = Stage::Settled;
        }
    }

    /// Which fields of the batch are to be merged, and in which order: not those that were reported in another.
    pub(crate) fn wanted(&mut self, bid: &str, fields: &[Vec<u8>]) -> Wanted {
        let known: Vec<_> = fields.iter().filter_map(|field| Field::parse(field)).collect();
        let damaged = u32::try_from(fields.len() - known.len()).unwrap_or(u32::MAX);
        let others: Vec<_> = self
            .held
            .iter()
            .filter(|(other, held)| *other != bid && (held.stage == Stage::Ready || held.detached))
            .collect();
        let elsewhere =
            |field: &Field| self.merged.has(field) || others.iter().any(|(_, held)| held.fields.contains(field));
        let mut fields: Vec<_> = known.into_iter().filter(|field| !elsewhere(field)).collect();
        fields.sort();
        let mut writers: Vec<_> = fields.iter().map(|field| &field.writer).collect();
        writers.dedup();
        let writers = u32::try_from(writers.len()).unwrap_or(u32::MAX);
        let names = fields.iter().map(Field::to_bytes).collect();
        let tainted = !self.given_up.contains(bid) && fields.iter().any(|field| self.tainted.has(field));
        let mut wanted = Wanted { fields: names, damaged, writers, period: 0, late: false, mark: 0 };
        if let Some(held) = self.held.get_mut(bid) {
            (wanted.period, wanted.late, wanted.mark) = (held.period, held.late, held.mark);
            held.tainted = tainted;
            let before = std::mem::replace(&mut held.fields, fields);
            // The server lost them between; some were perhaps reported in an earlier term.
            let gone = before.into_iter().filter(|field| held.begun && !held.fields.contains(field));
            gone.for_each(|field| self.tainted.insert(&field, self.settings.remembered_writers));
        }
        wanted
    }

    /// The batch is fetched and merged, less what was damaged: the claim is the user's.
    pub(crate) fn ready(&mut self, bid: &str, damaged: u32) {
        if let Some(held) = self.held.get_mut(bid).filter(|held| held.stage == Stage::Durable) {
            held.stage = Stage::Ready;
            held.damaged = damaged;
            self.taken_over += u64::from(std::mem::take(&mut held.taken));
        }
    }

    /// A part of the batch was gone when it was fetched.
    pub(crate) fn vanished(&mut self, bid: &str) {
        if let Some(held) = self.held.get_mut(bid).filter(|held| held.stage == Stage::Durable) {
            held.stage = Stage::Settled;
        }
    }

    /// Fixes into how many datums a claim was encoded. None: the claim is not this process's any more.
    pub(crate) fn plan(&mut self, bid: &str, datums: u32, fingerprint: u64) -> Option<Call> {
        self.abandon();
        let held = self.held.get_mut(bid).filter(|held| held.stage == Stage::Ready)?;
        held.plan = format!("{datums}:{fingerprint:x}");
        let args = [self.owner.clone().into_bytes(), held.at.clone().into_bytes(), held.plan.clone().into_bytes()];
        self.flight = Some(Flight::Plan { bid: bid.to_owned(), datums });
        Some(Call::new(&scripts::PLAN, [self.keys.claim(bid), self.keys.epoch()], args))
    }

    /// Asks whether a request may leave that takes `patience` at the most. None: it may not.
    pub(crate) fn begin(&mut self, bid: &str, datums: &Range<u32>, patience: Duration, now: Duration) -> Option<Call> {
        self.abandon();
        let held = self.held.get_mut(bid).filter(|held| held.stage == Stage::Ready)?;
        if !held.detached && now + patience > held.deadline {
            return None;
        }
        let args = [
            self.owner.clone().into_bytes(),
            held.at.clone().into_bytes(),
            held.mark(datums).into_bytes(),
            range_text(datums),
            number(millis(patience)),
            held.plan.clone().into_bytes(),
            number(held.doubtful.overlap(datums).into()),
        ];
        self.flight = Some(Flight::Begin { bid: bid.to_owned(), datums: datums.clone(), asked: now });
        Some(Call::new(&scripts::BEGIN, [self.keys.claim(bid), self.keys.epoch(), self.keys.counts()], args))
    }

    /// What became of a request. It is noted by the calls of [`Self::owed`].
    pub(crate) fn end(&mut self, bid: &str, datums: &Range<u32>, fate: Fate, now: Duration) {
        let Some(held) = self.held.get_mut(bid) else { return };
        let mark = held.end(datums, fate);
        let (at, datums) = (held.at.clone(), datums.clone());
        let done = fate == Fate::Done;
        self.owed.push_back(Owed { bid: bid.to_owned(), at, datums, mark, done, finish: false, damaged: 0 });
        self.finish_if_done(bid, now);
    }

    /// Leaves a claim that is not finished. Where one of its requests may still arrive that is to be looked up, it is not given
    /// out again before that is past.
    pub(crate) fn leave(&mut self, bid: &str) -> Left {
        let Some(held) = self.held.get_mut(bid).filter(|held| held.stage == Stage::Ready) else { return Left::Forget };
        held.stage = Stage::Left;
        held.rest(self.settings.read_back);
        if held.detached { Left::Keep } else { Left::Forget }
    }
}
