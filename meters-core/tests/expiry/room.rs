//! Limits: what expires gives its place to others.

use std::collections::BTreeSet;

use meters_core::{CounterSite, Registry, Window};

use crate::kit::{global, names, seal, set, tenant, tenants};
use crate::told::told;

#[test]
fn what_expires_makes_room_for_as_many_and_no_more() {
    let registry = Registry::new();
    registry.set_limit(3);
    registry.expire_after(1);
    let mut reader = registry.reader();
    let first = [1, 2, 3].map(|number| tenant(&registry, number));
    first.iter().for_each(|tenant| tenant.inc(1));
    seal(&mut reader, 1);
    tenant(&registry, 4).inc(1);
    assert_eq!(tenants(&registry), set(&["1", "2", "3", "_other"]));
    // Two go, one stays.
    first[0].inc(1);
    seal(&mut reader, 1);
    for number in [5, 6, 7] {
        tenant(&registry, number).inc(1);
    }
    assert_eq!(tenants(&registry), set(&["1", "5", "6", "_other"]));
    // One comes back where there is no room: it has its place, and now there is one too many.
    first[1].inc(1);
    (0..2).for_each(|_| {
        seal(&mut reader, 1);
        [5, 6].iter().for_each(|number| tenant(&registry, *number).inc(1));
        first[..2].iter().for_each(|tenant| tenant.inc(1));
        tenant(&registry, 8).inc(1);
    });
    assert_eq!(tenants(&registry), set(&["1", "2", "5", "6", "_other"]));
    // Two of the four go: room for one, not for two.
    seal(&mut reader, 1);
    first[..2].iter().for_each(|tenant| tenant.inc(1));
    seal(&mut reader, 1);
    [9, 10].iter().for_each(|number| tenant(&registry, *number).inc(1));
    assert_eq!(tenants(&registry), set(&["1", "2", "9", "_other"]));
    let total = registry.snapshot().since(&Registry::new().snapshot()).counter("Orders");
    assert_eq!(total, 3 + 1 + 1 + 3 + 1 + 2 * 5 + 2 + 2);
}

#[test]
fn the_rest_and_levels_never_expire() {
    let registry = Registry::new();
    registry.set_limit(1);
    registry.expire_after(1);
    let mut reader = registry.reader();
    [1, 2].iter().for_each(|number| tenant(&registry, *number).inc(1));
    registry.gauge("Level").dimension("Tenant", 1).register().set(1.0);
    registry.gauge("Unset").dimension("Tenant", 1).register();
    seal(&mut reader, 5);
    assert_eq!(names(registry.snapshot().iter()), set(&["Level", "Orders"]));
    assert_eq!(tenants(&registry), set(&["_other"]));
    // A gauge that was never set is a level, too: its place is taken.
    registry.gauge("Unset").dimension("Tenant", 2).register().set(1.0);
    assert_eq!(registry.snapshot().metric("Unset").with("Tenant", "_other").gauge(), Some(1.0));
}

#[test]
fn the_limit_of_a_dimension_counts_what_is_not_expired() {
    let (_turn, mut reader) = global();
    static SITE: CounterSite =
        CounterSite::new("ExpiryValues", &[("Route", None), ("Tenant", None)]).limits(&[("Tenant", 2)]);
    let tenants = || {
        let snapshot = Registry::global().snapshot();
        let tenants = snapshot.metric("ExpiryValues").series().filter_map(|(series, _)| series.dimension("Tenant"));
        tenants.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let record = |route: &str, tenant: u32| SITE.at_with((route, (&tenant, ()))).inc(1);
    // Two series have the first value: it goes when both have gone.
    [("a", 1), ("b", 1), ("a", 2), ("a", 3)].iter().for_each(|(route, tenant)| record(route, *tenant));
    assert_eq!(tenants(), set(&["1", "2", "_other"]));
    seal(&mut reader, 2);
    [("b", 1), ("a", 2)].iter().for_each(|(route, tenant)| record(route, *tenant));
    seal(&mut reader, 1);
    record("a", 3);
    assert_eq!(tenants(), set(&["1", "2", "_other"]), "b still has the first");
    seal(&mut reader, 1);
    record("a", 2);
    seal(&mut reader, 1);
    record("a", 4);
    record("a", 5);
    assert_eq!(tenants(), set(&["2", "4", "_other"]), "there is room for one");
    record("b", 1);
    assert_eq!(tenants(), set(&["1", "2", "4", "_other"]), "what comes back has its place");
    let all = Registry::global().snapshot().since(&Registry::new().snapshot());
    assert_eq!(all.counter("ExpiryValues"), 11);
}

#[test]
fn values_that_were_there_before_a_limit_was_said_count() {
    let (_turn, mut reader) = global();
    static SITE: CounterSite = CounterSite::new("ExpiryLate", &[("Tenant", None)]).limits(&[("Tenant", 2)]);
    let by_hand = |tenant: u32| Registry::global().counter("ExpiryLate").dimension("Tenant", tenant).register().inc(1);
    (0..2).for_each(by_hand);
    (2..4u32).for_each(|tenant| SITE.at_with((&tenant, ())).inc(1));
    let other = |window: &Window| window.metric("ExpiryLate").with("Tenant", "_other").count();
    assert_eq!(other(&reader.window()), 2);
    seal(&mut reader, 2);
    (4..7u32).for_each(|tenant| SITE.at_with((&tenant, ())).inc(1));
    assert_eq!(other(&reader.window()), 1);
}

#[test]
#[cfg_attr(miri, ignore = "too long under miri")]
fn there_is_an_end_to_how_many_series_a_metric_ever_has() {
    let registry = Registry::new();
    registry.set_limit(2);
    registry.expire_after(1);
    let mut reader = registry.reader();
    let told = told(|| {
        for number in 0..210 {
            tenant(&registry, number).inc(1);
            assert_eq!(reader.window().counter("Orders"), 1);
            let other = registry.snapshot().metric("Orders").with("Tenant", "_other").count();
            assert_eq!(other, u64::from(number).saturating_sub(199), "after {number}");
            seal(&mut reader, 1);
        }
    });
    assert_eq!(told.len(), 1, "{told:?}");
    for part in ["metric=\"Orders\"", "limit=2", "dimension=\"Tenant\"", "100 times as many series as the limit"] {
        assert!(told[0].contains(part), "{part} in {}", told[0]);
    }
    // Those that there are come back as ever.
    tenant(&registry, 7).inc(1);
    assert_eq!(reader.window().metric("Orders").with("Tenant", "7").count(), 1);
    let all = registry.snapshot().since(&Registry::new().snapshot());
    assert_eq!(all.counter("Orders"), 211);
}
