//! Runs, as a table in Markdown.

use std::fmt::Write as _;

use super::campaign::Run;
use super::options::Control;

/// A row for each run, and what happened in each.
pub fn table(runs: &[Run]) -> String {
    let mut text =
        "| mode | seed | reported | LOST | DOUBLE | repeated / requests | duplicates / gaps / replayed | taken over | \
                    acknowledged and gone | never pushed |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
    for run in runs {
        let verdict = &run.verdict;
        let control = if run.control == Control::Off { String::new() } else { format!(", {}", run.control.name()) };
        let read_back = if run.read_back { ", read back" } else { "" };
        let [duplicates, gaps, replayed] = verdict.health;
        writeln!(
            text,
            "| {}{control}{read_back}, {} s | {} | {} | {} | {} | {} / {} | {duplicates} / {gaps} / {replayed} | {} | {} | {} |",
            run.mode.name(),
            run.seconds.as_secs(),
            run.seed,
            verdict.reported.records,
            verdict.lost.records,
            verdict.double.records,
            verdict.repeated,
            verdict.requests,
            verdict.told.count("taken over"),
            verdict.gone.records,
            verdict.local.records,
        )
        .unwrap();
    }
    for run in runs {
        let read_back = if run.read_back { ", read back" } else { "" };
        write!(text, "\n{}{read_back}, seed {}:", run.mode.name(), run.seed).unwrap();
        let [refused, expired, unanswered] = run.verdict.answers;
        let receiver =
            [("500", refused), ("expired", expired), ("not answered", unanswered), ("looked up", run.verdict.looks)];
        for (name, count) in run.faults.iter().map(|(name, count)| (*name, *count)).chain(receiver) {
            write!(text, " {name} {count};").unwrap();
        }
        text.push('\n');
        for (what, count) in &run.verdict.told.counts {
            write!(text, "  {what} {count};").unwrap();
        }
        text.push('\n');
        for (trouble, count) in &run.verdict.told.troubles {
            writeln!(text, "  {count} times: {trouble}").unwrap();
        }
        writeln!(text, "  counted by the storage: {:?}", run.verdict.counts).unwrap();
        let violations = &run.verdict.violations;
        for violation in violations.iter().take(20) {
            writeln!(text, "VIOLATION {violation}").unwrap();
        }
        if !violations.is_empty() {
            writeln!(text, "journals: {}", run.journals.display()).unwrap();
        }
        if violations.len() > 20 {
            writeln!(text, "and {} more", violations.len() - 20).unwrap();
        }
    }
    text
}
