//! What comes out is what went in.

use super::*;

fn windows() -> impl Strategy<Value = Vec<Window>> {
    let windows = prop::collection::vec(items(30), 1..6);
    windows.prop_map(|all| all.into_iter().enumerate().map(|(place, items)| window(place as u64, items)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn merging_entries_is_merging_their_windows(windows in windows()) {
        let entries: Vec<_> = windows.iter().map(encode).collect();
        let mut expected = windows[0].clone();
        windows[1..].iter().for_each(|window| expected.merge(window));
        prop_assert_eq!(told_of(&merged(&entries)), told(expected.iter()));
    }

    /// To the bit, and in the same order: who takes a claim over makes the same requests of it.
    #[test]
    fn the_same_entries_give_the_same(windows in windows(), spread in any::<u32>()) {
        let fractions = windows.into_iter().map(|window| {
            let mut sizes = Distribution::new();
            (1..50).for_each(|n| _ = sizes.record(f64::from(n) * f64::from(spread) / 7.0));
            let more = (series("Size", Kind::Histogram, Unit::None, &[]), Value::Histogram(Box::new(sizes)));
            let items = window.iter().map(|(series, value)| (series.clone(), value.clone())).chain([more]).collect();
            Window::from_parts(window.start(), window.end(), window.elapsed(), items)
        });
        let entries: Vec<_> = fractions.map(|window| encode(&window)).collect();
        let all = || merged(&entries).iter().map(|(series, value)| format!("{series} {value:?}")).collect::<Vec<_>>();
        prop_assert_eq!(all(), all());
    }

    /// Whole numbers add up in any order; a level that was pushed later is later whoever is asked first.
    #[test]
    fn the_order_of_processes_does_not_matter(windows in windows(), turn in any::<prop::sample::Index>()) {
        // What is too much to be kept apart depends on what came first.
        let few = |value: &Value| !matches!(value, Value::Values(values) if values.rest().count() > 0 || values.negative_rest().is_some() || values.exact().len() > 200);
        prop_assume!(windows.iter().flat_map(Window::iter).all(|(_, value)| few(value)));
        let mut entries: Vec<_> = windows.iter().map(encode).collect();
        let expected = told_of(&merged(&entries));
        let turn = turn.index(entries.len());
        entries.rotate_left(turn);
        prop_assert_eq!(told_of(&merged(&entries)), expected.clone());
        entries.reverse();
        prop_assert_eq!(told_of(&merged(&entries)), expected);
    }

    /// A process that could not push adds its windows up, and pushes one: nothing is another for it.
    #[test]
    fn windows_that_were_added_up_first_come_to_the_same(windows in windows()) {
        let mut together = windows[0].clone();
        windows[1..].iter().for_each(|window| together.append(window));
        let mut merge = Merge::default();
        for (seq, window) in windows.iter().enumerate() {
            merge.add(b"one", seq as u64, &encode(window)).unwrap();
        }
        prop_assert_eq!(merge.writers(), 1);
        prop_assert_eq!(told_of(&merge.finish()), told_of(&merged([&encode(&together)])));
    }
}

#[test]
fn nothing_is_an_entry_too() {
    let nothing = encode(&window(0, vec![(series("Orders", Kind::Counter, Unit::Count, &[]), Value::Counter(0))]));
    assert_eq!(merged([&nothing, &encode(&window(0, vec![]))]).len(), 0);
}

#[test]
fn counts_stay_at_the_most_and_totals_begin_anew() {
    let mut many = Distribution::new();
    many.record_n(3.0, u64::MAX);
    let calls = Calls {
        duration: {
            let mut all = Distribution::with_origin(1e9);
            all.record_n(5.0, u64::MAX);
            all
        },
        errors: u64::MAX,
        ..Calls::new()
    };
    let items = vec![
        (series("Orders", Kind::Counter, Unit::Count, &[]), Value::Counter(u64::MAX)),
        (series("Size", Kind::Histogram, Unit::None, &[]), Value::Histogram(Box::new(many))),
        (series("Duration", Kind::Calls, Unit::Microseconds, &[]), Value::Calls(Box::new(calls))),
    ];
    let entry = encode(&window(0, items));
    for (_, value) in merged([&entry, &entry, &entry]) {
        match value {
            Value::Counter(total) => assert_eq!(total, u64::MAX.wrapping_mul(3)),
            Value::Histogram(all) => assert_eq!((all.count(), all.buckets()[0].count), (u64::MAX, u64::MAX)),
            Value::Calls(calls) => assert_eq!((calls.count(), calls.errors, calls.ok()), (u64::MAX, u64::MAX, 0)),
            other => panic!("{other:?}"),
        }
    }
}

/// What cannot be read is left out; the rest of the window is not lost for it.
#[test]
fn what_no_process_could_read_is_left_out_alone() {
    let fine = (series("Orders", Kind::Counter, Unit::Count, &[]), Value::Counter(1));
    let mut elsewhere = Distribution::with_origin(60.0);
    elsewhere.record(1.0);
    let items = vec![
        (series("Odd", Kind::Counter, Unit::Count, &[("A", "1")]), Value::Gauge(1.0)),
        (series("Odd", Kind::Histogram, Unit::Count, &[]), Value::Histogram(Box::new(elsewhere))),
        (series("Odd", Kind::Gauge, Unit::Count, &[]), Value::Gauge(f64::NAN)),
        fine.clone(),
    ];
    assert_eq!(merged([&encode(&window(0, items))]), [fine]);
}

#[test]
fn an_entry_is_small() {
    let size = |count: usize, value: &dyn Fn() -> (Kind, Value)| {
        let items = (0..count).map(|place| {
            let (kind, value) = value();
            let function = format!("shop::checkout::place_{place}");
            (series("Duration", kind, Unit::Microseconds, &[("Env", "prod"), ("Function", &function)]), value)
        });
        encode(&window(0, items.collect())).len() as f64 / count as f64
    };
    let mut duration = Distribution::with_origin(1e9);
    (1..=20).for_each(|n| _ = duration.record(f64::from(n * n * 10_007)));
    let calls = Value::Calls(Box::new(Calls { duration, errors: 1, ..Calls::new() }));
    // Of these, 31 bytes are the values of the dimensions.
    let (counter, calls) =
        (size(500, &|| (Kind::Counter, Value::Counter(300))), size(500, &|| (Kind::Calls, calls.clone())));
    assert!(counter <= 35.0, "{counter} bytes a counter");
    assert!(calls <= 76.0, "{calls} bytes of a function with 20 calls");
}
