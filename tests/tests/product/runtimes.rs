//! With no runtime, and inside of those of others.

use std::cell::Cell;
use std::time::Duration;

use meters::Meters;
use meters_local::Fault;

use crate::stage::{PATIENCE, Stage, builder};

/// Each flushes once, by hand and with a thread of its own.
fn each(flush: impl Fn(&Meters)) {
    let stage = Stage::new();
    stage.registry.counter("Orders").register().inc(1);
    flush(&stage.meters);
    assert_eq!(stage.cw.metric("Orders").sum(), Some(1.0), "by hand");

    stage.meters.shutdown(PATIENCE);
    let builder = builder(&stage.cw.endpoint_url()).registry(&stage.registry);
    let standing = builder.start().unwrap();
    stage.cw.clear();
    stage.registry.counter("Orders").register().inc(1);
    flush(&standing);
    assert_eq!(stage.cw.metric("Orders").sum(), Some(1.0), "by a thread");
    standing.shutdown(PATIENCE);
}

fn current_thread() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.build().unwrap()
}

fn multi_thread() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).build().unwrap()
}

#[test]
fn a_flush_needs_no_runtime() {
    each(|meters| assert!(meters.flush(PATIENCE).is_complete()));
}

#[test]
fn a_flush_blocks_inside_a_current_thread_runtime_without_a_panic() {
    each(|meters| {
        current_thread().block_on(async { assert!(meters.flush(PATIENCE).is_complete()) });
    });
}

#[test]
fn a_flush_blocks_inside_a_multi_thread_runtime_without_a_panic() {
    each(|meters| {
        multi_thread().block_on(async { assert!(meters.flush(PATIENCE).is_complete()) });
    });
}

#[test]
fn flush_async_awaits_on_either_runtime() {
    each(|meters| {
        current_thread().block_on(async {
            assert!(meters.flush_async(PATIENCE).await.is_complete());
        });
    });
    each(|meters| {
        multi_thread().block_on(async {
            assert!(meters.flush_async(PATIENCE).await.is_complete());
        });
    });
}

#[test]
fn flush_async_leaves_the_thread_to_other_tasks() {
    let stage = Stage::new();
    stage.registry.counter("Orders").register().inc(1);
    stage.cw.faults().always(Fault::HangBeforeStoring);
    let flushed = Cell::new(false);
    current_thread().block_on(async {
        let flushing = async {
            let report = stage.meters.flush_async(Duration::from_secs(2)).await;
            flushed.set(true);
            report
        };
        let other = async { flushed.get() };
        let (report, flushed_before_other) = tokio::join!(flushing, other);
        assert!(!flushed_before_other, "the other task had to wait");
        assert_eq!(report.pending, 1, "{report}");
    });
    stage.cw.faults().clear();
    stage.flush();
    assert_eq!(stage.cw.metric("Orders").sum(), Some(1.0));
}

#[test]
fn shutdown_async_sends_the_last_window_once() {
    for manual in [true, false] {
        let stage = Stage::new();
        stage.meters.shutdown(PATIENCE);
        let builder = builder(&stage.cw.endpoint_url()).registry(&stage.registry);
        let builder = if manual { builder.manual() } else { builder };
        let meters = builder.start().unwrap();
        stage.registry.counter("Orders").register().inc(1);
        multi_thread().block_on(async {
            assert_eq!(meters.shutdown_async(PATIENCE).await.sent, 1);
            let again = meters.shutdown_async(PATIENCE).await;
            assert_eq!((again.sent, again.requests), (0, 0));
            let late = meters.flush_async(PATIENCE).await;
            assert!(late.error.is_some(), "manual: {manual}: {late}");
        });
        assert_eq!(stage.cw.metric("Orders").sum(), Some(1.0));
    }
}

#[test]
fn a_guard_dropped_inside_a_runtime_sends_the_last_window() {
    let stage = Stage::new();
    stage.meters.shutdown(PATIENCE);
    current_thread().block_on(async {
        let builder = builder(&stage.cw.endpoint_url()).registry(&stage.registry);
        let meters = builder.start().unwrap();
        stage.registry.counter("Orders").register().inc(1);
        drop(meters);
    });
    assert_eq!(stage.cw.metric("Orders").sum(), Some(1.0));
}

#[test]
fn a_runtime_that_ended_is_not_missed() {
    let runtime = multi_thread();
    let stage = runtime.block_on(async { Stage::new() });
    stage.registry.counter("Orders").register().inc(1);
    drop(runtime);
    stage.flush();
    assert_eq!(stage.cw.metric("Orders").sum(), Some(1.0));
}

#[test]
fn put_now_works_inside_a_runtime_and_awaits() {
    let stage = Stage::new();
    current_thread().block_on(async {
        stage.meters.put_now("Blocking", 1.0).send().unwrap();
        let awaited = stage.meters.put_now("Awaited", 2.0);
        awaited.send_async().await.unwrap();
    });
    assert_eq!(stage.cw.metric("Blocking").sum(), Some(1.0));
    assert_eq!(stage.cw.metric("Awaited").sum(), Some(2.0));
}
