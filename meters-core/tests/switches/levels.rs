//! For whom metrics are recorded.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use meters_core::{CallSite, CounterSite, Ended, GaugeSite, Level, Registry, Slot, Window};

use crate::kit::{global, names};

fn record(registry: &Registry, prefix: &str, level: Level) {
    let name = |name: &str| format!("{prefix}{name}");
    registry.counter(&name("Counter")).level(level).register().inc(1);
    registry.float_counter(&name("Float")).level(level).register().inc(0.5);
    registry.meter(&name("Meter")).level(level).register().mark(1);
    registry.gauge(&name("Gauge")).level(level).register().set(1.0);
    registry.histogram(&name("Histogram")).level(level).register().observe(1.0);
    let call = registry.monitor(&name("Monitor")).level(level).register().enter_async();
    call.finish(Ended::Error);
}

/// satella exports them as a constant 0.
#[test]
fn defect_a_disabled_metric_is_exported_as_zero() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    record(&registry, "Off", Level::Disabled);
    for level in [Level::Runtime, Level::Debug, Level::Disabled, Level::Debug] {
        registry.set_level(level);
        record(&registry, "Off", Level::Disabled);
        assert_eq!((registry.snapshot().iter().len(), reader.window().iter().len()), (0, 0), "{level:?}");
    }
}

#[test]
fn every_kind_is_recorded_at_its_level_and_above_it() {
    for (metric, registry_s, recorded) in [
        (Level::Runtime, Level::Disabled, false),
        (Level::Runtime, Level::Runtime, true),
        (Level::Runtime, Level::Debug, true),
        (Level::Debug, Level::Disabled, false),
        (Level::Debug, Level::Runtime, false),
        (Level::Debug, Level::Debug, true),
    ] {
        let registry = Registry::new();
        registry.set_level(registry_s);
        let mut reader = registry.reader();
        record(&registry, &format!("At{metric:?}"), metric);
        let expected = if recorded { 6 } else { 0 };
        assert_eq!(registry.snapshot().iter().len(), expected, "{metric:?} of {registry_s:?}");
        assert_eq!(reader.window().iter().len(), expected, "{metric:?} of {registry_s:?}");
    }
}

#[test]
fn switched_off_it_tells_what_came_before_and_switched_on_what_comes_after() {
    let registry = Registry::new();
    registry.set_level(Level::Debug);
    let mut reader = registry.reader();
    let counted = registry.counter("SwitchedCounter").level(Level::Debug).register();
    let size = registry.histogram("SwitchedSize").level(Level::Debug).register();
    let depth = registry.gauge("SwitchedDepth").level(Level::Debug).register();
    let paid = registry.float_counter("SwitchedPaid").level(Level::Debug).register();
    let all = |n: u64| {
        // Often enough that the thread owns parts of it.
        (0..100).for_each(|_| counted.inc(n));
        (0..100).for_each(|_| size.observe(n as f64));
        depth.set(n as f64);
        paid.inc(n as f64);
    };
    let told = |window: &Window| {
        let sum = window.metric("SwitchedSize").distribution().map_or(0.0, |seen| seen.sum());
        let (counter, gauge) = (window.counter("SwitchedCounter"), window.metric("SwitchedDepth").gauge());
        (counter, sum, gauge, window.metric("SwitchedPaid").amount())
    };
    for round in 0..3 {
        let before = registry.snapshot();
        all(1);
        registry.set_level(Level::Runtime);
        all(10);
        assert_eq!(registry.snapshot().iter().len(), 0, "round {round}");
        assert_eq!(registry.snapshot().since(&before).counter("SwitchedCounter"), 100);
        assert_eq!(told(&reader.window()), (100, 100.0, Some(1.0), 1.0), "round {round}");
        all(10);
        assert!(reader.window().is_empty(), "round {round}");
        registry.set_level(Level::Debug);
        assert_eq!(registry.snapshot().metric("SwitchedDepth").gauge(), None, "an old level is none");
        all(2);
        assert_eq!(told(&reader.window()), (200, 200.0, Some(2.0), 2.0), "round {round}");
        assert_eq!(registry.snapshot().counter("SwitchedCounter"), 300 * (round + 1));
    }
}

#[test]
fn a_level_that_is_said_late_holds_at_once() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let early = registry.counter("LevelLate").dimension("Kind", "early").register();
    early.inc(1);
    registry.counter("LevelLate").dimension("Kind", "late").level(Level::Debug).register().inc(2);
    early.inc(4);
    assert_eq!((registry.snapshot().iter().len(), reader.window().counter("LevelLate")), (0, 1));
}

#[test]
fn call_sites_keep_to_their_level() {
    static CALLS: CallSite = CallSite::new("SiteCalls", &[]).named().level(Level::Debug).in_flight();
    static COUNTS: CounterSite = CounterSite::new("SiteCounts", &[("Kind", None)]).level(Level::Debug);
    static NEVER: GaugeSite = GaugeSite::new("SiteNever", &[]).level(Level::Disabled);
    static ALWAYS: CounterSite = CounterSite::new("SiteAlways", &[]);
    let (_turn, registry) = global();
    let mut reader = registry.reader();
    let act = || {
        CALLS.enter().finish(Ended::Ok);
        CALLS.enter_full((), &[] as &[&Slot]).finish(Ended::Ok);
        ["a", "b"].iter().for_each(|kind| COUNTS.at_with((kind, ())).inc(1));
        NEVER.at().set(1.0);
        ALWAYS.at().inc(1);
    };
    let told = |window: Window| {
        let of = |name: &str| window.iter().filter(|(series, _)| series.name().starts_with(name)).count();
        (
            window.metric("SiteCalls").count(),
            of("SiteCalls"),
            window.counter("SiteCounts"),
            of("SiteNever"),
            window.counter("SiteAlways"),
        )
    };
    act();
    assert_eq!((CALLS.is_on(), COUNTS.is_on(), NEVER.is_on(), ALWAYS.is_on()), (false, false, false, true));
    assert_eq!(told(reader.window()), (0, 0, 0, 0, 1));
    registry.set_level(Level::Debug);
    act();
    assert_eq!((CALLS.is_on(), COUNTS.is_on(), NEVER.is_on(), ALWAYS.is_on()), (true, true, false, true));
    assert_eq!(told(reader.window()), (2, 2, 2, 0, 1));
    registry.set_level(Level::Disabled);
    act();
    assert!(!ALWAYS.is_on());
    assert_eq!(told(reader.window()).4, 0);
    registry.set_level(Level::Runtime);
}

#[test]
fn calls_under_way_while_it_is_switched_never_count_below_zero() {
    static CALLS: CallSite = CallSite::new("SiteFlight", &[]).named().level(Level::Debug).in_flight();
    let (_turn, registry) = global();
    let in_flight = || registry.snapshot().metric("SiteFlight.InFlight").gauge();
    registry.set_level(Level::Debug);
    let over = CALLS.enter_full((), &[]);
    assert_eq!(in_flight(), Some(1.0));
    registry.set_level(Level::Runtime);
    let off = CALLS.enter_full((), &[]);
    registry.set_level(Level::Debug);
    let on = CALLS.enter_full((), &[]);
    assert_eq!(in_flight(), Some(1.0));
    drop((over, off));
    assert_eq!(in_flight(), Some(1.0));
    drop(on);
    assert_eq!(in_flight(), Some(0.0));
    registry.set_level(Level::Runtime);
}

#[test]
fn threads_that_record_while_it_is_switched_lose_nothing_that_was_on_and_add_nothing_that_was_off() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let (off, on) =
        (registry.counter("SwitchedBesides").level(Level::Debug).register(), registry.counter("OnBesides").register());
    let size = registry.histogram("SwitchedSizes").level(Level::Debug).register();
    let stop = AtomicBool::new(false);
    let (mut told, mut seen, mut observed) = (0, 0, 0);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut recorded = 0;
                    while !stop.load(Relaxed) {
                        off.inc(1);
                        size.observe(1.0);
                        on.inc(1);
                        recorded += 1;
                    }
                    recorded
                })
            })
            .collect();
        for round in 0..if cfg!(miri) { 4 } else { 200 } {
            registry.set_level([Level::Debug, Level::Runtime][round % 2]);
            let window = reader.window();
            told += window.counter("OnBesides");
            seen += window.counter("SwitchedBesides");
            observed += window.metric("SwitchedSizes").count();
        }
        stop.store(true, Relaxed);
        let recorded: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
        registry.set_level(Level::Debug);
        let window = reader.window();
        told += window.counter("OnBesides");
        seen += window.counter("SwitchedBesides");
        observed += window.metric("SwitchedSizes").count();
        assert_eq!(told, recorded);
        assert!(seen <= recorded && observed <= recorded, "{seen} and {observed} of {recorded}");
    });
    // What windows told is what there is: nothing was told twice, and nothing of it forgotten.
    assert_eq!(registry.snapshot().counter("SwitchedBesides"), seen);
    assert_eq!(registry.snapshot().metric("SwitchedSizes").count(), observed);
    off.inc(1);
    assert_eq!(names(reader.window().iter()), ["SwitchedBesides".to_owned()].into());
}
