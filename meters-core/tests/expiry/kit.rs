//! What all of these tests need.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use meters_core::{Counter, Reader, Registry, Series, Value};

/// The registry of the process is one for all tests, and what one seals the others' series grow older by.
pub(crate) fn global() -> (MutexGuard<'static, ()>, Reader) {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let registry = Registry::global();
    registry.expire_after(2);
    let mut reader = registry.reader();
    seal(&mut reader, 1);
    (turn, reader)
}

pub(crate) fn seal(reader: &mut Reader, windows: usize) {
    (0..windows).for_each(|_| drop(reader.window()));
}

/// How often, and how much.
pub(crate) fn weigh(value: &Value) -> (u64, f64) {
    match value {
        Value::Counter(count) | Value::Meter(count) => (*count, *count as f64),
        Value::Histogram(distribution) => (distribution.count(), distribution.sum()),
        Value::Calls(calls) => (calls.count(), calls.errors as f64),
        Value::Values(values) => {
            (values.count(), values.exact().iter().map(|(value, count)| value * *count as f64).sum())
        }
        Value::Statistic(Some(set)) => (set.sample_count() as u64, set.sum()),
        Value::Gauge(level) => (0, *level),
        _ => (0, 0.0),
    }
}

pub(crate) fn names<'a>(items: impl Iterator<Item = (&'a Series, &'a Value)>) -> BTreeSet<String> {
    items.map(|(series, _)| series.name().to_owned()).collect()
}

/// One that does what it is told, as the thread that it is.
pub(crate) struct Worker {
    tell: Option<Sender<Box<dyn FnOnce() + Send>>>,
    done: Receiver<()>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Worker {
    pub(crate) fn start() -> Self {
        let ((tell, told), (say, done)) = (channel::<Box<dyn FnOnce() + Send>>(), channel());
        let thread = thread::spawn(move || {
            for act in told {
                act();
                say.send(()).unwrap();
            }
        });
        Self { tell: Some(tell), done, thread: Some(thread) }
    }

    pub(crate) fn does(&self, act: impl FnOnce() + Send + 'static) {
        self.tell.as_ref().unwrap().send(Box::new(act)).unwrap();
        self.done.recv().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.tell.take();
        self.thread.take().unwrap().join().unwrap();
    }
}

pub(crate) fn tenant(registry: &Registry, tenant: u32) -> Counter {
    registry.counter("Orders").dimension("Tenant", tenant).register()
}

pub(crate) fn tenants(registry: &Registry) -> BTreeSet<String> {
    let snapshot = registry.snapshot();
    let tenants = snapshot.metric("Orders").series().filter_map(|(series, _)| series.dimension("Tenant"));
    tenants.map(str::to_owned).collect()
}

pub(crate) fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}
