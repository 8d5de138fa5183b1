//! What a registry, its metrics and its thread share.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use meters_core::Error;
use meters_core::fork::{Lock, generation};

use super::Number;
use super::metric::Metric;
use super::mirror::Mirror;
use super::series::Series;
use super::worker::{self, Link, Request};
use crate::connection::Way;

/// When what was recorded goes to the Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    ByHand,
    Eager,
    Every(Duration),
}

/// What was given to a registry and never reached the Redis, nor will.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// Values that no metric takes: NaN, infinite ones except as the level of a gauge, negative ones for a counter.
    pub values: u64,
    /// Changes of fields that hold no number: a stranger wrote there.
    pub fields: u64,
    /// Records into a metric that was unregistered, or after the end of the registry.
    pub late: u64,
    /// Series of a mirrored registry whose name is that of a metric of another type.
    pub series: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) values: AtomicU64,
    pub(super) fields: AtomicU64,
    pub(super) late: AtomicU64,
    pub(super) series: AtomicU64,
}

/// The series to send, in the order in which they were touched; none after the end.
#[derive(Debug)]
struct Waiting {
    generation: u32,
    list: Option<Vec<Arc<Series>>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) namespace: String,
    pub(super) way: Way,
    pub(super) mode: Mode,
    pub(super) limit: usize,
    pub(super) buckets: Vec<Number>,
    pub(super) counts: Counts,
    pub(super) metrics: Lock<Vec<Arc<Metric>>>,
    pub(super) mirrors: Lock<Vec<Mirror>>,
    waiting: Lock<Waiting>,
    link: Lock<Option<Arc<Link>>>,
}

impl Shared {
    pub(super) fn new(namespace: String, way: Way, mode: Mode, limit: usize, buckets: Vec<Number>) -> Self {
        Self {
            namespace,
            way,
            mode,
            limit,
            buckets,
            counts: Counts::default(),
            metrics: Lock::default(),
            mirrors: Lock::default(),
            waiting: Lock::new(Waiting { generation: generation(), list: Some(Vec::new()) }),
            link: Lock::default(),
        }
    }

    /// Asks for a series to be sent. False after the end.
    pub(super) fn list(&self, series: &Arc<Series>) -> bool {
        let mut waiting = self.waiting.lock();
        waiting.settle();
        let Some(list) = &mut waiting.list else { return false };
        list.push(Arc::clone(series));
        true
    }

    /// What is to be sent now; with `last`, nothing is taken in any more.
    pub(super) fn take(&self, last: bool) -> Vec<Arc<Series>> {
        let mut waiting = self.waiting.lock();
        waiting.settle();
        match &mut waiting.list {
            Some(_) if last => waiting.list.take().unwrap_or_default(),
            Some(list) => mem::take(list),
            None => Vec::new(),
        }
    }

    /// Whether something waits to be sent that was recorded.
    pub(super) fn is_waiting(&self) -> bool {
        let mut waiting = self.waiting.lock();
        waiting.settle();
        waiting.list.as_ref().is_some_and(|list| !list.is_empty())
    }

    /// Whether nothing is taken in any more.
    pub(super) fn has_ended(&self) -> bool {
        self.waiting.lock().list.is_none()
    }

    /// Something was recorded, or registered.
    pub(super) fn recorded(self: &Arc<Self>) {
        if self.mode != Mode::ByHand
            && let Ok(link) = self.link()
            && self.mode == Mode::Eager
        {
            link.ring();
        }
    }

    #[cold]
    pub(super) fn late(&self) {
        self.counts.late.fetch_add(1, Relaxed);
    }

    #[cold]
    pub(super) fn refuse(&self, name: &str) {
        if self.counts.values.fetch_add(1, Relaxed) == 0 {
            tracing::warn!(
                metric = name,
                "a value that no metric takes (NaN, infinite, a counter's negative) is left out"
            );
        }
    }

    pub(super) fn refused(&self) -> Refused {
        let Counts { values, fields, late, series } = &self.counts;
        let [values, fields, late, series] = [values, fields, late, series].map(|count| count.load(Relaxed));
        Refused { values, fields, late, series }
    }

    /// Has the thread do something, and tell what came of it.
    pub(super) fn ask(self: &Arc<Self>, request: Request) -> Result<(), Error> {
        self.link()?.ask(request);
        Ok(())
    }

    /// The thread of this process; there is none in a child of `fork` before it is needed, and none after the end.
    fn link(self: &Arc<Self>) -> Result<Arc<Link>, Error> {
        let mut known = self.link.lock();
        if let Some(link) = &*known
            && link.generation == generation()
            && !link.has_ended()
        {
            return Ok(Arc::clone(link));
        }
        let link = worker::start(self)?;
        *known = Some(Arc::clone(&link));
        Ok(link)
    }
}

impl Waiting {
    /// In a child of `fork`, without what the parent will send.
    fn settle(&mut self) {
        if self.generation != generation() {
            *self = Self { generation: generation(), list: Some(Vec::new()) };
        }
    }
}
