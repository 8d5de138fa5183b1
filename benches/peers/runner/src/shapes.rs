//! The shapes: one text for all tools, with a mark where the attribute stands.

mod attribute;
mod judge;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

pub use judge::Cell;

use crate::{TOOLS, build, cargo, workspace};

/// One function shape, as it is written in `shapes/`.
pub struct Shape {
    /// Name of its binary.
    pub slug: String,
    pub title: String,
    pub expected: Expected,
    /// It is about lints that only clippy knows.
    pub clippy: bool,
    text: String,
}

/// What a tool with a word for everything would report.
pub enum Expected {
    Calls {
        ok: u64,
        errors: u64,
        panics: u64,
        cancelled: u64,
    },
    /// It cannot work; the message is what counts.
    Refused,
}

/// A heading of the table, and what stands below.
pub struct Section {
    pub title: String,
    pub shapes: Vec<Shape>,
}

const FILES: [&str; 8] = ["plain", "returned", "methods", "asynchronous", "futures", "blocks", "scopes", "refused"];

/// All of them, in the order of the table.
pub fn read() -> Vec<Section> {
    FILES.map(section).into()
}

fn section(file: &str) -> Section {
    let path = workspace().join("shapes").join(file).with_extension("rs.in");
    let text = fs::read_to_string(path).expect("each section has a file");
    let mut parts = text.split("\n//@ ");
    let title = parts.next().unwrap_or_default().trim_start_matches("## ").trim().to_owned();
    Section { title, shapes: parts.map(shape).collect() }
}

fn shape(part: &str) -> Shape {
    let (header, text) = part.split_once('\n').expect("a shape has a body");
    let mut fields = header.split(" | ");
    let mut field = || fields.next().unwrap_or_default().trim().to_owned();
    let (slug, title, expected, clippy) = (field(), field(), field(), field() == "clippy");
    Shape { slug, title, expected: expected_of(&expected), clippy, text: text.to_owned() }
}

fn expected_of(text: &str) -> Expected {
    if text == "refused" {
        return Expected::Refused;
    }
    let count = |word: &str| -> u64 {
        let part = text.split(", ").find_map(|part| part.strip_suffix(word));
        part.map_or(0, |number| number.trim().parse().expect("a number stands before the outcome"))
    };
    let (ok, errors, panics, cancelled) = (count("ok"), count("error"), count("panic"), count("cancelled"));
    assert!(text == "nothing" || ok + errors + panics + cancelled > 0, "{text}");
    Expected::Calls { ok, errors, panics, cancelled }
}

/// The crate of one shape with one tool.
fn source(shape: &Shape, tool: &str) -> String {
    let text = attribute::placed(&shape.text, tool);
    let (inner, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("#!["));
    let (inner, rest, title) = (inner.join("\n"), rest.join("\n"), &shape.title);
    format!(
        "//! {title}\n{inner}\n#[allow(unused_imports)]\nuse stage::{{E, abandon, caught, panics, rest, run, send, spend}};\n\
         {rest}\nfn main() {{\n    with_{tool}::observe(shape);\n}}\n"
    )
}

/// Where the crate stands: the one about renaming needs a package that knows no tool by its own name.
fn place(shape: &Shape, tool: &str) -> (String, String) {
    if shape.slug.ends_with("_renamed") {
        ("renamed".to_owned(), format!("{}_{tool}", shape.slug))
    } else {
        (format!("with-{tool}"), shape.slug.clone())
    }
}

/// Writes, builds, lints and runs all shapes of a tool.
pub fn try_all(sections: &[Section], tool: &str) -> BTreeMap<String, Cell> {
    let shapes = || sections.iter().flat_map(|section| &section.shapes);
    let mut packages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for shape in shapes() {
        let (package, name) = place(shape, tool);
        packages.entry(package).or_default().push(name);
    }
    for (package, names) in &packages {
        keep_only(package, names, tool);
    }
    for shape in shapes() {
        let (package, name) = place(shape, tool);
        let file = workspace().join(package).join("src/bin").join(name).with_extension("rs");
        let text = source(shape, tool);
        if fs::read_to_string(&file).ok().as_deref() != Some(&text) {
            fs::write(file, text).expect("the workspace can be written");
        }
    }
    let mut built = BTreeMap::new();
    for (package, names) in &packages {
        built.extend(build(targets("build", package, names)));
    }
    let linted: Vec<String> = shapes().filter(|shape| shape.clippy).map(|shape| shape.slug.clone()).collect();
    let linted = build(targets("clippy", &format!("with-{tool}"), &linted));
    let mut cell = |shape: &Shape| {
        let (_, name) = place(shape, tool);
        let lint = linted.get(&name).and_then(|linted| linted.error.clone());
        (shape.slug.clone(), judge::judge(shape, tool, &built.remove(&name).unwrap_or_default(), lint))
    };
    shapes().map(&mut cell).collect()
}

/// What an earlier run left behind.
fn keep_only(package: &str, names: &[String], tool: &str) {
    let folder = workspace().join(package).join("src/bin");
    fs::create_dir_all(&folder).expect("the workspace can be written");
    for entry in fs::read_dir(folder).expect("it was just made").flatten() {
        let name = entry.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !names.contains(&name) && (package != "renamed" || name.ends_with(tool)) {
            fs::remove_file(entry.path()).expect("the workspace can be written");
        }
    }
}

fn targets(command: &str, package: &str, names: &[String]) -> Command {
    let mut cargo = cargo(&[command, "-p", package, "--keep-going"]);
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    for name in names {
        cargo.args(["--bin", name]);
    }
    cargo
}

/// `SHAPES.md`
pub fn table(sections: &[Section], tried: &BTreeMap<&str, BTreeMap<String, Cell>>) -> String {
    let mut text = String::from(include_str!("shapes/intro.md"));
    let heading = format!("| shape | {} |\n|---{}|\n", TOOLS.join(" | "), "|---".repeat(TOOLS.len()));
    text.push_str(&judge::summary(sections, tried));
    for section in sections {
        let _ = write!(text, "\n## {}\n\n{heading}", section.title);
        for shape in &section.shapes {
            let cells = TOOLS.map(|tool| tried[tool][&shape.slug].text.replace('|', "\\|").replace('\n', " "));
            let _ = writeln!(text, "| {} | {} |", shape.title, cells.join(" | "));
        }
    }
    let count = sections.iter().map(|section| section.shapes.len()).sum::<usize>();
    let _ = write!(text, "\n{count} shapes.\n");
    text
}
