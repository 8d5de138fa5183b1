//! One random schedule whose windows end when it says so: every datum is known beforehand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use meters::{Ambiguous, FlushReport, Meters, Refused, Registry};
use meters_local::Fault;

use crate::account::{Flush, Told};
use crate::ledger::{Ledger, milliseconds};
use crate::load::{End, Kit, Op, TIERS, Workers, churn};
use crate::receiver::Receiver;
use crate::verdict::{self, Case, Verdict};

/// Beyond this something hangs.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const ENDS: [End; 5] = [End::Ok, End::Ok, End::Error, End::Panic, End::Cancelled];

/// The faults of single requests, some more likely than others.
pub(crate) fn fault(random: &mut Rng) -> Fault {
    match random.u32(0..26) {
        0 | 1 => Fault::Throttle,
        2 => Fault::TooManyRequests,
        3 => Fault::TooManyRequestsRaw,
        4 => Fault::LimitExceeded,
        5 => Fault::RequestTimeout,
        6 | 7 => Fault::InternalServiceFault,
        8 => Fault::ServiceUnavailable,
        9 => Fault::RetryAfter(Duration::from_millis(random.u64(0..30))),
        10 | 11 => Fault::EntityTooLarge,
        12 => Fault::Status(502),
        13 => Fault::Status(404),
        14 => Fault::ExpiredToken,
        15 => Fault::AccessDenied,
        16 => Fault::InvalidClientTokenId,
        17 => Fault::UnrecognizedClient,
        18 => Fault::Slow(Duration::from_millis(random.u64(0..20))),
        19 => Fault::HangBeforeStoring,
        20 => Fault::HangAfterStoring,
        21 => Fault::Reset,
        22 | 23 => Fault::ResetAfterStoring,
        24 => Fault::ResetMidBody,
        _ => Fault::TruncatedAnswer,
    }
}

/// Attributes record into the one registry of the process: one schedule at a time has it.
pub(crate) fn global() -> MutexGuard<'static, ()> {
    static GLOBAL: Mutex<()> = Mutex::new(());
    GLOBAL.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Run {
    random: Rng,
    kit: Kit,
    attributes: bool,
    counters: usize,
    histograms: usize,
    workers: Workers,
    receiver: Receiver,
    ledger: Ledger,
    meters: Option<Meters>,
    standing: bool,
    on_ambiguous: Ambiguous,
    most: usize,
    told: Arc<Mutex<Told>>,
    flushes: Vec<Flush>,
    away: u64,
    verbose: bool,
}

pub(crate) fn run(seed: u64, verbose: bool) -> Verdict {
    let mut random = Rng::with_seed(seed);
    let attributes = random.u32(0..4) == 0;
    let _alone = attributes.then(global);
    let registry = if attributes { Registry::global().clone() } else { Registry::new() };
    // Series of the process go on from schedule to schedule, and the ledger begins with what a snapshot shows of them.
    registry.expire_after(if attributes { 0 } else { (seed % 4) as u32 });
    let (counters, histograms) = (random.usize(1..12), random.usize(1..4));
    let kit = Kit::new(&registry, counters, histograms);
    let workers = Workers::new(&kit, random.usize(1..4));
    let on_ambiguous = if random.u32(0..5) == 0 { Ambiguous::Drop } else { Ambiguous::Resend };
    let most = if random.bool() { random.usize(1..8) } else { 1_000 };
    let mut run = Run {
        ledger: Ledger::new(&registry.snapshot()),
        receiver: Receiver::new(),
        meters: None,
        standing: random.bool(),
        told: Arc::default(),
        flushes: Vec::new(),
        away: 0,
        random,
        kit,
        attributes,
        counters,
        histograms,
        workers,
        on_ambiguous,
        most,
        verbose,
    };
    run.say(|run| format!("attributes {attributes}, standing {}, {on_ambiguous:?}, {most} a request", run.standing));
    run.start();
    for _ in 0..run.random.usize(4..14) {
        run.step();
    }
    run.end()
}

impl Run {
    fn say(&self, what: impl FnOnce(&Self) -> String) {
        if self.verbose {
            println!("{}", what(self));
        }
    }

    fn start(&mut self) {
        let (refused, told) = (self.told.clone(), self.told.clone());
        let builder = meters::namespace("Campaign").region("us-east-1").endpoint_url(self.receiver.url());
        let builder = builder.credentials("test", "test").registry(&self.kit.registry);
        let builder = builder.on_ambiguous(self.on_ambiguous).max_datums_per_request(self.most);
        let builder = builder.on_refused(move |one: &Refused| refused.lock().unwrap().refused(one));
        let builder = builder.on_error(move |_| told.lock().unwrap().errors += 1);
        let builder = if self.standing { builder.interval("14d") } else { builder.manual() };
        self.meters = Some(builder.start().unwrap());
        self.ledger.restarted();
    }

    fn step(&mut self) {
        match self.random.u32(0..20) {
            0..5 => self.load(),
            5 => self.churn(),
            6..10 => {
                let (fault, times) = (fault(&mut self.random), self.random.usize(1..4));
                self.say(|_| format!("{fault:?} {times} times"));
                self.receiver.push(&fault, times);
            }
            10 => {
                let fault = fault(&mut self.random);
                self.say(|_| format!("{fault:?} from now on"));
                self.receiver.always(&fault);
            }
            11 => {
                let name = *self.random.choice(&["Orders", "Size", "Batch", "Fetch.Errors", "Level", "Call"]).unwrap();
                self.say(|_| format!("{name} is poison"));
                self.receiver.poison(name);
            }
            12 if self.receiver.is_here() => {
                self.say(|_| "the endpoint goes away".to_owned());
                self.away += 1;
                self.receiver.go_away();
            }
            12 | 13 => {
                self.say(|_| "calm".to_owned());
                self.receiver.calm();
            }
            14 => self.restart(),
            _ => {
                self.load();
                let timeout = self.random.u64(20..150);
                self.flush(Duration::from_millis(timeout), false);
            }
        }
    }

    fn ops(&mut self, most: usize) -> Vec<Op> {
        let random = &mut self.random;
        let mut one = || match random.u32(0..if self.attributes { 10 } else { 7 }) {
            0 => Op::Count(random.usize(0..self.counters), random.u64(1..1_000)),
            // Few different ones, so that they can be told exactly, or many.
            1 | 2 => Op::Observe(random.usize(0..self.histograms), random.u32(0..5_000)),
            3 => Op::Mark(random.u64(1..10)),
            4 => Op::Put(random.u32(0..20)),
            5 => Op::Statistic(random.u32(1..1_000)),
            6 => Op::Await(*random.choice(&ENDS).unwrap()),
            7 => Op::Metered,
            _ => Op::Call(random.choice(&TIERS).unwrap(), *random.choice(&ENDS[..4]).unwrap()),
        };
        let ops: Vec<_> = (0..most).map(|_| one()).collect();
        self.ledger.record(&ops);
        ops
    }

    fn load(&mut self) {
        let parts = (0..self.workers.len())
            .map(|_| {
                let most = if self.random.u32(0..4) == 0 { 400 } else { 20 };
                let most = self.random.usize(0..most);
                self.ops(most)
            })
            .collect();
        self.workers.record(parts);
        if self.random.u32(0..3) == 0 {
            let level = f64::from(self.random.u32(0..1_000));
            self.kit.set(level);
            self.ledger.set(level);
        }
    }

    fn churn(&mut self) {
        let parts = (0..self.random.usize(1..12)).map(|_| self.random.usize(0..80)).collect::<Vec<_>>();
        let parts = parts.into_iter().map(|most| self.ops(most)).collect();
        churn(&self.kit, parts);
    }

    /// Ends the window and sends; with `last`, ends the reporter too.
    fn flush(&mut self, timeout: Duration, last: bool) -> u64 {
        let first = self.receiver.count();
        let snapshot = self.kit.registry.snapshot();
        // One window's timestamp is never that of the next.
        let before = next_millisecond();
        let meters = self.meters.as_ref().unwrap();
        let report = if last { meters.shutdown(timeout) } else { meters.flush(timeout) };
        let after = SystemTime::now();
        let late = after.duration_since(before).is_ok_and(|took| took >= timeout);
        self.ledger.seal(&snapshot, before, after);
        self.say(|_| format!("{}{report}", if last { "shutdown: " } else { "" }));
        let pending = report.pending;
        self.note(report, first, late);
        pending
    }

    fn note(&mut self, report: FlushReport, first: usize, late: bool) {
        let mute = report.error.as_ref().is_some_and(|error| error.to_string().contains("gave no answer"));
        let requests = first..self.receiver.count();
        self.flushes.push(Flush { requests, late, mute, report });
    }

    fn restart(&mut self) {
        let timeout = Duration::from_millis(self.random.u64(20..150));
        self.flush(timeout, true);
        if self.random.bool() {
            let again = self.meters.as_ref().unwrap().shutdown(PATIENCE);
            assert!(again.is_complete() && again.requests == 0, "a second shutdown: {again}");
        }
        self.meters = None;
        // What is recorded while nobody reports is for the next.
        if self.random.bool() {
            self.load();
        }
        self.start();
    }

    fn end(mut self) -> Verdict {
        // Most end well; the others give up what is pending, and have to say so.
        if self.random.u32(0..4) > 0 {
            self.say(|_| "calm, to the end".to_owned());
            self.receiver.calm();
            for _ in 0..20 {
                if self.flush(PATIENCE, false) == 0 {
                    break;
                }
            }
        }
        self.flush(Duration::from_millis(150), true);
        self.meters = None;
        let (requests, stored) = self.receiver.end();
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        verdict::judge(&Case {
            requests: &requests,
            stored: &stored,
            ledger: &self.ledger,
            flushes: &self.flushes,
            told: &told,
            on_ambiguous: self.on_ambiguous,
            most: self.most,
            away: self.away,
        })
    }
}

fn next_millisecond() -> SystemTime {
    let began = milliseconds(SystemTime::now());
    loop {
        let now = SystemTime::now();
        if milliseconds(now) > began + 2 {
            return now;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}
