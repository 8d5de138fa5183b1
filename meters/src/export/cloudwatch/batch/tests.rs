use meters_core::Dimensions;
use proptest::prelude::*;

use super::super::datum::DatumValue;
use super::super::datum::arbitrary::{any_datum, datum, numbered};
use super::*;

fn namespace() -> Namespace {
    Namespace::new("Shop").unwrap()
}

fn names(datums: &[Datum]) -> Vec<&str> {
    datums.iter().map(|datum| datum.name.as_str()).collect()
}

#[test]
fn the_limit_of_datums_at_its_edges() {
    for (count, most, expected) in [
        (0, 1_000, vec![]),
        (1, 1_000, vec![1]),
        (999, 1_000, vec![999]),
        (1_000, 1_000, vec![1_000]),
        (1_001, 1_000, vec![1_000, 1]),
        (1_001, usize::MAX, vec![1_000, 1]),
        (3, 0, vec![1, 1, 1]),
        (7, 3, vec![3, 3, 1]),
    ] {
        let batches = cut(&namespace(), numbered(count), most);
        assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), expected, "{count} by {most}");
    }
}

/// Datums whose request is of exactly `bytes` bytes.
fn sized(bytes: usize) -> Vec<Datum> {
    let (namespace, mut datums) = (namespace(), Vec::new());
    let full = |length: usize| {
        let names = (0..30).map(|number| format!("d{number:02}"));
        let dimensions = Dimensions::try_from_iter(names.map(|name| (name, "v".repeat(length)))).unwrap();
        Datum { dimensions, ..datum("full", 1.0) }
    };
    while size::request(&namespace, datums.iter()) + 2 * size::datum(&full(1_000)) < bytes {
        datums.push(full(1_000));
    }
    datums.push(full(1_000));
    // The last takes up the rest: to the nearest thirty in the values of its dimensions, to the byte in its name.
    let rest = bytes - size::request(&namespace, datums.iter());
    let frame = size::datum(&full(300)) - 30 * 300;
    let mut last = full((rest - frame) / 30 - 1);
    let missing = bytes - size::request(&namespace, datums.iter().chain([&last]).cloned().collect::<Vec<_>>().iter());
    last.name.push_str(&"x".repeat(missing));
    // A name of more than 23 characters has a head one byte longer.
    if last.name.len() > 23 {
        last.name.pop();
    }
    datums.push(last);
    assert_eq!(size::request(&namespace, datums.iter()), bytes);
    datums
}

#[test]
fn the_limit_of_bytes_at_its_edges() {
    for (bytes, batches) in [(MOST_BYTES - 1, 1), (MOST_BYTES, 1), (MOST_BYTES + 1, 2)] {
        let cut = cut(&namespace(), sized(bytes), 1_000);
        assert_eq!(cut.len(), batches, "{bytes}");
    }
}

#[test]
fn the_largest_datum_fits_a_request() {
    let mut largest = datum(&"n".repeat(255), 0.0);
    let names = (0..30).map(|number| format!("{number:02}{}", "d".repeat(253)));
    largest.dimensions = Dimensions::try_from_iter(names.map(|name| (name, "v".repeat(1_024)))).unwrap();
    largest.value = DatumValue::Values { values: vec![1.0; 150], counts: vec![1.0; 150] };
    assert!(size::request(&namespace(), [largest].iter()) < MOST_BYTES / 20);
}

/// Sends a batch until it is empty, where CloudWatch refuses the datums called `bad`; gives how many requests it took.
fn deliver(batch: &mut Batch, bad: &[&str]) -> (usize, Vec<String>, Vec<String>) {
    let (mut requests, mut sent, mut refused) = (0, Vec::new(), Vec::new());
    while batch.len() > 0 {
        requests += 1;
        let count = batch.next().len();
        if !names(batch.next()).iter().any(|name| bad.contains(name)) {
            sent.extend(batch.remove(count).map(|datum| datum.name));
        } else if count > 1 {
            batch.suspect(count);
        } else {
            refused.extend(batch.remove(1).map(|datum| datum.name));
        }
    }
    (requests, sent, refused)
}

#[test]
fn a_bad_datum_is_found_in_few_requests() {
    for count in [1usize, 2, 3, 10, 999, 1_000] {
        for bad in [0, count / 3, count / 2, count - 1] {
            let mut batch = cut(&namespace(), numbered(count), 1_000).remove(0);
            let name = bad.to_string();
            let (requests, mut sent, refused) = deliver(&mut batch, &[&name]);
            assert_eq!((refused, sent.len(), batch.bytes), (vec![name], count - 1, 0));
            sent.sort();
            sent.dedup();
            assert_eq!(sent.len(), count - 1, "none is sent twice");
            // The whole, halves down to one, and what lies behind it.
            let halvings = count.next_power_of_two().trailing_zeros() as usize;
            assert!(requests <= halvings + 3, "{requests} for {bad} of {count}");
        }
    }
}

#[test]
fn what_is_too_large_goes_out_in_halves() {
    let mut batch = cut(&namespace(), numbered(1_000), 1_000).remove(0);
    batch.halve(1_000);
    assert_eq!(batch.next().len(), 500);
    batch.halve(500);
    let mut counts = Vec::new();
    while batch.len() > 0 {
        counts.push(batch.next().len());
        let count = batch.next().len();
        assert_eq!(batch.remove(count).count(), count);
    }
    assert_eq!(counts, [250; 4]);
}

#[test]
fn only_a_batch_that_was_never_tried_is_topped_up() {
    let batch = |count| cut(&namespace(), numbered(count), 1_000).remove(0);
    let mut first = batch(990);
    assert!(first.append(batch(10), &namespace(), 1_000).is_none());
    assert_eq!(first.append(batch(1), &namespace(), 1_000).map(|rest| rest.len()), Some(1));
    assert_eq!((first.len(), first.bytes), (1_000, first.datums.iter().map(size::datum).sum()));
    let mut tried = batch(1);
    tried.doubt(1);
    assert!(tried.append(batch(1), &namespace(), 1_000).is_some());
    let mut large = cut(&namespace(), sized(MOST_BYTES - 40), 1_000).remove(0);
    assert!(large.append(batch(1), &namespace(), 1_000).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn bad_datums_alone_are_refused(count in 1usize..200, seed in any::<u64>(), share in 0.0..0.2f64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let bad: Vec<_> = (0..count).filter(|_| random.f64() < share).map(|number| number.to_string()).collect();
        let bad: Vec<_> = bad.iter().map(String::as_str).collect();
        let mut batch = cut(&namespace(), numbered(count), 1_000).remove(0);
        let (_, sent, refused) = deliver(&mut batch, &bad);
        prop_assert_eq!(refused, bad.clone());
        prop_assert_eq!(sent.len() + bad.len(), count);
    }

    #[test]
    fn every_datum_is_in_exactly_one_batch_within_the_limits(
        datums in prop::collection::vec(any_datum(), 0..120),
        copies in 1usize..12,
        most in 1usize..=1_000,
    ) {
        let datums: Vec<_> = std::iter::repeat_n(datums, copies).flatten().collect();
        let batches = cut(&namespace(), datums.clone(), most);
        for batch in &batches {
            prop_assert!((1..=most).contains(&batch.len()));
            let bytes = size::request(&namespace(), batch.datums.iter());
            prop_assert!(bytes <= MOST_BYTES);
            prop_assert_eq!(bytes, batch.bytes + size::envelope(&namespace(), batch.len()));
        }
        for pair in batches.windows(2) {
            let more = pair[0].len() + 1;
            let bytes = pair[0].bytes + size::datum(&pair[1].datums[0]) + size::envelope(&namespace(), more);
            prop_assert!(more > most || bytes > MOST_BYTES, "a batch was closed too early");
        }
        let together: Vec<_> = batches.into_iter().flat_map(|batch| batch.datums).collect();
        prop_assert_eq!(together, datums);
    }
}
