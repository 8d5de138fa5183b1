//! All formats, against what was recorded.

use std::collections::{BTreeMap, BTreeSet};

use meters_core::{Registry, Snapshot, Value};
use meters_prometheus::{Exposition, Format};
use proptest::prelude::*;

use crate::expected::{Expected, plain, samples};
use crate::made::{alone, metrics, snapshot};
use crate::read::{Family, Sample, check};
use crate::{protobuf, text};

pub(crate) const STANDING: [(&str, &str); 2] = [("env", "pr\"od"), ("zone", "a\\b\n☃")];

pub(crate) fn exposition() -> Exposition {
    let [(env, prod), (zone, a)] = STANDING;
    Exposition::builder().prefix("shop").label(env, prod).label(zone, a).build().unwrap()
}

pub(crate) fn written(exposition: &Exposition, snapshot: &Snapshot, format: Format) -> Vec<u8> {
    let mut page = Vec::new();
    exposition.write(snapshot, format, &mut page).unwrap();
    page
}

/// What is on the page of this format, by its own reader.
pub(crate) fn read(page: &[u8], format: Format) -> Vec<Family> {
    let utf8 = format.content_type().ends_with("allow-utf-8");
    if format.content_type().starts_with("application/vnd") {
        return protobuf::read(page).families;
    }
    text::read(std::str::from_utf8(page).unwrap(), format.content_type().starts_with("application/open"), utf8)
}

/// That a page holds each series once, and nothing else.
fn compare(families: &[Family], snapshot: &Snapshot, format: Format) {
    let utf8 = format.content_type().ends_with("allow-utf-8");
    let open_metrics = format.content_type().starts_with("application/open");
    let mut found: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for family in families {
        for sample in &family.samples {
            let (name, end, labels) = plain(family, sample, utf8);
            if !(matches!(end.as_str(), "_bucket" | "_created") || end.is_empty() && family.kind == "summary") {
                found.entry((family.kind.clone(), labels, sample.value)).or_default().push(name + &end);
            }
        }
    }
    let all = snapshot.iter().flat_map(|(series, value)| {
        samples(series, value, &STANDING, open_metrics).into_iter().map(move |wanted| (series, wanted))
    });
    let mut all: Vec<_> = all.collect();
    // What is the beginning of another one's name must not take that.
    all.sort_by_key(|(_, wanted)| std::cmp::Reverse((wanted.stem.len(), wanted.end.len())));
    for (series, wanted) in all {
        let Expected { stem, end, kind, labels, value } = wanted;
        let key = (kind.to_owned(), labels, Sample::new("", BTreeMap::new(), value).value);
        let names = found.get_mut(&key).unwrap_or_else(|| panic!("{series} lost: {key:?} {value}"));
        let stem = format!("shop_{stem}");
        let fits = |name: &String| name.starts_with(&stem) && name.ends_with(&end);
        let at = names.iter().position(fits).unwrap_or_else(|| panic!("{stem}…{end} not in {names:?}"));
        names.swap_remove(at);
    }
    found.retain(|_, names| !names.is_empty());
    assert!(found.is_empty(), "of no series: {found:?}");
}

/// All but the times at which counters began, and what OpenMetrics may not hold.
fn common(families: Vec<Family>) -> Vec<(String, String, Option<String>, BTreeSet<String>)> {
    let told = |family: Family| {
        let kept = family.samples.iter().filter(|sample| {
            !(sample.name.ends_with("_created") || sample.name.ends_with("_sum") && sample.value() < 0.0)
        });
        let samples = kept.map(|sample| format!("{:?}", with_plain_bounds(sample))).collect();
        (family.name, family.kind, family.help, samples)
    };
    families.into_iter().map(told).collect()
}

/// With the bounds of buckets as Rust writes them.
fn with_plain_bounds(sample: &Sample) -> Sample {
    let mut sample = sample.clone();
    for (key, value) in &mut sample.labels {
        if key == "le" || key == "quantile" {
            *value = format!("{:?}", value.parse::<f64>().unwrap());
        }
    }
    sample
}

pub(crate) const FORMATS: [Format; 3] = [Format::TEXT, Format::OPEN_METRICS, Format::PROTOBUF];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_was_recorded(all in metrics(25)) {
        let _one = alone();
        let (snapshot, exposition) = (snapshot(&all), exposition());
        let mut common_to_all = Vec::new();
        for format in FORMATS.into_iter().chain(FORMATS.map(Format::with_utf8_names)) {
            let page = written(&exposition, &snapshot, format);
            let families = read(&page, format);
            check(&families);
            let names: Vec<_> = families.iter().map(|family| &family.name).collect();
            prop_assert!(names.len() == names.iter().collect::<BTreeSet<_>>().len());
            compare(&families, &snapshot, format);
            common_to_all.push(common(families));
        }
        let [text, open, proto, text_utf8, open_utf8, proto_utf8] = &common_to_all[..] else { panic!() };
        prop_assert_eq!(text, proto);
        prop_assert_eq!(text_utf8, proto_utf8);
        prop_assert_eq!(text, open);
        prop_assert_eq!(text_utf8, open_utf8);
        prop_assert_eq!(text.len(), text_utf8.len());
    }

    #[test]
    fn names_and_bounds_stay_whoever_comes(first in metrics(12), later in metrics(12)) {
        let _one = alone();
        let exposition = exposition();
        let both: Vec<_> = first.iter().chain(&later).cloned().collect();
        let (before, after) = (snapshot(&first), snapshot(&both));
        let read = |snapshot| read(&written(&exposition, snapshot, Format::TEXT), Format::TEXT);
        let (before, after) = (read(&before), read(&after));
        check(&after);
        let all: BTreeSet<_> = after.iter().flat_map(|family| &family.samples).map(|sample| (&sample.name, &sample.labels)).collect();
        for sample in before.iter().flat_map(|family| &family.samples) {
            prop_assert!(all.contains(&(&sample.name, &sample.labels)), "{:?} is gone", sample);
        }
        // Whatever the order in which they were registered, the page has the same names in the same order.
        let reversed: Vec<_> = first.iter().rev().cloned().collect();
        let fresh = |all: &[crate::made::One]| {
            let page = written(&self::exposition(), &snapshot(all), Format::TEXT);
            let families = self::read(&page, Format::TEXT).into_iter();
            families
                .map(|family| {
                    // How long calls take is another time each time.
                    let fixed = family.samples.into_iter().filter(|sample| !sample.labels.contains_key("le"));
                    (family.name, fixed.map(|sample| (sample.name, sample.labels)).collect::<Vec<_>>())
                })
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(fresh(&first), fresh(&reversed));
    }

    #[test]
    fn native_histograms_hold_every_value_within_their_bounds(all in metrics(12)) {
        let _one = alone();
        let (snapshot, exposition) = (snapshot(&all), exposition());
        let page = protobuf::read(&written(&exposition, &snapshot, Format::PROTOBUF));
        for ((name, labels), native) in &page.natives {
            let family = page.families.iter().find(|family| family.name == *name).unwrap();
            let of = |end: &str| {
                let sample = family.samples.iter().find(|one| one.labels == *labels && one.name.ends_with(end));
                sample.unwrap().value()
            };
            let buckets = native.buckets();
            let count = native.zero_count + buckets.iter().map(|(_, count)| count).sum::<u64>();
            prop_assert_eq!(count as f64, of("_count"));
            let growth = (-native.schema as f64).exp2().exp2();
            let most: f64 = buckets.iter().map(|(upper, count)| upper * *count as f64).sum();
            let sum = of("_sum");
            prop_assert!(most / growth <= sum * (1.0 + 1e-9) && sum <= most * (1.0 + 1e-9), "{} {} {:?}", sum, most, native);
        }
        let lattices = snapshot.iter().filter(|(_, value)| matches!(value, Value::Calls(_))).count();
        prop_assert!(page.natives.len() >= lattices);
    }
}

#[test]
fn what_stands_before_a_family_is_written_once_wherever_a_part_ends() {
    let registry = Registry::new();
    // Parts end within what stands before the second of any two.
    let (said, long) = ("x".repeat(20_000), "y".repeat(1_000));
    registry.gauge("part_a").description(&said).register().set(1.0);
    let many = registry.gauge("part_b").description(&said).labels(["id", "text"]).family().unwrap();
    (0..60).for_each(|id| many.with([format!("{id}"), long.clone()]).set(f64::from(id)));
    registry.gauge("part_c").description(&said).register().set(1.0);
    registry.gauge("part_d").description(&said).register().set(1.0);
    for format in FORMATS {
        let families = read(&written(&Exposition::new(), &registry.snapshot(), format), format);
        check(&families);
        let told: Vec<_> = families.iter().map(|family| (&*family.name, family.samples.len())).collect();
        assert_eq!(told, [("part_a", 1), ("part_b", 60), ("part_c", 1), ("part_d", 1)]);
    }
}
