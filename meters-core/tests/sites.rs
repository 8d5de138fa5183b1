//! What call sites find: the right series for every value, whichever thread asks, however many values there are.
#![allow(missing_docs)]

use std::thread;

use meters_core::{CounterSite, DimensionValue, Registry, Rename};

fn count(metric: &str, dimensions: &[(&str, &str)]) -> u64 {
    let snapshot = Registry::global().snapshot();
    dimensions.iter().fold(snapshot.metric(metric), |query, (name, value)| query.with(name, value)).count()
}

#[test]
fn one_dynamic_value_of_any_length() {
    static SITE: CounterSite =
        CounterSite::new("Lengths", &[("A", Some("fixed")), ("B", None), ("C", Some("too"))]).limit(1000);
    let values: Vec<String> = (1..=if cfg!(miri) { 20 } else { 200 }).map(|length| "x".repeat(length)).collect();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..3 {
                    values.iter().for_each(|value| SITE.at_with((value, ())).inc(1));
                }
            });
        }
    });
    for value in &values {
        assert_eq!(count("Lengths", &[("A", "fixed"), ("B", value), ("C", "too")]), 6, "{}", value.len());
    }
}

#[test]
fn several_dynamic_values_in_any_order_of_names() {
    static SITE: CounterSite = CounterSite::new("Several", &[("Z", None), ("M", Some("m")), ("A", None)]).limit(1000);
    for _ in 0..3 {
        for z in 0..10u8 {
            for a in ["", "a", "ab", "long enough to be long"] {
                SITE.at_with((&z, (a, ()))).inc(1);
            }
        }
    }
    assert_eq!(count("Several", &[("Z", "3"), ("A", "ab")]), 3);
    assert_eq!(count("Several", &[("Z", "3"), ("A", "_")]), 3, "an empty value is cleaned");
    assert_eq!(count("Several", &[("M", "m")]), 120);
}

#[test]
fn values_that_could_be_taken_for_each_other_are_not() {
    static SITE: CounterSite = CounterSite::new("Apart", &[("A", None), ("B", None)]);
    // The separator of packed values is cleaned away, so that ("x\u{1f}y", "z") is not ("x", "y\u{1f}z").
    SITE.at_with(("x\u{1f}y", ("z", ()))).inc(1);
    SITE.at_with(("x", ("y\u{1f}z", ()))).inc(1);
    assert_eq!(count("Apart", &[("A", "x_y"), ("B", "z")]), 1);
    assert_eq!(count("Apart", &[("A", "x"), ("B", "y_z")]), 1);
}

#[test]
fn closed_values_find_their_series_by_index() {
    static SITE: CounterSite = CounterSite::new("Closed", &[("A", None), ("B", None)]);
    for a in [false, true] {
        for b in [false, true] {
            for _ in 0..=u8::from(a) + 2 * u8::from(b) {
                SITE.at_with((&a, (&b, ()))).inc(1);
            }
        }
    }
    assert_eq!(count("Closed", &[("A", "false"), ("B", "false")]), 1);
    assert_eq!(count("Closed", &[("A", "true"), ("B", "false")]), 2);
    assert_eq!(count("Closed", &[("A", "false"), ("B", "true")]), 3);
    assert_eq!(count("Closed", &[("A", "true"), ("B", "true")]), 4);
}

/// A type that breaks its word: `index()` beyond `VALUES`. The record must count, and nothing may break.
#[test]
fn an_index_out_of_range_breaks_nothing() {
    struct Liar;
    impl DimensionValue for Liar {
        const VALUES: &'static [&'static str] = &["only"];
        fn index(&self) -> usize {
            7
        }
        fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
            show("seven")
        }
    }
    static SITE: CounterSite = CounterSite::new("Liar", &[("A", None)]);
    SITE.at_with((&Liar, ())).inc(1);
    assert_eq!(count("Liar", &[("A", "seven")]), 1);
}

/// A value that records while it is shown comes back into the very table that it is looked up in.
#[test]
fn a_value_that_records_while_it_is_shown() {
    struct Nested(u32);
    static SITE: CounterSite = CounterSite::new("Nested", &[("A", None), ("B", None)]);
    impl DimensionValue for Nested {
        fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
            if self.0 > 0 {
                SITE.at_with((&Nested(self.0 - 1), ("inner", ()))).inc(1);
            }
            show(["zero", "one", "two"][self.0 as usize])
        }
    }
    for _ in 0..3 {
        SITE.at_with((&Nested(1), ("outer", ()))).inc(1);
    }
    assert_eq!(count("Nested", &[("A", "one"), ("B", "outer")]), 3);
    assert!(count("Nested", &[("A", "zero"), ("B", "inner")]) >= 3);
}

#[test]
fn keys_are_spelt_as_the_crate_says() {
    const DIMENSIONS: &[(&str, Option<&str>)] = &[("type_of_request", None), ("a key", Some("k")), ("Tier", None)];
    static SITE: CounterSite = CounterSite::new("Spelt", DIMENSIONS).renamed(Rename::Pascal, &[true, false, true]);
    static OTHER: CounterSite =
        CounterSite::new("Spelt", &[("TypeOfRequest", None), ("a key", Some("k")), ("Tier", None)]);
    SITE.at_with(("read", (&1, ()))).inc(1);
    OTHER.at_with(("read", (&1, ()))).inc(1);
    assert_eq!(count("Spelt", &[("TypeOfRequest", "read"), ("a key", "k"), ("Tier", "1")]), 2);
}
