//! Delta batches from Redis: what is no batch adds nothing, and what is one can be told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meters_core::{Series, Value};
use meters_redis::__private::{Merge, sealed};

fn told(items: Vec<(Series, Value)>) -> Vec<String> {
    let told = items.into_iter().map(|(series, value)| {
        if let Value::Histogram(distribution) = &value {
            assert!(distribution.pairs(150).iter().all(|(value, count)| value.is_finite() && *count > 0.0));
            let (bounds, counts) = distribution.explicit().unwrap_or_default();
            assert!(bounds.len() == counts.len() && bounds.is_sorted_by(|one, next| one < next));
            let told = counts.iter().try_fold(0, |sum: u64, count| sum.checked_add(*count));
            assert!(distribution.count() == u64::MAX || told.is_some_and(|told| told <= distribution.count()));
        }
        format!("{series} {value} {value:?}")
    });
    told.collect()
}

// Two entries, cut apart at the place that the first byte says, and behind a header that fits.
fuzz_target!(|data: &[u8]| {
    let Some((at, body)) = data.split_first() else { return };
    let (first, second) = body.split_at(usize::from(*at).min(body.len()));
    let [first, second] = [first, second].map(|body| sealed([&[0; 8], body].concat()));
    _ = Merge::default().add(b"raw", 1, body);
    let begun = || {
        let mut merge = Merge::default();
        _ = merge.add(b"a", 1, &first);
        merge
    };
    let mut merge = begun();
    let added = merge.add(b"b", 1, &second);
    let all = told(merge.finish());
    if added.is_err() {
        assert_eq!(all, told(begun().finish()));
    }
});
