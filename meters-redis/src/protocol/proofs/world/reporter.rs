//! A process that reports: its drain, and what the user of a drain does.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use meters_core::storage::{Fate, Marker, Marks};

use super::super::super::call::Call;
use super::super::super::drain::{Drain, Heard, Left, Step};
use super::super::super::keys::Keys;
use super::{Broken, Flying, Net, Rules, Sent, UNIT, World};

#[derive(Clone, Debug, PartialEq, Hash)]
pub(in super::super) struct Reporter {
    machine: Drain,
    keys: Keys,
    place: usize,
    lives: u8,
    start: Option<u8>,
    job: Option<Job>,
    kept: BTreeMap<String, Job>,
    retires: bool,
}

/// A claim being sent: a datum for each event, a request for each datum.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Job {
    bid: String,
    events: Vec<u8>,
    planned: bool,
    todo: Vec<u32>,
    doubtful: Vec<u32>,
    /// The first of the seconds for its marks; 0 for none.
    mark: u64,
    /// Some request was not answered, and is left to be looked up.
    aside: bool,
    /// The request may leave; when it was signed.
    signed: Option<u64>,
    /// When the last one was signed whose fate is not known.
    unknown: Option<u64>,
}

impl Reporter {
    pub(super) fn new(rules: &Rules, keys: &Keys, place: usize) -> Self {
        Self {
            machine: Drain::new(rules.settings(), keys.clone(), format!("r{place}")),
            keys: keys.clone(),
            place,
            lives: 0,
            start: None,
            job: None,
            kept: BTreeMap::new(),
            retires: false,
        }
    }

    pub(super) fn die(&mut self, rules: &Rules) {
        let lives = self.lives + 1;
        let mut new = Self::new(rules, &self.keys, self.place);
        new.machine =
            Drain::new(rules.settings(), self.keys.clone(), format!("r{}{}", self.place, "'".repeat(lives.into())));
        *self = Self { lives, ..new };
    }

    pub(in super::super) fn may_send(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.signed.is_some())
    }

    /// Whether it is about to end.
    pub(in super::super) fn retires(&self) -> bool {
        self.retires
    }

    /// Events that it alone may have.
    pub(super) fn has(&self, event: u8) -> bool {
        self.job.iter().chain(self.kept.values()).any(|job| job.events.contains(&event))
    }

    /// Whether it did anything yet.
    pub(super) fn acted(&self) -> bool {
        self.start.is_some() || self.lives > 0
    }

    /// Looks again for what is due.
    pub(super) fn tick(&mut self) {
        self.machine.look_again();
    }
}

fn one(datum: u32) -> Range<u32> {
    datum..datum + 1
}

impl World {
    /// The next step of a reporter. What nobody depends on, who leads and what is due, is done on the way.
    pub(super) fn step(&mut self, rules: &Rules, place: usize, net: Net) -> bool {
        let (now, start) = (self.time(), self.start);
        let reporter = &mut self.reporters[place];
        if reporter.start.replace(start) != Some(start) {
            reporter.machine.connected(&[start], now);
        }
        if let Some(call) = reporter.machine.owed() {
            self.tell(rules, place, call, net);
            return true;
        }
        if reporter.job.is_some() {
            return self.lead(rules, place, net);
        }
        loop {
            match self.reporters[place].machine.step(now) {
                Step::Call(call) if matches!(call.script.name, "lease" | "list") => {
                    self.tell(rules, place, call, Net::Answered);
                }
                Step::Call(call) => {
                    self.tell(rules, place, call, net);
                    return true;
                }
                Step::Barrier { bid, fence } => {
                    if rules.broken != Some(Broken::Barrier) && !rules.volatile {
                        self.run(rules, fence);
                        self.durable = self.server.clone();
                    }
                    self.reporters[place].machine.settled(&bid, true);
                }
                Step::Fetch { bid, batch } => {
                    self.fetch(place, bid, &batch);
                    return self.lead(rules, place, net);
                }
                Step::Again(_) if net != Net::Answered => return false,
                Step::Again(bid) => {
                    let reporter = &mut self.reporters[place];
                    // The user has kept what is in it, and knows nothing else.
                    reporter.job = reporter.kept.remove(&bid).map(|job| Job { planned: false, aside: false, ..job });
                    return true;
                }
                Step::Idle(_) => return false,
            }
        }
    }

    fn tell(&mut self, rules: &Rules, place: usize, call: Call, net: Net) -> Heard {
        let outcome = self.deliver(rules, call, net);
        let now = self.time();
        self.reporters[place].machine.heard(outcome, now)
    }

    fn fetch(&mut self, place: usize, bid: String, batch: &[u8]) {
        let hash = self.server.data.hash(batch).cloned().unwrap_or_default();
        let machine = &mut self.reporters[place].machine;
        let wanted = machine.wanted(&bid, &hash.keys().cloned().collect::<Vec<_>>());
        machine.ready(&bid, 0);
        let events = wanted.fields.iter().flat_map(|field| hash[field].clone()).collect();
        let (todo, doubtful, mark) = (Vec::new(), Vec::new(), wanted.mark);
        let job = Job { bid, events, planned: false, todo, doubtful, mark, aside: false, signed: None, unknown: None };
        self.reporters[place].job = Some(job);
    }

    /// What the user of a drain does with a claim.
    fn lead(&mut self, rules: &Rules, place: usize, net: Net) -> bool {
        let (now, millis) = (self.time(), self.now);
        let Reporter { machine, job: Some(job), .. } = &mut self.reporters[place] else { return false };
        let datums = job.events.len() as u32;
        let call = if !job.planned {
            let fingerprint = job.events.iter().fold(1, |sum, event| sum * 31 + u64::from(*event));
            machine.plan(&job.bid, datums, fingerprint)
        } else {
            let Some(&next) = job.todo.first() else {
                if job.aside {
                    self.leave(place);
                } else {
                    self.reporters[place].job = None;
                }
                return true;
            };
            machine.begin(&job.bid, &one(next), Duration::ZERO, now)
        };
        let Some(call) = call else {
            self.leave(place);
            return true;
        };
        let heard = self.tell(rules, place, call, net);
        let Some(job) = &mut self.reporters[place].job else { return true };
        match heard {
            Heard::Planned(progress) => {
                let done = |at: &u32| progress.done.iter().any(|range| range.contains(at));
                job.planned = true;
                job.todo = (0..datums).filter(|at| !done(at)).collect();
                job.doubtful = progress.doubtful.iter().cloned().flatten().collect();
                if rules.read_back && job.mark > 0 && !progress.unmarked {
                    self.look_up(place);
                }
            }
            Heard::Begun(true) => job.signed = Some(millis),
            Heard::Begun(false) => self.leave(place),
            Heard::Lost => self.reporters[place].job = None,
            _ => {}
        }
        true
    }

    /// Asks CloudWatch for the marks of what is doubtful.
    fn look_up(&mut self, place: usize) {
        let now = self.time();
        let Reporter { machine, job: Some(job), .. } = &mut self.reporters[place] else { return };
        let mut marks = Marks::default();
        for second in 0..Marker::SECONDS {
            if let Some((count, sum)) = self.marks.get(&(job.mark + u64::from(second))) {
                marks.add(second, f64::from(*count), *sum as f64);
            }
        }
        for datum in std::mem::take(&mut job.doubtful) {
            let bid = job.bid.clone();
            match marks.arrived(Some(datum)) {
                Some(true) => {
                    job.todo.retain(|at| *at != datum);
                    machine.end(&bid, &one(datum), Fate::Done, now);
                }
                Some(false) => machine.end(&bid, &one(datum), Fate::NotSent, now),
                None => job.doubtful.push(datum),
            }
        }
    }

    /// A request arrives at CloudWatch.
    pub(super) fn arrive(&mut self, request: Flying) -> bool {
        let alive = self.now <= request.signed + UNIT;
        if alive {
            self.told[usize::from(request.event)].times += 1;
            if let Some((second, value)) = request.mark {
                let all = self.marks.entry(second).or_default();
                *all = (all.0 + 1, all.1 + value);
            }
        }
        alive
    }

    /// Gives back what it has, and ends when that is done. A request that was signed may be sent or not.
    pub(super) fn retire(&mut self, rules: &Rules, place: usize, net: Net) {
        self.leave(place);
        let (now, start) = (self.time(), self.start);
        let reporter = &mut self.reporters[place];
        self.retires -= u8::from(!std::mem::replace(&mut reporter.retires, true));
        if reporter.start.replace(start) != Some(start) {
            reporter.machine.connected(&[start], now);
        }
        match reporter.machine.retire() {
            Some(call) => drop(self.tell(rules, place, call, net)),
            None => self.reporters[place].die(rules),
        }
    }

    fn leave(&mut self, place: usize) {
        let reporter = &mut self.reporters[place];
        let Some(job) = reporter.job.take() else { return };
        if reporter.machine.leave(&job.bid) == Left::Keep {
            reporter.kept.insert(job.bid.clone(), job);
        }
    }

    pub(super) fn send(&mut self, rules: &Rules, place: usize, sent: Sent) {
        self.faults -= u8::from(sent != Sent::Answered);
        let now = self.time();
        let Reporter { job: Some(job), .. } = &mut self.reporters[place] else { return };
        let (Some(&datum), Some(signed)) = (job.todo.first(), job.signed.take()) else { return };
        let event = job.events[datum as usize];
        let marker = Marker::new("", job.mark);
        let mark = Some(marker.mark(Some(datum))).filter(|_| rules.read_back && job.mark > 0);
        let mark = mark.map(|(second, value)| (job.mark + u64::from(second), value as u64));
        let told = &mut self.told[usize::from(event)];
        told.counted |= job.doubtful.contains(&datum) || job.unknown.is_some();
        let flying = Flying { event, signed, mark };
        let arrived = match sent {
            Sent::Answered | Sent::Mute => self.arrive(flying),
            Sent::Lost | Sent::Refused => false,
            Sent::Late => {
                self.flying = Some(flying);
                false
            }
        };
        let Reporter { machine, job: Some(job), .. } = &mut self.reporters[place] else { return };
        let bid = job.bid.clone();
        match sent {
            Sent::Answered if arrived => {
                job.todo.remove(0);
                job.unknown = None;
                machine.end(&bid, &one(datum), Fate::Done, now);
            }
            Sent::Mute | Sent::Lost | Sent::Late if mark.is_some() => {
                job.todo.remove(0);
                job.aside = true;
            }
            Sent::Mute | Sent::Lost | Sent::Late => job.unknown = Some(signed),
            // What is certain of this request says nothing of those before it.
            Sent::Answered | Sent::Refused if job.unknown.is_some() || job.doubtful.contains(&datum) => {}
            Sent::Answered | Sent::Refused => machine.end(&bid, &one(datum), Fate::NotSent, now),
        }
    }
}
