//! What it prints: on stdout what became of reports and how the storage is, on stderr what is the matter.

use std::error::Error as _;
use std::io::Write;

use meters::FlushReport;
use serde_json::{Value, json};

use crate::options::Options;
use crate::wait::Waiting;
use crate::words;

/// Whoever reads may be gone: that stops nobody.
pub(crate) fn out(line: &str) {
    let mut stdout = std::io::stdout().lock();
    _ = writeln!(stdout, "{}", line.trim_end()).and_then(|()| stdout.flush());
}

/// One line about what went wrong.
pub(crate) fn trouble(application: &str, message: &str) {
    _ = writeln!(std::io::stderr().lock(), "meters-flusher: {application}: {message}");
}

/// An error and its causes in one line.
pub(crate) fn line(error: &meters::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Causes that say the same again are many in what comes from a network.
        if !text.contains(&more) {
            text = format!("{text} ({more})");
        }
        cause = error.source();
    }
    words::own(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What became of a report.
pub(crate) fn report(options: &Options, application: &str, report: &FlushReport) {
    report_and(options, application, report, None);
}

/// The same, and what waits in the storage for its time.
pub(crate) fn report_and(options: &Options, application: &str, report: &FlushReport, waiting: Option<&Waiting>) {
    if options.json {
        let waiting = waiting.map(Waiting::as_json);
        out(&json!({ "application": application, "report": as_json(report), "waiting": waiting }).to_string());
        return;
    }
    let mut text = report.to_string();
    if let Some(waiting) = waiting {
        // Of this process, which has nothing of its own.
        text = text.replacen(", nothing pending", "", 1);
        text = format!("{text}; {waiting}");
    }
    out(&format!("{application}: {text}"));
}

pub(crate) fn as_json(report: &FlushReport) -> Value {
    json!({
        "sent": report.sent,
        "refused": report.refused,
        "dropped": report.dropped,
        "ambiguous": report.ambiguous,
        "requests": report.requests,
        "bytes": report.bytes,
        "seconds": report.took.as_secs_f64(),
        "complete": report.is_complete(),
        "off": report.off,
        "error": report.error.as_ref().map(line),
    })
}

/// One line about what stops everything.
pub(crate) fn complain(message: &str) {
    _ = writeln!(std::io::stderr().lock(), "meters-flusher: {message}");
}
