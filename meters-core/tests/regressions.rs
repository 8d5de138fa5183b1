//! One test for each defect that was found by review and mended; the names say what was wrong.
#![allow(missing_docs)]

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use meters_core::lattice::{RECORD_SCALE, upper_bound};
use meters_core::{
    CallSite, CounterSite, DimensionValue, Distribution, Ended, Histogram, Registry, Slot, VALUE_LIMIT, Window,
};

fn histogram(registry: &Registry) -> Histogram {
    registry.histogram("H").register()
}

fn seen(registry: &Registry) -> Distribution {
    registry.snapshot().metric("H").distribution().unwrap()
}

/// A subscriber that counts log events, as layers do, hears of the limit: it must be able to record.
#[test]
fn the_warning_of_the_limit_reaches_a_subscriber_that_records() {
    static EVENTS: CounterSite = CounterSite::new("LogEvents", &[("Level", None)]);
    struct Counting;
    impl tracing::Subscriber for Counting {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            EVENTS.at_with((event.metadata().level().as_str(), ())).inc(1);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    static CROWDED: CounterSite = CounterSite::new("Crowded", &[("User", None)]).limit(1);
    let (done, waiting) = mpsc::channel();
    thread::spawn(move || {
        tracing::subscriber::with_default(Counting, || {
            (0..3u8).for_each(|user| CROWDED.at_with((&user, ())).inc(1));
        });
        done.send(()).unwrap();
    });
    // A deadlock would wait for ever; the time only bounds how long a failure takes.
    waiting.recv_timeout(Duration::from_secs(60)).expect("a subscriber that records waits for ever");
    assert_eq!(Registry::global().snapshot().metric("LogEvents").with("Level", "WARN").count(), 1);
}

#[test]
fn a_sealed_window_does_not_blur_the_extremes_of_all_time() {
    let registry = Registry::new();
    let histogram = histogram(&registry);
    histogram.observe(5.0);
    registry.reader().window();
    assert_eq!((seen(&registry).min(), seen(&registry).max()), (Some(5.0), Some(5.0)));
}

#[test]
fn after_a_sealed_window_the_pairs_still_have_the_sum() {
    let registry = Registry::new();
    let histogram = histogram(&registry);
    (0..30).for_each(|_| histogram.observe(1.001));
    registry.reader().window();
    histogram.observe(1.015);
    let seen = seen(&registry);
    let told: f64 = seen.pairs(150).iter().map(|(value, count)| value * count).sum();
    assert!((told - seen.sum()).abs() < 1e-12 * seen.sum());
    assert_eq!((seen.min(), seen.max()), (Some(1.001), Some(1.015)));
}

#[test]
fn a_difference_of_snapshots_has_no_extreme_from_before() {
    let registry = Registry::new();
    let histogram = histogram(&registry);
    histogram.observe(1.015);
    let before = registry.snapshot();
    registry.reader().window();
    histogram.observe(100.0);
    let gained = registry.snapshot().since(&before).metric("H").distribution().unwrap();
    assert!(gained.min().unwrap() > 90.0, "{:?}", gained.min());
}

#[test]
fn a_small_value_is_not_lost_in_a_large_sum() {
    let registry = Registry::new();
    let histogram = histogram(&registry);
    histogram.observe(1e16);
    let before = registry.snapshot();
    (0..10).for_each(|_| histogram.observe(1.0));
    assert_eq!(seen(&registry).sum(), 1e16 + 10.0);
    assert_eq!(registry.snapshot().since(&before).metric("H").distribution().unwrap().sum(), 10.0);
}

#[test]
fn a_distribution_that_was_folded_since_still_counts_right() {
    let mut distribution = Distribution::new();
    (1..100).for_each(|value| _ = distribution.record(f64::from(value)));
    let before = distribution.clone();
    distribution.record(7.0);
    distribution.fold();
    let gained = distribution.since(&before);
    assert_eq!(gained.count(), 1);
    assert_eq!(gained.buckets().iter().map(|bucket| bucket.count).sum::<u64>(), 1);
}

#[test]
fn folding_for_ever_ends() {
    let mut distribution = Distribution::new();
    distribution.record(0.5);
    distribution.record(2.0);
    (0..300).for_each(|_| distribution.fold());
    assert_eq!((distribution.scale(), distribution.buckets().len()), (-10, 2));
    assert_eq!(distribution.bounds().count(), 2);
}

/// Values a hair above the bound of their bucket, as the unit's factor rounds them.
#[test]
fn bounds_that_are_rounded_apart_do_not_panic() {
    for origin in [1e3, 1e6, 1e9] {
        let reach = if cfg!(miri) { 20 } else { 11_000 };
        for index in -reach..reach {
            let value = (upper_bound(RECORD_SCALE, index) * origin).next_up();
            if value >= VALUE_LIMIT / 2.0 {
                continue;
            }
            let mut distribution = Distribution::with_origin(origin);
            distribution.record(value * 2.0);
            let before = distribution.clone();
            distribution.record_n(value, 5);
            let gained = distribution.since(&before);
            assert_eq!(gained.pairs(5).iter().map(|(_, count)| count).sum::<f64>(), 5.0);
            assert!(gained.quantile(0.5).is_some());
        }
    }
}

#[test]
fn totals_wrap_over_several_series_as_they_do_in_one() {
    let registry = Registry::new();
    registry.counter("C").dimension("A", 1).register().inc(u64::MAX);
    registry.counter("C").dimension("A", 2).register().inc(2);
    assert_eq!(registry.snapshot().counter("C"), 1);
}

/// A type that breaks its word about `index()` must not write into the series of another value.
#[test]
fn a_wrong_index_is_not_taken_for_another_combination() {
    struct Wrong(usize);
    impl DimensionValue for Wrong {
        const VALUES: &'static [&'static str] = &["a", "b"];
        fn index(&self) -> usize {
            self.0
        }
        fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
            show(["a", "b", "c"][self.0.min(2)])
        }
    }
    static SITE: CounterSite = CounterSite::new("Alias", &[("P", None), ("Q", None)]);
    SITE.at_with((&Wrong(2), (&false, ()))).inc(1);
    SITE.at_with((&Wrong(0), (&true, ()))).inc(10);
    SITE.at_with((&Wrong(usize::MAX), (&true, ()))).inc(100);
    let snapshot = Registry::global().snapshot();
    assert_eq!(snapshot.metric("Alias").with("P", "a").count(), 10);
    assert_eq!(snapshot.metric("Alias").with("P", "c").with("Q", "false").count(), 1);
}

#[test]
fn windows_of_two_processes_that_end_a_moment_apart_are_one_period() {
    let minute = Duration::from_secs(60);
    let window = |late: u64| {
        let start = SystemTime::UNIX_EPOCH + Duration::from_nanos(late);
        Window::from_parts(start, start + minute, minute, Vec::new())
    };
    let mut together = window(0);
    together.merge(&window(1));
    assert_eq!(together.elapsed(), minute);
    let mut later = window(0);
    later.append(&window(60_000_000_000));
    assert_eq!(later.elapsed(), 2 * minute);
}

#[test]
fn values_put_by_hand_are_counted() {
    let registry = Registry::new();
    for value in [1.0, 2.0, 2.0] {
        registry.put("Put", value);
        registry.put_statistic("Statistic", value);
    }
    let snapshot = registry.snapshot();
    assert_eq!((snapshot.metric("Put").count(), snapshot.metric("Statistic").count()), (3, 3));
}

/// `Function` alone among the keys was taken for one of few values, also where it came late.
#[test]
fn a_late_function_keeps_to_the_limit() {
    static SITE: CallSite = CallSite::new("LateFunction", &[]);
    for number in 0..510 {
        let call = SITE.enter();
        meters_core::dimension("Function", number);
        call.finish(Ended::Ok);
    }
    let snapshot = Registry::global().snapshot();
    assert_eq!(snapshot.metric("LateFunction").with("Function", "_other").calls().count(), 10);
    assert_eq!(snapshot.metric("LateFunction").calls().count(), 510);
}

/// The calls were recorded under another series than the one that knew the sample: all were timed.
#[test]
fn sampled_calls_of_late_dimensions_are_sampled() {
    static PLAIN: CallSite = CallSite::new("SampledLate", &[]).sample(4);
    static FULL: CallSite = CallSite::new("SampledSlot", &[]).sample(4);
    let mut spent = [Duration::ZERO; 2];
    let nap = |number: usize, spent: &mut Duration| {
        if number.is_multiple_of(4) {
            let began = Instant::now();
            thread::sleep(Duration::from_millis(2));
            *spent += began.elapsed();
        }
    };
    for number in 0..80 {
        let call = PLAIN.enter_sampled();
        nap(number, &mut spent[0]);
        meters_core::dimension("Kind", "late");
        call.finish(Ended::Ok);
        let kind = Slot::new("Kind");
        let slots = [&kind];
        let call = FULL.enter_full((), &slots);
        nap(number, &mut spent[1]);
        kind.set_text("late");
        call.finish(Ended::Ok);
    }
    let snapshot = Registry::global().snapshot();
    for (name, spent) in ["SampledLate", "SampledSlot"].into_iter().zip(spent) {
        let calls = snapshot.metric(name).with("Kind", "late").calls();
        assert_eq!(calls.count(), 80);
        // Of the calls that rest either none is timed but the first, or each stands for four.
        let share = calls.duration.sum() / spent.as_nanos() as f64;
        assert!(!(0.6..1.6).contains(&share), "{name}: {share} of what was spent");
    }
}
