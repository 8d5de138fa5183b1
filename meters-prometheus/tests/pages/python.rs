//! The official Python parsers read the same as ours.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use meters_prometheus::Format;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::made::{alone, metrics, snapshot};
use crate::read::Family;
use crate::round_trip::{exposition, read, written};

const PAGES: usize = 100;

/// What the parsers make of pages, each (whether it is OpenMetrics, text).
pub(crate) fn parsed(pages: &[(bool, String)]) -> Vec<Value> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let made = Command::new("bash").arg(format!("{root}/tests/python.sh")).output().expect("bash runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let python = format!("{}/bin/python", String::from_utf8(made.stdout).unwrap().trim());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages/read.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pages: Vec<_> =
        pages.iter().map(|(open, page)| json!([if *open { "openmetrics" } else { "text" }, page])).collect();
    child.stdin.take().unwrap().write_all(Value::from(pages).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice::<Vec<Value>>(&output.stdout).unwrap()
}

/// A family as both can be told: without `_total`, and with the bits of numbers.
fn told(family: &Family) -> (String, String, String, BTreeSet<String>) {
    let name = family.name.strip_suffix("_total").filter(|_| family.kind == "counter").unwrap_or(&family.name);
    let sample = |sample: &crate::read::Sample| format!("{} {:?} {:x}", sample.name, sample.labels, sample.value);
    let help = family.help.clone().unwrap_or_default();
    (name.to_owned(), family.kind.clone(), help, family.samples.iter().map(sample).collect())
}

fn told_by_python(family: &Value) -> (String, String, String, BTreeSet<String>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sample = |sample: &Value| {
        let labels: std::collections::BTreeMap<String, String> = serde_json::from_value(sample[1].clone()).unwrap();
        let value = hexadecimal(sample[2].as_str().unwrap());
        format!("{} {labels:?} {:x}", text(&sample[0]), value.to_bits())
    };
    let samples = family[4].as_array().unwrap().iter().map(sample).collect();
    (text(&family[0]), text(&family[1]), text(&family[2]), samples)
}

/// The number that Python writes as `0x1.8p+1`.
fn hexadecimal(text: &str) -> f64 {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |text| (-1.0, text));
    match text {
        "nan" => return f64::NAN,
        "inf" => return sign * f64::INFINITY,
        _ => {}
    }
    let (digits, exponent) = text.strip_prefix("0x").unwrap().split_once('p').unwrap();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = u64::from_str_radix(&format!("{whole}{fraction:0<13}"), 16).unwrap() as f64;
    let exponent = exponent.parse::<i32>().unwrap();
    // In two steps, neither of which leaves the range.
    sign * mantissa * f64::from(exponent / 2 - 26).exp2() * f64::from(exponent - exponent / 2 - 26).exp2()
}

#[test]
fn the_official_parsers_read_every_page_as_we_do() {
    let (mut pages, mut own) = (Vec::new(), Vec::new());
    let mut runner = TestRunner::default();
    let exposition = exposition();
    for _ in 0..PAGES {
        let _one = alone();
        let snapshot = snapshot(&metrics(20).new_tree(&mut runner).unwrap().current());
        let formats = [Format::TEXT, Format::OPEN_METRICS];
        for format in formats.into_iter().chain(formats.map(Format::with_utf8_names)) {
            let page = written(&exposition, &snapshot, format);
            own.push(read(&page, format));
            pages.push((format.content_type().contains("openmetrics"), String::from_utf8(page).unwrap()));
        }
    }
    for (((_, page), own), python) in pages.iter().zip(&own).zip(parsed(&pages)) {
        let python = python.as_array().unwrap_or_else(|| panic!("{python} on\n{page}")).clone();
        let python: Vec<_> = python.iter().map(told_by_python).collect();
        let own: Vec<_> = own.iter().map(told).collect();
        assert_eq!(python, own, "{page}");
    }
}
