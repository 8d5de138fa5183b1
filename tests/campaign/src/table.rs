//! The table of faults: how often, and what became of the datums.

use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;

use meters_local::{Fault, LoggedRequest};

use crate::account::{Fate, Identity, identity};
use crate::ledger::Key;
use crate::verdict::Verdict;

/// Requests that met one fault, what was done about them, and what became of their datums in the end.
#[derive(Clone, Copy, Default)]
pub(crate) struct Line {
    requests: u64,
    /// Answered with success.
    taken: u64,
    /// Made again with all that they held.
    again: u64,
    /// Made again with a part of it.
    split: u64,
    /// Not made again: all of it was refused or given up.
    ended: u64,
    /// Never answered: what they held is told as ambiguous, whatever was done then.
    ambiguous: u64,
    datums: u64,
    once: u64,
    more: u64,
    refused: u64,
    dropped: u64,
}

/// The figures of one schedule, or of many.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    pub(crate) datums: u64,
    pub(crate) sent: u64,
    pub(crate) refused: u64,
    pub(crate) dropped: u64,
    pub(crate) ambiguous: u64,
    pub(crate) away: u64,
    /// Datums given up for the bound of bytes, and for that of age, before any shutdown.
    pub(crate) too_many: u64,
    pub(crate) too_old: u64,
    lines: BTreeMap<String, Line>,
}

/// The fault by its name, without its figures.
fn name(request: &LoggedRequest) -> String {
    match (&request.fault, request.error) {
        (Fault::Pass, Some("InvalidParameterValue")) => "Poison".to_owned(),
        (Fault::Status(status), _) => format!("Status({status})"),
        (fault, _) => {
            let text = format!("{fault:?}");
            text.split('(').next().unwrap_or_default().to_owned()
        }
    }
}

pub(crate) fn tally(
    requests: &[LoggedRequest],
    fates: &BTreeMap<Identity, Fate>,
    refused: &BTreeMap<Key, u64>,
) -> Tally {
    let mut tally = Tally::default();
    // By the first datum of each: that is how a request is found again.
    let mut last: BTreeMap<Identity, usize> = BTreeMap::new();
    for request in requests.iter().rev() {
        let line = tally.lines.entry(name(request)).or_default();
        line.requests += 1;
        line.ambiguous += u64::from(request.status.is_none());
        let later = request.contents.first().map(|first| last.insert(identity(first), request.contents.len()));
        match later {
            _ if request.status == Some(200) => line.taken += 1,
            // Of a body that was not read nothing is known.
            None => {}
            Some(None) => line.ended += 1,
            Some(Some(held)) if held < request.contents.len() => line.split += 1,
            Some(Some(_)) => line.again += 1,
        }
        line.datums += request.contents.len() as u64;
        for datum in &request.contents {
            let identity = identity(datum);
            match fates.get(&identity).map_or(0, |fate| fate.stored) {
                0 if refused.contains_key(&identity.0) => line.refused += 1,
                0 => line.dropped += 1,
                1 => line.once += 1,
                _ => line.more += 1,
            }
        }
    }
    tally
}

/// The figures of a whole run.
#[derive(Default)]
pub(crate) struct Table {
    schedules: u64,
    inconclusive: u64,
    violated: Vec<u64>,
    sum: Tally,
}

impl Table {
    pub(crate) fn add(&mut self, seed: u64, verdict: Verdict) {
        self.schedules += 1;
        self.inconclusive += u64::from(verdict.inconclusive);
        if !verdict.violations.is_empty() {
            self.violated.push(seed);
        }
        let (sum, one) = (&mut self.sum, verdict.tally);
        sum.records += one.records;
        sum.datums += one.datums;
        sum.sent += one.sent;
        sum.refused += one.refused;
        sum.dropped += one.dropped;
        sum.ambiguous += one.ambiguous;
        sum.away += one.away;
        sum.too_many += one.too_many;
        sum.too_old += one.too_old;
        for (name, line) in one.lines {
            let held = sum.lines.entry(name).or_default();
            held.requests += line.requests;
            held.taken += line.taken;
            held.again += line.again;
            held.split += line.split;
            held.ended += line.ended;
            held.ambiguous += line.ambiguous;
            held.datums += line.datums;
            held.once += line.once;
            held.more += line.more;
            held.refused += line.refused;
            held.dropped += line.dropped;
        }
    }

    /// Fails on a violation, and where so much was inconclusive that the rest says little.
    pub(crate) fn verdict(&self) -> ExitCode {
        let proven = self.violated.is_empty() && self.schedules > 0 && self.inconclusive * 20 <= self.schedules;
        ExitCode::from(u8::from(!proven))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| fault | requests | taken | retried | split | given up | ambiguous | datums | stored once | more often | refused | dropped |"
        )?;
        writeln!(f, "|---|{}", "---:|".repeat(11))?;
        for (name, line) in &self.sum.lines {
            let Line { requests, taken, again, split, ended, ambiguous, .. } = line;
            write!(f, "| {name} | {requests} | {taken} | {again} | {split} | {ended} | {ambiguous} ")?;
            let Line { datums, once, more, refused, dropped, .. } = line;
            writeln!(f, "| {datums} | {once} | {more} | {refused} | {dropped} |")?;
        }
        writeln!(f, "| endpoint away | {} times |{}", self.sum.away, " |".repeat(10))?;
        let Tally { records, datums, sent, refused, dropped, ambiguous, too_many, too_old, .. } = &self.sum;
        writeln!(f, "\n{records} records made {datums} datums:")?;
        writeln!(f, "{sent} sent + {refused} refused + {dropped} dropped; {ambiguous} told as ambiguous")?;
        writeln!(f, "of the dropped, {too_many} beyond max_pending_bytes and {too_old} beyond max_pending_age")?;
        write!(f, "{} schedules, {} violations", self.schedules, self.violated.len())?;
        if self.inconclusive > 0 {
            write!(f, ", {} inconclusive: the machine was too busy for a report", self.inconclusive)?;
        }
        for seed in &self.violated {
            write!(f, "\nagain: cargo run -p meters-campaign -- --replay {seed}")?;
        }
        Ok(())
    }
}
