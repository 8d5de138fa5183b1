//! One run: processes, servers, faults, and at the end the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::account::{Told, WriterLog};
use super::faults::Fault;
use super::now;
use super::options::{Control, Mode, Options};
use super::receiver::{Receiver, Trouble};
use super::role::Part;
use super::servers::Servers;
use super::verdict::{Evidence, Verdict};
use super::workforce::{Kind, Worker, journal};

const SECOND: u64 = 1_000_000;
const REPORTERS: usize = 2;
/// How long it may take until all is reported, once nothing is wrong any more.
const CALM: Duration = Duration::from_secs(120);

/// After how long without a request nobody has anything left.
const IDLE: Duration = Duration::from_secs(15);

/// What a run was, and what came of it.
#[derive(Debug)]
pub struct Run {
    /// How the server kept what it was told.
    pub mode: Mode,
    /// What was left out.
    pub control: Control,
    /// Whether requests were looked up.
    pub read_back: bool,
    /// What the dice followed from.
    pub seed: u64,
    /// How long there were faults.
    pub seconds: Duration,
    /// How often each fault happened.
    pub faults: BTreeMap<&'static str, u64>,
    /// What came of it.
    pub verdict: Verdict,
    /// Where the journals of all processes are, which are kept where something is wrong.
    pub journals: PathBuf,
}

struct Campaign<'o> {
    options: &'o Options,
    mode: Mode,
    read_back: bool,
    dice: fastrand::Rng,
    servers: Servers,
    receiver: Receiver,
    folder: TempDir,
    workers: Vec<Worker>,
    /// How many writers and reporters there ever were.
    writers: u32,
    reporters: u32,
    killed: BTreeSet<u32>,
    hurt: Vec<(u32, u64, u64)>,
    faults: BTreeMap<&'static str, u64>,
    calm: bool,
}

/// Runs it.
pub fn run(options: &Options, mode: Mode, read_back: bool) -> Run {
    let seed = options.seed;
    let trouble = match (mode, options.control) {
        (Mode::None, _) => Trouble::NONE,
        // What the control leaves out is there for this alone.
        (_, Control::NoFence) => Trouble { late: 0.2, ..Trouble::USUAL },
        _ => Trouble::USUAL,
    };
    let mut campaign = Campaign {
        options,
        mode,
        read_back,
        dice: fastrand::Rng::with_seed(seed),
        servers: Servers::start(mode, seed),
        receiver: Receiver::start(seed, trouble),
        folder: tempfile::Builder::new().prefix("meters-chaos-").tempdir().unwrap(),
        workers: Vec::new(),
        writers: 0,
        reporters: 0,
        killed: BTreeSet::new(),
        hurt: Vec::new(),
        faults: BTreeMap::new(),
        calm: mode == Mode::None,
    };
    campaign.hire();
    campaign.servers.disturb();
    campaign.disturb();
    let verdict = campaign.settle();
    if !verdict.violations.is_empty() {
        campaign.folder.disable_cleanup(true);
    }
    let journals = campaign.folder.path().to_owned();
    let (faults, control, seconds) = (campaign.network(), options.control, options.seconds);
    Run { mode, control, read_back, seed, seconds, faults, verdict, journals }
}

impl Campaign<'_> {
    /// Starts whoever is missing.
    fn hire(&mut self) {
        let count = |workers: &[Worker], kind| workers.iter().filter(|worker| worker.kind == kind).count();
        while count(&self.workers, Kind::Writer) < self.options.writers {
            // One in four is a command that records little and ends.
            let most = if self.mode != Mode::None && self.dice.u32(0..4) == 0 { self.dice.u32(1..6) } else { u32::MAX };
            self.start(Kind::Writer, self.writers, most);
            self.writers += 1;
        }
        while count(&self.workers, Kind::Reporter) < REPORTERS {
            self.start(Kind::Reporter, self.reporters, 0);
            self.reporters += 1;
        }
    }

    fn start(&mut self, kind: Kind, number: u32, most: u32) {
        let part = Part {
            kind,
            number,
            seed: self.options.seed,
            mode: self.mode,
            control: self.options.control,
            url: self.servers.proxy.url(),
            receiver: self.receiver.port(),
            most,
            failpoints: !self.calm,
            read_back: self.read_back,
        };
        self.workers.push(Worker::start(&part, self.folder.path()));
    }

    fn disturb(&mut self) {
        let (began, mut next) = (Instant::now(), Instant::now());
        while began.elapsed() < self.options.seconds {
            if Instant::now() >= next {
                let fault = Fault::draw(self.mode, self.options.control, &mut self.dice);
                if self.happen(fault) {
                    *self.faults.entry(fault.name()).or_default() += 1;
                }
                next = Instant::now() + Duration::from_millis(self.dice.u64(Fault::pause(self.mode)));
            }
            self.tick();
            self.hire();
        }
    }

    fn happen(&mut self, fault: Fault) -> bool {
        let dice = &mut self.dice.fork();
        match fault {
            Fault::KillWriter => self.kill(Kind::Writer),
            Fault::KillReporter => self.kill(Kind::Reporter),
            Fault::FreezeWriter => self.freeze(Kind::Writer, dice.u64(SECOND / 5..8 * SECOND)),
            Fault::FreezeReporter => self.freeze(Kind::Reporter, dice.u64(SECOND..16 * SECOND)),
            Fault::KillRedis => self.servers.kill(dice),
            Fault::LosePower => self.servers.lose_power(dice),
            Fault::FailOver => self.servers.fail_over(dice),
            Fault::FlushScripts => self.servers.flush_scripts(),
            Fault::KillClients => self.servers.kill_clients(),
            Fault::OutOfMemory => self.servers.fill_memory(dice),
            Fault::ReadOnly => self.servers.read_only(dice),
            Fault::BlackHole => self.servers.black_hole(dice),
        }
    }

    fn pick(&mut self, kind: Kind) -> Option<usize> {
        let places: Vec<_> = (0..self.workers.len()).filter(|&place| self.workers[place].kind == kind).collect();
        self.dice.choice(places)
    }

    fn kill(&mut self, kind: Kind) -> bool {
        let Some(place) = self.pick(kind) else { return false };
        let from = now();
        let mut worker = self.workers.swap_remove(place);
        worker.kill();
        self.died(&worker, from);
        true
    }

    /// It was killed, or killed itself.
    fn died(&mut self, worker: &Worker, from: u64) {
        match worker.kind {
            Kind::Writer => _ = self.killed.insert(worker.number),
            Kind::Reporter => self.hurt.push((worker.number, worker.frozen.unwrap_or(from), now())),
        }
    }

    fn freeze(&mut self, kind: Kind, micros: u64) -> bool {
        let Some(place) = self.pick(kind).filter(|&place| self.workers[place].frozen.is_none()) else { return false };
        self.workers[place].freeze(now() + micros);
        true
    }

    /// Looks after everybody.
    fn tick(&mut self) {
        thread::sleep(Duration::from_millis(20));
        self.servers.tick(false);
        for place in (0..self.workers.len()).rev() {
            let worker = &mut self.workers[place];
            if worker.frozen.is_some() && now() >= worker.thaw {
                self.hurt.extend(thaw(worker));
            } else if worker.frozen.is_none() && worker.stopped() {
                // It has done so itself, between two looks.
                (worker.frozen, worker.thaw) = (Some(now() - SECOND), now() + self.dice.u64(SECOND..16 * SECOND));
                *self.faults.entry("reporters frozen in between").or_default() += 1;
            }
            if let Some(well) = self.workers[place].ended() {
                let worker = self.workers.swap_remove(place);
                if !well {
                    self.died(&worker, now() - SECOND);
                    *self.faults.entry("reporters aborted").or_default() += 1;
                }
            }
        }
    }

    /// Nothing is wrong any more: everything must be reported.
    fn settle(&mut self) -> Verdict {
        self.servers.heal();
        self.receiver.set(Trouble::NONE);
        self.calm = true;
        for worker in &mut self.workers {
            if worker.frozen.is_some() {
                self.hurt.extend(thaw(worker));
            }
            worker.calm();
            if worker.kind == Kind::Writer {
                worker.stop();
            }
        }
        let (began, mut heard) = (Instant::now(), (0, Instant::now()));
        loop {
            self.tick();
            while self.workers.iter().filter(|worker| worker.kind == Kind::Reporter).count() < REPORTERS {
                self.start(Kind::Reporter, self.reporters, 0);
                self.reporters += 1;
            }
            let requests = self.receiver.requests();
            if requests != heard.0 {
                heard = (requests, Instant::now());
            }
            let writing = self.workers.iter().any(|worker| worker.kind == Kind::Writer);
            let (late, drained) = (began.elapsed() > CALM, !writing && self.servers.left().is_empty());
            if drained || late {
                let verdict = self.verdict();
                // What Redis has lost, a reporter may still have in hand.
                if verdict.lost.windows == 0 || late || heard.1.elapsed() > IDLE {
                    self.workers.iter_mut().for_each(Worker::stop);
                    return self.last(verdict);
                }
                thread::sleep(Duration::from_millis(250));
            }
        }
    }

    /// Once more, when nobody is at work any more.
    fn last(&mut self, verdict: Verdict) -> Verdict {
        let began = Instant::now();
        while !self.workers.is_empty() && began.elapsed() < Duration::from_secs(20) {
            self.tick();
        }
        let again = self.verdict();
        if again.violations.is_empty() || verdict.violations.is_empty() { again } else { verdict }
    }

    fn verdict(&self) -> Verdict {
        let mut evidence = Evidence::of(&self.receiver, self.options.seed);
        let (folder, mut told) = (self.folder.path(), Told::default());
        (0..self.reporters).for_each(|number| told.read(&journal(folder, Kind::Reporter, number)));
        let read = |number| WriterLog::read(number, &journal(folder, Kind::Writer, number), &mut told);
        evidence.writers = (0..self.writers).map(read).collect();
        evidence.told = told;
        evidence.read_back = self.read_back;
        if self.options.control == Control::Off {
            evidence.counts = self.servers.counts();
        }
        evidence.killed.clone_from(&self.killed);
        evidence.hurt.clone_from(&self.hurt);
        evidence.rollbacks.clone_from(&self.servers.rollbacks);
        evidence.left = self.servers.left();
        Verdict::of(&evidence)
    }

    fn network(&self) -> BTreeMap<&'static str, u64> {
        let happened = self.servers.proxy.happened();
        let mut faults = self.faults.clone();
        for (name, count) in [("cut", &happened.cut), ("half", &happened.half), ("late", &happened.delay)] {
            faults.insert(name, count.load(std::sync::atomic::Ordering::SeqCst));
        }
        faults
    }
}

fn thaw(worker: &mut Worker) -> Option<(u32, u64, u64)> {
    worker.signal(Signal::CONT);
    let from = worker.frozen.take()?;
    (worker.kind == Kind::Reporter).then(|| (worker.number, from, now()))
}
