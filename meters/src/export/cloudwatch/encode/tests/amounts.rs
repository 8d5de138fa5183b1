//! Amounts, buckets and summaries.

use meters_core::{Buckets, Registry};

use super::*;

#[test]
fn an_amount_is_told_as_it_is() {
    let paid = |total| vec![(series("Paid", Kind::FloatCounter, Unit::Count), Value::FloatCounter(total))];
    assert_eq!(told(&datums(paid(2.75))[0]), ("Paid", Unit::Count, &DatumValue::Value(2.75)));
    assert_eq!(datums(paid(0.0)), []);
    // Of what is too small for CloudWatch nothing is told but that it moved; what is too large is refused alone.
    assert_eq!(told(&datums(paid(1e-200))[0]), ("Paid", Unit::Count, &DatumValue::Value(0.0)));
    let mut items = paid(VALUE_LIMIT * 2.0);
    items.push((series("Orders", Kind::Counter, Unit::Count), Value::Counter(1)));
    let encoded = encoded(items);
    assert_eq!((encoded.datums.len(), encoded.refused.len()), (1, 1));
    assert!(encoded.refused[0].reason().contains("CloudWatch takes"), "{}", encoded.refused[0].reason());
}

/// By windows of a registry: what came in each, one zero, and then nothing.
#[test]
fn an_amount_that_goes_idle_is_told_as_zero_once() {
    let registry = Registry::new();
    let (paid, mut reader) = (registry.float_counter("Paid").register(), registry.reader());
    let (standing, mut busy, mut all) = (Standing::default(), Busy::default(), Vec::new());
    for amounts in [&[0.25, 0.5][..], &[], &[], &[1.0], &[0.0], &[]] {
        amounts.iter().for_each(|amount| paid.inc(*amount));
        let encoded = encode(&reader.window(), &standing, &busy);
        all.push(encoded.datums.iter().map(|datum| datum.value.clone()).collect::<Vec<_>>());
        busy = encoded.busy;
    }
    let value = |value| vec![DatumValue::Value(value)];
    assert_eq!(all, [value(0.75), value(0.0), vec![], value(1.0), value(0.0), vec![]]);
}

/// Whatever Prometheus is shown: the same datum, to the last value.
#[test]
fn buckets_and_quantiles_change_nothing_of_what_is_sent() {
    let values = [0.0, 0.001, 0.5, 0.5, 1.0, 7.25, 900.0];
    let registry = Registry::new();
    let mut reader = registry.reader();
    let plain = registry.histogram("Plain").unit(Unit::Seconds).register();
    let buckets = Buckets::explicit([0.0, 0.5, 1.0, 100.0]).unwrap();
    let bucketed = registry.histogram("Bucketed").unit(Unit::Seconds).buckets(buckets).register();
    let summary = registry.summary("Summary").unit(Unit::Seconds).maximum(1e3).register();
    for value in values {
        plain.observe(value);
        bucketed.observe(value);
        summary.observe(value);
    }
    summary.observe(2e3);
    let encoded = encode(&reader.window(), &Standing::default(), &Busy::default());
    let value = |name: &str| encoded.datums.iter().find(|datum| datum.name == name).unwrap().value.clone();
    assert_eq!((value("Bucketed"), value("Summary")), (value("Plain"), value("Plain")));
    assert_eq!(value("Summary.Above"), DatumValue::Value(1.0));
    assert_eq!(encoded.datums.len(), 4);
}
