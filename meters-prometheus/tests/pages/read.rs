//! What was read from a page, of whatever format.

use std::collections::BTreeMap;

/// A family with its samples, in the order of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    /// With `_total`, also where the format has it without.
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) help: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    /// The bits, so that NaN is itself.
    pub(crate) value: u64,
}

impl Sample {
    pub(crate) fn new(name: impl Into<String>, labels: BTreeMap<String, String>, value: f64) -> Self {
        // There is one NaN, whatever its bits.
        let value = if value.is_nan() { f64::NAN } else { value };
        Self { name: name.into(), labels, value: value.to_bits() }
    }

    pub(crate) fn value(&self) -> f64 {
        f64::from_bits(self.value)
    }
}

/// What a sample's name may have after that of its family without `_total`.
pub(crate) fn ends(kind: &str) -> &'static [&'static str] {
    match kind {
        "counter" => &["_total", "_created"],
        "gauge" => &[""],
        "histogram" => &["_bucket", "_sum", "_count", "_created"],
        "summary" => &["", "_sum", "_count", "_created"],
        other => panic!("no such type: {other}"),
    }
}

/// Rules of all formats: families once and in order, no name of two, no sample twice, and buckets that add up.
pub(crate) fn check(families: &[Family]) {
    let mut names = std::collections::HashSet::new();
    for family in families {
        let bare = family.name.strip_suffix("_total").filter(|_| family.kind == "counter").unwrap_or(&family.name);
        let mut own: Vec<_> = ends(&family.kind).iter().map(|end| format!("{bare}{end}")).collect();
        own.push(bare.to_owned());
        own.sort();
        own.dedup();
        own.into_iter().for_each(|name| assert!(names.insert(name.clone()), "two families share {name}"));
        assert!(!family.samples.is_empty(), "a family without samples: {}", family.name);
        let mut seen = std::collections::BTreeSet::new();
        for sample in &family.samples {
            assert!(seen.insert((&sample.name, &sample.labels)), "twice: {sample:?}");
            let end = sample.name.strip_prefix(bare).unwrap_or_else(|| panic!("{sample:?} in {}", family.name));
            assert!(ends(&family.kind).contains(&end), "{sample:?} in a {}", family.kind);
        }
        if family.kind == "histogram" {
            check_buckets(bare, family);
        }
    }
}

fn check_buckets(name: &str, family: &Family) {
    let mut last: Option<(BTreeMap<String, String>, f64, f64)> = None;
    for sample in &family.samples {
        let mut labels = sample.labels.clone();
        match sample.name.strip_prefix(name).unwrap() {
            "_bucket" => {
                let le: f64 = labels.remove("le").expect("a bound").parse().unwrap();
                if let Some((known, bound, count)) = last.as_ref().filter(|(known, ..)| *known == labels) {
                    assert!(*bound < le && *count <= sample.value(), "{known:?} {bound} {count} {sample:?}");
                }
                last = Some((labels, le, sample.value()));
            }
            "_count" => {
                let (known, bound, count) = last.as_ref().expect("buckets");
                assert_eq!((known, *bound, *count), (&labels, f64::INFINITY, sample.value()));
            }
            _ => {}
        }
    }
}
