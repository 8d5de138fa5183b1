//! What was recorded, window by window, and so which datums there must be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use meters::Snapshot;
use meters_local::{Datum, DatumValue};

use crate::load::{End, Op, bulk};

/// Name and dimensions.
pub(crate) type Key = (String, Vec<(String, String)>);

/// What a datum must say; of some kinds the count is time, or nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) count: Option<f64>,
    pub(crate) sum: f64,
}

#[derive(Clone, Copy, Default)]
struct Calls {
    count: f64,
    errors: f64,
    cancelled: f64,
}

/// The book that the schedule keeps of its own records.
#[derive(Default)]
pub(crate) struct Ledger {
    counts: BTreeMap<Key, f64>,
    values: BTreeMap<Key, (f64, f64)>,
    calls: BTreeMap<Key, Calls>,
    /// Kept from window to window.
    gauge: Option<f64>,
    /// What counted in the last window, as the reporter that is alive knows it.
    busy: BTreeSet<Key>,
    /// Sums of durations up to the last window: only the clock knows them, and so the registry is asked.
    durations: BTreeMap<Key, f64>,
    /// Earliest and latest moment at which each window can have begun, in milliseconds, and its datums.
    pub(crate) windows: Vec<(u64, u64, BTreeMap<Key, Expected>)>,
    began: (u64, u64),
    /// Records of any kind.
    pub(crate) records: u64,
}

fn key(name: &str, dimensions: &[(&str, &str)]) -> Key {
    (name.to_owned(), dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn numbered(name: &str, n: usize) -> Key {
    key(name, &[("N", &n.to_string())])
}

pub(crate) fn key_of(datum: &Datum) -> Key {
    (datum.name.clone(), datum.dimensions.clone())
}

pub(crate) fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis() as u64
}

/// (count, sum) of a datum.
pub(crate) fn content(value: &DatumValue) -> (f64, f64) {
    match value {
        DatumValue::Value(value) => (1.0, *value),
        DatumValue::Statistics { sample_count, sum, .. } => (*sample_count, *sum),
        DatumValue::Values { values, counts } => {
            (counts.iter().sum(), values.iter().zip(counts).map(|(value, count)| value * count).sum())
        }
        _ => (f64::NAN, f64::NAN),
    }
}

impl Ledger {
    /// A ledger that begins with what `snapshot` holds already.
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let mut ledger = Self::default();
        for known in
            crate::load::TIERS.map(|tier| key("Call", &[("Tier", tier)])).into_iter().chain([key("Fetch", &[])])
        {
            let sum = duration(snapshot, &known);
            ledger.durations.insert(known, sum);
        }
        ledger.gauge = snapshot.metric("Level").gauge();
        ledger.began = (0, milliseconds(SystemTime::now()) + 1);
        ledger
    }

    pub(crate) fn record(&mut self, ops: &[Op]) {
        self.records += ops.len() as u64;
        for op in ops {
            match *op {
                Op::Count(n, events) => *self.counts.entry(numbered("Orders", n)).or_default() += events as f64,
                Op::Mark(events) => *self.counts.entry(key("Marks", &[])).or_default() += events as f64,
                Op::Metered => *self.counts.entry(key("Metered", &[])).or_default() += 1.0,
                Op::Observe(n, value) => self.value(numbered("Size", n), value),
                Op::Put(value) => self.value(key("Batch", &[]), value),
                Op::Statistic(value) => self.value(key("Rows", &[]), value),
                Op::Await(end) => self.call(key("Fetch", &[]), end),
                Op::Bulk(seed, count) => {
                    bulk(seed, count).for_each(|(name, id)| self.value(key(&name, &[("Id", &id)]), 1))
                }
                Op::Call(tier, end) => self.call(key("Call", &[("Tier", tier)]), end),
            }
        }
    }

    fn value(&mut self, key: Key, value: u32) {
        let held = self.values.entry(key).or_default();
        *held = (held.0 + 1.0, held.1 + f64::from(value));
    }

    fn call(&mut self, key: Key, end: End) {
        let calls = self.calls.entry(key).or_default();
        calls.count += 1.0;
        match end {
            End::Ok => {}
            End::Error | End::Panic => calls.errors += 1.0,
            End::Cancelled => calls.cancelled += 1.0,
        }
    }

    pub(crate) fn set(&mut self, level: f64) {
        self.records += 1;
        self.gauge = Some(level);
    }

    /// A reporter that was started anew knows of no silence.
    pub(crate) fn restarted(&mut self) {
        self.busy.clear();
    }

    /// The window ended between `before` and `after`; `snapshot` was taken at rest before it did.
    pub(crate) fn seal(&mut self, snapshot: &Snapshot, before: SystemTime, after: SystemTime) {
        let mut datums = BTreeMap::new();
        let mut busy = BTreeSet::new();
        for (key, sum) in std::mem::take(&mut self.counts) {
            busy.insert(key.clone());
            datums.insert(key, Expected { count: None, sum });
        }
        for (key, (count, sum)) in std::mem::take(&mut self.values) {
            datums.insert(key, Expected { count: Some(count), sum });
        }
        for (key, calls) in std::mem::take(&mut self.calls) {
            let part = |suffix: &str| (format!("{}.{suffix}", key.0), key.1.clone());
            datums.insert(part("Errors"), Expected { count: Some(calls.count), sum: calls.errors });
            if calls.cancelled > 0.0 {
                busy.insert(part("Cancelled"));
                datums.insert(part("Cancelled"), Expected { count: Some(1.0), sum: calls.cancelled });
            }
            let known = self.durations.entry(key.clone()).or_default();
            let total = duration(snapshot, &key);
            let sum = (total - std::mem::replace(known, total)) / 1e3;
            datums.insert(key, Expected { count: Some(calls.count), sum });
        }
        if let Some(level) = self.gauge {
            datums.insert(key("Level", &[]), Expected { count: Some(1.0), sum: level });
        }
        for silent in self.busy.difference(&busy) {
            datums.insert(silent.clone(), Expected { count: None, sum: 0.0 });
        }
        self.busy = busy;
        // The wire rounds to the next millisecond.
        let began = std::mem::replace(&mut self.began, (milliseconds(before), milliseconds(after) + 1));
        self.windows.push((began.0, began.1, datums));
    }

    /// The number of the window that a datum belongs to by its timestamp.
    pub(crate) fn window_of(&self, timestamp: SystemTime) -> Option<usize> {
        let stamp = milliseconds(timestamp);
        self.windows.iter().position(|(from, to, _)| (*from..=*to).contains(&stamp))
    }

    pub(crate) fn predicted(&self) -> u64 {
        self.windows.iter().map(|(.., datums)| datums.len() as u64).sum()
    }
}

/// Nanoseconds.
fn duration(snapshot: &Snapshot, (name, dimensions): &Key) -> f64 {
    let mut query = snapshot.metric(name);
    for (name, value) in dimensions {
        query = query.with(name, value);
    }
    query.calls().duration.sum()
}
