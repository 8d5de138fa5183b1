//! The drain: takes out whole periods, each by one process, and knows what of them was reported.
//!
//! The shell asks [`Drain::step`] what to do until it has a claim or nothing is due; then it asks before each request and
//! tells after it. One call is under way at a time; one that was never answered is taken for unknown.

mod answers;
mod claims;
mod held;
mod merged;
mod ranges;
mod retiring;
mod told;
mod totals;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::time::Duration;

use meters_core::storage::Marker;

use self::held::{Held, Stage, range_text};
use self::merged::Merged;
pub(crate) use self::told::{Heard, Left, Step, Wanted};
use super::call::{Call, number};
use super::keys::Keys;
use super::scripts;
use super::settings::{Settings, millis};

pub(crate) use self::totals::{Found, Stored};

/// The machine. Time is that of a clock that goes on while the machine sleeps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drain {
    settings: Settings,
    keys: Keys,
    /// A name that nobody ever had.
    owner: String,
    bids: u64,
    /// What changes when the server starts again or another takes its place, and since when it is the same.
    server: Option<Vec<u8>>,
    server_since: Duration,
    epoch: Option<String>,
    leading: bool,
    lease_due: Duration,
    list_due: Duration,
    targets: VecDeque<Target>,
    held: BTreeMap<String, Held>,
    finished: BTreeMap<String, Finished>,
    owed: VecDeque<Owed>,
    merged: Merged,
    tainted: Merged,
    /// Claims whose batches are tainted by nothing else: their own marks tell of that.
    given_up: BTreeSet<String>,
    flight: Option<Flight>,
    taken_over: u64,
}

/// What to claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Target {
    /// A period, under a name that stays the same until the answer is known.
    Open { period: u64, bid: String, tried: bool },
    /// Another's claim, or one of our own that we do not know.
    Claimed { bid: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Finished {
    at: String,
    when: Duration,
    damaged: u32,
}

/// What is to be noted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Owed {
    bid: String,
    at: String,
    datums: Range<u32>,
    mark: String,
    done: bool,
    finish: bool,
    damaged: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Flight {
    Lease,
    List,
    Claim { sent: Duration },
    Take { bid: String, sent: Duration },
    Own { bid: String },
    Plan { bid: String, datums: u32 },
    Begin { bid: String, datums: Range<u32>, asked: Duration },
    Totals { bid: String, known: String },
    Keep { bid: String },
    End,
    Free { bid: String },
    Resign,
}

impl Drain {
    /// A drain with a name that nobody ever had: host, pid and a random number. A child of `fork` makes another.
    pub(crate) fn new(settings: Settings, keys: Keys, owner: String) -> Self {
        Self {
            settings,
            keys,
            owner,
            bids: 0,
            server: None,
            server_since: Duration::ZERO,
            epoch: None,
            leading: false,
            lease_due: Duration::ZERO,
            list_due: Duration::ZERO,
            targets: VecDeque::new(),
            held: BTreeMap::new(),
            finished: BTreeMap::new(),
            owed: VecDeque::new(),
            merged: Merged::default(),
            tainted: Merged::default(),
            given_up: BTreeSet::new(),
            flight: None,
            taken_over: 0,
        }
    }

    /// A connection was made. `server` is what changes when the server starts again or another takes its place; empty where
    /// that cannot be known. To be told before any step.
    pub(crate) fn connected(&mut self, server: &[u8], now: Duration) {
        if !server.is_empty() && self.server.as_deref() == Some(server) {
            return;
        }
        self.server = Some(server.to_vec());
        self.server_since = now;
        // A server that was away may have forgotten what it was told last.
        let again = |bid: &String, at: &String, (datums, mark): (Range<u32>, String), finish, damaged| Owed {
            bid: bid.clone(),
            at: at.clone(),
            datums,
            mark,
            done: true,
            finish,
            damaged,
        };
        let acks = self.held.iter().filter(|(_, held)| !held.detached);
        let acks =
            acks.flat_map(|(bid, held)| held.acks.iter().map(move |ack| again(bid, &held.at, ack.clone(), false, 0)));
        let all =
            self.finished.iter().map(|(bid, done)| again(bid, &done.at, (0..0, String::new()), true, done.damaged));
        let owed: Vec<_> = acks.chain(all).filter(|owed| !self.owed.contains(owed)).collect();
        self.owed.extend(owed);
    }

    /// What to do next on the way to a claim.
    pub(crate) fn step(&mut self, now: Duration) -> Step {
        self.abandon();
        if let Some(call) = self.owed() {
            return Step::Call(call);
        }
        self.forget(now);
        if let Some(step) = self.advance(now) {
            return step;
        }
        if let Some(target) = self.targets.front().cloned() {
            return Step::Call(self.claim(target, now));
        }
        if now >= self.lease_due {
            return Step::Call(self.lease());
        }
        if self.leading && now >= self.list_due {
            return Step::Call(self.list());
        }
        Step::Idle(if self.leading { self.lease_due.min(self.list_due) } else { self.lease_due })
    }

    /// A call that notes what became of requests, where some is still to be noted. Asked by [`Self::step`] itself.
    pub(crate) fn owed(&mut self) -> Option<Call> {
        self.abandon();
        let owed = self.owed.front()?;
        let plan = self.held.get(&owed.bid).map_or("", |held| &held.plan);
        let call = Call::new(
            &scripts::END,
            [
                self.keys.claim(&owed.bid),
                self.keys.batch(&owed.bid),
                self.keys.claims(),
                self.keys.epoch(),
                self.keys.counts(),
            ],
            [
                self.owner.clone().into_bytes(),
                owed.at.clone().into_bytes(),
                owed.mark.clone().into_bytes(),
                range_text(&owed.datums),
                number(owed.done.into()),
                owed.bid.clone().into_bytes(),
                number(owed.finish.into()),
                plan.as_bytes().to_vec(),
                number(owed.damaged.into()),
            ],
        );
        self.flight = Some(Flight::End);
        Some(call)
    }

    /// A call whose outcome was never told.
    fn abandon(&mut self) {
        if self.flight.take().is_some_and(|flight| matches!(flight, Flight::Claim { .. }))
            && let Some(Target::Open { tried, .. }) = self.targets.front_mut()
        {
            *tried = true;
        }
    }

    fn forget(&mut self, now: Duration) {
        let remember = self.settings.remember;
        self.finished.retain(|_, finished| now < finished.when + remember);
    }

    /// Brings a claim that is held on its way to the user.
    fn advance(&mut self, now: Duration) -> Option<Step> {
        let grace = self.takeover_grace(now);
        for (bid, held) in &mut self.held {
            let keys = [self.keys.claim(bid), self.keys.epoch()];
            let args = [self.owner.clone().into_bytes(), held.at.clone().into_bytes()];
            let own = |touch| {
                let [owner, at] = args;
                Call::new(&scripts::OWN, keys, [owner, at, number(touch)])
            };
            let unready = matches!(held.stage, Stage::Fresh | Stage::Settled | Stage::Durable);
            if unready && now >= held.deadline {
                held.stage = Stage::Left;
            }
            match held.stage {
                Stage::Fresh => return Some(Step::Barrier { bid: bid.clone(), fence: own(1) }),
                Stage::Settled => {
                    self.flight = Some(Flight::Own { bid: bid.clone() });
                    return Some(Step::Call(own(0)));
                }
                Stage::Durable => return Some(Step::Fetch { bid: bid.clone(), batch: self.keys.batch(bid) }),
                Stage::Ready => {}
                // No new term before that: it would be over by then.
                Stage::Left if now < held.rests => {}
                Stage::Left if held.detached => {
                    held.stage = Stage::Ready;
                    return Some(Step::Again(bid.clone()));
                }
                Stage::Left => {
                    let (bid, at) = (bid.clone(), held.at.clone());
                    return Some(Step::Call(self.take(bid, at, grace, now)));
                }
            }
        }
        None
    }

    fn claim(&mut self, target: Target, now: Duration) -> Call {
        let (period, bid) = match target {
            Target::Open { period, bid, .. } => (period, bid),
            Target::Claimed { bid } => {
                let grace = self.takeover_grace(now);
                return self.take(bid, String::new(), grace, now);
            }
        };
        self.flight = Some(Flight::Claim { sent: now });
        let keys = &self.keys;
        Call::new(
            &scripts::CLAIM,
            [
                keys.bucket(period),
                keys.batch(&bid),
                keys.open(),
                keys.claims(),
                keys.claim(&bid),
                keys.newest(),
                keys.epoch(),
                keys.marks(),
                keys.counts(),
            ],
            [
                bid.into_bytes(),
                self.owner.clone().into_bytes(),
                number(period),
                number(millis(self.settings.claim)),
                self.server.clone().unwrap_or_default(),
                number(if self.settings.read_back.is_some() { Marker::SECONDS.into() } else { 0 }),
            ],
        )
    }

    /// How long after its deadline another's claim is taken over. A server that was away lets the living note first what they
    /// did; until then, for ever.
    fn takeover_grace(&self, now: Duration) -> u64 {
        let takeover = self.settings.takeover;
        if self.server.is_some() && now > self.server_since + takeover { millis(takeover) } else { 1 << 50 }
    }

    fn take(&mut self, bid: String, at: String, grace: u64, now: Duration) -> Call {
        let keys = [self.keys.claim(&bid), self.keys.claims(), self.keys.epoch()];
        let args = [
            bid.clone().into_bytes(),
            self.owner.clone().into_bytes(),
            number(millis(self.settings.claim)),
            number(grace),
            self.server.clone().unwrap_or_default(),
            at.into_bytes(),
        ];
        self.flight = Some(Flight::Take { bid, sent: now });
        Call::new(&scripts::TAKE, keys, args)
    }

    fn lease(&mut self) -> Call {
        self.flight = Some(Flight::Lease);
        Call::new(
            &scripts::LEASE,
            [self.keys.lease(), self.keys.epoch(), self.keys.terms(), self.keys.server()],
            [
                self.owner.clone().into_bytes(),
                number(millis(self.settings.lease)),
                number(self.leading.into()),
                number(millis(self.settings.bucket_ttl)),
                self.server.clone().unwrap_or_default(),
            ],
        )
    }

    fn list(&mut self) -> Call {
        self.flight = Some(Flight::List);
        let after = millis(self.settings.period + self.settings.grace);
        Call::new(&scripts::LIST, [self.keys.open(), self.keys.claims()], [number(after), number(100)])
    }

    /// Claims that were taken over from others.
    pub(crate) fn taken_over(&self) -> u64 {
        self.taken_over
    }
}

#[cfg(test)]
impl std::hash::Hash for Drain {
    /// What its behaviour depends on, and differs between two of the same settings.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.owner, self.bids, &self.server, self.server_since, &self.epoch, self.leading).hash(state);
        (self.lease_due, self.list_due, &self.targets, &self.held, &self.finished).hash(state);
        (&self.owed, &self.merged, &self.tainted, &self.given_up, &self.flight).hash(state);
    }
}

#[cfg(test)]
impl Drain {
    /// As if time had passed.
    pub(super) fn look_again(&mut self) {
        (self.lease_due, self.list_due) = (Duration::ZERO, Duration::ZERO);
    }
}
