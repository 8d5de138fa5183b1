//! The table of the defects of others, `tests/DEFECTS.md`, names tests that are there and run; and all that are named after one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// (file, test) of each `` `file.rs::test` `` in a table.
fn named(table: &str) -> BTreeSet<(&str, &str)> {
    table.split('`').filter(|text| text.contains(".rs::")).filter_map(|text| text.split_once("::")).collect()
}

/// The names of the tests of a file that run unless somebody asks for others.
fn tests(text: &str) -> BTreeSet<&str> {
    let (mut found, mut attributes) = (BTreeSet::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        let name = line.trim_start_matches("async ").strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next());
        if line.starts_with("#[") {
            attributes.push(line);
        } else if let Some(name) = name {
            if attributes.contains(&"#[test]") && !attributes.iter().any(|one| one.starts_with("#[ignore")) {
                found.insert(name);
            }
            attributes.clear();
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
    found
}

/// What of `table` is not there, by the text of each file.
fn missing(table: &str, read: impl Fn(&str) -> String) -> Vec<(&str, &str)> {
    named(table).into_iter().filter(|(file, test)| !tests(&read(file)).contains(test)).collect()
}

/// Each Rust file below `folder`.
fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    files.chain(folders.iter().flat_map(|one| sources(one))).collect()
}

fn table() -> String {
    fs::read_to_string(root().join("tests/DEFECTS.md")).unwrap()
}

#[test]
fn every_test_that_the_table_names_exists_and_runs() {
    let read = |file: &str| fs::read_to_string(root().join(file)).unwrap_or_default();
    assert_eq!(missing(&table(), read), []);
    assert!(named(&table()).len() > 50);
}

#[test]
fn every_test_that_is_called_after_a_defect_is_in_the_table() {
    let table = table();
    let named: BTreeSet<_> = named(&table).into_iter().map(|(_, test)| test).collect();
    let folders = [
        "tests/tests",
        "meters/src",
        "meters/tests",
        "meters-core/src",
        "meters-core/tests",
        "meters-redis/src",
        "meters-redis/tests",
        "tests/redis/tests",
    ];
    for folder in folders {
        for file in sources(&root().join(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            let of_defects = tests(&text).into_iter().filter(|test| test.starts_with("defect_"));
            let unnamed: Vec<_> = of_defects.filter(|test| !named.contains(test)).collect();
            assert!(unnamed.is_empty(), "{}: {unnamed:?}", file.display());
        }
    }
}

#[test]
fn what_is_renamed_ignored_or_no_test_is_missed() {
    let table = "| a | `a.rs::one` `a.rs::two` |\n| b | `a.rs::three` `b.rs::four` and `no test` |";
    let read = |file: &str| match file {
        "a.rs" => {
            "/// Why.\n#[test]\n#[cfg(unix)]\nfn one() {}\n#[test]\n#[ignore = \"long\"]\nfn two() {}\nfn three() {}"
                .to_owned()
        }
        _ => String::new(),
    };
    assert_eq!(missing(table, read), [("a.rs", "three"), ("a.rs", "two"), ("b.rs", "four")]);
}
