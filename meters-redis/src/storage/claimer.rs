//! The way out of one shard: asks the drain's machine what to do, does it, and tells it what came of it.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use meters_core::storage::{Claim, Fate, Health, Progress};
use meters_core::{Error, Window};

use super::agreement::{Agreement, strange};
use super::clock::awake_or_not;
use super::fetch::fetch;
use super::name::unheard_of;
use super::outcome::outcome;
use super::totals::{Keep, Keeper};
use super::waits::Waits;
use super::warnings::Warnings;
use crate::connection::{Barrier, Connection, Doubt, Failure, Refused, Server};
use crate::protocol::call::Call;
use crate::protocol::drain::{Drain as Machine, Heard, Left, Step};
use crate::protocol::keys::Keys;
use crate::protocol::scripts;
use crate::protocol::settings::Settings as Times;

/// How often something is tried that somebody waits for.
const TRIES: u32 = 3;

#[derive(Debug)]
pub(crate) struct Claimer {
    place: usize,
    application: String,
    machine: Machine,
    connection: Connection,
    /// Tells the server's time: any call would do.
    probe: Call,
    period: Duration,
    replicas: Option<u32>,
    no_barrier: bool,
    server: Option<Server>,
    /// How many connections there had been when the machine was last told.
    met: u64,
    refused: Refused,
    warnings: Warnings,
    /// Since when claims are held that the server may still forget.
    fresh: Waits,
    /// Claims that nobody else has any more, left for later.
    kept: HashMap<String, Claim>,
    keeper: Keeper,
    /// A batch of which a part was missing.
    vanished: Option<String>,
    next: Instant,
    damaged: u64,
}

/// How a step ended.
enum Went {
    On,
    Idle,
    Claimed(Claim),
}

impl Claimer {
    pub(crate) fn new(
        place: usize,
        keys: Keys,
        times: &Times,
        name: String,
        connection: Connection,
        replicas: Option<u32>,
    ) -> Self {
        let application = keys.application().to_owned();
        let probe = Call { script: &scripts::TIME, keys: vec![keys.terms()], args: Vec::new() };
        Self {
            place,
            application,
            machine: Machine::new(times.clone(), keys, name),
            connection,
            probe,
            period: times.period,
            replicas,
            no_barrier: false,
            server: None,
            met: 0,
            refused: Refused::default(),
            warnings: Warnings::default(),
            fresh: Waits::default(),
            kept: HashMap::new(),
            keeper: Keeper::new(unheard_of()),
            vanished: None,
            next: Instant::now(),
            damaged: 0,
        }
    }

    pub(crate) fn without_barrier(mut self, without: bool) -> Self {
        self.no_barrier = without;
        self
    }

    pub(crate) async fn agree(&mut self, agreement: &Agreement, deadline: Instant) -> Result<(), Failure> {
        agreement.reach(&mut self.connection, deadline).await.map(|_| ())
    }

    pub(crate) async fn claim(&mut self, deadline: Instant) -> Result<Option<Claim>, Failure> {
        let (mut tries, mut on) = (0, false);
        loop {
            match self.step(deadline).await {
                Ok(Went::On) => on = true,
                Ok(Went::Idle) => return Ok(None),
                Ok(Went::Claimed(claim)) => return Ok(Some(claim)),
                // The server was heard, and only the caller's time was short.
                Err(_) if on && Instant::now() >= deadline => {}
                Err(failure) => {
                    tries += 1;
                    if self.is_hopeless(&failure, tries, deadline) {
                        self.next = self.connection.not_before().unwrap_or_else(Instant::now);
                        return Err(failure);
                    }
                }
            }
            if Instant::now() >= deadline {
                self.next = Instant::now();
                return Ok(None);
            }
        }
    }

    async fn step(&mut self, deadline: Instant) -> Result<Went, Failure> {
        self.meet(deadline).await?;
        match self.machine.step(awake_or_not()) {
            Step::Call(call) => self.tell(&call, deadline).await.map(|_| Went::On),
            Step::Barrier { bid, fence } => {
                let since = self.fresh.since(&bid, &fence.args, Instant::now());
                // Replicas come and go.
                let server = Server::look(&mut self.connection, &mut self.refused, deadline).await?;
                let barrier = Barrier::of(&server, self.replicas);
                let passed = self.no_barrier || barrier.pass(&mut self.connection, &fence, since, deadline).await?;
                self.machine.settled(&bid, passed);
                if passed {
                    self.fresh.end(&bid);
                }
                Ok(Went::On)
            }
            Step::Fetch { bid, batch } => self.fetch(bid, &batch, deadline).await,
            Step::Again(bid) => Ok(self.kept.remove(&bid).map_or(Went::On, Went::Claimed)),
            Step::Idle(until) => {
                self.next = Instant::now() + until.saturating_sub(awake_or_not());
                Ok(Went::Idle)
            }
        }
    }

    /// Makes sure that there is a connection, and that the machine knows whose.
    async fn meet(&mut self, deadline: Instant) -> Result<(), Failure> {
        self.connection.meet(&self.probe, deadline).await?;
        // Whoever made it: the agreement is asked for on the same connection.
        let opened = self.connection.opened();
        if self.met != opened || self.server.is_none() {
            (self.server, self.refused) = (None, Refused::default());
            let server = Server::look(&mut self.connection, &mut self.refused, deadline).await?;
            self.machine.connected(server.run.as_bytes(), awake_or_not());
            self.warnings.say(&server, &self.connection.way().target);
            (self.server, self.met) = (Some(server), opened);
        }
        Ok(())
    }

    /// Makes a call of the machine's, and tells it.
    async fn tell(&mut self, call: &Call, deadline: Instant) -> Result<Heard, Failure> {
        let (outcome, failure) = outcome(self.connection.call_here(call, deadline).await);
        let heard = self.machine.heard(outcome, awake_or_not());
        match (failure, heard) {
            (Some(failure), _) => Err(failure),
            (None, Heard::Misconfigured | Heard::Later) => Err(strange()),
            (None, heard) => Ok(heard),
        }
    }

    async fn fetch(&mut self, bid: String, batch: &[u8], deadline: Instant) -> Result<Went, Failure> {
        // The second time, what is there is all that there will be.
        let all = self.vanished.as_ref() != Some(&bid);
        let Some(fetched) = fetch(&mut self.connection, &mut self.machine, &bid, batch, all, deadline).await? else {
            self.machine.vanished(&bid);
            self.vanished = Some(bid);
            return Ok(Went::On);
        };
        self.vanished = None;
        self.machine.ready(&bid, fetched.damaged);
        self.damaged += u64::from(fetched.damaged);
        self.warnings.say_damaged(&fetched);
        let id = format!("{}/{bid}", self.place);
        Ok(Went::Claimed(fetched.into_claim(id, self.period, &self.application)))
    }

    pub(crate) async fn plan(&mut self, bid: &str, datums: u32, fingerprint: u64) -> Result<Progress, Error> {
        let ask = |machine: &mut Machine| machine.plan(bid, datums, fingerprint);
        match self.insist(ask).await? {
            Some(Heard::Planned(progress)) => Ok(progress),
            _ => Err(Error::export("this period is another process's to report by now: it is left to that")),
        }
    }

    /// Adds a claim to the totals, where somebody wants them.
    pub(crate) async fn keep(&mut self, bid: &str, window: &Window) -> Result<(), Error> {
        let lost = || Error::export("this period is another process's to report by now: it is left to that");
        while !self.keeper.has(bid) {
            let known = self.keeper.known().to_owned();
            let Some(Heard::Found(found)) = self.insist(|machine| machine.totals(bid, &known)).await? else {
                return Err(lost());
            };
            let Keep::Replace { was, with } = self.keeper.found(bid, window, found) else { break };
            match self.insist(|machine| machine.keep(bid, &was, &with)).await? {
                Some(Heard::Kept(true)) => self.keeper.replaced(bid),
                // Another process was faster, or it was done and the answer was lost: it is asked again.
                Some(Heard::Kept(false)) => {}
                _ => return Err(lost()),
            }
        }
        Ok(())
    }

    pub(crate) async fn begin(&mut self, bid: &str, datums: Range<u32>, patience: Duration) -> Result<bool, Error> {
        let ask = |machine: &mut Machine| machine.begin(bid, &datums, patience, awake_or_not());
        Ok(matches!(self.insist(ask).await?, Some(Heard::Begun(true))))
    }

    /// Asks until there is an answer, or it has been tried often enough. None: the machine has nothing to ask.
    async fn insist(&mut self, ask: impl Fn(&mut Machine) -> Option<Call>) -> Result<Option<Heard>, Error> {
        let limits = self.connection.way().limits;
        let deadline = Instant::now() + (limits.connect + limits.response) * TRIES;
        let mut tries = 0;
        loop {
            let answer = match self.meet(deadline).await {
                Ok(()) => {
                    let Some(call) = ask(&mut self.machine) else { return Ok(None) };
                    self.tell(&call, deadline).await
                }
                Err(failure) => Err(failure),
            };
            tries += 1;
            match answer {
                Ok(heard) => return Ok(Some(heard)),
                Err(failure) if self.is_hopeless(&failure, tries, deadline) => return Err(failure.error),
                Err(_) => {}
            }
        }
    }

    fn is_hopeless(&self, failure: &Failure, tries: u32, deadline: Instant) -> bool {
        let wait = self.connection.not_before().is_some_and(|until| until >= deadline);
        failure.doubt == Doubt::Configuration || tries >= TRIES || wait
    }

    pub(crate) fn end(&mut self, bid: &str, datums: &Range<u32>, fate: Fate) {
        self.machine.end(bid, datums, fate, awake_or_not());
    }

    /// Notes what became of requests. What fails here is noted with the next step.
    pub(crate) async fn note(&mut self) -> Result<(), Error> {
        while self.insist(Machine::owed).await?.is_some() {}
        Ok(())
    }

    pub(crate) fn leave(&mut self, bid: String, claim: Claim) {
        if self.machine.leave(&bid) == Left::Keep {
            self.kept.insert(bid, claim);
        } else {
            self.keeper.forget(&bid);
        }
    }

    /// Gives back what it has. Who has never been answered has nothing.
    pub(crate) async fn retire(&mut self, deadline: Instant) {
        while self.met > 0 && self.meet(deadline).await.is_ok() {
            let Some(call) = self.machine.retire() else { return };
            if self.tell(&call, deadline).await.is_err() {
                return;
            }
        }
    }

    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    pub(crate) fn add_to(&self, health: &mut Health) {
        health.taken_over += self.machine.taken_over();
        health.damaged += self.damaged;
        health.connections += self.connection.opened();
    }
}

#[cfg(test)]
mod tests;
