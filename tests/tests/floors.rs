//! A file may use only what lies on its own floor or below: read from the sources themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "floors/checker.rs"]
mod checker;
#[path = "floors/rules.rs"]
mod rules;
#[path = "floors/source.rs"]
mod source;

use rules::{Crate, dependencies, lines_of_code, vague};
use source::Source;

/// Root modules from the ground up; each may name those of its own floor and of the floors below.
const CORE: &[&[&str]] =
    &[&["fork", "process"], &["model", "error", "clock", "primitive"], &["instrument"], &["registry"]];
const METERS: &[&[&str]] = &[
    &["said"],
    &["export", "storage"],
    &["flusher"],
    &["running"],
    &["ending"],
    &["handle"],
    &["builder", "attributes", "lambda"],
];

const REDIS: &[&[&str]] = &[&["wire", "protocol"], &["connection"], &["storage", "ss", "instrumentor"]];

const PROMETHEUS: &[&[&str]] = &[
    &["base", "bounds", "extremes", "format", "ladder", "name", "native", "number"],
    &["accept", "config"],
    &["order"],
    &["view"],
    &["write"],
    &["page"],
    &["exposition"],
    &["server"],
];

const MOST_LINES: usize = 400;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Path from `folder` and text of each Rust file below it.
fn files(folder: &Path) -> Vec<(String, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // What the peers' programs generate is nobody's style.
            let generated = next.ends_with("benches/peers") && (name.starts_with("with-") || name == "renamed");
            if path.is_dir() && name != "target" && !name.starts_with('.') && !generated {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let file = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                found.push((file, fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no Rust file below {}", folder.display());
    found
}

fn read(name: &str) -> Crate {
    Crate::of(&files(&root().join(name).join("src")))
}

#[test]
fn core_keeps_its_floors() {
    assert_eq!(read("meters-core").above(CORE, true), [""; 0]);
}

#[test]
fn redis_keeps_its_floors() {
    assert_eq!(read("meters-redis").above(REDIS, false), [""; 0]);
}

#[test]
fn prometheus_keeps_its_floors() {
    assert_eq!(read("meters-prometheus").above(PROMETHEUS, true), [""; 0]);
}

#[test]
fn meters_keeps_its_floors() {
    assert_eq!(read("meters").above(METERS, false), [""; 0]);
}

#[test]
fn exporters_see_neither_each_other_nor_the_registry() {
    assert_eq!(read("meters").exporters(), [""; 0]);
}

#[test]
fn one_file_names_the_sdk() {
    let meters = read("meters");
    // The builder takes a client of the user's own.
    let files: Vec<_> =
        meters.naming("aws_sdk_cloudwatch").into_iter().filter(|file| *file != "builder/cloudwatch.rs").collect();
    assert!(files.len() <= 1, "{files:?}");
}

#[test]
fn the_macros_depend_on_three_crates() {
    let manifest = fs::read_to_string(root().join("meters-macros/Cargo.toml")).unwrap();
    assert_eq!(dependencies(&manifest), BTreeSet::from(["proc-macro2", "quote", "syn"]));
}

#[test]
fn no_file_is_too_long() {
    let all = files(root());
    let long: Vec<_> = all.iter().filter(|(_, text)| lines_of_code(text) > MOST_LINES).map(|(file, _)| file).collect();
    assert!(long.is_empty(), "more than {MOST_LINES} lines of code: {long:?}");
}

#[test]
fn every_module_says_what_it_holds() {
    for (file, text) in files(root()) {
        // There each file is a program of its own, called after what it shows.
        if !file.starts_with("tests/macros/ui/") {
            assert_eq!(vague(&Source::new(&file, &text)), [""; 0], "{file}");
        }
    }
}
