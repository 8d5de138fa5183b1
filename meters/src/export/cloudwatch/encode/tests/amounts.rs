//! Amounts, and distributions with buckets.

use meters_core::Buckets;

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

#[test]
fn an_amount_that_goes_idle_is_told_as_zero_once() {
    let paid = series("Paid", Kind::FloatCounter, Unit::Count);
    let (standing, mut busy, mut all) = (Standing::default(), Busy::default(), Vec::new());
    for amount in [Some(0.75), None, None, Some(1.0), Some(0.0), None] {
        let items = amount.map(|amount| (paid.clone(), Value::FloatCounter(amount)));
        let encoded = encode(&window(items.into_iter().collect()), &standing, &busy);
        all.push(encoded.datums.iter().map(|datum| datum.value.clone()).collect::<Vec<_>>());
        busy = encoded.busy;
    }
    let value = |value| vec![DatumValue::Value(value)];
    assert_eq!(all, [value(0.75), value(0.0), vec![], value(1.0), value(0.0), vec![]]);
}

/// Whatever Prometheus is shown: the same datum, to the last value.
#[test]
fn buckets_change_nothing_of_what_is_sent() {
    let buckets = Buckets::explicit([0.0, 0.5, 1.0, 100.0]).unwrap();
    let (mut plain, mut bucketed) = (Distribution::new(), Distribution::with_buckets(1.0, &buckets));
    for value in [0.0, 0.001, 0.5, 0.5, 1.0, 7.25, 900.0] {
        assert!(plain.record(value) && bucketed.record(value));
    }
    let item = |name, values| (series(name, Kind::Histogram, Unit::Seconds), Value::Histogram(Box::new(values)));
    let datums = datums(vec![item("Plain", plain), item("Bucketed", bucketed)]);
    assert_eq!(datums[0].value, datums[1].value);
}
