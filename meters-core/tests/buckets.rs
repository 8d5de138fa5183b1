//! Buckets of a histogram's own, beside the lattice.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use meters_core::{Buckets, Distribution, Histogram, HistogramSite, Registry, Shape, Snapshot, Unit};
use proptest::prelude::*;

fn bounds() -> Buckets {
    Buckets::explicit([0.0, 0.5, 1.0, 1.001, 1.002, 7.25, 1000.0]).unwrap()
}

fn seen(snapshot: &Snapshot, name: &str) -> Distribution {
    snapshot.metric(name).distribution().unwrap()
}

/// By hand.
fn counted(values: &[f64], bounds: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; bounds.len()];
    for value in values {
        if let Some(place) = bounds.iter().position(|bound| value <= bound) {
            counts[place] += 1;
        }
    }
    counts
}

fn above(distribution: &Distribution) -> u64 {
    let (_, counts) = distribution.explicit().expect("it has buckets");
    distribution.count().checked_sub(counts.iter().sum()).expect("more values in buckets than there are")
}

#[test]
fn a_histogram_that_saw_nothing_has_all_its_buckets() {
    let registry = Registry::new();
    _ = registry.histogram("Wait").buckets(bounds()).register();
    let nothing = seen(&registry.snapshot(), "Wait");
    assert_eq!(nothing.explicit(), Some((bounds().bounds(), &[0; 7][..])));
    assert_eq!(above(&nothing), 0);
    let snapshot = registry.snapshot();
    let (series, _) = snapshot.iter().next().unwrap();
    assert_eq!(series.shape(), Some(&Shape::Buckets(bounds().bounds().into())));
}

#[test]
fn a_plain_histogram_has_none() {
    let registry = Registry::new();
    registry.histogram("Plain").register().observe(1.0);
    assert_eq!(seen(&registry.snapshot(), "Plain").explicit(), None);
    // It is there already: what it saw is in no bucket of those.
    registry.histogram("Plain").buckets(bounds()).register().observe(1.0);
    let both = seen(&registry.snapshot(), "Plain");
    assert_eq!((both.explicit(), both.count()), (None, 2));
}

fn value() -> impl Strategy<Value = f64> {
    let bounds = bounds();
    let at = prop::sample::select(bounds.bounds().to_vec());
    prop_oneof![
        3 => 0.0..1100.0f64,
        2 => 0.999..1.01f64,
        2 => (at, 0..3u8).prop_map(|(bound, how)| [bound, bound.next_up(), bound.next_down().max(0.0)][usize::from(how)]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Cold or hot, in windows, by reader or snapshot: each value once, and exactly at its bound.
    #[test]
    fn buckets_are_exact_in_snapshots_and_windows(
        parts in prop::collection::vec(prop::collection::vec(value(), 0..40), 1..5),
        milliseconds in any::<bool>(),
    ) {
        let registry = Registry::new();
        let unit = if milliseconds { Unit::Milliseconds } else { Unit::None };
        let wait = registry.histogram("Wait").unit(unit).buckets(bounds()).register();
        let (mut reader, mut all, mut truth) = (registry.reader(), Vec::new(), Distribution::with_buckets(
            if milliseconds { 1e3 } else { 1.0 },
            &bounds(),
        ));
        let mut merged: Option<Distribution> = None;
        for part in &parts {
            let before = registry.snapshot();
            part.iter().for_each(|value| wait.observe(*value));
            part.iter().for_each(|value| _ = truth.record(*value));
            all.extend(part);
            let now = registry.snapshot();
            let total = seen(&now, "Wait");
            prop_assert_eq!(total.explicit().unwrap().1, counted(&all, bounds().bounds()));
            prop_assert_eq!((total.buckets(), total.count()), (truth.buckets(), truth.count()));
            prop_assert_eq!((total.min(), total.max()), (truth.min(), truth.max()));
            let (since, window) = (now.since(&before), reader.window());
            if part.is_empty() {
                prop_assert!(since.is_empty() && window.is_empty());
                continue;
            }
            let window = window.metric("Wait").distribution().unwrap();
            let since = since.metric("Wait").distribution().unwrap();
            prop_assert_eq!(since.explicit(), window.explicit());
            prop_assert_eq!(window.explicit().unwrap().1, counted(part, bounds().bounds()));
            match &mut merged {
                Some(merged) => merged.merge(&window),
                none => *none = Some(window),
            }
        }
        if let Some(merged) = merged {
            prop_assert_eq!(merged.explicit(), truth.explicit());
            let mut folded = merged.converted(1e3, 1.0);
            folded.fold();
            let (bounds, counts) = folded.explicit().unwrap();
            prop_assert_eq!(bounds, self::bounds().bounds().iter().map(|bound| bound * 1e3).collect::<Vec<_>>());
            prop_assert_eq!(counts, truth.explicit().unwrap().1);
        }
    }

    /// By the bounds that both have, what both hold is known.
    #[test]
    fn other_bounds_leave_what_is_common(
        ours in prop::collection::vec(0..30u8, 1..10),
        theirs in prop::collection::vec(0..30u8, 1..10),
        values in prop::collection::vec((any::<bool>(), 0..40u8), 1..60),
    ) {
        let set = |bounds: &[u8]| {
            let all: std::collections::BTreeSet<u8> = bounds.iter().copied().collect();
            all.into_iter().map(f64::from).collect::<Vec<_>>()
        };
        let (ours, theirs) = (set(&ours), set(&theirs));
        let of = |bounds: &[f64], mine: bool| {
            let mut all = Distribution::with_buckets(1.0, &Buckets::explicit(bounds.iter().copied()).unwrap());
            let own = values.iter().filter(|(own, _)| *own == mine);
            own.for_each(|(_, value)| _ = all.record(f64::from(*value)));
            all
        };
        let (mut sum, other) = (of(&ours, true), of(&theirs, false));
        let empty = (sum.count() == 0, other.count() == 0);
        sum.merge(&other);
        let expected: Vec<f64> = match empty {
            (true, _) => theirs,
            (_, true) => ours,
            _ => ours.into_iter().filter(|bound| theirs.contains(bound)).collect(),
        };
        let all: Vec<f64> = values.iter().map(|(_, value)| f64::from(*value)).collect();
        prop_assert_eq!(sum.count(), all.len() as u64);
        match sum.explicit() {
            None => prop_assert!(expected.is_empty()),
            Some((bounds, counts)) => {
                prop_assert_eq!(bounds, &expected);
                prop_assert_eq!(counts, counted(&all, &expected));
            }
        }
    }
}

/// Whoever reads, whenever: not one value more in the buckets than there are, and none lost in the end.
#[test]
fn readers_meet_consistent_buckets_while_threads_record() {
    const EACH: u64 = if cfg!(miri) { 300 } else { 200_000 };
    let registry = Registry::new();
    let wait = registry.histogram("Wait").buckets(bounds()).register();
    let ended = AtomicBool::new(false);
    let values = [0.0, 0.5, 1.0005, 1.001, 1.0015, 3.0, 7.25, 9.0, 1000.0, 5000.0];
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                scope.spawn(move || {
                    (0..EACH).for_each(|nth| wait.observe(values[(nth as usize + thread) % values.len()]));
                })
            })
            .collect();
        let reading = scope.spawn(|| {
            let (mut reader, mut windows, mut last) = (registry.reader(), 0, 0);
            while !ended.load(Relaxed) {
                let all = seen(&registry.snapshot(), "Wait");
                let told = all.explicit().unwrap().1.iter().sum::<u64>() + above(&all);
                assert!(told == all.count() && all.count() >= last);
                last = all.count();
                if let Some(window) = reader.window().metric("Wait").distribution() {
                    windows += window.count();
                    above(&window);
                }
            }
            windows + reader.window().metric("Wait").count()
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        ended.store(true, Relaxed);
        assert_eq!(reading.join().unwrap(), 4 * EACH);
    });
    let all = seen(&registry.snapshot(), "Wait");
    let each = 4 * EACH / 10;
    assert_eq!(all.explicit().unwrap().1, [each, each, 0, 2 * each, each, 2 * each, 2 * each]);
    assert_eq!((all.count(), above(&all)), (4 * EACH, each));
}

#[test]
fn a_site_has_buckets_too() {
    static SITE: HistogramSite =
        HistogramSite::new("SiteBuckets", &[("Route", None)]).unit(Unit::Seconds).buckets(&[0.1, 1.0]);
    let observe = |value: f64| {
        let histogram: Histogram = SITE.at_with(("a", ()));
        histogram.observe(value);
    };
    [0.05, 0.1, 0.5, 5.0].into_iter().for_each(observe);
    let all = seen(&Registry::global().snapshot(), "SiteBuckets");
    assert_eq!((all.explicit(), above(&all)), (Some((&[0.1, 1.0][..], &[2, 1][..])), 1));
}

#[test]
fn a_child_of_a_thread_that_ended_and_an_idle_series_keep_their_buckets() {
    let registry = Registry::new();
    registry.expire_after(1);
    let wait = registry.histogram("Wait").buckets(bounds()).register();
    let mut reader = registry.reader();
    std::thread::spawn(move || (0..100).for_each(|_| wait.observe(0.7))).join().unwrap();
    assert_eq!(reader.window().metric("Wait").count(), 100);
    assert!(reader.window().is_empty());
    assert_eq!(registry.snapshot().iter().len(), 0, "it is expired");
    wait.observe(0.3);
    assert_eq!(seen(&registry.snapshot(), "Wait").explicit().unwrap().1, [0, 1, 100, 0, 0, 0, 0]);
}
