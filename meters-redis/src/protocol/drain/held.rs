//! A claim as its owner sees it.

use std::ops::Range;
use std::time::Duration;

use meters_core::storage::{Fate, Progress};

use super::super::keys::Field;
use super::ranges::Ranges;

/// How far a claim has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Claimed, but the server could forget that.
    Fresh,
    /// It cannot any more; whether it did meanwhile is to be seen.
    Settled,
    /// Nothing can take it from its owner before the deadline.
    Durable,
    /// The user has it.
    Ready,
    /// The user gave it back.
    Left,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Held {
    pub(super) period: u64,
    pub(super) late: bool,
    /// Taken over from another.
    pub(super) taken: bool,
    pub(super) stage: Stage,
    /// The term: when it was claimed by the server's clock, in microseconds. Whoever has another is refused.
    pub(super) at: String,
    pub(super) attempt: u64,
    /// When it is not ours any more.
    pub(super) deadline: Duration,
    pub(super) epoch: String,
    /// The first of the seconds for the marks of its requests; 0 for none.
    pub(super) mark: u64,
    /// The server lost everything: nobody else knows of this claim, and none can take it away.
    pub(super) detached: bool,
    pub(super) fields: Vec<Field>,
    /// Some of its batches were perhaps reported in a claim that was given up.
    pub(super) tainted: bool,
    pub(super) datums: Option<u32>,
    /// What it was encoded to, as the server notes it; empty before that is known.
    pub(super) plan: String,
    pub(super) done: Ranges,
    /// Requests under way, oldest first.
    pub(super) marks: Vec<Mark>,
    /// What may have arrived, and was not found out.
    pub(super) doubtful: Ranges,
    /// Entries of it that nobody could read.
    pub(super) damaged: u32,
    /// Not to be given out before, since one of these may arrive until then.
    pub(super) rests: Duration,
    /// What is done, and how it is noted: noted again where the server forgets.
    pub(super) acks: Vec<(Range<u32>, String)>,
    /// A request was made, or may have been.
    pub(super) begun: bool,
    pub(super) tokens: u64,
}

impl Held {
    pub(super) fn new(period: u64, at: String, attempt: u64, deadline: Duration, epoch: String) -> Self {
        Self {
            period,
            late: false,
            taken: false,
            stage: Stage::Fresh,
            at,
            attempt,
            deadline,
            epoch,
            mark: 0,
            detached: false,
            fields: Vec::new(),
            tainted: false,
            datums: None,
            plan: String::new(),
            done: Ranges::default(),
            marks: Vec::new(),
            doubtful: Ranges::default(),
            damaged: 0,
            rests: Duration::ZERO,
            acks: Vec::new(),
            begun: false,
            tokens: 0,
        }
    }

    /// A new term, of which only the server's side is known: what was done before it still is.
    pub(super) fn renew(&mut self, term: Held) {
        let old = std::mem::replace(self, term);
        self.done = old.done;
        self.plan = old.plan;
        self.fields = old.fields;
        self.begun = old.begun;
        self.taken = old.taken;
        self.marks = old.marks;
        self.marks.retain(|mark| mark.sent.is_some());
        self.damaged = old.damaged;
        self.rests = old.rests;
    }

    /// A request was made.
    pub(super) fn sent(&mut self, datums: &Range<u32>, now: Duration) {
        if let Some(mark) = self.marks.iter_mut().rfind(|mark| mark.range == *datums) {
            mark.sent = Some(now);
        }
    }

    /// It is left: what may still arrive is waited for, where it is looked up.
    pub(super) fn rest(&mut self, read_back: Option<Duration>) {
        let last = self.marks.iter().filter_map(|mark| mark.sent).max();
        if let (Some(time), Some(last)) = (read_back, last) {
            self.rests = last + time;
        }
    }

    /// The name of a request's mark: the same when it is asked again before it is made.
    pub(super) fn mark(&mut self, datums: &Range<u32>) -> String {
        match self.marks.iter().rfind(|mark| mark.range == *datums) {
            Some(mark) if mark.sent.is_none() => return mark.token.clone(),
            // Made before, and made again.
            Some(_) => self.doubtful.insert(datums.clone()),
            None => {}
        }
        let token = self.token();
        self.marks.push(Mark { range: datums.clone(), token: token.clone(), sent: None, old: false });
        token
    }

    fn token(&mut self) -> String {
        self.tokens += 1;
        format!("{}.{}", self.attempt, self.tokens)
    }

    /// Notes the end of a request, and returns its mark; an empty one for all that there are of these datums.
    pub(super) fn end(&mut self, datums: &Range<u32>, fate: Fate) -> String {
        let inside = |mark: &Mark| datums.start <= mark.range.start && mark.range.end <= datums.end;
        let last = self.marks.iter().rposition(|mark| mark.range == *datums);
        if fate == Fate::NotSent {
            if let Some(place) = last.filter(|place| !self.marks[*place].old) {
                // That says nothing of those before it.
                return self.marks.remove(place).token;
            }
            self.marks.retain(|mark| !inside(mark));
            self.doubtful.remove(datums);
            return String::new();
        }
        let token = last.map(|place| self.marks[place].token.clone());
        let token = token.unwrap_or_else(|| self.token());
        self.marks.retain(|mark| !inside(mark));
        self.doubtful.remove(datums);
        self.done.insert(datums.clone());
        self.acks.push((datums.clone(), token.clone()));
        token
    }

    /// Whether another may have it at once. What nobody else knows of is nobody's to take.
    pub(super) fn may_be_given_back(&self) -> bool {
        !self.detached && self.marks.iter().all(|mark| mark.sent.is_none())
    }

    pub(super) fn is_done(&self) -> bool {
        self.datums.is_some_and(|datums| self.done.covers(datums))
    }

    /// What earlier owners did, by the notes that they left.
    pub(super) fn progress(&mut self, datums: u32, noted: Noted) -> Progress {
        self.datums = Some(datums);
        if noted.changed {
            (self.done, self.acks) = (Ranges::default(), Vec::new());
        }
        let mut whole = Ranges::default();
        whole.insert(0..datums);
        let inside = |ranges: Vec<Range<u32>>| {
            ranges.into_iter().map(|range| range.start.min(datums)..range.end.min(datums)).collect::<Ranges>()
        };
        for mark in &mut self.marks {
            mark.old = true;
        }
        let unheard = self.marks.iter().filter(|mark| mark.sent.is_some()).map(|mark| mark.range.clone());
        let mut doubtful = inside(noted.marks.into_iter().chain(unheard).collect());
        if noted.mixed || noted.doubt || self.tainted {
            doubtful = whole;
        }
        let earlier = inside(noted.acks).into_vec();
        earlier.into_iter().for_each(|range| self.done.insert(range));
        let doubtful = doubtful.without(&self.done);
        self.begun |= !self.done.is_empty() || !doubtful.is_empty();
        self.doubtful = doubtful.clone();
        let mut progress = Progress::default();
        progress.done = self.done.clone().into_vec();
        progress.doubtful = doubtful.into_vec();
        progress.changed = noted.changed;
        progress.unmarked = noted.changed || noted.mixed || self.tainted;
        progress
    }
}

/// A request that was announced.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    range: Range<u32>,
    /// What it is noted as.
    token: String,
    /// When it was made, as far as that matters; nothing before.
    sent: Option<Duration>,
    /// Its owner has begun anew since.
    old: bool,
}

/// What is noted of a claim.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) changed: bool,
    pub(super) mixed: bool,
    pub(super) doubt: bool,
    pub(super) marks: Vec<Range<u32>>,
    pub(super) acks: Vec<Range<u32>>,
}

impl Noted {
    pub(super) fn note(&mut self, name: &str, value: &str) {
        let Some(range) = parse_range(value) else { return };
        if name.starts_with('a') { self.acks.push(range) } else { self.marks.push(range) }
    }
}

/// `<start>-<end>`.
pub(super) fn range_text(range: &Range<u32>) -> Vec<u8> {
    format!("{}-{}", range.start, range.end).into_bytes()
}

fn parse_range(text: &str) -> Option<Range<u32>> {
    let (start, end) = text.split_once('-')?;
    Some(start.parse().ok()?..end.parse().ok()?)
}
