//! The campaign as a whole must be able to fail: each control leaves out a part of the protocol, and must go red.
//! (The barrier's is in `rollback.rs`, step by step: here, a reporter that lives may hide that it is missing.)

use std::process::{Command, Output};

fn chaos(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chaos")).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_naive_way_loses_and_doubles() {
    let output = chaos(&["--seconds", "12", "--mode", "always", "--control", "naive"]);
    assert!(output.status.code() == Some(1) && text(&output).contains("VIOLATION"), "{}", text(&output));
}

#[test]
fn what_cannot_be_understood_is_refused() {
    for arguments in [&["--mode", "sometimes"][..], &["--control", "x"], &["--seconds"], &["--speed", "1"]] {
        let output = chaos(arguments);
        assert!(output.status.code() == Some(2) && text(&output).starts_with("usage: chaos"), "{}", text(&output));
    }
}

/// The lines of a violation that say this.
fn red(mode: &str, control: &str, says: &str) {
    let output = chaos(&["--seconds", "30", "--mode", mode, "--control", control]);
    let said = text(&output);
    let found = said.lines().any(|line| line.starts_with("VIOLATION") && line.contains(says));
    assert!(output.status.code() == Some(1) && found, "{said}");
}

#[test]
fn without_the_check_of_numbers_it_doubles() {
    red("always", "no-seq", "is reported 2 times");
}

#[test]
fn without_the_wait_for_late_requests_it_repeats_what_it_looked_up() {
    red("always", "no-fence", "though it is looked up");
}

#[test]
fn without_what_a_writer_keeps_it_loses() {
    red("everysec", "no-watermark", "is lost");
}
