//! What other processes say is kept within bounds. A program of its own: it uses up what a process keeps.
#![allow(missing_docs)]

use std::time::{Duration, UNIX_EPOCH};

use meters_core::{Dimensions, Kind, MetricName, Resolution, Series, Unit, Value, Window};
use meters_redis::__private::{Damaged, Merge, encode, sealed};

const NAME: &str = "Metric00000000";

/// A metric of 30 dimensions with long names, as a process may have made it whose names are all others.
fn entry() -> Vec<u8> {
    let keys: Vec<String> = (0..30).map(|place| format!("{place:02}{}", "k".repeat(250))).collect();
    let dimensions = Dimensions::try_from_iter(keys.iter().map(|key| (key.as_str(), "v"))).unwrap();
    let name = MetricName::new(NAME).unwrap();
    let series = Series::new(&name, Kind::Counter, Unit::Count, Resolution::Standard, &dimensions);
    encode(&Window::from_parts(UNIX_EPOCH, UNIX_EPOCH, Duration::ZERO, vec![(series, Value::Counter(1))]))
}

fn named(entry: &[u8], number: u64) -> Vec<u8> {
    let mut entry = entry.to_vec();
    let at = entry.windows(NAME.len()).position(|bytes| bytes == NAME.as_bytes()).unwrap();
    entry[at..at + NAME.len()].copy_from_slice(format!("Metric{number:08}").as_bytes());
    sealed(entry)
}

#[test]
fn metrics_without_end_are_left_out_and_those_that_are_known_go_on() {
    let entry = entry();
    let add = |merge: &mut Merge, number: u64| -> Result<(), Damaged> {
        merge.add(&number.to_be_bytes(), 1, &named(&entry, number))
    };
    let mut merge = Merge::default();
    // 16 MiB, of about 8 KiB each.
    let kept = (1..10_000).take_while(|number| add(&mut merge, *number).is_ok()).count() as u64;
    assert!((1_500..2_100).contains(&kept), "{kept}");
    let damaged = add(&mut merge, kept + 2).unwrap_err();
    assert!(damaged.to_string().starts_with("more series or metrics"), "{damaged}");
    assert_eq!(damaged.metric(), Some(format!("Metric{:08}", kept + 2).as_str()));
    assert_eq!(merge.finish().len() as u64, kept);
    // For good, but what is kept serves every merge.
    let mut merge = Merge::default();
    assert!(add(&mut merge, 1).is_ok() && add(&mut merge, kept).is_ok() && add(&mut merge, kept + 3).is_err());
    assert_eq!(merge.finish().len(), 2);
}
