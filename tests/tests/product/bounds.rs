//! What is too much, too small, or no number; and texts that no dimension has: one rule each, and no batch is broken.

use meters::{Dimension, monitored};
use meters_local::DatumValue;

use crate::alone::alone;
use crate::stage::Stage;

/// 2^360, the most that CloudWatch takes.
const LIMIT: f64 = meters_core::VALUE_LIMIT;

#[test]
fn numbers_that_no_metric_has_are_refused_and_counted_and_the_others_arrive() {
    // Alone: the number of refused observations is that of the process.
    alone("bounds::numbers_that_no_metric_has_are_refused_and_counted_and_the_others_arrive", &[], || {
        let stage = Stage::new();
        let registry = &stage.registry;
        let (size, level) = (registry.histogram("Size").register(), registry.gauge("Level").register());
        let before = meters::refused();
        let none = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308, LIMIT * 2.0, f64::MAX];
        for value in none {
            size.observe(value);
            level.set(value);
            registry.put("Batch", value);
            registry.put_statistic("Rows", value);
        }
        assert_eq!(meters::refused() - before, none.len() as u64 * 4);
        // Of a distribution nothing is negative; of the others it may be.
        size.observe(-1.0);
        assert_eq!(meters::refused() - before, none.len() as u64 * 4 + 1);
        for value in [0.0, -0.0, 1.0, LIMIT] {
            size.observe(value);
            level.set(value);
            registry.put("Batch", value);
        }
        level.set(-2.5);
        registry.put("Batch", -3.0);
        registry.put_statistic("Rows", 0.0);
        assert_eq!(meters::refused() - before, none.len() as u64 * 4 + 1);

        assert_eq!(stage.flush().sent, 4);
        let size = stage.cw.metric("Size");
        assert_eq!((size.sample_count(), size.sum()), (4.0, Some(LIMIT)));
        assert_eq!((size.minimum(), size.maximum()), (Some(0.0), Some(LIMIT)));
        assert_eq!(stage.cw.metric("Level").datums()[0].value, DatumValue::Value(-2.5));
        let batch = stage.cw.metric("Batch");
        assert_eq!((batch.sample_count(), batch.minimum(), batch.maximum()), (5.0, Some(-3.0), Some(LIMIT)));
        assert_eq!((stage.cw.metric("Rows").sample_count(), stage.cw.metric("Rows").sum()), (1.0, Some(0.0)));
    });
}

#[test]
fn what_is_smaller_than_cloudwatch_takes_counts_as_zero() {
    let stage = Stage::new();
    let size = stage.registry.histogram("Size").register();
    for value in [f64::MIN_POSITIVE, 1e-300, 5e-324, 1.0] {
        size.observe(value);
    }
    stage.flush();
    let size = stage.cw.metric("Size");
    assert_eq!((size.sample_count(), size.minimum(), size.maximum()), (4.0, Some(0.0), Some(1.0)));
}

/// Texts that a user may send as a header, and a program pass on.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\t\r\n",
        "\0",
        "\u{1f}",
        "\u{7f}",
        ":colon",
        "😀",
        "e\u{301}",
        "\u{202e}abc",
        "\u{feff}",
        "a\"b\\c",
        "日本",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(1 << 20));
    texts.push("😀".repeat(1 << 18));
    texts.push(format!("{}é", "x".repeat(1023)));
    texts.push("x".repeat(1024));
    texts
}

#[monitored(name = "Bounded", dimensions(User = user))]
fn bounded(user: &str) {
    _ = user;
}

#[test]
fn no_text_breaks_a_batch_and_none_is_lost() {
    let stage = Stage::new();
    let texts = texts();
    for text in &texts {
        let orders = stage.registry.counter("Orders").dimension("User", text.as_str());
        orders.register().inc(1);
        stage.registry.put("Batch", 1.0).dimension("User", text.as_str());
    }
    let report = stage.flush();
    assert_eq!((report.refused, report.requests), (0, 1), "{report}");
    for name in ["Orders", "Batch"] {
        let metric = stage.cw.metric(name);
        assert_eq!(metric.sum(), Some(texts.len() as f64), "{name}");
        for text in &texts {
            let clean = Dimension::cleaned_value(text);
            let alike = texts.iter().filter(|other| Dimension::cleaned_value(other) == clean).count();
            assert_eq!(stage.cw.metric(name).with("User", &*clean).sum(), Some(alike as f64), "{clean:.40}");
        }
    }
}

#[test]
fn no_argument_of_an_annotated_function_breaks_a_batch() {
    let stage = Stage::global();
    let texts = texts();
    texts.iter().for_each(|text| bounded(text));
    stage.flush();
    let mut clean: Vec<_> = texts.iter().map(|text| Dimension::cleaned_value(text)).collect();
    let calls = stage.cw.metric("Bounded");
    assert_eq!(calls.sample_count(), texts.len() as f64);
    clean.sort();
    clean.dedup();
    assert_eq!(calls.series().len(), clean.len());
}
