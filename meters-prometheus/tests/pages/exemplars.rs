//! Exemplars, in the formats that have them.

use std::time::UNIX_EPOCH;

use meters_core::{Buckets, Registry, Unit};
use meters_prometheus::{Exposition, Format};
use serde_json::json;

use crate::protobuf;
use crate::python::parsed;
use crate::round_trip::written;

const LABELS: [(&str, &str); 2] = [("trace_id", "4bf9} 2f\\"), ("span", "é\n")];

fn registry() -> Registry {
    let registry = Registry::new();
    let took = registry.histogram("exemplar_took").unit(Unit::Milliseconds).dimension("route", "a").register();
    took.observe(100.0);
    took.observe_with_exemplar(300.0, &[("trace_id", "an earlier one")]);
    took.observe_with_exemplar(250.0, &LABELS);
    took.observe_with_exemplar(900.0, &[("no name", "so none is kept")]);
    took.observe_with_exemplar(f64::NAN, &LABELS);
    let above = registry.histogram("exemplar_above").buckets(Buckets::explicit([1.0, 2.0]).unwrap()).register();
    above.observe_with_exemplar(7.5, &[]);
    registry
}

#[test]
fn each_stands_in_the_bucket_that_it_fell_into() {
    let registry = registry();
    let snapshot = registry.snapshot();
    let at = |name: &str| {
        let (series, _) = snapshot.iter().find(|(series, _)| series.name() == name).unwrap();
        snapshot.exemplar(series).unwrap().at().duration_since(UNIX_EPOCH).unwrap()
    };
    let (took, above) = (at("exemplar_took"), at("exemplar_above"));
    let seconds = |at: std::time::Duration| at.as_millis() as f64 / 1e3;
    let exposition = Exposition::builder().created(false).build().unwrap();
    let open = String::from_utf8(written(&exposition, &snapshot, Format::OPEN_METRICS)).unwrap();
    let lines: Vec<_> = open.lines().filter(|line| line.contains(" # ")).collect();
    let [first, second] = lines[..] else { panic!("{open}") };
    assert!(first.starts_with("exemplar_above_bucket{le=\"+Inf\"} 1 # {} 7.5 "), "{first}");
    let wanted =
        "exemplar_took_seconds_bucket{route=\"a\",le=\"0.25\"} 2 # {trace_id=\"4bf9} 2f\\\\\",span=\"é\\n\"} 0.25 ";
    assert!(second.starts_with(wanted), "{second}");
    // The official parser reads the same.
    let python = parsed(&[(true, open.clone())]);
    let samples: Vec<_> = python[0].as_array().unwrap_or_else(|| panic!("{python:?}")).iter().collect();
    let exemplars: Vec<_> = samples
        .iter()
        .flat_map(|family| family[4].as_array().unwrap())
        .map(|sample| &sample[3])
        .filter(|exemplar| !exemplar.is_null())
        .collect();
    let labels =
        serde_json::Value::Object(LABELS.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect());
    assert_eq!(exemplars, [&json!([{}, 7.5, seconds(above)]), &json!([labels, 0.25, seconds(took)])]);
    // The text format has none.
    assert!(!exposition.text(&snapshot).contains(" # {"));
    // Above all bounds, only the native histogram has room for it.
    let page = protobuf::read(&written(&exposition, &snapshot, Format::PROTOBUF));
    let labels = LABELS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let took = (labels, 0.25, took.as_secs());
    assert_eq!(page.exemplars, [(Default::default(), 7.5, above.as_secs()), took.clone(), took]);
}
