//! One random schedule whose windows the clock ends, while threads record: totals are known, windows are not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use meters::{Meters, Registry};

use crate::account::fates;
use crate::ledger::{Key, content, key_of};
use crate::load::{Kit, Op, churn};
use crate::receiver::Receiver;
use crate::schedule::fault;
use crate::table::tally;
use crate::verdict::Verdict;

const PATIENCE: Duration = Duration::from_secs(30);
const THREADS: usize = 3;

pub(crate) fn run(seed: u64, verbose: bool) -> Verdict {
    let mut random = Rng::with_seed(seed);
    let (registry, mut receiver) = (Registry::new(), Receiver::new());
    let kit = Kit::new(&registry, 4, 2);
    let mut meters = start(&receiver, &registry);
    let (over, mut totals, mut commands) = (AtomicBool::new(false), Totals::default(), 0);
    thread::scope(|scope| {
        let recording: Vec<_> = (0..THREADS)
            .map(|_| {
                let (kit, over, mut random) = (&kit, &over, random.fork());
                scope.spawn(move || {
                    let mut totals = Totals::default();
                    while !over.load(SeqCst) {
                        let ops: Vec<_> = (0..random.usize(1..60)).map(|_| op(&mut random)).collect();
                        totals.record(&ops);
                        if random.u32(0..4) == 0 {
                            churn(kit, vec![ops])
                        } else {
                            kit.record(&ops)
                        }
                        // A pause, so that some windows find a thread at rest.
                        thread::sleep(Duration::from_micros(random.u64(0..2_000)));
                    }
                    totals
                })
            })
            .collect();
        for _ in 0..random.usize(2..6) {
            if random.bool() {
                let fault = fault(&mut random);
                if verbose {
                    println!("{fault:?}");
                }
                receiver.push(&fault, 1);
            }
            // Whatever the reporter does meanwhile: it may also be backing off.
            _ = receiver.wait_for(random.u64(1..4), Duration::from_millis(200));
            match random.u32(0..4) {
                0 => _ = meters.flush(Duration::from_millis(random.u64(20..100))),
                1 => {
                    receiver.calm();
                    let report = drained(&meters);
                    let last = meters.shutdown(PATIENCE);
                    assert!(last.dropped == 0, "{report}, then {last}");
                    meters = start(&receiver, &registry);
                    commands += 2;
                }
                _ => {}
            }
            commands += 1;
        }
        over.store(true, SeqCst);
        for thread in recording {
            totals.merge(thread.join().unwrap());
        }
    });
    receiver.calm();
    drained(&meters);
    let last = meters.shutdown(PATIENCE);
    let (requests, _) = receiver.end();
    let fates = fates(&requests);
    let mut violations = Vec::new();
    if last.dropped > 0 {
        violations.push(format!("dropped although the receiver was there: {last}"));
    }
    let doubled: u64 = fates.values().map(|fate| fate.answered.saturating_sub(1)).sum();
    // A command that cuts in on an export leaves a request without one who waits for its answer.
    let most = requests.iter().map(|request| request.contents.len() as u64).max().unwrap_or(0);
    if doubled > commands * most {
        violations.push(format!("{doubled} datums were sent again after they had been acknowledged"));
    }
    let stored = totals_of(&requests);
    for (key, recorded) in &totals.0 {
        let found = stored.get(key).copied().unwrap_or_default();
        if (found.0 - recorded.0).abs() > 0.5 || (found.1 - recorded.1).abs() > 1e-6 * recorded.1.abs() {
            violations.push(format!("{key:?}: {recorded:?} (count, sum) recorded, and {found:?} stored"));
        }
    }
    let mut tally = tally(&requests, &fates, &BTreeMap::new());
    tally.records = totals.1;
    Verdict { violations, inconclusive: false, tally }
}

fn start(receiver: &Receiver, registry: &Registry) -> Meters {
    let builder = meters::namespace("Ticking").region("us-east-1").endpoint_url(receiver.url());
    builder.credentials("test", "test").registry(registry).interval("10ms").start().unwrap()
}

fn drained(meters: &Meters) -> String {
    let mut report = meters.flush(PATIENCE);
    for _ in 0..20 {
        if report.pending == 0 {
            break;
        }
        report = meters.flush(PATIENCE);
    }
    report.to_string()
}

fn op(random: &mut Rng) -> Op {
    match random.u32(0..4) {
        0 => Op::Count(random.usize(0..4), random.u64(1..100)),
        1 => Op::Put(random.u32(1..20)),
        2 => Op::Statistic(random.u32(1..100)),
        _ => Op::Observe(random.usize(0..2), random.u32(1..100_000)),
    }
}

/// (count, sum) of each series, and the number of records. Of counters the count says nothing.
#[derive(Default)]
struct Totals(BTreeMap<Key, (f64, f64)>, u64);

impl Totals {
    fn record(&mut self, ops: &[Op]) {
        self.1 += ops.len() as u64;
        for op in ops {
            let of = |name: &str, n: Option<usize>| {
                (name.to_owned(), n.map(|n| ("N".to_owned(), n.to_string())).into_iter().collect::<Vec<_>>())
            };
            let (key, value, count) = match *op {
                Op::Count(n, events) => (of("Orders", Some(n)), events as f64, 0.0),
                Op::Observe(n, value) => (of("Size", Some(n)), f64::from(value), 1.0),
                Op::Put(value) => (of("Batch", None), f64::from(value), 1.0),
                Op::Statistic(value) => (of("Rows", None), f64::from(value), 1.0),
                _ => continue,
            };
            let held = self.0.entry(key).or_default();
            *held = (held.0 + count, held.1 + value);
        }
    }

    fn merge(&mut self, other: Self) {
        self.1 += other.1;
        for (key, (count, sum)) in other.0 {
            let held = self.0.entry(key).or_default();
            *held = (held.0 + count, held.1 + sum);
        }
    }
}

/// What is stored, each datum once however often it came.
fn totals_of(requests: &[meters_local::LoggedRequest]) -> BTreeMap<Key, (f64, f64)> {
    let mut totals: BTreeMap<Key, (f64, f64)> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    let stored = requests.iter().filter(|request| request.stored).flat_map(|request| &request.contents);
    for datum in stored.filter(|datum| seen.insert(crate::account::identity(datum))) {
        let (count, sum) = content(&datum.value);
        let held = totals.entry(key_of(datum)).or_default();
        let count = if datum.name == "Orders" { 0.0 } else { count };
        *held = (held.0 + count, held.1 + sum);
    }
    totals
}
