//! The short forms: a tenth of the soak, and a few schedules.
#![allow(missing_docs)]

use std::process::Command;

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn memory_is_flat() {
    let text = run(env!("CARGO_BIN_EXE_soak"), &["--tenth"]);
    assert_eq!(text.matches(": flat").count(), 3, "{text}");
}

#[test]
fn schedules_lose_nothing() {
    let text = run(env!("CARGO_BIN_EXE_meters-campaign"), &["--schedules", "40", "--seed", "7"]);
    assert!(text.contains("40 schedules, 0 violations"), "{text}");
}

#[test]
fn what_is_no_argument_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_meters-campaign")).args(["--sechdules", "4"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("usage:"));
}
