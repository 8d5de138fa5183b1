//! Series that are read from functions.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use meters_core::{Level, Registry};

use crate::kit::names;

/// What a function returns, and how often it was asked.
#[derive(Clone, Default)]
struct Told(Arc<(Mutex<f64>, AtomicU64)>);

impl Told {
    fn at(value: f64) -> Self {
        Self(Arc::new((Mutex::new(value), AtomicU64::new(0))))
    }

    fn set(&self, value: f64) {
        *self.0.0.lock().unwrap() = value;
    }

    fn asked(&self) -> u64 {
        self.0.1.load(Relaxed)
    }

    fn function(&self) -> impl Fn() -> f64 + Send + Sync + 'static {
        let told = self.clone();
        move || {
            told.0.1.fetch_add(1, Relaxed);
            *told.0.0.lock().unwrap()
        }
    }
}

#[test]
fn a_gauge_is_what_its_function_returns_when_somebody_looks() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let told = Told::at(3.0);
    registry.gauge("Depth").dimension("Queue", "mail").from_fn(told.function());
    assert_eq!(told.asked(), 0);
    assert_eq!(registry.snapshot().metric("Depth").gauge(), Some(3.0));
    told.set(4.0);
    assert_eq!(reader.window().metric("Depth").gauge(), Some(4.0));
    assert_eq!(told.asked(), 2);
    let other = Told::at(9.0);
    registry.gauge("Depth").dimension("Queue", "mail").from_fn(other.function());
    assert_eq!((registry.snapshot().metric("Depth").gauge(), told.asked()), (Some(9.0), 2), "the last one is asked");
}

#[test]
fn a_counter_follows_a_total_that_is_kept_elsewhere() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let told = Told::at(0.5);
    registry.float_counter("Joules").from_fn(told.function());
    for (total, gained, shown) in [(0.5, 0.5, 0.5), (0.75, 0.25, 0.75), (0.75, 0.0, 0.75), (1e9, 1e9 - 0.75, 1e9)] {
        told.set(total);
        assert_eq!(registry.snapshot().metric("Joules").amount(), shown);
        assert_eq!(reader.window().metric("Joules").amount(), gained, "{total}");
    }
    told.set(2.0);
    assert_eq!(reader.window().metric("Joules").amount(), 0.0, "what fell is another total");
    told.set(5.0);
    assert_eq!(reader.window().metric("Joules").amount(), 3.0);
    assert_eq!(registry.snapshot().metric("Joules").amount(), 1e9 + 3.0);
}

/// satella's exporter thread ends for good.
#[test]
fn defect_a_function_that_panics_ends_the_export() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let told = Told::at(f64::NAN);
    let panics = Arc::new(AtomicBool::new(true));
    let panicking = panics.clone();
    registry.gauge("Panics").from_fn(move || if panicking.load(Relaxed) { panic!("asked") } else { 1.0 });
    registry.gauge("None").from_fn(told.function());
    registry.float_counter("NoTotal").from_fn(told.function());
    registry.float_counter("Total").from_fn(|| 2.0);
    registry.counter("Orders").register().inc(1);
    let told_of = ["Orders".to_owned(), "Total".to_owned()];
    assert_eq!(names(registry.snapshot().iter()), told_of.clone().into());
    assert_eq!(names(reader.window().iter()), told_of.into());
    panics.store(false, Relaxed);
    told.set(5.0);
    let (before, window) = (registry.snapshot(), reader.window());
    assert_eq!((window.metric("Panics").gauge(), window.metric("None").gauge()), (Some(1.0), Some(5.0)));
    assert_eq!(window.metric("NoTotal").amount(), 5.0);
    told.set(f64::INFINITY);
    let without = registry.snapshot();
    assert_eq!(names(without.iter()), ["Orders", "Panics", "Total"].map(str::to_owned).into());
    told.set(7.0);
    let after = registry.snapshot();
    assert_eq!(after.metric("NoTotal").amount(), 7.0);
    // The total was not told for a time, and is not told again for that.
    assert_eq!(
        (after.since(&without).metric("NoTotal").amount(), after.since(&before).metric("NoTotal").amount()),
        (2.0, 2.0)
    );
    assert_eq!(reader.window().metric("NoTotal").amount(), 2.0);
}

#[test]
fn a_function_may_record_register_and_look_itself() {
    let registry = Registry::new();
    let (inner, mut reader) = (registry.clone(), registry.reader());
    registry.gauge("Reentrant").from_fn(move || {
        inner.counter("Asked").register().inc(1);
        inner.gauge("Within").from_fn(|| 1.0);
        inner.unregister("Nobody");
        inner.snapshot().counter("Asked") as f64 + inner.reader().window().iter().len() as f64 * 0.0
    });
    assert_eq!(registry.snapshot().metric("Reentrant").gauge(), Some(1.0));
    assert_eq!(reader.window().metric("Reentrant").gauge(), Some(2.0));
    assert_eq!(registry.snapshot().metric("Within").gauge(), Some(1.0));
}

#[test]
fn a_function_may_unregister_itself() {
    let registry = Registry::new();
    let inner = registry.clone();
    registry.gauge("Suicidal").from_fn(move || {
        inner.unregister("Suicidal");
        1.0
    });
    assert_eq!(registry.snapshot().iter().len(), 0);
    assert_eq!(registry.snapshot().iter().len(), 0);
}

#[test]
fn who_looks_while_another_thread_asks_does_not_wait() {
    let registry = Registry::new();
    let (meet, first) = (Arc::new(Barrier::new(2)), Arc::new(AtomicBool::new(true)));
    let within = meet.clone();
    registry.gauge("Slow").from_fn(move || {
        if first.swap(false, Relaxed) {
            within.wait();
            within.wait();
        }
        1.0
    });
    thread::scope(|scope| {
        scope.spawn(|| registry.snapshot());
        meet.wait();
        let seen = registry.snapshot().iter().len();
        meet.wait();
        assert_eq!(seen, 0, "there was none before");
    });
    assert_eq!(registry.snapshot().metric("Slow").gauge(), Some(1.0));
}

#[test]
fn an_unregistered_function_is_dropped_and_a_total_registered_again_counts_nothing_twice() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let told = Told::at(10.0);
    for round in 0..3 {
        registry.gauge("Dropped").from_fn(told.function());
        registry.float_counter("DroppedTotal").from_fn(told.function());
        assert_eq!(Arc::strong_count(&told.0), 3);
        let first = reader.window().metric("DroppedTotal").amount();
        assert_eq!(first, if round == 0 { 10.0 } else { 0.0 }, "what came while it was gone is not counted");
        told.set(12.0 + 10.0 * f64::from(round));
        assert_eq!(reader.window().metric("DroppedTotal").amount(), 2.0, "round {round}");
        assert_eq!((registry.unregister("Dropped"), registry.unregister("DroppedTotal")), (1, 1));
        assert_eq!(Arc::strong_count(&told.0), 1);
        told.set(20.0 + 10.0 * f64::from(round));
        let asked = told.asked();
        drop(reader.window());
        assert_eq!((registry.snapshot().iter().len(), told.asked()), (0, asked));
    }
}

#[test]
fn a_function_that_is_switched_off_is_not_asked() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let told = Told::at(1.0);
    registry.gauge("SilentGauge").level(Level::Debug).from_fn(told.function());
    registry.float_counter("SilentTotal").level(Level::Debug).from_fn(told.function());
    assert_eq!((registry.snapshot().iter().len(), reader.window().is_empty(), told.asked()), (0, true, 0));
    told.set(5.0);
    registry.set_level(Level::Debug);
    assert_eq!(reader.window().metric("SilentTotal").amount(), 0.0, "what came while it was off is not counted");
    told.set(7.0);
    let window = reader.window();
    assert_eq!((window.metric("SilentGauge").gauge(), window.metric("SilentTotal").amount()), (Some(7.0), 2.0));
}

#[test]
fn one_uptime_grows_and_begins_when_it_was_registered() {
    let registry = Registry::new();
    registry.uptime("Uptime");
    let up = || registry.snapshot().metric("Uptime").gauge().unwrap();
    let (first, second) = (up(), up());
    assert!((0.0..60.0).contains(&first) && second > first, "{first} {second}");
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.iter().next().unwrap().0.unit(), meters_core::Unit::Seconds);
}

#[test]
fn what_many_threads_read_at_once_is_counted_once() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let total = Arc::new(AtomicU64::new(0));
    let read = total.clone();
    registry.float_counter("Raced").from_fn(move || read.fetch_add(1, Relaxed) as f64 + 1.0);
    let mut told = 0.0;
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..if cfg!(miri) { 5 } else { 500 }).for_each(|_| drop(registry.snapshot())));
        }
        (0..if cfg!(miri) { 5 } else { 500 }).for_each(|_| told += reader.window().metric("Raced").amount());
    });
    told += reader.window().metric("Raced").amount();
    assert_eq!(told, total.load(Relaxed) as f64);
}

#[test]
fn a_total_that_could_not_be_read_is_an_ordinary_counter_once_it_is_registered_as_one() {
    let registry = Registry::new();
    registry.float_counter("NoMore").from_fn(|| f64::NAN);
    assert_eq!((registry.snapshot().iter().len(), registry.unregister("NoMore")), (0, 1));
    registry.float_counter("NoMore").register().inc(2.5);
    assert_eq!(registry.snapshot().metric("NoMore").amount(), 2.5);
}

#[test]
fn what_is_replaced_while_it_is_asked_is_not_heard_any_more() {
    let registry = Registry::new();
    let (enter, entered) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let (wait, waits) = (std::sync::Mutex::new(wait), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let waiting = waits.clone();
    registry.float_counter("Replaced").from_fn(move || {
        if waiting.load(Relaxed) {
            enter.send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
        }
        100.0
    });
    let total = || registry.snapshot().metric("Replaced").amount();
    assert_eq!(total(), 100.0);
    waits.store(true, Relaxed);
    std::thread::scope(|scope| {
        scope.spawn(total);
        entered.recv().unwrap();
        // Another total: what it has counted so far is not known to be new.
        registry.float_counter("Replaced").from_fn(|| 150.0);
        go_on.send(()).unwrap();
    });
    assert_eq!(total(), 100.0);
}
