//! What is said once, to those who operate a server.

use super::fetch::Fetched;
use crate::connection::{Aof, Server, Target};

#[derive(Debug, Default)]
pub(crate) struct Warnings {
    evicts: bool,
    forgets: bool,
    silent: bool,
    missing: bool,
    damaged: Vec<String>,
}

/// More metrics than these are not told apart any more.
const METRICS: usize = 100;

impl Warnings {
    pub(crate) fn say(&mut self, server: &Server, target: &Target) {
        if let Some(policy) = server.eviction.as_deref().filter(|policy| *policy != "noeviction")
            && once(&mut self.evicts)
        {
            tracing::warn!(
                server = %target,
                policy,
                "this Redis removes keys when its memory is full, and metrics may be among them: CONFIG SET maxmemory-policy \
                 noeviction, or give metrics a Redis of their own"
            );
        }
        if matches!(server.aof, Aof::Off | Aof::No) && server.replicas == 0 && once(&mut self.forgets) {
            tracing::info!(
                server = %target,
                "this Redis may forget everything when it stops: metrics of processes that live are pushed again then, those \
                 of others are lost. CONFIG SET appendonly yes makes them safe"
            );
        }
        if server.reticent && once(&mut self.silent) {
            tracing::info!(
                server = %target,
                "this Redis does not tell how it keeps its data (INFO, CONFIG GET appendfsync): reports wait as if it wrote \
                 to its disk once a second"
            );
        }
    }

    pub(crate) fn say_damaged(&mut self, fetched: &Fetched) {
        for flaw in &fetched.why {
            let metric = flaw.metric().unwrap_or_default().to_owned();
            if self.damaged.len() < METRICS && !self.damaged.contains(&metric) {
                self.damaged.push(metric);
                tracing::warn!(%flaw, "some of what other processes pushed is left out");
            }
        }
        if fetched.missing > 0 && once(&mut self.missing) {
            tracing::warn!(
                entries = fetched.missing,
                "a part of a claimed period is gone from the Redis: does it evict, or did somebody remove keys?"
            );
        }
    }
}

fn once(said: &mut bool) -> bool {
    !std::mem::replace(said, true)
}
