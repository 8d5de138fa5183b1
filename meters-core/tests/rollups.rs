//! Roll-ups: parents are exactly the sums of their children, and nothing is counted twice.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use meters_core::{
    CallSite, Calls, CounterSite, Ended, GaugeSite, HistogramSite, Kind, MeterSite, Reader, Registry, Series, Value,
    Window,
};
use proptest::prelude::*;

/// The parents of one metric, by their dimensions.
fn parents(window: &Window, metric: &str) -> BTreeMap<Vec<(String, String)>, Value> {
    let parents = window.rolled_up().into_iter().filter(|(series, _)| series.name() == metric);
    let dimensions =
        |series: &Series| series.dimensions().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let all: Vec<_> = parents.collect();
    let map: BTreeMap<_, _> = all.iter().map(|(series, value)| (dimensions(series), value.clone())).collect();
    assert_eq!(map.len(), all.len(), "each parent is told once");
    map
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn reader() -> Reader {
    Registry::global().reader()
}

/// The children of each parent, merged in another way: by asking the window.
fn children(window: &Window, metric: &str, parent: &[(String, String)]) -> Value {
    let query = parent.iter().fold(window.metric(metric), |query, (key, value)| query.with(key, value));
    query.value().unwrap()
}

const ROLLED: &[&[&str]] = &[&[], &["Route"], &["Tenant", "Route"], &["Tenant", "Route"], &["Route", "Tenant"]];

/// Sites of a type, each with a name of its own: they are statics, and one property runs many times.
fn sites() -> &'static (CallSite, HistogramSite, MeterSite) {
    static SITES: (CallSite, HistogramSite, MeterSite) = (
        CallSite::new("RollCalls", &[("Function", Some("f")), ("Route", None), ("Tenant", None)])
            .limits(&[("Tenant", 3)])
            .rollups(ROLLED),
        HistogramSite::new("RollSizes", &[("Route", None), ("Tenant", None), ("Zone", None)]).rollups(ROLLED),
        MeterSite::new("RollEvents", &[("Route", None), ("Tenant", None), ("Zone", Some("z"))]).rollups(ROLLED),
    );
    &SITES
}

proptest! {
    #[test]
    fn parents_are_exactly_the_sums_of_their_children(
        records in prop::collection::vec((0..3u8, 0..6u8, 0..4u8, 0.0..1e12f64), 1..200)
    ) {
        let (calls, sizes, events) = sites();
        let mut reader = reader();
        reader.window();
        for (route, tenant, ended, size) in &records {
            let ended = [Ended::Ok, Ended::Error, Ended::Panic, Ended::Cancelled][usize::from(*ended)];
            calls.enter_with((route, (tenant, ()))).finish(ended);
            sizes.at_with((route, (tenant, (tenant, ())))).observe(*size);
            events.mark_with((route, (tenant, ())));
        }
        let window = reader.window();
        for metric in ["RollCalls", "RollSizes", "RollEvents"] {
            let parents = parents(&window, metric);
            for (parent, value) in &parents {
                prop_assert_eq!(value, &children(&window, metric, parent), "{} {:?}", metric, parent);
            }
            // By each set of dimensions: all that was recorded.
            let whole = &parents[&Vec::new()];
            for keys in [&[][..], &["Route"], &["Route", "Tenant"]] {
                let level = parents.iter().filter(|(parent, _)| parent.iter().map(|(key, _)| key).eq(keys));
                let mut sum: Option<Value> = None;
                for (_, value) in level {
                    sum.as_mut().map_or_else(|| (), |sum| sum.merge(value));
                    sum.get_or_insert_with(|| value.clone());
                }
                match (sum.unwrap(), whole) {
                    (Value::Calls(sum), Value::Calls(whole)) => {
                        prop_assert_eq!(sum.count(), records.len() as u64);
                        let outcomes = |calls: &Calls| (calls.ok(), calls.errors, calls.panics, calls.cancelled);
                        prop_assert_eq!(outcomes(&sum), outcomes(whole));
                        prop_assert_eq!(sum.duration.buckets(), whole.duration.buckets());
                    }
                    (Value::Histogram(sum), Value::Histogram(whole)) => {
                        prop_assert_eq!(sum.count(), records.len() as u64);
                        prop_assert_eq!(sum.buckets(), whole.buckets());
                        let sizes = || records.iter().map(|(.., size)| *size);
                        prop_assert_eq!(sum.min(), sizes().reduce(f64::min));
                        prop_assert_eq!(sum.max(), sizes().reduce(f64::max));
                        prop_assert!((sum.sum() - whole.sum()).abs() <= 1e-15 * whole.sum());
                    }
                    (Value::Meter(sum), Value::Meter(whole)) => {
                        prop_assert_eq!((sum, *whole), (records.len() as u64, records.len() as u64));
                    }
                    (sum, whole) => prop_assert!(false, "{sum:?} {whole:?}"),
                }
            }
        }
    }
}

#[test]
fn nothing_is_counted_twice_in_the_window() {
    static SITE: CounterSite = CounterSite::new("RollOnce", &[("A", None), ("B", None)]).rollups(&[&[], &["A"]]);
    let mut reader = reader();
    SITE.at_with(("1", ("1", ()))).inc(2);
    SITE.at_with(("1", ("2", ()))).inc(3);
    let window = reader.window();
    assert_eq!(window.counter("RollOnce"), 5);
    assert_eq!(window.metric("RollOnce").series().count(), 2);
    assert_eq!(Registry::global().snapshot().counter("RollOnce"), 5);
    // Windows add up as ever, and their parents with them.
    SITE.at_with(("1", ("2", ()))).inc(4);
    let mut both = window.clone();
    both.append(&reader.window());
    assert_eq!(both.counter("RollOnce"), 9);
    assert_eq!(parents(&both, "RollOnce")[&owned(&[("A", "1")])], Value::Counter(9));
}

#[test]
fn functions_meet_only_where_each_asks_for_it_and_function_is_not_named() {
    const KEYS: [&str; 3] = ["Function", "Route", "Tenant"];
    static F: CounterSite =
        CounterSite::new("RollFunctions", &[(KEYS[0], Some("f")), (KEYS[1], None), (KEYS[2], None)])
            .rollups(&[&["Route"], &["Function", "Route"]]);
    static G: CounterSite =
        CounterSite::new("RollFunctions", &[(KEYS[0], Some("g")), (KEYS[1], None), (KEYS[2], None)])
            .rollups(&[&["Route"]]);
    static H: CounterSite =
        CounterSite::new("RollFunctions", &[(KEYS[0], Some("h")), (KEYS[1], None), (KEYS[2], None)]);
    let mut reader = reader();
    for (site, by) in [(&F, 1), (&G, 10), (&H, 100)] {
        for tenant in ["1", "2"] {
            site.at_with(("a", (tenant, ()))).inc(by);
        }
    }
    let expected = BTreeMap::from([
        (owned(&[("Route", "a")]), Value::Counter(22)),
        (owned(&[("Function", "f"), ("Route", "a")]), Value::Counter(2)),
    ]);
    assert_eq!(parents(&reader.window(), "RollFunctions"), expected);
}

#[test]
fn a_series_with_the_identity_of_a_parent_is_part_of_it() {
    static SITE: CounterSite = CounterSite::new("RollSame", &[("A", None), ("B", None)]).rollups(&[&[], &["A"]]);
    static BARE: CounterSite = CounterSite::new("RollSame", &[]);
    let mut reader = reader();
    BARE.at().inc(100);
    assert_eq!(parents(&reader.window(), "RollSame"), BTreeMap::new(), "alone it is no parent");
    BARE.at().inc(10);
    SITE.at_with(("1", ("2", ()))).inc(1);
    SITE.at_with(("2", ("2", ()))).inc(1);
    let parents = parents(&reader.window(), "RollSame");
    assert_eq!(parents[&Vec::new()], Value::Counter(12));
    assert_eq!(parents.len(), 3);
}

#[test]
fn levels_have_no_parents_and_neither_has_what_asks_for_nothing_new() {
    static LEVEL: GaugeSite = GaugeSite::new("RollLevel", &[("A", None)]).rollups(&[&[]]);
    static WHOLE: CounterSite = CounterSite::new("RollWhole", &[("A", None)]).rollups(&[&["A"], &["Missing"]]);
    let mut reader = reader();
    LEVEL.at_with(("1", ())).set(1.0);
    WHOLE.at_with(("1", ())).inc(1);
    let window = reader.window();
    assert!(window.metric("RollLevel").series().all(|(series, _)| series.kind() == Kind::Gauge));
    assert_eq!((parents(&window, "RollLevel"), parents(&window, "RollWhole")), (BTreeMap::new(), BTreeMap::new()));
}

#[test]
fn what_is_over_a_limit_is_in_its_parents() {
    static SITE: CounterSite = CounterSite::new("RollOther", &[("Route", None), ("Tenant", None)])
        .limits(&[("Tenant", 1)])
        .rollups(&[&["Route"], &["Tenant"]]);
    let mut reader = reader();
    for tenant in 0..5u8 {
        SITE.at_with(("a", (&tenant, ()))).inc(1);
        SITE.at_with(("b", (&tenant, ()))).inc(2);
    }
    let expected = [("Route", "a", 5), ("Route", "b", 10), ("Tenant", "0", 3), ("Tenant", "_other", 12)];
    let expected = expected.map(|(key, value, count)| (owned(&[(key, value)]), Value::Counter(count)));
    assert_eq!(parents(&reader.window(), "RollOther"), BTreeMap::from(expected));
}
