//! Whether recorded = sent + pending + refused + dropped, by count and by sum.

use std::collections::BTreeMap;

use meters::Ambiguous;
use meters_local::{Datum, Fault, LoggedRequest};

use crate::account::{Fate, Flush, Identity, Told, fates, identity};
use crate::ledger::{Expected, Key, Ledger, content, key_of};
use crate::schedule::Bound;
use crate::table::{Tally, tally};

/// All that is known of a schedule that is over.
pub(crate) struct Case<'c> {
    pub(crate) requests: &'c [LoggedRequest],
    pub(crate) stored: &'c [Datum],
    pub(crate) ledger: &'c Ledger,
    pub(crate) flushes: &'c [Flush],
    pub(crate) told: &'c Told,
    pub(crate) on_ambiguous: Ambiguous,
    pub(crate) most: usize,
    pub(crate) bound: Bound,
    pub(crate) away: u64,
}

/// What a schedule came to.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) violations: Vec<String>,
    /// A flush gave no report in time, so that nothing can be said.
    pub(crate) inconclusive: bool,
    pub(crate) tally: Tally,
}

/// Sums of what the reports say.
#[derive(Default)]
struct Sums {
    sent: u64,
    refused: u64,
    dropped: u64,
    ambiguous: u64,
    pending: u64,
}

fn sums(flushes: &[Flush]) -> Sums {
    let mut sums = Sums::default();
    for Flush { report, .. } in flushes {
        sums.sent += report.sent;
        sums.refused += report.refused;
        sums.dropped += report.dropped;
        sums.ambiguous += report.ambiguous;
        sums.pending = report.pending;
    }
    sums
}

pub(crate) fn judge(case: &Case<'_>) -> Verdict {
    let (fates, sums) = (fates(case.requests), sums(case.flushes));
    let mut tally = tally(case.requests, &fates, &case.told.refused);
    tally.records = case.ledger.records;
    tally.datums = case.ledger.predicted();
    (tally.sent, tally.refused, tally.dropped, tally.ambiguous) =
        (sums.sent, sums.refused, sums.dropped, sums.ambiguous);
    tally.away = case.away;
    if case.on_ambiguous == Ambiguous::Resend {
        match case.bound {
            Bound::Default => {}
            Bound::Bytes => tally.too_many = beyond(case),
            Bound::Age(_) => tally.too_old = beyond(case),
        }
    }
    if case.flushes.iter().any(|flush| flush.mute) {
        // Nor in its sums, for its last word is missing there.
        return Verdict { inconclusive: true, ..Verdict::default() };
    }
    let mut violations = Vec::new();
    by_count(case, &sums, &mut violations);
    by_content(case, &fates, &mut violations);
    by_fate(case, &fates, &sums, &mut violations);
    Verdict { violations, inconclusive: false, tally }
}

/// Each datum that was recorded is in exactly one of the four.
fn by_count(case: &Case<'_>, sums: &Sums, violations: &mut Vec<String>) {
    let Sums { sent, refused, dropped, pending, .. } = *sums;
    let predicted = case.ledger.predicted();
    if predicted != sent + refused + dropped + pending {
        violations.push(format!(
            "{predicted} datums recorded, {sent} sent + {refused} refused + {dropped} dropped + {pending} pending"
        ));
    }
    let told: u64 = case.told.refused.values().sum();
    if told != refused {
        violations.push(format!("{refused} datums refused, and {told} told of"));
    }
    if beyond(case) > 0 && case.bound == Bound::Default && case.on_ambiguous == Ambiguous::Resend {
        // Only a reporter that ends gives up anything.
        violations.push("datums were dropped by a flush that was not the last".to_owned());
    }
}

/// Datums that were given up by one who goes on: for a bound, or since nobody knows whether they were counted.
fn beyond(case: &Case<'_>) -> u64 {
    case.flushes.iter().filter(|flush| !flush.last).map(|flush| flush.report.dropped).sum()
}

/// Each datum says what was recorded in its window, and none comes of nowhere.
fn by_content(case: &Case<'_>, fates: &BTreeMap<Identity, Fate>, violations: &mut Vec<String>) {
    let mut seen: BTreeMap<(usize, &Key), u64> = BTreeMap::new();
    for request in case.requests {
        for datum in &request.contents {
            let key = key_of(datum);
            let window = case.ledger.window_of(datum.timestamp);
            let expected = window.and_then(|window| {
                let (known, expected) = case.ledger.windows[window].2.get_key_value(&key)?;
                Some((window, known, *expected))
            });
            match expected {
                Some((window, known, expected)) if says(datum, expected) => _ = seen.insert((window, known), 1),
                Some((window, _, expected)) => {
                    let content = content(&datum.value);
                    violations.push(format!("window {window}: {key:?} says {content:?} instead of {expected:?}"));
                }
                None => violations.push(format!("{key:?} of {window:?} was sent and never recorded: {datum:?}")),
            }
        }
    }
    // One identity a window and key: what is sent again is the same to the bit.
    if seen.len() != fates.len() {
        violations.push(format!("{} datums were sent in {} shapes", seen.len(), fates.len()));
    }
    let mut kept: Vec<_> = case.stored.iter().map(identity).collect();
    let stored = case.requests.iter().filter(|request| request.stored).flat_map(|request| &request.contents);
    let mut logged: Vec<_> = stored.map(identity).collect();
    kept.sort_unstable();
    logged.sort_unstable();
    if kept != logged {
        violations.push(format!("the receiver holds {} datums and logged {}", kept.len(), logged.len()));
    }
}

fn says(datum: &Datum, expected: Expected) -> bool {
    let (count, sum) = content(&datum.value);
    let close = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(other.abs());
    // A difference of two large sums of nanoseconds has fewer digits.
    expected.count.is_none_or(|expected| close(count, expected))
        && (close(sum, expected.sum) || (sum - expected.sum).abs() < 1e-3)
}

/// What is stored is what was sent, and what is stored twice was ambiguous and told of.
fn by_fate(case: &Case<'_>, fates: &BTreeMap<Identity, Fate>, sums: &Sums, violations: &mut Vec<String>) {
    let total = |count: &dyn Fn(&Fate) -> u64| fates.values().map(count).sum::<u64>();
    let distinct = total(&|fate| u64::from(fate.stored > 0));
    let extra = total(&|fate| fate.stored.saturating_sub(1));
    let answered = total(&|fate| fate.answered);
    let doubled = total(&|fate| fate.answered.saturating_sub(1));
    let unanswered_only = total(&|fate| u64::from(fate.stored > 0 && fate.answered == 0));
    // Stored and answered, and yet not told as sent: the answer came when nobody waited any more.
    let Some(late) = answered.checked_sub(sums.sent) else {
        return violations.push(format!("{} datums told as sent, and {answered} acknowledged", sums.sent));
    };
    let slack = slack(case);
    if late > slack.late {
        violations.push(format!("{answered} datums acknowledged, and only {} told as sent", sums.sent));
    }
    if doubled > late {
        violations.push(format!("{doubled} datums were sent again after they had been acknowledged"));
    }
    let only = distinct - sums.sent.min(distinct);
    if distinct < sums.sent || !(unanswered_only..=unanswered_only + late).contains(&only) {
        violations.push(format!("{distinct} datums stored, {} sent, {unanswered_only} unanswered", sums.sent));
    }
    if extra > sums.ambiguous {
        violations.push(format!("{extra} datums stored once more, and only {} ambiguous", sums.ambiguous));
    }
    if case.on_ambiguous == Ambiguous::Drop && extra > 0 {
        violations.push(format!("{extra} datums stored once more, although the ambiguous were to be dropped"));
    }
    let unanswered: u64 = case
        .requests
        .iter()
        .filter(|request| request.status.is_none())
        .map(|request| request.contents.len() as u64)
        .sum();
    let known = unanswered + late;
    if !(known..=known + slack.unseen).contains(&sums.ambiguous) {
        let told = sums.ambiguous;
        violations.push(format!("{told} ambiguous datums told, {unanswered} unanswered and {late} late: {slack:?}"));
    }
}

/// What the receiver cannot know, at the most.
#[derive(Debug, Default)]
struct Slack {
    /// Datums whose answer may have come too late.
    late: u64,
    /// Datums of requests that it never read to their end, or answered with an error too late.
    unseen: u64,
}

fn slack(case: &Case<'_>) -> Slack {
    let most = case.most.min(largest(case)) as u64;
    let mut slack = Slack::default();
    for flush in case.flushes {
        let requests = &case.requests[flush.requests.clone()];
        // A flush that ends within a request may miss its answer, or the receiver the request; where the last one hung, and
        // all were seen, it did not.
        let hung = requests
            .last()
            .is_some_and(|last| matches!(last.fault, Fault::HangBeforeStoring | Fault::HangAfterStoring));
        if flush.late && !(hung && flush.report.requests == requests.len() as u64) {
            slack.late += most;
            slack.unseen += most;
        }
        let torn = requests.iter().filter(|request| request.fault == Fault::ResetMidBody).count();
        slack.unseen += torn as u64 * most;
    }
    // A connection that was kept is found dead only when it is used.
    slack.unseen += case.away * most;
    slack
}

fn largest(case: &Case<'_>) -> usize {
    case.ledger.predicted() as usize
}
