//! Brings what was recorded to the Redis, each change once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use meters_core::Error;

use super::calls;
use super::change::{Change, describe, touch, type_field};
use super::metric::Metric;
use super::series::Series;
use super::shared::Shared;
use crate::connection::Connection;
use crate::protocol::call::Call;
use crate::storage::{strange, unheard_of};

/// Changes of one call: Redis serves nobody else meanwhile. The fields of one series are never parted.
const BATCH: usize = 1000;

#[derive(Debug)]
pub(super) struct Sender {
    shared: Arc<Shared>,
    connection: Connection,
    writer: String,
    seq: u64,
    /// Sent, and not known to have arrived: it is sent again as it is.
    unsent: Option<Call>,
    queue: VecDeque<Arc<Series>>,
    /// A field that is there while the Redis has forgotten nothing.
    there: String,
}

impl Sender {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            connection: Connection::new(shared.way.clone()),
            shared: Arc::clone(shared),
            writer: unheard_of(),
            seq: 0,
            unsent: None,
            queue: VecDeque::new(),
            there: String::new(),
        }
    }

    /// Whether something waits.
    pub(super) fn has_work(&self) -> bool {
        self.unsent.is_some() || !self.queue.is_empty() || self.shared.is_waiting() || !self.undescribed().is_empty()
    }

    /// Brings all there that was recorded before, trying until `deadline`. What does not arrive is kept, also where this is
    /// dropped before it ends. With `last`, nothing is taken in any more.
    pub(super) async fn transfer(&mut self, deadline: Instant, last: bool) -> Result<(), Error> {
        super::mirror::pull(&self.shared);
        self.queue.extend(self.shared.take(last));
        let mut asked = false;
        loop {
            if self.unsent.is_none() {
                let changes = self.next();
                // Asks at least once, whether the Redis has forgotten.
                if changes.is_empty() && (asked || self.there.is_empty()) {
                    return Ok(());
                }
                self.seq += 1;
                self.unsent = Some(calls::push(&self.shared.namespace, &self.writer, self.seq, &self.there, changes));
            }
            self.push(deadline).await?;
            asked = true;
        }
    }

    /// What fits into one call: what the Redis was not told yet, then what was recorded.
    fn next(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for metric in self.undescribed() {
            if changes.len() >= BATCH {
                return changes;
            }
            metric.described.store(true, Relaxed);
            describe(&metric, &mut changes);
        }
        let mut touched = Vec::<*const Metric>::new();
        while changes.len() < BATCH
            && let Some(series) = self.queue.pop_front()
        {
            let metric = Arc::as_ptr(&series.metric);
            if !touched.contains(&metric) {
                touched.push(metric);
                touch(&series.metric, &mut changes);
            }
            series.take(&mut changes);
        }
        changes
    }

    fn undescribed(&self) -> Vec<Arc<Metric>> {
        let metrics = self.shared.metrics.lock();
        metrics.iter().filter(|metric| !metric.described.load(Relaxed)).cloned().collect()
    }

    async fn push(&mut self, deadline: Instant) -> Result<(), Error> {
        let Some(call) = &self.unsent else { return Ok(()) };
        let answer = self.connection.insist(call, deadline).await?;
        let pushed = calls::pushed(answer).map_err(|_| strange().error)?;
        for place in pushed.refused {
            let field = calls::field(call, place);
            if self.shared.counts.fields.fetch_add(1, Relaxed) == 0 {
                tracing::warn!(
                    field,
                    namespace = self.shared.namespace,
                    "this field holds no number: what was added is lost"
                );
            }
        }
        self.unsent = None;
        let metrics = self.shared.metrics.lock();
        if pushed.forgot {
            metrics.iter().for_each(|metric| metric.described.store(false, Relaxed));
            self.there.clear();
        } else if let Some(metric) = metrics.iter().find(|metric| metric.described.load(Relaxed)) {
            self.there = type_field(metric);
        }
        Ok(())
    }
}
