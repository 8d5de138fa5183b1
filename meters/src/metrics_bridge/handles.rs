//! The handles that the facade hands out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use meters_core::fork::{self, Lock};
use meters_core::{Counter, FloatCounter, Gauge, Histogram};
use metrics::{CounterFn, GaugeFn, HistogramFn, Key};

use super::units::Scaled;

/// The greatest absolute value of each counter.
#[derive(Default)]
pub(super) struct Counters {
    highest: Lock<HashMap<Key, Arc<AtomicU64>>>,
    warned: AtomicBool,
}

/// How many of them are remembered: labels may be whatever a stranger sends.
const MOST: usize = 10_000;

impl Counters {
    /// That of this one; none where there are too many.
    fn highest(&self, key: &Key) -> Option<Arc<AtomicU64>> {
        let mut highest = self.highest.lock();
        if let Some(known) = highest.get(key) {
            return Some(known.clone());
        }
        if highest.len() < MOST {
            return Some(highest.entry(key.clone()).or_default().clone());
        }
        drop(highest);
        if !self.warned.swap(true, Relaxed) {
            tracing::warn!(
                metric = key.name(),
                "{MOST} counters were told absolute values by the facade `metrics`: those of further ones are ignored, as nobody remembers what \
                 they said before; drop the label whose values never come twice"
            );
        }
        None
    }
}

/// What counts, and by how much.
pub(super) enum Counted {
    Whole(Counter, u64),
    Amounts(FloatCounter, f64),
}

impl Counted {
    fn inc(&self, value: u64) {
        match self {
            Self::Whole(counter, factor) => counter.inc(value.saturating_mul(*factor)),
            Self::Amounts(counter, factor) => counter.inc(Scaled::of(*factor, value as f64)),
        }
    }
}

/// A counter of one thread's table.
pub(super) struct Count {
    counted: Counted,
    key: Key,
    counters: Arc<Counters>,
    /// Asked for with the first absolute value: most counters have none.
    highest: OnceLock<Option<Arc<AtomicU64>>>,
}

impl Count {
    pub(super) fn new(counted: Counted, key: &Key, counters: &Arc<Counters>) -> Self {
        Self { counted, key: key.clone(), counters: counters.clone(), highest: OnceLock::new() }
    }
}

impl CounterFn for Count {
    fn increment(&self, value: u64) {
        self.counted.inc(value);
    }

    fn absolute(&self, value: u64) {
        let Some(highest) = fork::once(&self.highest, || self.counters.highest(&self.key)) else { return };
        // Whoever raises it counts what it rose by: each part once, in whatever order values come.
        let before = highest.fetch_max(value, Relaxed);
        if value > before {
            self.counted.inc(value - before);
        }
    }
}

pub(super) struct Leveled {
    pub(super) level: Gauge,
    pub(super) factor: f64,
}

impl GaugeFn for Leveled {
    fn increment(&self, value: f64) {
        self.level.inc(Scaled::of(self.factor, value));
    }

    fn decrement(&self, value: f64) {
        self.level.dec(Scaled::of(self.factor, value));
    }

    fn set(&self, value: f64) {
        self.level.set(Scaled::of(self.factor, value));
    }
}

pub(super) struct Measured {
    pub(super) values: Histogram,
    pub(super) factor: f64,
}

impl HistogramFn for Measured {
    fn record(&self, value: f64) {
        self.values.observe(Scaled::of(self.factor, value));
    }
}
