//! What became of a shape, in a few words.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use super::{Expected, Section, Shape};
use crate::{Built, TOOLS};

/// One cell of the table.
pub struct Cell {
    pub text: String,
    compiles: bool,
    /// All that the tool has a word for is right.
    right: bool,
    /// The duration covers what was surely spent; `None` where nothing was to be timed.
    timed: Option<bool>,
    /// Errors, panics, cancelled: seen, where they were to be seen.
    seen: [Option<bool>; 3],
}

const OUTCOMES: [&str; 3] = ["error", "panic", "cancelled"];

/// What a tool said when it ran.
struct Reported {
    calls: u64,
    outcomes: [Option<u64>; 3],
    nanoseconds: u64,
    spent: u64,
}

pub(super) fn judge(shape: &Shape, tool: &str, built: &Built, lint: Option<String>) -> Cell {
    let Some(executable) = &built.executable else {
        let error = built.error.as_deref().unwrap_or("not built");
        let error = error.lines().next().unwrap_or_default();
        let at = if built.at.is_empty() { String::new() } else { format!(", at `{}`", built.at) };
        eprintln!("{tool}: {} does not compile\n{}", shape.slug, built.rendered);
        let text = match shape.expected {
            Expected::Refused => format!("{error}{at}"),
            Expected::Calls { .. } => format!("**does not compile**: {error}{at}"),
        };
        return Cell { text, compiles: false, right: false, timed: None, seen: [None; 3] };
    };
    let Expected::Calls { ok, errors, panics, cancelled } = shape.expected else {
        return Cell { text: "compiles".to_owned(), compiles: true, right: false, timed: None, seen: [None; 3] };
    };
    let output = Command::new(executable).output().expect("what was built can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let Some(reported) = said.lines().find_map(reported) else {
        let said = String::from_utf8_lossy(&output.stderr);
        eprintln!("{tool}: {} failed\n{said}", shape.slug);
        let text = "**fails when it runs**".to_owned();
        return Cell { text, compiles: true, right: false, timed: Some(false), seen: [None; 3] };
    };
    let mut faults = Vec::new();
    let calls = ok + errors + panics + cancelled;
    let mut timed = None;
    if reported.calls < calls {
        let (of, counted) = (calls, reported.calls);
        faults.push(if counted == 0 { "not counted".to_owned() } else { format!("{counted} of {of} calls counted") });
        timed = Some(false);
    } else if reported.calls > calls {
        faults.push(format!("{} calls counted, {calls} made", reported.calls));
    }
    if calls > 0 && reported.calls > 0 {
        timed = Some(reported.nanoseconds >= reported.spent && reported.calls >= calls);
        if reported.nanoseconds * 10 < reported.spent {
            faults.push("times the making only".to_owned());
        } else if reported.nanoseconds < reported.spent {
            faults.push("time not covered".to_owned());
        }
    }
    let (mut seen, mut wordless) = ([None; 3], 0);
    for (nth, wanted) in [errors, panics, cancelled].into_iter().enumerate() {
        let found = reported.outcomes[nth];
        if wanted > 0 {
            seen[nth] = Some(found == Some(wanted));
        }
        if found.unwrap_or(0) < wanted && reported.calls > 0 {
            faults.push(format!("{} not seen", OUTCOMES[nth]));
            wordless += usize::from(found.is_none());
        } else if found.is_some_and(|found| found > wanted) {
            faults.push(format!("{} {} reported, {wanted} made", found.unwrap_or(0), OUTCOMES[nth]));
        }
    }
    if let Some(lint) = lint {
        faults.push(format!("clippy: {lint}"));
    }
    let text = if faults.is_empty() { "ok".to_owned() } else { faults.join("; ") };
    Cell { text, compiles: true, right: faults.len() == wordless, timed, seen }
}

fn reported(line: &str) -> Option<Reported> {
    let mut words = line.strip_prefix("seen ")?.split(' ').map(|word| word.parse::<u64>().ok());
    let calls = words.next()??;
    let outcomes = [words.next()?, words.next()?, words.next()?];
    Some(Reported { calls, outcomes, nanoseconds: words.next()??, spent: words.next()?? })
}

/// How many of how many, for each tool; the refused shapes apart.
pub(super) fn summary(sections: &[Section], tried: &BTreeMap<&str, BTreeMap<String, Cell>>) -> String {
    let heading = format!("\n| | {} |\n|---{}|\n", TOOLS.join(" | "), "|---".repeat(TOOLS.len()));
    let shapes: Vec<&Shape> = sections.iter().flat_map(|section| &section.shapes).collect();
    let wanted: Vec<&Shape> = shapes.into_iter().filter(|shape| !matches!(shape.expected, Expected::Refused)).collect();
    let mut text = heading;
    let mut row = |name: &str, of: usize, count: &dyn Fn(&Cell) -> bool| {
        let cells =
            TOOLS.map(|tool| wanted.iter().filter(|shape| count(&tried[tool][&shape.slug])).count().to_string());
        let _ = writeln!(text, "| {name} ({of}) | {} |", cells.join(" | "));
    };
    let outcome = |nth: usize| {
        let made = |shape: &&&Shape| match shape.expected {
            Expected::Calls { errors, panics, cancelled, .. } => [errors, panics, cancelled][nth] > 0,
            Expected::Refused => false,
        };
        wanted.iter().filter(made).count()
    };
    let called = |shape: &&&Shape| matches!(shape.expected, Expected::Calls { ok, errors, panics, cancelled } if ok + errors + panics + cancelled > 0);
    row("compiles", wanted.len(), &|cell| cell.compiles);
    row("the time is covered", wanted.iter().filter(called).count(), &|cell| cell.timed == Some(true));
    row("errors are seen", outcome(0), &|cell| cell.seen[0] == Some(true));
    row("panics are seen", outcome(1), &|cell| cell.seen[1] == Some(true));
    row("cancelled calls are seen", outcome(2), &|cell| cell.seen[2] == Some(true));
    row("right in all that the tool has a word for", wanted.len(), &|cell| cell.right);
    text
}
