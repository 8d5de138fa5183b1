//! What was marked and waits to be pushed.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many meters at the most wait while the Redis is away.
const MOST: usize = 100_000;

#[derive(Debug)]
pub(super) struct Marks(Mutex<Waiting>);

#[derive(Debug)]
struct Waiting {
    counts: HashMap<String, i64>,
    process: u32,
    full: bool,
}

impl Waiting {
    fn new() -> Self {
        Self { counts: HashMap::new(), process: std::process::id(), full: false }
    }
}

impl Marks {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Waiting::new()))
    }

    /// In a child of `fork`, without what the parent will push.
    fn mine(&self) -> MutexGuard<'_, Waiting> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.process != std::process::id() {
            *waiting = Waiting::new();
        }
        waiting
    }

    pub(super) fn add(&self, field: String, events: u64) {
        let mut waiting = self.mine();
        if waiting.counts.len() >= MOST && !waiting.counts.contains_key(&field) {
            if !mem::replace(&mut waiting.full, true) {
                tracing::warn!("more than {MOST} meters wait for the Redis: the events of further ones are lost");
            }
            return;
        }
        // A hash of Redis holds no more.
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        let count = waiting.counts.entry(field).or_insert(0);
        *count = count.saturating_add(events);
    }

    /// So many of them, in no order.
    pub(super) fn take(&self, most: usize) -> Vec<(String, i64)> {
        let mut waiting = self.mine();
        if waiting.counts.len() <= most {
            return mem::take(&mut waiting.counts).into_iter().collect();
        }
        let fields: Vec<String> = waiting.counts.keys().take(most).cloned().collect();
        fields.into_iter().filter_map(|field| waiting.counts.remove_entry(&field)).collect()
    }
}
