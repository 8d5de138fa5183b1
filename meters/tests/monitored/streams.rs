//! How the call of a stream ends, and what is recorded of its items.

use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use meters::{Kind, MonitoredExt as _, Registry, Unit};

use super::stage::Step::{Give, Panic, Wait};
use super::stage::{outcomes, panic, panics, poll_next, stage, steps};

/// (items, first items)
fn items(registry: &Registry) -> (u64, u64) {
    let snapshot = registry.snapshot();
    (snapshot.counter("Call.Items"), snapshot.metric("Call.TimeToFirst").count())
}

#[test]
fn to_its_end_it_is_one_call_with_its_items() {
    let (registry, monitor) = stage();
    let stream = steps([Give(Ok(1)), Give(Ok(2)), Give(Ok(3))]).monitored(monitor);
    assert_eq!(stream.collect::<Vec<_>>().now_or_never().unwrap(), [Ok(1), Ok(2), Ok(3)]);
    assert_eq!(outcomes(&registry), (1, 0, 0, 0));
    assert_eq!(items(&registry), (3, 1));
}

#[test]
fn items_count_as_they_come() {
    let (registry, monitor) = stage();
    let mut stream = pin!(steps([Wait, Give(Ok(1)), Wait, Give(Ok(2))]).monitored(monitor));
    assert!(poll_next(stream.as_mut()).is_pending());
    assert_eq!(items(&registry), (0, 0));
    assert_eq!(poll_next(stream.as_mut()), Poll::Ready(Some(Ok(1))));
    assert_eq!(items(&registry), (1, 1));
    assert!(poll_next(stream.as_mut()).is_pending());
    assert_eq!(poll_next(stream.as_mut()), Poll::Ready(Some(Ok(2))));
    assert_eq!((items(&registry), outcomes(&registry)), ((2, 1), (0, 0, 0, 0)), "it has not ended");
    assert_eq!(poll_next(stream.as_mut()), Poll::Ready(None));
    assert_eq!((items(&registry), outcomes(&registry)), ((2, 1), (1, 0, 0, 0)));
}

#[test]
fn one_item_that_is_an_error_makes_it_one() {
    let (registry, monitor) = stage();
    let stream = steps([Give(Ok(1)), Give(Err("no")), Give(Ok(3))]).monitored(monitor);
    assert_eq!(stream.count().now_or_never(), Some(3));
    assert_eq!((outcomes(&registry), items(&registry)), ((0, 1, 0, 0), (3, 1)));
    let last = steps([Give(Ok(1)), Give(Err("no"))]).monitored(monitor);
    assert_eq!(last.count().now_or_never(), Some(2));
    assert_eq!((outcomes(&registry), items(&registry)), ((0, 2, 0, 0), (5, 2)));
}

#[test]
fn an_empty_one_has_no_first_item() {
    let (registry, monitor) = stage();
    assert_eq!(steps([]).monitored(monitor).count().now_or_never(), Some(0));
    assert_eq!((outcomes(&registry), items(&registry)), ((1, 0, 0, 0), (0, 0)));
    assert_eq!(registry.snapshot().iter().count(), 1, "nor the series of one");
}

#[test]
fn dropped_before_its_end_it_is_cancelled() {
    let (registry, monitor) = stage();
    let endless = stream::repeat(Ok::<_, ()>(1)).monitored(monitor);
    assert_eq!(endless.take(2).count().now_or_never(), Some(2));
    assert_eq!((outcomes(&registry), items(&registry)), ((0, 0, 0, 1), (2, 1)));
    // An error that it went on after is not how it ended.
    let resumed = steps([Give(Err("no")), Give(Ok(2)), Give(Ok(3))]).monitored(monitor);
    assert_eq!(resumed.take(2).count().now_or_never(), Some(2));
    assert_eq!(outcomes(&registry), (0, 0, 0, 2));
}

#[test]
fn dropped_at_an_error_it_is_that_error() {
    let (registry, monitor) = stage();
    let broken = || steps([Give(Ok(1)), Give(Err("no")), Wait, Give(Ok(3))]).monitored(monitor);
    assert_eq!(broken().try_collect::<Vec<_>>().now_or_never(), Some(Err("no")));
    assert_eq!(outcomes(&registry), (0, 1, 0, 0));
    // Asked once more, in vain.
    let mut stream = Box::pin(broken());
    for _ in 0..3 {
        _ = poll_next(stream.as_mut());
    }
    drop(stream);
    assert_eq!(outcomes(&registry), (0, 2, 0, 0));
}

#[test]
fn never_polled_is_no_call() {
    let (registry, monitor) = stage();
    drop(steps([Give(Ok(1))]).monitored(monitor));
    assert_eq!((outcomes(&registry), items(&registry)), ((0, 0, 0, 0), (0, 0)));
}

#[test]
fn a_panic_is_one_at_once_and_only_once() {
    let (registry, monitor) = stage();
    // After an error too: what ended it is the panic.
    let mut stream = Box::pin(steps([Give(Err("no")), Panic, Give(Ok(3))]).monitored(monitor));
    assert_eq!(poll_next(stream.as_mut()), Poll::Ready(Some(Err("no"))));
    panics(|| poll_next(stream.as_mut()));
    assert_eq!(outcomes(&registry), (0, 0, 1, 0));
    assert_eq!(poll_next(stream.as_mut()), Poll::Ready(Some(Ok(3))));
    drop(stream);
    assert_eq!((outcomes(&registry), items(&registry)), ((0, 0, 1, 0), (1, 1)));
}

#[test]
fn a_rule_that_panics_is_a_panic_of_the_call() {
    let (registry, monitor) = stage();
    panics(|| steps([Give(Ok(1))]).monitored_if(monitor, |_| panic()).count().now_or_never());
    assert_eq!(outcomes(&registry), (0, 0, 1, 0));
}

#[test]
fn polled_again_it_hands_on_and_records_nothing() {
    let (registry, monitor) = stage();
    let mut stream = pin!(steps([Give(Ok(1))]).monitored(monitor));
    for expected in [Some(Ok(1)), None, None] {
        assert_eq!(poll_next(stream.as_mut()), Poll::Ready(expected));
    }
    assert_eq!((outcomes(&registry), items(&registry)), ((1, 0, 0, 0), (1, 1)));
}

#[test]
fn its_rules_see_each_item() {
    use meters::__private::{Ended, stream};
    let (registry, monitor) = stage();
    let mut seen = Vec::new();
    let monitored = stream::iter(1..=3).monitored_if(monitor, |number| {
        seen.push(*number);
        *number == 2
    });
    assert_eq!(monitored.count().now_or_never(), Some(3));
    assert_eq!(seen, [1, 2, 3]);
    assert_eq!(outcomes(&registry), (0, 1, 0, 0));
    let rule = |number: &i32| if *number > 2 { Ended::Error } else { Ended::Ok };
    assert_eq!(stream(futures_util::stream::iter(1..=2), monitor, rule).count().now_or_never(), Some(2));
    assert_eq!(outcomes(&registry), (1, 1, 0, 0));
    assert_eq!(stream(futures_util::stream::iter(1..=3), monitor, rule).count().now_or_never(), Some(3));
    assert_eq!(outcomes(&registry), (1, 2, 0, 0));
}

#[test]
fn the_size_hint_is_handed_on() {
    use futures_util::Stream as _;
    let (_registry, monitor) = stage();
    let mut stream = pin!(steps([Give(Ok(1)), Give(Ok(2))]).monitored(monitor));
    assert_eq!(stream.size_hint(), (2, Some(2)));
    _ = poll_next(stream.as_mut());
    assert_eq!(stream.size_hint(), (1, Some(1)));
}

#[test]
fn times_run_from_the_first_poll() {
    let (registry, monitor) = stage();
    let mut stream = pin!(steps([Wait, Give(Ok(1))]).monitored(monitor));
    assert!(poll_next(stream.as_mut()).is_pending());
    thread::sleep(Duration::from_millis(2));
    assert_eq!(poll_next(stream.as_mut()), Poll::Ready(Some(Ok(1))));
    thread::sleep(Duration::from_millis(2));
    assert_eq!(poll_next(stream.as_mut()), Poll::Ready(None));
    let snapshot = registry.snapshot();
    let sum = |metric| snapshot.metric(metric).distribution().unwrap().sum();
    assert!(sum("Call.TimeToFirst") >= 2_000.0, "{} µs", sum("Call.TimeToFirst"));
    assert!(sum("Call") >= 4_000.0, "{} µs", sum("Call"));
}

#[test]
fn what_stands_beside_it_has_its_dimensions_and_its_unit() {
    let registry = Registry::new();
    for shard in ["a", "b"] {
        let scan = registry.monitor("Scan").unit(Unit::Milliseconds);
        let scan = scan.dimension("Shard", shard).dimension("Empty", "").register();
        assert_eq!(stream::iter([Ok::<_, ()>(1)]).monitored(scan).count().now_or_never(), Some(1));
    }
    let snapshot = registry.snapshot();
    for shard in ["a", "b"] {
        for (metric, kind, unit) in [
            ("Scan", Kind::Calls, Unit::Milliseconds),
            ("Scan.Items", Kind::Counter, Unit::Count),
            ("Scan.TimeToFirst", Kind::Histogram, Unit::Milliseconds),
        ] {
            let query = snapshot.metric(metric).with("Shard", shard).with("Empty", "_");
            let found: Vec<_> = query.series().map(|(series, _)| (series.kind(), series.unit())).collect();
            assert_eq!((found, query.count()), (vec![(kind, unit)], 1), "{metric} {shard}");
        }
    }
}

#[test]
fn each_of_two_around_one_another_is_a_call() {
    let (registry, outer) = stage();
    let inner = registry.monitor("Inner").register();
    let stream = steps([Give(Ok(1)), Give(Err("no"))]).monitored_if(inner, |_| false).monitored(outer);
    assert_eq!(stream.count().now_or_never(), Some(2));
    assert_eq!((outcomes(&registry), items(&registry)), ((0, 1, 0, 0), (2, 1)));
    let snapshot = registry.snapshot();
    assert_eq!((snapshot.metric("Inner").calls().ok(), snapshot.counter("Inner.Items")), (1, 2));
}

#[test]
fn what_is_said_late_goes_to_the_call() {
    let (registry, monitor) = stage();
    let stream = stream::iter(["web", "app"]).inspect(|kind| assert!(meters::dimension("Kind", *kind)));
    assert_eq!(stream.monitored_if(monitor, |_| false).count().now_or_never(), Some(2));
    let snapshot = registry.snapshot();
    let kinds = |metric| {
        let filled = snapshot.metric(metric).series().filter(|(_, value)| !value.is_empty());
        filled.map(|(series, _)| series.dimension("Kind").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(kinds("Call"), [Some("app".to_owned())]);
    assert_eq!([kinds("Call.Items"), kinds("Call.TimeToFirst")], [[None], [None]]);
}
