//! `promtool check metrics` takes every page.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use meters_core::{Registry, Unit};
use meters_prometheus::{Exposition, Format};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::made::{alone, metrics, snapshot};
use crate::round_trip::written;

const PAGES: usize = 100;

/// Of Debian's package `prometheus`.
fn promtool(page: &[u8]) -> Output {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("promtool was not found, install prometheus: {error}"));
    child.stdin.take().unwrap().write_all(page).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn every_page_is_taken() {
    let mut runner = TestRunner::default();
    let mut all = Vec::new();
    for nth in 0..PAGES {
        // One page of all: a prefix each keeps them apart.
        let exposition = Exposition::builder().prefix(format!("page{nth}")).label("env", "\"\\\n☃").build().unwrap();
        let _one = alone();
        let snapshot = snapshot(&metrics(20).new_tree(&mut runner).unwrap().current());
        all.extend(written(&exposition, &snapshot, Format::TEXT));
    }
    let output = promtool(&all);
    let said = String::from_utf8_lossy(&output.stderr);
    // 3: it was read, and its advice on style is not heard by hostile names.
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(!said.contains("parsing error"), "{said}");
}

#[test]
fn names_in_the_style_of_prometheus_leave_nothing_to_say() {
    let registry = Registry::new();
    let described = "What it is.";
    registry.counter("orders").description(described).register().inc(1);
    registry.counter("done_total").unit(Unit::Milliseconds).description(described).register().inc(1);
    registry.meter("events").description(described).register().mark(1);
    registry.gauge("heap").unit(Unit::Kilobytes).description(described).register().set(1.0);
    registry.gauge("full").unit(Unit::Percent).description(described).register().set(1.0);
    registry.histogram("load").unit(Unit::Milliseconds).description(described).register().observe(1.0);
    registry.summary("wait").unit(Unit::Seconds).description(described).register().observe(1.0);
    registry.monitor("checkout").description(described).register().enter_async().finish(meters_core::Ended::Ok);
    let output = promtool(&written(&Exposition::new(), &registry.snapshot(), Format::TEXT));
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""));
}
