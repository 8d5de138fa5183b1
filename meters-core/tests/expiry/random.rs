//! Random records, windows and snapshots, against books that are kept by hand.

use std::collections::BTreeSet;

use meters_core::{Counter, Ended, Histogram, Meter, Monitor, Registry, Snapshot, Value};
use proptest::prelude::*;

use crate::kit::{Worker, names, weigh};

const KINDS: usize = 6;
const NAMES: [&str; KINDS] = ["Counter", "Meter", "Histogram", "Calls", "Values", "Statistic"];

/// Records one value of this kind, by a handle that was made long ago or is made now.
#[derive(Clone)]
struct Handles {
    registry: Registry,
    counter: Counter,
    meter: Meter,
    histogram: Histogram,
    monitor: Monitor,
}

impl Handles {
    fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            counter: registry.counter(NAMES[0]).register(),
            meter: registry.meter(NAMES[1]).register(),
            histogram: registry.histogram(NAMES[2]).register(),
            monitor: registry.monitor(NAMES[3]).register(),
        }
    }

    fn record(&self, kind: usize) {
        match kind {
            0 => self.counter.inc(1),
            1 => self.meter.mark(1),
            2 => self.histogram.observe(1.0),
            3 => self.monitor.enter_async().finish(Ended::Error),
            4 => _ = self.registry.put(NAMES[4], 1.0),
            _ => _ = self.registry.put_statistic(NAMES[5], 1.0),
        }
    }
}

#[derive(Clone, Debug)]
enum Act {
    Record { worker: usize, kind: usize, times: u32, anew: bool },
    EndThread { worker: usize },
    Seal { reader: usize },
    Look,
}

fn act() -> impl Strategy<Value = Act> {
    let times = prop_oneof![3 => 1..4u32, 1 => 40..45u32];
    prop_oneof![
        5 => (0..3usize, 0..KINDS, times, any::<bool>())
            .prop_map(|(worker, kind, times, anew)| Act::Record { worker, kind, times, anew }),
        1 => (0..3usize).prop_map(|worker| Act::EndThread { worker }),
        6 => (0..2usize).prop_map(|reader| Act::Seal { reader }),
        3 => Just(Act::Look),
    ]
}

/// What there is by the books: how often each kind was recorded, and windows since it was.
struct Books {
    after: usize,
    counts: [u64; KINDS],
    idle: [usize; KINDS],
}

impl Books {
    fn record(&mut self, kind: usize, times: u32) {
        self.counts[kind] += u64::from(times);
        self.idle[kind] = 0;
    }

    fn shown(&self) -> BTreeSet<String> {
        let shown = |kind: &usize| {
            // Of calls that never ended there is nothing to show.
            (self.after == 0 || self.idle[*kind] <= self.after) && (self.counts[*kind] > 0 || matches!(*kind, 0..3))
        };
        (0..KINDS).filter(shown).map(|kind| NAMES[kind].to_owned()).collect()
    }
}

fn weights(query: impl Fn(&str) -> Option<Value>) -> [u64; KINDS] {
    NAMES.map(|name| {
        let (count, sum) = query(name).as_ref().map_or((0, 0.0), weigh);
        assert_eq!(count as f64, sum, "{name}");
        count
    })
}

fn check_since(later: &(Snapshot, [u64; KINDS]), earlier: &(Snapshot, [u64; KINDS])) {
    let window = later.0.since(&earlier.0);
    let truth: [u64; KINDS] = std::array::from_fn(|kind| later.1[kind] - earlier.1[kind]);
    assert_eq!(weights(|name| window.metric(name).value()), truth);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..ProptestConfig::default() })]

    #[test]
    fn totals_windows_and_differences_are_exact_whatever_expires(
        after in 0..4usize, acts in prop::collection::vec(act(), 1..80)
    ) {
        let registry = Registry::new();
        registry.expire_after(after as u32);
        let handles = Handles::new(&registry);
        let mut workers = [0; 3].map(|_| Worker::start());
        let mut readers = [0; 2].map(|_| registry.reader());
        let mut read = [[0; KINDS]; 2];
        let mut books = Books { after, counts: [0; KINDS], idle: [1; KINDS] };
        let mut looks: Vec<(Snapshot, [u64; KINDS])> = vec![(registry.snapshot(), books.counts)];
        for act in acts {
            match act {
                Act::Record { worker, kind, times, anew } => {
                    let handles = if anew { Handles::new(&registry) } else { handles.clone() };
                    workers[worker].does(move || (0..times).for_each(|_| handles.record(kind)));
                    books.record(kind, times);
                }
                Act::EndThread { worker } => workers[worker] = Worker::start(),
                Act::Seal { reader } => {
                    let window = readers[reader].window();
                    let told = weights(|name| window.metric(name).value());
                    (0..KINDS).for_each(|kind| read[reader][kind] += told[kind]);
                    assert_eq!(read[reader], books.counts);
                    books.idle.iter_mut().for_each(|idle| *idle += 1);
                }
                Act::Look => {
                    let snapshot = registry.snapshot();
                    assert_eq!(names(snapshot.iter()), books.shown());
                    looks.push((snapshot, books.counts));
                    let last = looks.last().unwrap();
                    looks.iter().for_each(|earlier| check_since(last, earlier));
                }
            }
        }
        // All of them back.
        for kind in 0..KINDS {
            handles.record(kind);
            books.record(kind, 1);
        }
        let last = (registry.snapshot(), books.counts);
        assert_eq!(weights(|name| last.0.metric(name).value()), books.counts);
        looks.iter().for_each(|earlier| check_since(&last, earlier));
        for (reader, mut read) in readers.into_iter().zip(read) {
            let mut reader = reader;
            let window = reader.window();
            let told = weights(|name| window.metric(name).value());
            (0..KINDS).for_each(|kind| read[kind] += told[kind]);
            assert_eq!(read, books.counts);
        }
    }
}
