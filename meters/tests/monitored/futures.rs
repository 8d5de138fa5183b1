//! How the call of a future ends.

use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use meters::{MonitoredExt as _, Unit};

use super::stage::Step::{Give, Panic, Wait};
use super::stage::{outcomes, panic, panics, poll, stage, task};

#[test]
fn ok_and_error_are_told_apart() {
    let (registry, monitor) = stage();
    assert_eq!(task([Give(Ok(1))]).monitored(monitor).now_or_never(), Some(Ok(1)));
    assert_eq!(outcomes(&registry), (1, 0, 0, 0));
    assert_eq!(task([Give(Err("no"))]).monitored(monitor).now_or_never(), Some(Err("no")));
    assert_eq!(outcomes(&registry), (1, 1, 0, 0));
}

#[test]
fn a_rule_of_ones_own_decides_alone() {
    let (registry, monitor) = stage();
    let missing = |output: &Result<u32, &str>| matches!(output, Err("missing"));
    task([Give(Err("no"))]).monitored_if(monitor, missing).now_or_never();
    assert_eq!(outcomes(&registry), (1, 0, 0, 0));
    task([Give(Err("missing"))]).monitored_if(monitor, missing).now_or_never();
    assert_eq!(outcomes(&registry), (1, 1, 0, 0));
    // No `Outcome`, and the closure's argument has a type without being told.
    async { String::from("busy") }.monitored_if(monitor, |text| text.starts_with("busy")).now_or_never();
    assert_eq!(outcomes(&registry), (1, 2, 0, 0));
}

#[test]
fn the_rule_of_the_macros_says_the_outcome() {
    use meters::__private::{Ended, future};
    let (registry, monitor) = stage();
    let rule = |output: &u32| if *output > 1 { Ended::Error } else { Ended::Ok };
    assert_eq!(future(async { 1 }, monitor, rule).now_or_never(), Some(1));
    assert_eq!(future(async { 2 }, monitor, rule).now_or_never(), Some(2));
    assert_eq!(outcomes(&registry), (1, 1, 0, 0));
}

#[test]
fn never_polled_is_no_call() {
    let (registry, monitor) = stage();
    drop(task([Give(Ok(1))]).monitored(monitor));
    assert_eq!(outcomes(&registry), (0, 0, 0, 0));
}

#[test]
fn dropped_between_polls_is_cancelled() {
    let (registry, monitor) = stage();
    let mut future = Box::pin(task([Wait, Wait, Give(Ok(1))]).monitored(monitor));
    assert!(poll(future.as_mut()).is_pending());
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(outcomes(&registry), (0, 0, 0, 0), "it has not ended");
    drop(future);
    assert_eq!(outcomes(&registry), (0, 0, 0, 1));
}

#[test]
fn dropped_by_another_ones_panic_is_cancelled() {
    let (registry, monitor) = stage();
    panics(|| {
        let mut future = Box::pin(task([Wait]).monitored(monitor));
        assert!(poll(future.as_mut()).is_pending());
        panic()
    });
    assert_eq!(outcomes(&registry), (0, 0, 0, 1));
}

#[test]
fn a_panic_is_one_at_once_and_only_once() {
    let (registry, monitor) = stage();
    let mut future = Box::pin(task([Wait, Panic, Give(Ok(7))]).monitored(monitor));
    assert!(poll(future.as_mut()).is_pending());
    panics(|| poll(future.as_mut()));
    assert_eq!(outcomes(&registry), (0, 0, 1, 0), "before it is dropped");
    assert_eq!(poll(future.as_mut()), Poll::Ready(Ok(7)), "and what it still does is its own business");
    drop(future);
    assert_eq!(outcomes(&registry), (0, 0, 1, 0));
}

#[test]
fn a_rule_that_panics_is_a_panic_of_the_call() {
    let (registry, monitor) = stage();
    panics(|| task([Give(Ok(1))]).monitored_if(monitor, |_| panic()).now_or_never());
    assert_eq!(outcomes(&registry), (0, 0, 1, 0));
}

#[test]
fn polled_again_it_hands_on_and_records_nothing() {
    let (registry, monitor) = stage();
    let mut future = pin!(task([Give(Ok(1)), Wait, Give(Err("again"))]).monitored(monitor));
    assert_eq!(poll(future.as_mut()), Poll::Ready(Ok(1)));
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(poll(future.as_mut()), Poll::Ready(Err("again")));
    assert_eq!(outcomes(&registry), (1, 0, 0, 0));
}

#[test]
fn the_time_runs_from_the_first_poll_to_the_output() {
    let (registry, monitor) = stage();
    let mut future = pin!(task([Wait, Give(Ok(1))]).monitored(monitor));
    assert!(poll(future.as_mut()).is_pending());
    thread::sleep(Duration::from_millis(2));
    assert!(poll(future.as_mut()).is_ready());
    let seen = registry.snapshot().metric("Call").distribution().unwrap();
    assert!(seen.sum() >= 2_000.0, "{} µs", seen.sum());
}

#[test]
fn each_of_two_around_one_another_is_a_call() {
    let (registry, outer) = stage();
    let inner = registry.monitor("Inner").register();
    task([Wait, Give(Err("no"))]).monitored(inner).monitored(outer).now_or_never();
    assert_eq!(outcomes(&registry), (0, 0, 0, 1));
    let inner = registry.snapshot().metric("Inner").calls();
    assert_eq!((inner.count(), inner.cancelled), (1, 1));
}

#[test]
fn the_unit_and_the_dimensions_are_those_of_the_monitor() {
    let registry = meters::Registry::new();
    let monitor = registry.monitor("Fetch").unit(Unit::Seconds).dimension("Route", "home").register();
    task([Give(Ok(1))]).monitored(monitor).now_or_never();
    let snapshot = registry.snapshot();
    let series: Vec<String> = snapshot.iter().map(|(series, _)| format!("{series} in {}", series.unit())).collect();
    assert_eq!(series, [r#"Fetch{Route="home"} in Seconds"#]);
}

#[cfg(feature = "macros")]
#[test]
fn inside_an_annotated_function_both_count() {
    #[meters::monitored(name = "AroundFuture")]
    async fn around(monitor: meters::Monitor) -> Result<u32, &'static str> {
        let first = task([Give(Ok(1))]).monitored(monitor).await?;
        task([Give(Err("second"))]).monitored(monitor).await?;
        Ok(first)
    }
    let (registry, monitor) = stage();
    assert_eq!(around(monitor).now_or_never(), Some(Err("second")));
    assert_eq!(outcomes(&registry), (1, 1, 0, 0));
    let around = meters::snapshot().metric("AroundFuture").calls();
    assert_eq!((around.count(), around.errors), (1, 1));
}
