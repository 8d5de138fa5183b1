//! Call sites, which refer to their series for ever, and what follows from those.

use std::collections::BTreeSet;

use meters_core::{CallSite, CounterSite, Ended, Registry, Series, Value, Window, dimension};

use crate::kit::{Worker, global, seal, weigh};

#[test]
#[cfg_attr(miri, ignore = "too long under miri")]
fn a_site_finds_its_series_again_by_what_its_threads_remember() {
    let (_turn, mut reader) = global();
    static FIXED: CallSite = CallSite::new("ExpiryFixed", &[]);
    static CALLS: CallSite = CallSite::new("ExpiryCalls", &[("Route", None)]);
    static EVENTS: CounterSite = CounterSite::new("ExpiryEvents", &[("Route", None), ("Zone", None)]);
    let record = || {
        for _ in 0..40 {
            FIXED.enter().finish(Ended::Ok);
            CALLS.enter_with(("a", ())).finish(Ended::Error);
            EVENTS.at_with(("a", (&1, ()))).inc(1);
        }
    };
    let count =
        |window: &Window| ["ExpiryFixed", "ExpiryCalls", "ExpiryEvents"].map(|name| window.metric(name).count());
    let worker = Worker::start();
    for round in 1..4 {
        worker.does(record);
        record();
        assert_eq!(count(&reader.window()), [80; 3]);
        seal(&mut reader, 2);
        let snapshot = Registry::global().snapshot();
        let ours = ["ExpiryFixed", "ExpiryCalls", "ExpiryEvents"].map(|name| snapshot.metric(name).series().count());
        assert_eq!(ours, [0; 3], "round {round}");
        assert_eq!(count(&snapshot.since(&Registry::new().snapshot())), [80 * round; 3]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "too long under miri")]
fn roll_ups_of_late_dimensions_are_the_sums_of_what_is_there() {
    let (_turn, mut reader) = global();
    static SITE: CallSite =
        CallSite::new("ExpiryRolled", &[("Function", Some("f")), ("Route", None)]).rollups(&[&[], &["Kind"]]);
    let call = |route: &str, kind: &str| {
        let call = SITE.enter_with((route, ()));
        dimension("Kind", kind);
        call.finish(Ended::Ok);
    };
    let parents = |window: &Window| {
        let rolled = window.rolled_up();
        let ours = rolled.iter().filter(|(series, _)| series.name() == "ExpiryRolled");
        let told =
            |(series, value): &(Series, Value)| (series.dimension("Kind").unwrap_or("").to_owned(), weigh(value).0);
        ours.map(told).collect::<BTreeSet<_>>()
    };
    let expect = |parents: &[(&str, u64)]| parents.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    for _ in 0..3 {
        (0..40).for_each(|_| call("a", "x"));
        call("b", "x");
        call("b", "y");
        let truth: BTreeSet<_> = expect(&[("", 42), ("x", 41), ("y", 1)]);
        assert_eq!(parents(&reader.window()), truth);
        seal(&mut reader, 2);
        let snapshot = Registry::global().snapshot();
        assert_eq!(snapshot.metric("ExpiryRolled").series().count(), 0);
        // One of them alone is back.
        call("b", "y");
        let truth: BTreeSet<_> = expect(&[("", 1), ("y", 1)]);
        assert_eq!(parents(&reader.window()), truth);
        seal(&mut reader, 2);
    }
}

#[test]
#[cfg_attr(miri, ignore = "too long under miri")]
fn sampled_calls_that_are_told_apart_late_count_on_whatever_expires() {
    let (_turn, mut reader) = global();
    static SITE: CallSite = CallSite::new("ExpirySampled", &[("Function", Some("f"))]).sample(4);
    for _ in 0..3 {
        for _ in 0..50 {
            let call = SITE.enter_sampled();
            dimension("Kind", "x");
            call.finish(Ended::Ok);
        }
        assert_eq!(reader.window().metric("ExpirySampled").with("Kind", "x").calls().count(), 50);
        seal(&mut reader, 3);
    }
}
