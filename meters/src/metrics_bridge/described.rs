//! What libraries say of their metrics.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

use meters_core::fork::Lock;
use metrics::Unit;

/// What is described, or recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Counter,
    Gauge,
    Histogram,
}

/// How many names are kept: they may be made at run time.
const MOST: usize = 10_000;

/// By kind and name.
#[derive(Default)]
pub(super) struct Described {
    known: Lock<HashMap<(What, String), Said>>,
    changes: AtomicU32,
}

#[derive(Default)]
struct Said {
    unit: Option<Unit>,
    text: Option<String>,
    /// The unit that it has is the one that it keeps.
    recorded: bool,
}

impl Described {
    /// How often something was said that handles should hear of which were made before.
    pub(super) fn changes(&self) -> u32 {
        self.changes.load(Acquire)
    }

    pub(super) fn describe(&self, what: What, name: &str, unit: Option<Unit>, text: &str) {
        let mut known = self.known.lock();
        let key = (what, name.to_owned());
        if known.len() >= MOST && !known.contains_key(&key) {
            return;
        }
        let said = known.entry(key).or_default();
        let late = said.recorded && unit.is_some() && said.unit != unit;
        if !said.recorded {
            said.unit = said.unit.or(unit);
        }
        if said.text.is_none() && !text.is_empty() {
            said.text = Some(text.to_owned());
            self.changes.fetch_add(u32::from(said.recorded), Release);
        }
        drop(known);
        if late {
            tracing::debug!(
                metric = name,
                ?unit,
                "it was recorded before it was described: it keeps the unit that it had"
            );
        }
    }

    /// What was said of it, now that it is recorded.
    pub(super) fn take(&self, what: What, name: &str) -> (Option<Unit>, Option<String>) {
        let mut known = self.known.lock();
        let key = (what, name.to_owned());
        if known.len() >= MOST && !known.contains_key(&key) {
            return (None, None);
        }
        let said = known.entry(key).or_default();
        said.recorded = true;
        (said.unit, said.text.clone())
    }
}
