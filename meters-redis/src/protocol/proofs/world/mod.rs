//! A small world: writers, reporters, a server and CloudWatch, in which everything may happen at any moment.

mod check;
mod reporter;
mod rules;

use std::collections::BTreeMap;
use std::time::Duration;

use redis::Value;

use self::reporter::Reporter;
pub(super) use self::rules::{Broken, Faulty, Rules};
use super::super::call::{Call, Outcome};
use super::super::keys::Keys;
use super::super::model::Server;
use super::super::writer::{Delta, Writer};

/// How long a step of time takes, a period lasts, and a signed request lives; milliseconds.
pub(super) const UNIT: u64 = 1000;

/// What was recorded: each event is told from all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Events(Vec<u8>);

impl Delta for Events {
    fn merge(&mut self, younger: Self) {
        self.0.extend(younger.0);
    }

    fn series(&self) -> u64 {
        self.0.len() as u64
    }

    fn bytes(&self) -> usize {
        self.0.len()
    }

    fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) struct Process {
    pub(super) machine: Writer<Events>,
    pub(super) alive: bool,
    /// Events that were known to be stored when it died.
    pub(super) stored: Vec<u8>,
    recorded: u8,
}

/// What CloudWatch has of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Told {
    pub(super) times: u8,
    /// It was sent again in doubt, and that counted.
    pub(super) counted: bool,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub(super) struct World {
    pub(super) now: u64,
    /// Makes moments of claims differ.
    serial: u64,
    pub(super) server: Server,
    pub(super) durable: Server,
    /// Changes with each start of the server.
    start: u8,
    pub(super) forgot: bool,
    pub(super) writers: Vec<Process>,
    pub(super) reporters: Vec<Reporter>,
    late: Option<Call>,
    /// A request to CloudWatch that is still on its way.
    flying: Option<Flying>,
    pub(super) told: Vec<Told>,
    /// The marks of requests that arrived: how many in each second, and their sum.
    marks: BTreeMap<u64, (u8, u64)>,
    faults: u8,
    retires: u8,
}

/// A request to CloudWatch: an event, when it was signed, and its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Flying {
    event: u8,
    signed: u64,
    mark: Option<(u64, u64)>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Net {
    Answered,
    /// Done, and the answer lost.
    Mute,
    /// Arrives later, or never.
    Late,
}

/// What becomes of a request to CloudWatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sent {
    Answered,
    /// Accepted, and not answered.
    Mute,
    /// Not accepted, and not answered.
    Lost,
    /// Accepted later, if its signature is still good by then; nobody waits for the answer.
    Late,
    /// Refused.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    Tick,
    Record(usize),
    Push(usize, Net),
    Step(usize, Net),
    Send(usize, Sent),
    Arrive,
    Land,
    KillWriter(usize),
    KillReporter(usize),
    /// It ends in peace, step by step.
    Retire(usize, Net),
    /// The server starts again with what it had on disk, which may be nothing.
    Restart,
}

impl World {
    pub(super) fn new(rules: &Rules) -> Self {
        let keys = Keys::new("s", None);
        let writer = |place| Process {
            machine: Writer::new(rules.settings(), keys.clone(), format!("w{place}")),
            alive: true,
            stored: Vec::new(),
            recorded: 0,
        };
        Self {
            now: UNIT,
            serial: 0,
            server: Server::default(),
            durable: Server::default(),
            start: 0,
            forgot: false,
            writers: (0..rules.writers).map(writer).collect(),
            reporters: (0..rules.reporters).map(|place| Reporter::new(rules, &keys, place)).collect(),
            late: None,
            flying: None,
            told: vec![Told::default(); rules.writers * usize::from(rules.windows)],
            marks: BTreeMap::new(),
            faults: rules.faults,
            retires: rules.retires,
        }
    }

    /// What may happen now.
    pub(super) fn actions(&self, rules: &Rules) -> Vec<Action> {
        let mut all = Vec::new();
        let faulty = |kind: bool| kind && self.faults > 0;
        let nets: &[Net] = match (faulty(rules.faulty.network), &self.late) {
            (false, _) => &[Net::Answered],
            // What is late may be too late for all: no other loss is needed.
            (true, None) => &[Net::Answered, Net::Mute, Net::Late],
            (true, Some(_)) => &[Net::Answered, Net::Mute],
        };
        for (place, writer) in self.writers.iter().enumerate().filter(|(_, writer)| writer.alive) {
            // One is like the other: the first may always be called the first.
            if place > 0 && self.writers[place - 1].recorded == 0 && self.writers[place - 1].alive {
                continue;
            }
            if writer.recorded < rules.windows {
                all.push(Action::Record(place));
            }
            if writer.machine.clone().next(self.time()).is_some() {
                all.extend(nets.iter().map(|net| Action::Push(place, *net)));
            }
            if faulty(rules.faulty.writers) {
                all.push(Action::KillWriter(place));
            }
        }
        for (place, reporter) in self.reporters.iter().enumerate() {
            // One is like the other: the first may always be called the first.
            if place > 0 && !self.reporters[place - 1].acted() {
                continue;
            }
            if reporter.retires() || self.retires > 0 && reporter.acted() {
                all.extend(nets.iter().map(|net| Action::Retire(place, *net)));
            }
            if reporter.retires() {
                continue;
            }
            if reporter.may_send() {
                all.push(Action::Send(place, Sent::Answered));
                if faulty(rules.faulty.cloud) {
                    all.extend([Sent::Mute, Sent::Lost, Sent::Refused].map(|sent| Action::Send(place, sent)));
                    if rules.read_back && self.flying.is_none() {
                        all.push(Action::Send(place, Sent::Late));
                    }
                }
            } else {
                all.extend(nets.iter().map(|net| Action::Step(place, *net)));
            }
            if faulty(rules.faulty.reporters) {
                all.push(Action::KillReporter(place));
            }
        }
        if self.late.is_some() {
            all.push(Action::Arrive);
        }
        if self.flying.is_some() {
            all.push(Action::Land);
        }
        if faulty(rules.faulty.server) {
            all.push(Action::Restart);
        }
        if self.now < UNIT * (1 + rules.ticks) {
            all.push(Action::Tick);
        }
        all
    }

    /// Does it. False where it comes to nothing.
    pub(super) fn apply(&mut self, rules: &Rules, action: Action) -> bool {
        match action {
            Action::Tick => {
                self.now = self.now - self.now % UNIT + UNIT;
                self.serial = 0;
                self.reporters.iter_mut().for_each(Reporter::tick);
                if !rules.volatile {
                    self.durable = self.server.clone();
                }
            }
            Action::Record(place) => {
                let writer = &mut self.writers[place];
                let event = place as u8 * rules.windows + writer.recorded;
                writer.recorded += 1;
                // Of the period before: it is due at once.
                writer.machine.take(self.now - self.now % UNIT - UNIT, Events(vec![event]));
            }
            Action::Push(place, net) => {
                let now = self.time();
                let Some(call) = self.writers[place].machine.next(now) else { return false };
                let outcome = self.deliver(rules, call, net);
                self.writers[place].machine.heard(outcome, now);
            }
            Action::Step(place, net) => return self.step(rules, place, net),
            Action::Send(place, sent) => self.send(rules, place, sent),
            Action::Arrive => {
                let Some(call) = self.late.take() else { return false };
                self.run(rules, call);
            }
            Action::Land => {
                let Some(flying) = self.flying.take() else { return false };
                self.arrive(flying);
            }
            Action::KillWriter(place) => {
                self.faults -= 1;
                let stored = self.stored(place);
                let writer = &mut self.writers[place];
                (writer.alive, writer.stored) = (false, stored);
            }
            Action::KillReporter(place) => {
                self.faults -= 1;
                self.reporters[place].die(rules);
            }
            Action::Retire(place, net) => self.retire(rules, place, net),
            Action::Restart => {
                self.faults -= 1;
                self.start += 1;
                // It takes a moment.
                self.now += 1;
                self.server = self.durable.clone();
                self.forgot = true;
            }
        }
        true
    }

    fn time(&self) -> Duration {
        Duration::from_millis(self.now)
    }

    fn deliver(&mut self, rules: &Rules, call: Call, net: Net) -> Outcome {
        self.faults -= u8::from(net != Net::Answered);
        match net {
            Net::Answered => return Outcome::Reply(self.run(rules, call)),
            Net::Mute => drop(self.run(rules, call)),
            Net::Late => self.late = Some(call),
        }
        Outcome::Unknown
    }

    fn run(&mut self, rules: &Rules, mut call: Call) -> Value {
        let name = call.script.name;
        if matches!(name, "claim" | "take") {
            self.serial += 1;
        }
        if name == "lease" && !rules.volatile {
            // Who leads decides nothing: all do.
            let epoch = self.server.data.text(&call.keys[1]);
            let now = Value::Int(self.now as i64);
            return Value::Array(vec![Value::Int(1), Value::BulkString(epoch), now.clone(), now]);
        }
        let micros = self.now * 1000 + self.serial % 1000;
        if name == "push" && rules.broken == Some(Broken::Sequence) {
            let last = self.server.data.number(&call.keys[0]);
            call.args[0] = (last + 1).to_string().into_bytes();
            call.args[1] = last.to_string().into_bytes();
        }
        let mut answer = self.server.call(&call, micros);
        // Nothing depends on them.
        self.server.data.del(&Keys::new("s", None).counts());
        if let (Value::Array(parts), "push" | "look") = (&mut answer, name) {
            match rules.broken {
                Some(Broken::Sequence) => parts[1] = Value::Int(0),
                Some(Broken::Retention | Broken::Watermark) => parts[3] = Value::Int(i64::MAX),
                _ => {}
            }
        }
        answer
    }
}
