//! What is recorded, with every kind of instrument and with attributes, and by which threads.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use futures_util::FutureExt as _;
use meters::{Counter, Gauge, Histogram, Meter, Monitor, MonitoredExt as _, Registry, metered, monitored};

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Ok,
    Error,
    Panic,
    Cancelled,
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Count(usize, u64),
    Observe(usize, u32),
    Mark(u64),
    Put(u32),
    Statistic(u32),
    /// A future that is monitored where it is used.
    Await(End),
    /// An annotated function; cancelled calls there are none of.
    Call(&'static str, End),
    /// An annotated function that is only counted.
    Metered,
    /// So many values that chance named: packed, each takes nearly a kilobyte.
    Bulk(u64, usize),
}

/// Name and dimension of each value of a bulk.
pub(crate) fn bulk(seed: u64, count: usize) -> impl Iterator<Item = (String, String)> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..count)
        .map(move |_| (format!("Bulk{:016x}", random.u64(..)), (0..1_000).map(|_| random.alphanumeric()).collect()))
}

pub(crate) const TIERS: [&str; 2] = ["gold", "tin"];

#[monitored(name = "Call", dimensions(Tier = tier))]
fn call(tier: &'static str, end: End) -> Result<(), ()> {
    match end {
        End::Ok | End::Cancelled => Ok(()),
        End::Error => Err(()),
        // Past the hook: nothing is printed.
        End::Panic => resume_unwind(Box::new(())),
    }
}

#[metered(name = "Metered")]
fn marked() {}

/// The instruments of one schedule.
#[derive(Clone)]
pub(crate) struct Kit {
    pub(crate) registry: Registry,
    counters: Vec<Counter>,
    histograms: Vec<Histogram>,
    meter: Meter,
    gauge: Gauge,
    monitor: Monitor,
}

impl Kit {
    pub(crate) fn new(registry: &Registry, counters: usize, histograms: usize) -> Self {
        Self {
            registry: registry.clone(),
            counters: (0..counters).map(|n| registry.counter("Orders").dimension("N", n as u64).register()).collect(),
            histograms: (0..histograms)
                .map(|n| registry.histogram("Size").dimension("N", n as u64).register())
                .collect(),
            meter: registry.meter("Marks").register(),
            gauge: registry.gauge("Level").register(),
            monitor: registry.monitor("Fetch").register(),
        }
    }

    pub(crate) fn set(&self, level: f64) {
        self.gauge.set(level);
    }

    pub(crate) fn record(&self, ops: &[Op]) {
        for op in ops {
            match *op {
                Op::Count(n, events) => self.counters[n].inc(events),
                Op::Observe(n, value) => self.histograms[n].observe(f64::from(value)),
                Op::Mark(events) => self.meter.mark(events),
                Op::Put(value) => _ = self.registry.put("Batch", f64::from(value)),
                Op::Statistic(value) => _ = self.registry.put_statistic("Rows", f64::from(value)),
                Op::Await(end) => self.fetch(end),
                Op::Call(tier, end) => _ = catch_unwind(|| call(tier, end)),
                Op::Metered => marked(),
                Op::Bulk(seed, count) => bulk(seed, count).for_each(|(name, id)| {
                    self.registry.put(&name, 1.0).dimension("Id", id);
                }),
            }
        }
    }

    fn fetch(&self, end: End) {
        if end == End::Cancelled {
            let mut never = Box::pin(std::future::pending::<Result<(), ()>>().monitored(self.monitor));
            return assert!((&mut never).now_or_never().is_none());
        }
        let fetch = async move { call_plainly(end) }.monitored(self.monitor);
        _ = catch_unwind(AssertUnwindSafe(|| fetch.now_or_never()));
    }
}

fn call_plainly(end: End) -> Result<(), ()> {
    match end {
        End::Error => Err(()),
        End::Panic => resume_unwind(Box::new(())),
        End::Ok | End::Cancelled => Ok(()),
    }
}

/// Records as the thread ends, when its thread-locals are being destroyed.
struct LastWords(RefCell<Option<(Kit, Vec<Op>)>>);

impl Drop for LastWords {
    fn drop(&mut self) {
        if let Some((kit, ops)) = self.0.take() {
            kit.record(&ops);
        }
    }
}

thread_local! {
    static LAST_WORDS: LastWords = const { LastWords(RefCell::new(None)) };
}

/// A thread for each part, all of which have ended when this returns. Every other one records its second half while it ends.
pub(crate) fn churn(kit: &Kit, parts: Vec<Vec<Op>>) {
    let threads: Vec<_> = parts
        .into_iter()
        .enumerate()
        .map(|(number, mut ops)| {
            let kit = kit.clone();
            thread::spawn(move || {
                let last = ops.split_off(if number % 2 == 0 { ops.len() } else { ops.len() / 2 });
                LAST_WORDS.with(|words| *words.0.borrow_mut() = Some((kit.clone(), last)));
                kit.record(&ops);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Threads that live as long as their schedule, and own shards that are read while they rest.
pub(crate) struct Workers {
    threads: Vec<(Sender<Vec<Op>>, JoinHandle<()>)>,
    done: Receiver<()>,
}

impl Workers {
    pub(crate) fn new(kit: &Kit, count: usize) -> Self {
        let (finished, done) = channel();
        let worker = |_| {
            let (orders, wanted) = channel::<Vec<Op>>();
            let (kit, finished) = (kit.clone(), finished.clone());
            let thread = thread::spawn(move || {
                for ops in wanted {
                    kit.record(&ops);
                    _ = finished.send(());
                }
            });
            (orders, thread)
        };
        Self { threads: (0..count).map(worker).collect(), done }
    }

    pub(crate) fn len(&self) -> usize {
        self.threads.len()
    }

    /// Gives each worker its part; all is recorded when this returns.
    pub(crate) fn record(&self, parts: Vec<Vec<Op>>) {
        let parts = parts.into_iter().zip(&self.threads);
        let given = parts.map(|(ops, (orders, _))| orders.send(ops).unwrap()).count();
        (0..given).for_each(|_| self.done.recv().unwrap());
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for (orders, thread) in self.threads.drain(..) {
            drop(orders);
            _ = thread.join();
        }
    }
}
