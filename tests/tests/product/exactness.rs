//! Count, sum, minimum and maximum arrive as they were.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use meters::{Registry, Unit, metered, monitored};

use crate::stage::{Stage, assert_close, pairs, precise_sum};

/// Of `n` values over three decades, none of which lies on the lattice.
fn values(n: usize, seed: u64) -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..n).map(|_| 10f64.powf(3.0 * random.f64())).collect()
}

fn assert_exact(stage: &Stage, name: &str, truth: &[f64]) {
    let metric = stage.cw.metric(name);
    assert_eq!(metric.sample_count(), truth.len() as f64);
    let sum = precise_sum(truth.iter().copied());
    assert_close(metric.sum().unwrap(), sum, 1e-12);
    let least = truth.iter().copied().fold(f64::INFINITY, f64::min);
    let most = truth.iter().copied().fold(0.0, f64::max);
    assert_eq!(metric.minimum(), Some(least), "minimum of {}", truth.len());
    assert_eq!(metric.maximum(), Some(most), "maximum of {}", truth.len());
}

#[test]
fn a_histogram_arrives_exactly_however_many_values_it_has() {
    let stage = Stage::new();
    let sizes = [1, 2, 3, 10, 11, 12, 31, 32, 33, 34, 100, 1_000, 20_000];
    for n in sizes {
        let name = format!("Size{n}");
        let size = stage.registry.histogram(&name).unit(Unit::Bytes).register();
        values(n, n as u64).iter().for_each(|value| size.observe(*value));
    }
    assert_eq!(stage.flush().sent, sizes.len() as u64);
    for n in sizes {
        let name = format!("Size{n}");
        assert_exact(&stage, &name, &values(n, n as u64));
        assert_eq!(stage.cw.metric(&name).unit(), Some("Bytes"));
    }
}

#[test]
fn each_window_has_the_extremes_of_its_own() {
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    // Narrower each time, so that extremes of an earlier window would show; cold at first, then hot.
    for (window, n) in [20, 20, 5_000, 5_000, 3, 1].into_iter().enumerate() {
        let scale = 1.0 / (1.0 + window as f64);
        let truth: Vec<f64> = values(n, 7).iter().map(|value| 100.0 + value * scale).collect();
        truth.iter().for_each(|value| size.observe(*value));
        assert_eq!(stage.flush().sent, 1);
        assert_exact(&stage, "Size", &truth);
        stage.cw.clear();
    }
}

#[test]
fn one_value_many_times_is_that_value() {
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    (0..1_000).for_each(|_| size.observe(123.456));
    stage.flush();
    let metric = stage.cw.metric("Size");
    let (least, most) = (metric.minimum().unwrap(), metric.maximum().unwrap());
    assert_eq!((least, most), (123.456, 123.456));
    let pairs = pairs(&metric.datums()[0]);
    assert!(pairs.iter().all(|(value, _)| *value == 123.456), "{pairs:?}");
    assert_eq!(metric.sample_count(), 1_000.0);
}

#[test]
fn zeros_are_counted_as_zeros() {
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    for value in [0.0, 0.0, 0.0, 5.0] {
        size.observe(value);
    }
    stage.flush();
    assert_exact(&stage, "Size", &[0.0, 0.0, 0.0, 5.0]);
    assert_eq!(pairs(&stage.cw.metric("Size").datums()[0])[0], (0.0, 3.0));
}

#[test]
fn eight_threads_record_while_a_ninth_looks_and_a_tenth_sends() {
    const EACH: u64 = 20_000;
    let stage = Stage::new();
    let orders = stage.registry.counter("Orders").register();
    let size = stage.registry.histogram("Size").register();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut last = 0;
            while !over.load(SeqCst) {
                let seen = stage.registry.snapshot().counter("Orders");
                assert!(seen >= last, "a total fell from {last} to {seen}");
                last = seen;
            }
        });
        let sending = scope.spawn(|| {
            while !over.load(SeqCst) {
                stage.flush();
            }
        });
        let recording: Vec<_> = (0..8)
            .map(|thread| {
                scope.spawn(move || {
                    for n in 0..EACH {
                        orders.inc(1);
                        size.observe((thread * EACH + n + 1) as f64);
                    }
                })
            })
            .collect();
        recording.into_iter().for_each(|one| one.join().unwrap());
        over.store(true, SeqCst);
        looking.join().unwrap();
        sending.join().unwrap();
    });
    // All eight have ended; what they counted is here.
    stage.flush();
    let truth: Vec<f64> = (1..=8 * EACH).map(|n| n as f64).collect();
    assert_exact(&stage, "Size", &truth);
    assert_eq!(stage.cw.metric("Orders").sum(), Some(8.0 * EACH as f64));
    assert_eq!(stage.registry.snapshot().counter("Orders"), 8 * EACH);
}

#[monitored(name = "ExactCall", dimensions(Thread = thread))]
fn call(thread: u32, n: u64) -> Result<u64, u64> {
    if n.is_multiple_of(10) { Err(n) } else { Ok(std::hint::black_box((0..n % 500).sum())) }
}

#[metered(name = "ExactMark", dimensions(Thread = thread))]
fn mark(thread: u32) {
    _ = thread;
}

#[test]
fn annotated_functions_arrive_exactly_as_the_registry_has_them() {
    let stage = Stage::global();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for n in 0..5_000 {
                    _ = call(thread, n);
                    mark(thread);
                }
            });
        }
    });
    stage.flush();
    let truth = Registry::global().snapshot();
    for thread in ["0", "1", "2", "3"] {
        let held = stage.cw.metric("ExactCall").with("Thread", thread);
        let calls = truth.metric("ExactCall").with("Thread", thread).calls();
        assert_eq!(held.sample_count(), 5_000.0);
        // The registry holds nanoseconds, CloudWatch microseconds.
        assert_close(held.sum().unwrap(), calls.duration.sum() / 1e3, 1e-12);
        let ends = (calls.duration.min().unwrap(), calls.duration.max().unwrap());
        assert_close(held.maximum().unwrap(), ends.1 / 1e3, 1e-15);
        assert_close(held.minimum().unwrap(), ends.0 / 1e3, 1e-15);
        let errors = stage.cw.metric("ExactCall.Errors").with("Thread", thread);
        assert_eq!((errors.sample_count(), errors.sum()), (5_000.0, Some(500.0)));
        let marks = stage.cw.metric("ExactMark").with("Thread", thread);
        assert_eq!(marks.sum(), Some(5_000.0));
    }
}
