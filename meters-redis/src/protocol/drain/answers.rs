//! What the drain makes of answers.

use std::ops::Range;
use std::time::Duration;

use meters_core::storage::Progress;

use super::super::call::{Outcome, Trouble};
use super::super::reply::{Reply, Strange};
use super::held::{Held, Noted, Stage};
use super::{Drain, Finished, Flight, Heard, Owed, Target};

impl Drain {
    /// What came of the last call.
    pub(crate) fn heard(&mut self, outcome: Outcome, now: Duration) -> Heard {
        let value = match outcome {
            Outcome::Reply(value) => value,
            Outcome::Unknown => {
                self.abandon();
                return Heard::Later;
            }
            Outcome::Failed(trouble) => {
                self.flight = None;
                return if trouble == Trouble::Configuration { Heard::Misconfigured } else { Heard::Later };
            }
        };
        let flight = self.flight.clone();
        match self.answer(flight, value, now) {
            Ok(heard) => {
                self.flight = None;
                heard
            }
            Err(Strange) => {
                self.abandon();
                Heard::Misconfigured
            }
        }
    }

    fn answer(&mut self, flight: Option<Flight>, value: redis::Value, now: Duration) -> Result<Heard, Strange> {
        let mut reply = Reply::new(value)?;
        match flight.ok_or(Strange)? {
            Flight::Lease => self.leased(&mut reply, now)?,
            Flight::List => self.listed(&mut reply, now)?,
            Flight::Claim { sent } => self.claimed(&mut reply, sent)?,
            Flight::Take { bid, sent } => self.taken(&bid, &mut reply, sent, now)?,
            Flight::Own { bid } => {
                if self.owns(&bid, &mut reply)? == Owns::Yes {
                    if let Some(held) = self.held.get_mut(&bid) {
                        held.stage = Stage::Durable;
                    }
                } else {
                    self.give_up(&bid);
                }
            }
            Flight::Plan { bid, datums } => return self.planned(&bid, datums, &mut reply, now),
            Flight::Begin { bid, datums, asked } => return self.begun(&bid, (datums, asked), &mut reply),
            Flight::Totals { bid, known } => return self.found(&bid, &known, &mut reply),
            Flight::Keep { bid } => return self.kept(&bid, &mut reply),
            Flight::End => self.ended(&mut reply)?,
            Flight::Free { bid } => self.freed(&bid),
            Flight::Resign => self.leading = false,
        }
        Ok(Heard::Next)
    }

    fn leased(&mut self, reply: &mut Reply, now: Duration) -> Result<(), Strange> {
        let mine: u64 = reply.number()?;
        let epoch = reply.text()?;
        let (server_time, since): (u64, u64) = (reply.number()?, reply.number()?);
        self.see(epoch);
        self.leading = mine == 1;
        // Others may have known this server for longer.
        let known = Duration::from_millis(server_time.saturating_sub(since));
        self.server_since = self.server_since.min(now.saturating_sub(known));
        self.lease_due = now + self.settings.tick.min(self.settings.lease / 3);
        Ok(())
    }

    fn listed(&mut self, reply: &mut Reply, now: Duration) -> Result<(), Strange> {
        let _now: u64 = reply.number()?;
        let (mut due, mut claims) = (reply.list()?, reply.list()?);
        let mut seen = Vec::new();
        while !claims.is_empty() {
            seen.push(claims.text()?);
            let _period: u64 = claims.number()?;
        }
        let mut periods = Vec::new();
        while !due.is_empty() {
            periods.push(due.number()?);
        }
        self.list_due = now + self.settings.tick;
        for bid in seen.into_iter().filter(|bid| !self.held.contains_key(bid)).collect::<Vec<_>>() {
            if let Some(finished) = self.finished.get(&bid) {
                // The server has forgotten that it is finished.
                let (at, damaged) = (finished.at.clone(), finished.damaged);
                self.owe_finish(bid, at, damaged);
            } else {
                self.targets.push_back(Target::Claimed { bid });
            }
        }
        for period in periods {
            self.bids += 1;
            let bid = format!("{period}-{}-{}", self.owner, self.bids);
            self.targets.push_back(Target::Open { period, bid, tried: false });
        }
        Ok(())
    }

    fn claimed(&mut self, reply: &mut Reply, sent: Duration) -> Result<(), Strange> {
        let code: i64 = reply.number()?;
        let epoch = reply.text()?;
        let server_time: u64 = reply.number()?;
        let held = if code == 1 {
            let at = reply.text()?;
            let deadline: u64 = reply.number()?;
            let late: u64 = reply.number()?;
            let mark: u64 = reply.number()?;
            let left = Duration::from_millis(deadline.saturating_sub(server_time));
            Some((at, sent + left, late == 1, mark))
        } else {
            None
        };
        let Some(Target::Open { period, bid, .. }) = self.targets.pop_front() else { return Ok(()) };
        self.see(epoch.clone());
        if let Some((at, deadline, late, mark)) = held {
            let held = Held { late, mark, ..Held::new(period, at, 1, deadline, epoch) };
            self.held.insert(bid, held);
        }
        Ok(())
    }

    fn taken(&mut self, bid: &str, reply: &mut Reply, sent: Duration, _now: Duration) -> Result<(), Strange> {
        let code: i64 = reply.number()?;
        let epoch = reply.text()?;
        let server_time: u64 = reply.number()?;
        let mut term = None;
        if code == 1 {
            let at = reply.text()?;
            let deadline: u64 = reply.number()?;
            let late: u64 = reply.number()?;
            let period: u64 = reply.number()?;
            let attempt: u64 = reply.number()?;
            let _doubt: u64 = reply.number()?;
            let mark: u64 = reply.number()?;
            let left = Duration::from_millis(deadline.saturating_sub(server_time));
            let fresh = Held::new(period, at, attempt, sent + left, epoch.clone());
            term = Some(Held { late: late == 1, taken: attempt > 1, mark, ..fresh });
        }
        if self.targets.front() == Some(&Target::Claimed { bid: bid.to_owned() }) {
            self.targets.pop_front();
        }
        self.see(epoch);
        match (term, self.held.get_mut(bid)) {
            // A new term of a claim that we had: what we did in the old one we still know.
            (Some(term), Some(held)) => held.renew(term),
            (Some(term), None) => {
                self.held.insert(bid.to_owned(), term);
            }
            (None, _) => self.give_up(bid),
        }
        Ok(())
    }

    pub(super) fn owns(&mut self, bid: &str, reply: &mut Reply) -> Result<Owns, Strange> {
        let code: i64 = reply.number()?;
        let epoch = reply.text()?;
        Ok(match code {
            1 => Owns::Yes,
            2 => Owns::Short,
            -1 if self.held.get(bid).is_some_and(|held| held.epoch != epoch) => {
                self.see(epoch);
                Owns::Alone
            }
            _ => Owns::No,
        })
    }

    fn planned(&mut self, bid: &str, datums: u32, reply: &mut Reply, now: Duration) -> Result<Heard, Strange> {
        let owns = self.owns(bid, reply)?;
        let mut noted = Noted::default();
        match owns {
            Owns::Yes => {
                noted.changed = reply.number::<u64>()? == 1;
                noted.mixed = reply.number::<u64>()? == 1;
                noted.doubt = reply.number::<u64>()? == 1;
                let mut notes = reply.list()?;
                while !notes.is_empty() {
                    let name = notes.text()?;
                    noted.note(&name, &notes.text()?);
                }
            }
            Owns::Alone => self.detach(bid),
            Owns::Short | Owns::No => {
                self.give_up(bid);
                return Ok(Heard::Lost);
            }
        }
        let Some(held) = self.held.get_mut(bid) else { return Ok(Heard::Lost) };
        let progress: Progress = held.progress(datums, noted);
        self.finish_if_done(bid, now);
        Ok(Heard::Planned(progress))
    }

    fn begun(&mut self, bid: &str, request: (Range<u32>, Duration), reply: &mut Reply) -> Result<Heard, Strange> {
        match self.owns(bid, reply)? {
            Owns::Yes => {}
            Owns::Alone => self.detach(bid),
            Owns::Short => return Ok(Heard::Begun(false)),
            Owns::No => {
                self.give_up(bid);
                return Ok(Heard::Begun(false));
            }
        }
        let Some(held) = self.held.get_mut(bid) else { return Ok(Heard::Begun(false)) };
        held.begun = true;
        // Without looking up, when it was does not matter.
        let when = if self.settings.read_back.is_some() { request.1 } else { Duration::ZERO };
        held.sent(&request.0, when);
        Ok(Heard::Begun(true))
    }

    fn ended(&mut self, reply: &mut Reply) -> Result<(), Strange> {
        let code: i64 = reply.number()?;
        let epoch = reply.text()?;
        let Some(owed) = self.owed.pop_front() else { return Ok(()) };
        if code == 0 {
            let bid = owed.bid;
            if self.held.get(&bid).is_some_and(|held| held.at == owed.at) {
                self.give_up(&bid);
            }
            // Another claim by the same name: an old request of ours came late. It is found in the list.
            self.finished.remove(&bid);
        } else if code == -1 && !owed.finish && self.held.get(&owed.bid).is_some_and(|held| held.epoch != epoch) {
            self.detach(&owed.bid);
        }
        Ok(())
    }

    /// All is lost but what the user holds: nobody else can take it away, nor send it. What the user gave back is gone.
    pub(super) fn detach(&mut self, bid: &str) {
        match self.held.get_mut(bid) {
            Some(held) if held.stage == Stage::Ready => held.detached = true,
            Some(held) if held.detached => {}
            _ => self.give_up(bid),
        }
    }

    /// Notes the epoch. With another one than before, the server has lost everything.
    fn see(&mut self, epoch: String) {
        if self.epoch.as_ref() == Some(&epoch) {
            return;
        }
        self.epoch = Some(epoch);
        let epoch = self.epoch.clone();
        self.targets.clear();
        let old = self.held.iter().filter(|(_, held)| Some(&held.epoch) != epoch.as_ref() && !held.detached);
        for bid in old.map(|(bid, _)| bid.clone()).collect::<Vec<_>>() {
            self.detach(&bid);
        }
    }

    /// A claim is not ours any more, or was never.
    pub(super) fn give_up(&mut self, bid: &str) {
        let Some(held) = self.held.remove(bid) else { return };
        if held.begun {
            if self.settings.read_back.is_some() && !self.given_up.contains(bid) {
                let elsewhere = held.tainted || held.fields.iter().any(|field| self.tainted.has(field));
                if elsewhere || self.given_up.len() >= GIVEN_UP {
                    self.given_up.clear();
                }
                if !elsewhere {
                    self.given_up.insert(bid.to_owned());
                }
            }
            let most = self.settings.remembered_writers;
            held.fields.iter().for_each(|field| self.tainted.insert(field, most));
        }
        self.owed.retain(|owed| owed.bid != bid);
    }

    /// Finishes a claim whose datums are all done.
    pub(super) fn finish_if_done(&mut self, bid: &str, now: Duration) {
        if !self.held.get(bid).is_some_and(Held::is_done) {
            return;
        }
        let held = self.held.remove(bid).expect("just seen");
        let most = self.settings.remembered_writers;
        held.fields.iter().for_each(|field| self.merged.insert(field, most));
        self.finished.insert(bid.to_owned(), Finished { at: held.at.clone(), when: now, damaged: held.damaged });
        self.owed.retain(|owed| owed.bid != bid);
        self.owe_finish(bid.to_owned(), held.at, held.damaged);
    }

    fn owe_finish(&mut self, bid: String, at: String, damaged: u32) {
        let owed = Owed { bid, at, datums: 0..0, mark: String::new(), done: true, finish: true, damaged };
        if !self.owed.contains(&owed) {
            self.owed.push_back(owed);
        }
    }
}

/// So many claims that were given up are remembered.
const GIVEN_UP: usize = 1_000;

/// Whether a claim is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owns {
    Yes,
    /// Yes, but not long enough.
    Short,
    No,
    /// The server lost everything, and this with it.
    Alone,
}
