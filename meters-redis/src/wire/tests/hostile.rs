//! Bytes that nobody of ours wrote.

use super::*;

fn good() -> impl Strategy<Value = Vec<u8>> {
    items(12).prop_map(|items| encode(&window(3, items)))
}

/// A merge that holds something.
fn begun(entry: &[u8]) -> Merge {
    let mut merge = Merge::default();
    merge.add(b"first", 1, entry).unwrap();
    merge
}

/// Whatever was let in can be told.
fn tell(items: Vec<(Series, Value)>) {
    for (series, value) in items {
        let distribution = match &value {
            Value::Histogram(distribution) => Some(&**distribution),
            Value::Calls(calls) => Some(&calls.duration),
            Value::Values(values) => Some(values.rest()),
            _ => None,
        };
        if let Some(distribution) = distribution {
            for (value, count) in distribution.pairs(150) {
                assert!(value.is_finite() && count > 0.0, "{series} {value} {count}");
            }
            distribution.quantile(0.5);
            let (bounds, counts) = distribution.explicit().unwrap_or_default();
            assert!(bounds.len() == counts.len() && bounds.is_sorted_by(|one, next| one < next));
            let told = counts.iter().try_fold(0, |sum: u64, count| sum.checked_add(*count));
            assert!(distribution.count() == u64::MAX || told.is_some_and(|told| told <= distribution.count()));
        }
        _ = (value.to_string(), series.to_string(), value.is_empty());
    }
}

fn leaves_no_trace(before: &[u8], entry: &[u8]) -> Result<(), Damaged> {
    let (expected, mut merge) = (begun(before).finish(), begun(before));
    let added = merge.add(b"second", 1, entry);
    let all = merge.finish();
    if let Err(damaged) = &added {
        assert_eq!(all, expected, "{damaged}");
        assert!(!damaged.to_string().is_empty());
    }
    tell(all);
    added
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes(before in good(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(leaves_no_trace(&before, &bytes).is_err());
        let body = [&[0; HEADER][..], &bytes].concat();
        _ = leaves_no_trace(&before, &sealed(body));
    }

    /// With and without a checksum that fits.
    #[test]
    fn entries_that_were_changed(
        before in good(),
        entry in good(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..4),
        same in any::<bool>(),
    ) {
        let before = if same { &entry } else { &before };
        let mut changed = entry.clone();
        for (at, byte, how) in changes {
            let at = at.index(changed.len());
            match how {
                0 => changed[at] = byte,
                1 => changed[at] ^= 1 << (byte % 8),
                2 => changed.insert(at, byte),
                _ => _ = changed.remove(at),
            }
        }
        if changed != entry {
            prop_assert!(leaves_no_trace(before, &changed).is_err());
        }
        _ = leaves_no_trace(before, &sealed(changed));
    }

    #[test]
    fn entries_that_were_cut_short(before in good(), entry in good(), at in any::<prop::sample::Index>()) {
        let cut = &entry[..at.index(entry.len())];
        prop_assert!(leaves_no_trace(&before, cut).is_err());
        prop_assert!(leaves_no_trace(&before, &sealed(cut.to_vec())).is_err());
    }
}

#[test]
fn other_versions_and_lattices_say_what_to_do() {
    let entry = encode(&window(0, vec![]));
    for (place, what) in [(2, "format 9"), (3, "lattice 9")] {
        let mut other = entry.clone();
        other[place] = 9;
        let damaged = leaves_no_trace(&entry, &other).unwrap_err();
        assert!(damaged.to_string().contains(what) && damaged.to_string().contains("update it"), "{damaged}");
    }
}

#[test]
fn a_length_beyond_the_entry_takes_no_memory() {
    // So many metrics, a text so long.
    for body in [&[0, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]] {
        let entry = sealed([&[0; HEADER][..], body].concat());
        assert!(leaves_no_trace(&encode(&window(0, vec![])), &entry).is_err());
    }
}

#[test]
fn entries_come_in_their_order() {
    let entry = encode(&window(0, vec![(series("Orders", Kind::Counter, Unit::Count, &[]), Value::Counter(1))]));
    let mut merge = Merge::default();
    for (writer, seq, fits) in [
        ("b", 2, true),
        ("b", 2, false),
        ("b", 1, false),
        ("a", 9, false),
        ("b", 10, true),
        ("c", 1, true),
        ("b", 11, false),
    ] {
        assert_eq!(merge.add(writer.as_bytes(), seq, &entry).is_ok(), fits, "{writer} {seq}");
    }
    assert_eq!(merge.writers(), 2);
    assert_eq!(merge.finish()[0].1, Value::Counter(3));
}

#[test]
fn more_series_than_there_is_room_for_are_left_out_with_their_entry() {
    let entry = |names: &[&str]| {
        let items =
            names.iter().map(|name| (series("Orders", Kind::Counter, Unit::Count, &[("A", name)]), Value::Counter(1)));
        encode(&window(0, items.collect()))
    };
    let mut merge = Merge::of_at_most(3);
    merge.add(b"a", 1, &entry(&["1", "2"])).unwrap();
    let damaged = merge.add(b"b", 1, &entry(&["2", "3", "4"])).unwrap_err();
    assert_eq!(damaged.metric(), Some("Orders"));
    assert!(damaged.to_string().starts_with("more series"), "{damaged}");
    merge.add(b"c", 1, &entry(&["1", "2", "3"])).unwrap();
    let totals: Vec<_> = merge.finish().into_iter().map(|(_, value)| value).collect();
    assert_eq!(totals, [Value::Counter(2), Value::Counter(2), Value::Counter(1)]);
}

#[test]
fn damage_names_its_metric() {
    let mut sizes = Distribution::new();
    sizes.record(1.5);
    let item = (series("Size", Kind::Histogram, Unit::None, &[]), Value::Histogram(Box::new(sizes)));
    let mut entry = encode(&window(0, vec![item]));
    // The minimum of the only value, a NaN.
    let at = entry.windows(8).position(|bytes| bytes == 1.5f64.to_le_bytes()).unwrap();
    entry[at..at + 8].copy_from_slice(&f64::NAN.to_le_bytes());
    let damaged = leaves_no_trace(&encode(&window(0, vec![])), &sealed(entry)).unwrap_err();
    assert_eq!(damaged.metric(), Some("Size"));
    assert_eq!(damaged.to_string(), "an entry is no delta batch: extremes that are none (metric \"Size\")");
}

#[test]
fn each_of_these_is_damage() {
    let nothing = encode(&window(0, vec![]));
    let mut duration = Distribution::with_origin(1e9);
    duration.record(5.0);
    let calls = Value::Calls(Box::new(Calls { duration, errors: 1, ..Calls::new() }));
    let calls = encode(&window(0, vec![(series("Duration", Kind::Calls, Unit::Microseconds, &[]), calls)]));
    // Its last bytes are one error, no panic, none cancelled.
    for (place, count) in [(3, 2), (2, 1), (1, 1)] {
        let mut more = calls.clone();
        let at = more.len() - place;
        more[at] = count;
        let damaged = leaves_no_trace(&nothing, &sealed(more)).unwrap_err();
        assert!(damaged.to_string().contains("more calls that failed"), "{damaged}");
    }
    let level = encode(&window(0, vec![(series("Open", Kind::Gauge, Unit::None, &[]), Value::Gauge(1.5))]));
    for bad in [f64::NAN, f64::INFINITY, 1e300] {
        let mut other = level.clone();
        let at = other.len() - 8;
        other[at..].copy_from_slice(&bad.to_le_bytes());
        assert!(leaves_no_trace(&nothing, &sealed(other)).unwrap_err().to_string().contains("a level"));
    }
    for entry in [&calls, &level, &nothing] {
        assert!(leaves_no_trace(&nothing, &sealed([entry, &[0][..]].concat())).is_err(), "something behind its end");
    }
}
