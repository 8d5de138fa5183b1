//! Whether everything was reported once.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{Rollback, Told, WriterLog};
use super::content;
use super::held::Totals;
use super::receiver::{Accepted, Again, Receiver};

/// What there is to judge by.
#[derive(Debug)]
pub struct Evidence {
    seed: u64,
    /// All writers that ever were.
    pub writers: Vec<WriterLog>,
    /// Those that were killed.
    pub killed: BTreeSet<u32>,
    /// When the server forgot, oldest first.
    pub rollbacks: Vec<Rollback>,
    /// (reporter, from, until): it died or was frozen.
    pub hurt: Vec<(u32, u64, u64)>,
    /// What is still in the storage.
    pub left: Vec<String>,
    /// Whether no request may be there twice, whoever heard of it.
    pub read_back: bool,
    /// What the storage has counted.
    pub counts: BTreeMap<String, u64>,
    /// What else was told.
    pub told: Told,
    accepted: Accepted,
}

impl Evidence {
    /// Of this receiver.
    pub fn of(receiver: &Receiver, seed: u64) -> Self {
        Self {
            seed,
            writers: Vec::new(),
            killed: BTreeSet::new(),
            rollbacks: Vec::new(),
            hurt: Vec::new(),
            left: Vec::new(),
            read_back: false,
            counts: BTreeMap::new(),
            told: Told::default(),
            accepted: receiver.accepted(),
        }
    }
}

/// Windows and the records in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many windows.
    pub windows: u64,
    /// How many records.
    pub records: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Told to CloudWatch, each window once.
    pub reported: Amount,
    /// Acknowledged, and never reported.
    pub lost: Amount,
    /// Reported more than once, other than by repeated requests.
    pub double: Amount,
    /// Acknowledged, and forgotten by the server after its writer had ended, or before it could push again and was killed.
    pub gone: Amount,
    /// Never acknowledged, and its writer killed.
    pub local: Amount,
    /// Requests that were accepted.
    pub requests: u64,
    /// Requests that were accepted again, since nobody had heard of the first time.
    pub repeated: u64,
    /// Duplicates, gaps, replayed, as the writers were told.
    pub health: [u64; 3],
    /// What else was told.
    pub told: Told,
    /// Refused with 500, expired, not answered.
    pub answers: [u64; 3],
    /// How often marks were asked for, and told.
    pub looks: u64,
    /// What the storage has counted.
    pub counts: BTreeMap<String, u64>,
    /// What must not be, in words. None: green.
    pub violations: Vec<String>,
}

impl Verdict {
    /// Judges.
    pub fn of(evidence: &Evidence) -> Self {
        let Evidence { accepted, told, .. } = evidence;
        let mut verdict = Self { requests: accepted.requests, told: told.clone(), ..Self::default() };
        verdict.answers = [accepted.refused, accepted.expired, accepted.unanswered];
        verdict.looks = accepted.looks;
        verdict.counts.clone_from(&evidence.counts);
        for (what, count) in &evidence.counts {
            // What was replayed is whole again.
            if what != "replayed" && (what != "again" || evidence.read_back) {
                verdict.violations.push(format!("the storage has counted {count} as {what}"));
            }
        }
        verdict.violations.extend(told.broken.iter().chain(&accepted.broken).cloned());
        verdict.violations.extend(evidence.left.iter().map(|key| format!("{key} was left in the storage")));
        let mut expected = Totals::new();
        for writer in &evidence.writers {
            verdict.writer(evidence, writer, &mut expected);
        }
        for again in &accepted.again {
            match explained(evidence, again) {
                true if !evidence.read_back => verdict.repeated += 1,
                true => {
                    verdict.repeated += 1;
                    let Again { claim, reporter, at, .. } = again;
                    verdict.violations.push(format!("{claim}: repeated by {reporter} at {at} though it is looked up"));
                }
                false => {
                    let first = accepted.claims[&again.claim].acceptances[again.first];
                    let Again { claim, reporter, at, .. } = again;
                    let said =
                        format!("{claim}: repeated by {reporter} at {at} though the first was heard of, {first:?}");
                    verdict.violations.push(said);
                }
            }
        }
        let series = expected.keys().chain(accepted.once.keys()).collect::<BTreeSet<_>>();
        for series in series {
            let (wanted, got) = (expected.get(series), accepted.once.get(series));
            if wanted != got {
                let [wanted, got] = [wanted, got].map(|held| held.map(|held| (held.count, held.sum)));
                verdict.violations.push(format!("{series} is not its windows: (count, sum) {got:?}, not {wanted:?}"));
            }
        }
        verdict
    }

    fn writer(&mut self, evidence: &Evidence, writer: &WriterLog, expected: &mut Totals) {
        let (number, killed) = (writer.number, evidence.killed.contains(&writer.number));
        let times = content::reported(&evidence.accepted.once, number);
        for (ours, theirs) in self.health.iter_mut().zip(writer.health) {
            *ours += theirs;
        }
        if !killed && writer.ended.is_none() {
            self.violations.push(format!("writer {number} neither ended nor was killed"));
        }
        if !killed && writer.lost > 0 {
            self.violations.push(format!("writer {number} was told that {} series are lost", writer.lost));
        }
        for window in 0..writer.taken {
            let (reported, records) = (times(window), content::records(evidence.seed, number, window));
            content::add(expected, evidence.seed, number, window, reported);
            let mut note = |amount: fn(&mut Self) -> &mut Amount, times: u64| {
                let amount = amount(self);
                amount.windows += 1;
                amount.records += records * times;
            };
            match reported {
                0 if !writer.acked(window) => note(|v| &mut v.local, 1),
                0 if writer.may_be_gone(window, &evidence.rollbacks) => note(|v| &mut v.gone, 1),
                0 => {
                    note(|v| &mut v.lost, 1);
                    self.violations.push(format!("window {window} of writer {number} is lost: {records} records"));
                }
                1 => note(|v| &mut v.reported, 1),
                more => {
                    note(|v| &mut v.reported, 1);
                    note(|v| &mut v.double, more - 1);
                    self.violations.push(format!("window {window} of writer {number} is reported {more} times"));
                }
            }
        }
        if let Some(pending @ 1..) = writer.ended {
            self.violations.push(format!("writer {number} could not push {pending} series within its time"));
        }
    }
}

/// Nobody heard that the first was accepted, or nobody who heard could tell: its reporter died or was frozen before the
/// storage had noted it, or the storage has forgotten that again.
fn explained(evidence: &Evidence, again: &Again) -> bool {
    let first = evidence.accepted.claims[&again.claim].acceptances[again.first];
    // That one was an earlier try, and came late.
    if !first.heard || again.signed < first.signed {
        return true;
    }
    let noted = evidence.told.noted.get(&(first.reporter, again.claim.clone(), first.start)).copied();
    let forgotten = |noted| evidence.rollbacks.iter().any(|rollback| (rollback.from..=rollback.to).contains(&noted));
    let mut hurt = evidence.hurt.iter().filter(|(reporter, ..)| *reporter == first.reporter);
    hurt.any(|&(_, from, until)| {
        let between = from <= again.at && until >= first.at;
        between && noted.is_none_or(|noted| noted >= from || forgotten(noted))
    })
}
