//! Limits of single dimensions: what goes to `_other`, in which dimension, and what is said of it.
#![allow(missing_docs)]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Once;

use meters_core::{CounterSite, Registry, Snapshot};
use tracing::field::{Field, Visit};

fn values(snapshot: &Snapshot, metric: &str, dimension: &str) -> BTreeSet<String> {
    let series = snapshot.metric(metric).series().map(|(series, _)| series.clone()).collect::<Vec<_>>();
    series.iter().filter_map(|series| series.dimension(dimension).map(str::to_owned)).collect()
}

#[test]
fn up_to_the_limit_values_are_told_apart_and_beyond_it_together() {
    listen();
    static SITE: CounterSite = CounterSite::new("LimitsEdge", &[("Tenant", None)]).limits(&[("Tenant", 3)]);
    for (tenant, apart, other) in [(1, 1, 0), (2, 2, 0), (3, 3, 0), (4, 3, 1), (5, 3, 2), (2, 3, 2), (4, 3, 3)] {
        SITE.at_with((&tenant, ())).inc(1);
        let snapshot = Registry::global().snapshot();
        let mut tenants = values(&snapshot, "LimitsEdge", "Tenant");
        assert_eq!((tenants.remove("_other"), tenants.len()), (other > 0, apart), "after {tenant}");
        assert_eq!(snapshot.metric("LimitsEdge").with("Tenant", "_other").count(), other);
    }
    assert_eq!(Registry::global().snapshot().counter("LimitsEdge"), 7);
}

#[test]
fn other_dimensions_keep_their_values() {
    listen();
    static SITE: CounterSite =
        CounterSite::new("LimitsOne", &[("Route", None), ("Tenant", None)]).limits(&[("Tenant", 2)]);
    for tenant in 0..10u8 {
        for route in ["a", "b", "c"] {
            SITE.at_with((route, (&tenant, ()))).inc(u64::from(tenant) + 1);
        }
    }
    let snapshot = Registry::global().snapshot();
    for route in ["a", "b", "c"] {
        let route = snapshot.metric("LimitsOne").with("Route", route);
        assert_eq!(route.count(), 55);
        assert_eq!(route.with("Tenant", "1").count(), 2);
        assert_eq!(route.with("Tenant", "_other").count(), 52);
    }
    assert_eq!(values(&snapshot, "LimitsOne", "Route").len(), 3);
}

#[test]
fn two_dimensions_are_limited_each_for_itself() {
    listen();
    static SITE: CounterSite =
        CounterSite::new("LimitsTwo", &[("A", None), ("B", None)]).limits(&[("B", 1), ("A", 2), ("Missing", 0)]);
    for (a, b) in [("1", "1"), ("1", "2"), ("2", "1"), ("3", "1"), ("3", "2")] {
        SITE.at_with((a, (b, ()))).inc(1);
    }
    let snapshot = Registry::global().snapshot();
    for (a, b) in [("1", "1"), ("1", "_other"), ("2", "1"), ("_other", "1"), ("_other", "_other")] {
        assert_eq!(snapshot.metric("LimitsTwo").with("A", a).with("B", b).count(), 1, "{a} {b}");
    }
}

#[test]
fn what_differs_in_a_literal_is_counted_apart_and_a_literal_is_never_too_much() {
    listen();
    static ONE: CounterSite = CounterSite::new("LimitsApart", &[("Literal", Some("one")), ("Tenant", None)])
        .limits(&[("Tenant", 1), ("Literal", 0)]);
    static TWO: CounterSite = CounterSite::new("LimitsApart", &[("Literal", Some("two")), ("Tenant", None)])
        .limits(&[("Tenant", 1), ("Literal", 0)]);
    for tenant in ["a", "b"] {
        ONE.at_with((tenant, ())).inc(1);
        TWO.at_with((if tenant == "a" { "b" } else { "a" }, ())).inc(1);
    }
    let snapshot = Registry::global().snapshot();
    for (literal, tenant) in [("one", "a"), ("one", "_other"), ("two", "b"), ("two", "_other")] {
        assert_eq!(snapshot.metric("LimitsApart").with("Literal", literal).with("Tenant", tenant).count(), 1);
    }
}

#[test]
fn functions_have_limits_of_their_own() {
    listen();
    static FEW: CounterSite =
        CounterSite::new("LimitsFunctions", &[("Function", Some("few")), ("Tenant", None)]).limits(&[("Tenant", 1)]);
    static MANY: CounterSite =
        CounterSite::new("LimitsFunctions", &[("Function", Some("many")), ("Tenant", None)]).limits(&[("Tenant", 4)]);
    for tenant in 0..6u8 {
        FEW.at_with((&tenant, ())).inc(1);
        MANY.at_with((&tenant, ())).inc(1);
    }
    let snapshot = Registry::global().snapshot();
    for (function, other) in [("few", 5), ("many", 2)] {
        let one = snapshot.metric("LimitsFunctions").with("Function", function).with("Tenant", "_other");
        assert_eq!(one.count(), other, "{function}");
    }
}

#[test]
fn both_limits_hold_together() {
    listen();
    static SITE: CounterSite =
        CounterSite::new("LimitsBoth", &[("Route", None), ("Tenant", None)]).limit(5).limits(&[("Tenant", 2)]);
    for n in 0..400u32 {
        SITE.at_with((&(n % 20), (&(n / 20), ()))).inc(1);
    }
    let snapshot = Registry::global().snapshot();
    assert_eq!(snapshot.counter("LimitsBoth"), 400);
    assert!(values(&snapshot, "LimitsBoth", "Tenant").len() <= 3);
    assert_eq!(snapshot.metric("LimitsBoth").series().count(), 6, "five, and the one of the rest");
    assert!(snapshot.metric("LimitsBoth").with("Route", "_other").with("Tenant", "_other").count() > 0);
}

#[test]
fn a_value_that_is_called_other_takes_no_room() {
    listen();
    static SITE: CounterSite = CounterSite::new("LimitsNamed", &[("Tenant", None)]).limits(&[("Tenant", 1)]);
    for tenant in ["_other", "a", "b"] {
        SITE.at_with((tenant, ())).inc(1);
    }
    let snapshot = Registry::global().snapshot();
    assert_eq!(snapshot.metric("LimitsNamed").with("Tenant", "a").count(), 1);
    assert_eq!(snapshot.metric("LimitsNamed").with("Tenant", "_other").count(), 2);
}

#[test]
fn a_site_that_says_nothing_keeps_to_what_another_of_its_metric_said() {
    listen();
    static SITE: CounterSite =
        CounterSite::new("LimitsRoom", &[("Route", None), ("Tenant", None)]).limit(1).limits(&[("Tenant", 1)]);
    static AGAIN: CounterSite = CounterSite::new("LimitsRoom", &[("Route", None), ("Tenant", None)]);
    for tenant in ["a", "b", "a", "_other"] {
        SITE.at_with(("r", (tenant, ()))).inc(1);
        AGAIN.at_with(("r", (tenant, ()))).inc(1);
    }
    let snapshot = Registry::global().snapshot();
    assert_eq!(snapshot.metric("LimitsRoom").with("Tenant", "a").count(), 4);
    assert_eq!(snapshot.metric("LimitsRoom").with("Tenant", "_other").count(), 4);
}

thread_local! {
    /// Fields of the events of this thread, as text.
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// One for all tests, there before any event: subscribers that come and go while other threads meet an event for the first
/// time are not sure to hear of it.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Told).unwrap());
}

/// What is told meanwhile.
fn told(act: impl FnOnce()) -> Vec<String> {
    TOLD.take();
    act();
    TOLD.take()
}

struct Told;

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl tracing::Subscriber for Told {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        TOLD.with_borrow_mut(|told| told.push(fields.0));
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn one_warning_for_each_dimension_names_it_its_limit_and_some_values() {
    listen();
    static SITE: CounterSite =
        CounterSite::new("LimitsTold", &[("A", None), ("B", None), ("L", Some("l"))]).limits(&[("A", 4), ("B", 1)]);
    let told = told(|| {
        for n in 0..10u8 {
            SITE.at_with((&n, (&n, ()))).inc(1);
        }
    });
    let about =
        |dimension: &str| told.iter().filter(|event| event.contains(&format!("dimension=\"{dimension}\""))).collect();
    let (a, b): (Vec<_>, Vec<_>) = (about("A"), about("B"));
    assert_eq!((told.len(), a.len(), b.len()), (2, 1, 1), "{told:?}");
    for part in
        ["metric=\"LimitsTold\"", "fixed=\"l\"", "limit=4", "values=[\"0\", \"1\", \"2\"]", "values of a dimension"]
    {
        assert!(a[0].contains(part), "{part} in {}", a[0]);
    }
    assert!(b[0].contains("limit=1") && b[0].contains("values=[\"0\"]"), "{}", b[0]);
}

#[test]
fn two_sites_that_say_different_things_of_one_metric_are_told_of_once() {
    listen();
    static FIRST: CounterSite = CounterSite::new("LimitsUnlike", &[("A", None)]).limit(2).rollups(&[&[]]);
    static SAME: CounterSite = CounterSite::new("LimitsUnlike", &[("A", None)]).limit(2);
    static UNLIKE: CounterSite = CounterSite::new("LimitsUnlike", &[("A", None)]).limit(9);
    let told = told(|| {
        for site in [&FIRST, &SAME, &UNLIKE, &UNLIKE] {
            (0..2u8).for_each(|a| site.at_with((&a, ())).inc(1));
        }
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("metric=\"LimitsUnlike\" limit=Some(9)"), "{told:?}");
}
