//! The checker itself, on text that breaks the rules.

use std::collections::BTreeSet;

use crate::rules::{Crate, dependencies, lines_of_code, vague};
use crate::source::Source;
use crate::{CORE, METERS};

fn core(instrument: &str) -> Vec<String> {
    let lib = "mod clock; mod error; mod instrument; mod model; mod registry; \
                   pub use registry::{Registry, series::{self, Table as SeriesTable}}; pub use model::Unit;";
    Crate::of(&[
        ("lib.rs", lib),
        ("model/mod.rs", "mod unit; pub use unit::Unit;"),
        ("registry/mod.rs", "pub mod series; pub struct Registry; use crate::instrument::shard::Shard;"),
        ("instrument/shard.rs", instrument),
    ])
    .above(CORE, true)
}

#[test]
fn every_way_up_is_found() {
    for text in [
        "use crate::registry::Registry;",
        "use crate::{model::Unit, registry::{Registry}};",
        "use crate::registry::{self};",
        "use crate::{registry as other};",
        "use crate::Registry;",
        "use crate::series::Table;",
        "use crate::SeriesTable;",
        "use super::super::registry::Registry;",
        "pub(crate) use crate::registry;",
        "fn f() -> crate::registry::Registry { g() }",
        "fn f(v: Vec<crate::Registry>) {}",
        "fn f() { let c = '\"'; crate::registry::g(\"}\"); }",
        "macro_rules! m { () => { $crate::registry::g() } }",
        "#[cfg(test)] mod tests { use crate::model::Unit; } use crate::registry::Registry;",
        "#[cfg(test)] use crate::model::Unit; use crate::registry::Registry;",
        "fn f() { x as crate::registry::Id }",
        "fn f() { <crate::model::Unit as crate::registry::Entry>::g() }",
        "use crate::*;",
        "use crate::unknown::Thing;",
    ] {
        assert_eq!(core(text).len(), 1, "{text}");
    }
}

#[test]
fn nothing_else_is() {
    for text in [
        "use crate::model::Unit; use crate::{clock, error::Error}; use super::other::Thing;",
        "use crate::Unit; pub(crate) fn f(&self) { self.registry.g() }",
        "// use crate::registry::Registry;\n/* /* */ use crate::registry; */",
        "/// [`crate::registry::Registry`]\nfn f<'a>(text: &'a str) {}",
        "fn f() { g(\"crate::registry::h \\\" crate::registry\", r#\"\" crate::registry::h\"#) }",
        "use other::registry::Registry; use ::registry::Registry;",
        "#[cfg(test)] mod tests { fn f() { { crate::registry::g() } } use crate::Registry; } use crate::Unit;",
    ] {
        assert_eq!(core(text), [""; 0], "{text}");
    }
}

#[test]
fn exporters_are_kept_apart() {
    let faults = |text| {
        let export = "pub mod emf; mod prometheus; pub use prometheus::Prometheus; pub trait Exporter {}";
        let lib = "mod export; mod flusher; pub use export::{emf, Prometheus};";
        let meters =
            [("lib.rs", lib), ("export/mod.rs", export), ("export/prometheus.rs", ""), ("export/emf/line.rs", text)];
        let meters = Crate::of(&meters);
        [meters.exporters(), meters.above(METERS, false)].concat()
    };
    for text in [
        "use crate::export::prometheus::Prometheus;",
        "use super::super::prometheus::Prometheus;",
        "use crate::export::Prometheus;",
        "use crate::Prometheus;",
        "use meters_core::Registry;",
        "use meters_core::registry::Series;",
        "use crate::flusher::Flusher;",
    ] {
        assert_eq!(faults(text).len(), 1, "{text}");
    }
    assert_eq!(faults("use crate::export::{emf, Exporter}; use super::Line; use meters_core::Snapshot;"), [""; 0]);
}

#[test]
fn names_lengths_and_manifests() {
    let meters = Crate::of(&[("a.rs", "use aws_sdk_cloudwatch as sdk;"), ("b.rs", "// aws_sdk_cloudwatch")]);
    assert_eq!(meters.naming("aws_sdk_cloudwatch"), ["a.rs"]);
    assert_eq!(vague(&Source::new("export/util.rs", "mod helpers {}")), ["util", "helpers"]);
    assert_eq!(vague(&Source::new("model/types/mod.rs", "mod unit;")), ["types"]);
    assert_eq!(lines_of_code("a\n\n  // b\n  c // d\n/// e\n"), 2);
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nsyn = \"2\"\n# no\nquote.workspace = true\n\
                        [dev-dependencies]\ntrybuild = \"1\"\n[build-dependencies]\ncc = \"1\"\n\
                        [target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n[dependencies.darling]\nversion = \"1\"\n[lints]\nworkspace = true";
    assert_eq!(dependencies(manifest), BTreeSet::from(["cc", "darling", "libc", "quote", "syn"]));
}
