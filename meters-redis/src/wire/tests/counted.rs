//! Buckets of the user's own, amounts, and kinds that are newer than this process.

use meters_core::Registry;

use super::*;

fn waits(bounds: &[f64], values: &[f64]) -> Value {
    let mut waits = Distribution::with_buckets(1.0, &Buckets::explicit(bounds.iter().copied()).unwrap());
    values.iter().for_each(|value| assert!(waits.record(*value)));
    Value::Histogram(Box::new(waits))
}

fn wait(bounds: &[f64], values: &[f64]) -> Vec<u8> {
    encode(&window(0, vec![(series("Wait", Kind::Histogram, Unit::None, &[]), waits(bounds, values))]))
}

fn explicit(value: &Value) -> Option<(Vec<f64>, Vec<u64>)> {
    let Value::Histogram(distribution) = value else { panic!("{value}") };
    distribution.explicit().map(|(bounds, counts)| (bounds.into(), counts.into()))
}

#[test]
fn a_histogram_of_a_registry_adds_up_over_processes() {
    let entry = || {
        let registry = Registry::new();
        let mut reader = registry.reader();
        let buckets = Buckets::explicit([0.1, 1.0]).unwrap();
        let wait = registry.histogram("Wait").unit(Unit::Seconds).buckets(buckets).register();
        [0.05, 0.1, 0.5, 5.0].into_iter().for_each(|value| wait.observe(value));
        encode(&reader.window())
    };
    let all = merged(&[entry(), entry(), entry()]);
    assert_eq!(explicit(&all[0].1), Some((vec![0.1, 1.0], vec![6, 3])));
    let Value::Histogram(distribution) = &all[0].1 else { panic!() };
    assert_eq!((distribution.count(), distribution.max()), (12, Some(5.0)));
}

#[test]
fn of_different_buckets_the_common_ones_are_told_and_count_and_sum_are_whole() {
    let entries = [wait(&[1.0, 2.0, 4.0], &[0.5, 1.5, 3.0, 9.0]), wait(&[1.0, 4.0, 8.0], &[0.5, 3.0, 7.0])];
    let all = merged(&entries);
    assert_eq!(explicit(&all[0].1), Some((vec![1.0, 4.0], vec![2, 3])));
    let Value::Histogram(distribution) = &all[0].1 else { panic!() };
    assert_eq!((distribution.count(), distribution.sum()), (7, 24.5));
    assert_eq!(explicit(&merged(&[wait(&[1.0], &[0.5]), wait(&[2.0], &[0.5])])[0].1), None);
    let mut plain = Distribution::new();
    plain.record(3.0);
    let item = (series("Wait", Kind::Histogram, Unit::None, &[]), Value::Histogram(Box::new(plain)));
    let plain = encode(&window(0, vec![item]));
    for entries in [[&plain, &entries[0]], [&entries[0], &plain]] {
        assert_eq!(explicit(&merged(entries)[0].1), None);
    }
}

#[test]
fn bounds_are_told_once_an_entry() {
    let size = |count: usize| {
        let items = (0..count).map(|nth| {
            let bounds: Vec<f64> = (1..=14).map(|bound| f64::from(bound) / 7.0).collect();
            (series("Wait", Kind::Histogram, Unit::None, &[("A", &nth.to_string())]), waits(&bounds, &[0.5, 0.75]))
        });
        encode(&window(0, items.collect())).len()
    };
    // The values of the dimension are of 2 or 3 bytes.
    let each = (size(900) - size(100)) as f64 / 800.0;
    assert!(each < 60.0, "{each} bytes a series");
}

#[test]
fn more_sets_than_a_process_has_are_left_out_alone() {
    let items = (0..1100).map(|nth| {
        let value = waits(&[f64::from(nth), 5000.0], &[1.0, 2000.0]);
        (series("Wait", Kind::Histogram, Unit::None, &[("A", &nth.to_string())]), value)
    });
    let all = merged([&encode(&window(0, items.collect()))]);
    assert_eq!(all.len(), 1100);
    let with = all.iter().filter(|(_, value)| explicit(value).is_some()).count();
    assert_eq!(with, 1024);
    assert!(all.iter().all(|(_, value)| matches!(value, Value::Histogram(all) if all.count() == 2)));
}

/// A body behind a header: end, sets, metrics, series.
fn entry(parts: &[&[u8]]) -> Vec<u8> {
    sealed([&[0; HEADER][..], &[0], &parts.concat()].concat())
}

fn why(entry: &[u8]) -> String {
    let mut merge = Merge::default();
    let why = merge.add(b"a", 1, entry).unwrap_err().to_string();
    assert_eq!(merge.finish().len(), 0);
    why
}

#[test]
fn each_of_these_buckets_is_damage() {
    let number = |number: f64| [&[0][..], &number.to_le_bytes()].concat();
    for (bounds, what) in [
        (vec![], "bounds of buckets that are none"),
        (vec![f64::NAN], "bounds of buckets that are none"),
        (vec![f64::INFINITY], "bounds of buckets that are none"),
        (vec![2.0, 1.0], "bounds of buckets that are none"),
        (vec![1.0, 1.0], "bounds of buckets that are none"),
    ] {
        let numbers: Vec<u8> = bounds.iter().flat_map(|bound| number(*bound)).collect();
        let why = why(&entry(&[&[1, bounds.len() as u8], &numbers, &[0]]));
        assert!(why.contains(what), "{bounds:?}: {why}");
    }
    let many = [&[0xe9, 0x07][..], &[1; 1001]].concat();
    assert!(why(&entry(&[&[1], &many, &[0]])).contains("more buckets than a histogram has"));
    let many = [&[0x81, 0x08][..], &[1; 1025 * 3]].concat();
    assert!(why(&entry(&[&many, &[0]])).contains("more sets of buckets"));

    // One histogram of one value, 3, which lies in its only bucket: ends with the set, its count and the bucket of the lattice.
    let good = wait(&[4.0], &[3.0]);
    assert_eq!(explicit(&merged([&good])[0].1), Some((vec![4.0], vec![1])));
    let changed = |from_end: usize, byte: u8| {
        let mut other = good.clone();
        let at = other.len() - from_end;
        other[at] = byte;
        why(&sealed(other))
    };
    assert!(changed(2, 2).contains("more values in buckets than there are"));
    assert!(changed(3, 1).contains("buckets of a set that is none"));
}

#[test]
fn amounts_that_none_is_are_damage_and_are_not_told() {
    let paid = |total: f64| (series("Paid", Kind::FloatCounter, Unit::Count, &[]), Value::FloatCounter(total));
    let good = encode(&window(0, vec![paid(0.5)]));
    assert_eq!(merged([&good, &good]), [paid(1.0)]);
    for bad in [-0.5, f64::NAN, f64::INFINITY, 1e300] {
        let mut other = good.clone();
        let at = other.len() - 8;
        other[at..].copy_from_slice(&bad.to_le_bytes());
        assert!(why(&sealed(other)).contains("a total that is none"), "{bad}");
        assert_eq!(merged([&encode(&window(0, vec![paid(bad)]))]).len(), 0, "{bad}");
    }
    // What small amounts add is not lost in large ones.
    let entries = [1e17, 1.0, 1.0, 1.0].map(|total| encode(&window(0, vec![paid(total)])));
    assert_eq!(merged(&entries)[0].1, Value::FloatCounter(1e17 + 3.0));
}

/// As a later version writes it: the reader goes on behind what it does not know.
#[test]
fn a_kind_that_is_newer_costs_its_metric_alone() {
    let items = vec![
        (series("Orders", Kind::Counter, Unit::Count, &[]), Value::Counter(2)),
        (series("Paid", Kind::FloatCounter, Unit::Count, &[]), Value::FloatCounter(0.5)),
        (series("Sizes", Kind::Gauge, Unit::Count, &[]), Value::Gauge(7.0)),
    ];
    let entry = encode(&window(0, items.clone()));
    let at = entry.windows(5).position(|bytes| bytes == b"\x04Paid").unwrap() - 3;
    assert_eq!(entry[at], 7, "the kind, the unit and the flags stand before the name");
    let mut newer = entry.clone();
    newer[at] = 200;
    let newer = sealed(newer);
    assert_eq!(merged([&newer]), [items[0].clone(), items[2].clone()]);
    // Beside others that know nothing of it.
    let mut told = merged([&entry, &newer]);
    told.sort_by_key(|(series, _)| series.name().to_owned());
    let values: Vec<_> = told.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, [Value::Counter(4), Value::FloatCounter(0.5), Value::Gauge(7.0)]);
    // Its length is another than that of its series.
    let at = newer.windows(8).position(|bytes| bytes == 0.5f64.to_le_bytes()).unwrap();
    for length in [0, 11, 13, 0x7f] {
        let mut other = newer.clone();
        // Length, one series, no value of a dimension, and the number, which is not whole.
        assert_eq!(other[at - 4..at], [11, 1, 0, 0]);
        if length == 11 {
            continue;
        }
        other[at - 4] = length;
        assert!(Merge::default().add(b"a", 1, &sealed(other)).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// What is told by bounds never exceeds what is told at all, whatever was merged.
    #[test]
    fn no_more_values_in_buckets_than_there_are(
        parts in prop::collection::vec(
            (prop::collection::btree_set(0..8u8, 0..5), prop::collection::vec(0..10u8, 1..20)), 1..6,
        ),
    ) {
        let entries: Vec<Vec<u8>> = parts.iter().map(|(bounds, values)| {
            let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
            let bounds: Vec<f64> = bounds.iter().map(|bound| f64::from(*bound)).collect();
            if bounds.is_empty() {
                let mut plain = Distribution::new();
                values.iter().for_each(|value| _ = plain.record(*value));
                let item = (series("Wait", Kind::Histogram, Unit::None, &[]), Value::Histogram(Box::new(plain)));
                return encode(&window(0, vec![item]));
            }
            wait(&bounds, &values)
        }).collect();
        let all = merged(&entries);
        let values: Vec<u8> = parts.iter().flat_map(|(_, values)| values.clone()).collect();
        if let Some((bounds, counts)) = explicit(&all[0].1) {
            let mut below = 0;
            for (bound, count) in bounds.iter().zip(counts) {
                below += count;
                prop_assert_eq!(below, values.iter().filter(|value| f64::from(**value) <= *bound).count() as u64);
                prop_assert!(parts.iter().all(|(bounds, _)| bounds.contains(&(*bound as u8))));
            }
        }
        let Value::Histogram(distribution) = &all[0].1 else { panic!() };
        prop_assert_eq!(distribution.count(), values.len() as u64);
        prop_assert!(distribution.buckets().iter().all(|bucket| bucket.count > 0));
    }
}
