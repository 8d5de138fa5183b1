//! A strict reader of messages of `io.prometheus.client.MetricFamily`, each after its length.

use std::collections::BTreeMap;

use crate::read::{Family, Sample};

/// A native histogram.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Native {
    pub(crate) schema: i64,
    pub(crate) zero_threshold: f64,
    pub(crate) zero_count: u64,
    pub(crate) spans: Vec<(i64, u64)>,
    pub(crate) deltas: Vec<i64>,
}

impl Native {
    /// (upper bound, count) of each bucket.
    pub(crate) fn buckets(&self) -> Vec<(f64, u64)> {
        let (mut index, mut count, mut deltas, mut found) = (0, 0, self.deltas.iter(), Vec::new());
        for (place, (offset, length)) in self.spans.iter().enumerate() {
            assert!(place == 0 || *offset > 0, "{:?}", self.spans);
            index += offset;
            for _ in 0..*length {
                count += deltas.next().expect("a delta for each bucket");
                found.push(((index as f64 * (-self.schema as f64).exp2()).exp2(), u64::try_from(count).unwrap()));
                index += 1;
            }
        }
        assert_eq!(deltas.next(), None);
        found
    }
}

/// What a page holds: families, and native histograms by family and labels.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) families: Vec<Family>,
    /// Labels, value and time of each, of classic buckets and of native histograms.
    pub(crate) exemplars: Vec<(BTreeMap<String, String>, f64, u64)>,
    pub(crate) natives: BTreeMap<(String, BTreeMap<String, String>), Native>,
}

#[derive(Clone, Debug)]
enum Field<'a> {
    Whole(u64),
    Double(f64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn whole(&self) -> u64 {
        let Self::Whole(value) = self else { panic!("{self:?}") };
        *value
    }

    fn signed(&self) -> i64 {
        zigzag(self.whole())
    }

    fn double(&self) -> f64 {
        let Self::Double(value) = self else { panic!("{self:?}") };
        *value
    }

    fn bytes(&self) -> &'a [u8] {
        let Self::Bytes(value) = self else { panic!("{self:?}") };
        value
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes().to_vec()).unwrap()
    }
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn varint(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, after) = rest.split_first().expect("a whole number");
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            assert!(*byte != 0 || shift == 0, "longer than need be");
            return value;
        }
        shift += 7;
    }
}

fn fields(mut rest: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest);
        let field = match tag & 7 {
            0 => Field::Whole(varint(&mut rest)),
            1 => {
                let (bytes, after) = rest.split_at(8);
                rest = after;
                Field::Double(f64::from_le_bytes(bytes.try_into().unwrap()))
            }
            2 => {
                let length = varint(&mut rest) as usize;
                let (bytes, after) = rest.split_at(length);
                rest = after;
                Field::Bytes(bytes)
            }
            wire => panic!("wire type {wire}"),
        };
        found.push((tag >> 3, field));
    }
    found
}

pub(crate) fn read(mut rest: &[u8]) -> Page {
    let mut page = Page::default();
    while !rest.is_empty() {
        let length = varint(&mut rest) as usize;
        let (message, after) = rest.split_at(length);
        rest = after;
        family(message, &mut page);
    }
    page
}

fn family(message: &[u8], page: &mut Page) {
    let (mut name, mut help, mut kind, mut unit, mut metrics) = (None, None, None, None, Vec::new());
    for (number, field) in fields(message) {
        match number {
            1 => assert!(name.replace(field.text()).is_none()),
            2 => assert!(help.replace(field.text()).is_none()),
            3 => assert!(kind.replace(field.whole()).is_none()),
            4 => metrics.push(field.bytes()),
            5 => assert!(unit.replace(field.text()).is_none()),
            other => panic!("field {other}"),
        }
    }
    let name = name.expect("a name");
    let kind = ["counter", "gauge", "summary", "untyped", "histogram"][kind.expect("a type") as usize];
    let mut samples = Vec::new();
    for metric in metrics {
        let (mut labels, mut value) = (BTreeMap::new(), None);
        for (number, field) in fields(metric) {
            if number == 1 {
                let pair = fields(field.bytes());
                let [(1, key), (2, text)] = &pair[..] else { panic!("{pair:?}") };
                assert_eq!(labels.insert(key.text(), text.text()), None);
            } else {
                assert!(value.replace((number, field)).is_none());
            }
        }
        let (number, field) = value.expect("a value");
        let wanted = BTreeMap::from([("gauge", 2), ("counter", 3), ("summary", 4), ("histogram", 7)])[kind];
        assert_eq!(number, wanted);
        read_value(&name, kind, &labels, field.bytes(), &mut samples, page);
    }
    page.families.push(Family { name, kind: kind.to_owned(), help, unit, samples });
}

fn exemplar(message: &[u8]) -> (BTreeMap<String, String>, f64, u64) {
    let (mut labels, mut value, mut at) = (BTreeMap::new(), None, None);
    for (number, field) in fields(message) {
        match number {
            1 => {
                let pair = fields(field.bytes());
                let [(1, key), (2, text)] = &pair[..] else { panic!("{pair:?}") };
                assert_eq!(labels.insert(key.text(), text.text()), None);
            }
            2 => value = Some(field.double()),
            3 => at = Some(fields(field.bytes())[0].1.whole()),
            other => panic!("{other}"),
        }
    }
    (labels, value.unwrap(), at.unwrap())
}

fn read_value(
    name: &str,
    kind: &str,
    labels: &BTreeMap<String, String>,
    message: &[u8],
    samples: &mut Vec<Sample>,
    page: &mut Page,
) {
    let with = |label: &str, value: f64| {
        let mut labels = labels.clone();
        labels.insert(label.to_owned(), format!("{value:?}").replace("inf", "+Inf"));
        labels
    };
    let bare = name.strip_suffix("_total").filter(|_| kind == "counter").unwrap_or(name);
    let (mut count, mut native, start) = (0, None::<Native>, samples.len());
    for (number, field) in fields(message) {
        let mut sample =
            |end: &str, value: f64| samples.push(Sample::new(format!("{bare}{end}"), labels.clone(), value));
        match (kind, number) {
            ("counter", 1) => sample("_total", field.double()),
            ("gauge", 1) => sample("", field.double()),
            ("summary" | "histogram", 1) => {
                count = field.whole();
                sample("_count", count as f64);
            }
            ("summary" | "histogram", 2) => sample("_sum", field.double()),
            ("summary", 3) => {
                let pair = fields(field.bytes());
                let [(1, quantile), (2, value)] = &pair[..] else { panic!("{pair:?}") };
                samples.push(Sample::new(bare, with("quantile", quantile.double()), value.double()));
            }
            ("histogram", 3) => {
                let pair = fields(field.bytes());
                let [(1, count), (2, bound), more @ ..] = &pair[..] else { panic!("{pair:?}") };
                if let [(3, one)] = more {
                    page.exemplars.push(exemplar(one.bytes()));
                }
                let labels = with("le", bound.double());
                samples.push(Sample::new(format!("{bare}_bucket"), labels, count.whole() as f64));
            }
            ("counter", 3) | ("summary", 4) | ("histogram", 15) => {
                let time = fields(field.bytes());
                let [(1, seconds), (2, nanoseconds)] = &time[..] else { panic!("{time:?}") };
                assert!(nanoseconds.whole() < 1_000_000_000);
                sample("_created", seconds.whole() as f64 + (nanoseconds.whole() / 1_000_000) as f64 / 1e3);
            }
            ("histogram", 16) => page.exemplars.push(exemplar(field.bytes())),
            ("histogram", 5) => native.get_or_insert_default().schema = field.signed(),
            ("histogram", 6) => native.get_or_insert_default().zero_threshold = field.double(),
            ("histogram", 7) => native.get_or_insert_default().zero_count = field.whole(),
            ("histogram", 12) => {
                let span = fields(field.bytes());
                let [(1, offset), (2, length)] = &span[..] else { panic!("{span:?}") };
                native.get_or_insert_default().spans.push((offset.signed(), length.whole()));
            }
            ("histogram", 13) => {
                let mut rest = field.bytes();
                while !rest.is_empty() {
                    native.get_or_insert_default().deltas.push(zigzag(varint(&mut rest)));
                }
            }
            other => panic!("{other:?}"),
        }
    }
    if kind == "histogram" {
        samples.push(Sample::new(format!("{bare}_bucket"), with("le", f64::INFINITY), count as f64));
        // As in text, where these stand below the buckets.
        samples[start..].sort_by_key(|sample| !sample.name.ends_with("_bucket"));
    }
    if let Some(native) = native {
        assert!(native.zero_threshold > 0.0 && (-4..=8).contains(&native.schema), "{native:?}");
        let known = page.natives.insert((name.to_owned(), labels.clone()), native);
        assert_eq!(known, None);
    }
}
