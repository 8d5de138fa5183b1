//! Reports what a storage gave this process to report: each request is announced to the storage before it leaves, and its
//! fate noted after, so that whoever takes over sends what is left and nothing else.

use std::ops::Range;
use std::time::{Duration, Instant, SystemTime};

use meters_core::Error;
use meters_core::storage::{Claim, Drain, Fate, Progress};

use super::batch::{MOST_BYTES, MOST_DATUMS};
use super::client::Client;
use super::datum::Datum;
use super::deliver::{ATTEMPT, Ended, SEARCHES};
use super::marking::Marking;
use super::packed::Packed;
use super::refused::Refused;
use super::retry::{Failure, Remedy};
use super::settings::{Ambiguous, Settings, event, given_up};
use super::size;
use crate::export::FlushReport;

/// Why a claim was left before all of it was sent.
pub(super) enum Left {
    /// As an export of this process's own ends.
    Ended(Ended),
    /// The storage could not be asked, or another process has the claim by now.
    Storage(Error),
}

/// Places in the list of a claim's datums.
type Places = Range<u32>;

/// One claim under way.
pub(super) struct Reporting<'r> {
    pub(super) client: &'r Client,
    pub(super) settings: &'r Settings,
    pub(super) drain: &'r mut dyn Drain,
    pub(super) claim: &'r Claim,
    pub(super) datums: &'r [Datum],
    pub(super) deadline: Instant,
    /// How its requests are found again that nobody heard of.
    marking: Option<Marking<'r>>,
    failures: u32,
    searches: u32,
}

impl<'r> Reporting<'r> {
    pub(super) fn new(
        client: &'r Client,
        settings: &'r Settings,
        drain: &'r mut dyn Drain,
        (claim, datums): (&'r Claim, &'r [Datum]),
        deadline: Instant,
    ) -> Self {
        let marking = settings.read_back.and_then(|_| Marking::of(claim));
        Self { client, settings, drain, claim, datums, deadline, marking, failures: 0, searches: 0 }
    }

    /// Sends what earlier owners of the claim did not, until nothing is left or it is of no use to go on. May be dropped at any
    /// time: the storage knows what was under way.
    pub(super) async fn run(&mut self, report: &mut FlushReport) -> Result<(), Left> {
        self.drain.keep(self.claim).await.map_err(Left::Storage)?;
        let count = u32::try_from(self.datums.len()).unwrap_or(u32::MAX);
        let all = self.cut(&[0..count]);
        let mut plan = fingerprint(self.datums);
        if let Some(marking) = &mut self.marking {
            // Who cuts otherwise, or leaves no marks, has another plan.
            plan ^= all.iter().fold(1, |sum: u64, places| sum.wrapping_mul(31).wrapping_add(places.end.into())) << 32;
            marking.plan(all);
        }
        let progress = self.drain.plan(self.claim, count, plan).await.map_err(Left::Storage)?;
        let done = self.settle(progress, count, report).await?;
        let missing = missing(count, done);
        let mut left = match &self.marking {
            Some(marking) => marking.cut(&missing),
            None => self.cut(&missing),
        };
        left.reverse();
        let mut passed = None;
        while let Some(places) = left.pop() {
            let patience = self.left().ok_or(Left::Ended(Ended::Late))?.min(ATTEMPT);
            // Before it is announced: however long it takes from here on, it is no good after its time.
            let moment = SystemTime::now();
            if !self.drain.begin(self.claim, places.clone(), patience).await.map_err(Left::Storage)? {
                return Err(Left::Storage(Error::timeout(
                    "a claim was left, as its time is over: another process goes on",
                )));
            }
            match self.send(&places, (moment, patience), report).await {
                Ok(()) => self.failures = 0,
                Err(failure) => {
                    let again = self.fail(&failure, &places, report).await;
                    match again {
                        Again::Now(parts) => left.extend(parts.into_iter().rev()),
                        Again::After(wait) => {
                            left.push(places);
                            tokio::time::sleep(wait).await;
                        }
                        Again::Later => passed = Some(failure),
                        Again::Never => return Err(Left::Ended(Ended::Failed(failure))),
                    }
                }
            }
        }
        passed.map_or(Ok(()), |failure| Err(Left::Ended(Ended::Failed(failure))))
    }

    /// What need not be sent, by what earlier owners noted.
    async fn settle(&mut self, progress: Progress, count: u32, report: &mut FlushReport) -> Result<Vec<Places>, Left> {
        if progress.changed {
            // Another version of this program has cut it otherwise: what it sent cannot be told from the rest.
            report.ambiguous += u64::from(count);
            return Ok(Vec::new());
        }
        let (mut done, mut doubtful) = (progress.done, progress.doubtful);
        if !progress.unmarked {
            doubtful = self.look_up(doubtful, &mut done, report).await?;
        }
        for places in doubtful {
            report.ambiguous += u64::from(places.end - places.start);
            if self.settings.on_ambiguous == Ambiguous::Drop {
                self.give_up(&places, report).await;
                done.push(places);
            }
        }
        Ok(done)
    }

    /// Asks which of the doubtful arrived, and returns those of which nobody can tell.
    async fn look_up(
        &mut self,
        doubtful: Vec<Places>,
        done: &mut Vec<Places>,
        report: &mut FlushReport,
    ) -> Result<Vec<Places>, Left> {
        let marking = self.marking.as_ref().filter(|marking| marking.is_readable(SystemTime::now()));
        let Some(marking) = marking.filter(|_| !doubtful.is_empty()) else { return Ok(doubtful) };
        let patience = self.left().ok_or(Left::Ended(Ended::Late))?.min(ATTEMPT);
        let marks = self.client.marks(&self.settings.namespace, marking.marker(), patience).await;
        report.requests += u64::from(marks.as_ref().map_or_else(Failure::is_request, |_| true));
        let marks = match marks {
            Ok(marks) => marks,
            Err(failure) if failure.remedy() == Remedy::Retry => return Err(Left::Ended(Ended::Failed(failure))),
            // Asking again would not mend it: better counted twice than not at all.
            Err(failure) => {
                let message = format!("what was not answered could not be looked up: {}", failure.kind());
                let error = Error::configuration(format!("{message}: allow cloudwatch:GetMetricData"));
                self.settings.tell_error(&error.with_source(failure.message));
                return Ok(doubtful);
            }
        };
        let mut unclear = Vec::new();
        for (places, arrived) in marking.tell(&doubtful, &marks) {
            event(|| tracing::debug!(target: "meters", ?places, ?arrived, "looked up"));
            match arrived {
                Some(true) => {
                    report.sent += u64::from(places.end - places.start);
                    self.end(places.clone(), Fate::Done).await;
                    done.push(places);
                }
                Some(false) => self.end(places, Fate::NotSent).await,
                None => unclear.push(places),
            }
        }
        Ok(unclear)
    }

    /// Cuts what is missing into requests.
    fn cut(&self, missing: &[Places]) -> Vec<Places> {
        let (namespace, mut most) = (&self.settings.namespace, self.settings.max_datums_per_request);
        let mut room = MOST_BYTES;
        if let Some(marking) = &self.marking {
            (most, room) = (most.min(MOST_DATUMS - 1), room - marking.bytes(namespace));
        }
        let mut requests: Vec<Places> = Vec::new();
        for places in missing {
            let (mut start, mut bytes) = (places.start, 0);
            for place in places.clone() {
                let (count, datum) = ((place - start) as usize, size::datum(&self.datums[place as usize]));
                if count == most || size::envelope(namespace, count + 1) + bytes + datum > room && count > 0 {
                    requests.push(start..place);
                    (start, bytes) = (place, 0);
                }
                bytes += datum;
            }
            requests.push(start..places.end);
        }
        requests
    }

    async fn send(
        &mut self,
        places: &Places,
        (moment, patience): (SystemTime, Duration),
        report: &mut FlushReport,
    ) -> Result<(), Failure> {
        let (datums, mark) = (self.of(places), self.marking.as_ref().map(|marking| marking.mark(places)));
        let all = || datums.iter().chain(&mark);
        let namespace = &self.settings.namespace;
        let result = self.client.put_as_of(Some(moment), namespace, all(), patience).await;
        let bytes = size::envelope(namespace, all().count()) + all().map(size::datum).sum::<usize>();
        let (count, bytes) = (datums.len() as u64, bytes as u64);
        report.requests += u64::from(result.as_ref().map_or_else(Failure::is_request, |()| true));
        if result.is_ok() {
            (report.sent, report.bytes) = (report.sent + count, report.bytes + bytes);
            self.end(places.clone(), Fate::Done).await;
        }
        result
    }

    /// Notes what became of a request, and does what its failure asks for.
    async fn fail(&mut self, failure: &Failure, places: &Places, report: &mut FlushReport) -> Again {
        let count = places.end - places.start;
        if failure.is_ambiguous() && self.marking.is_some() {
            // It is noted as under way, and looked up by a later claim. Twice in a row, and CloudWatch is left alone.
            self.failures += 1;
            return if self.failures < 2 { Again::Later } else { Again::Never };
        }
        if failure.is_ambiguous() {
            if self.settings.on_ambiguous == Ambiguous::Drop {
                report.ambiguous += u64::from(count);
                self.give_up(places, report).await;
                return self.retry(failure).map_or(Again::Never, |_| Again::Now(Vec::new()));
            }
            let Some(wait) = self.retry(failure) else {
                // Whoever sends it next finds it noted as under way, and counts it then: once a try.
                return Again::Never;
            };
            report.ambiguous += u64::from(count);
            return Again::After(wait);
        }
        match failure.remedy() {
            Remedy::Search | Remedy::Halve if count == 1 => {
                let refused: Vec<_> = {
                    let reason = format!("{}: {}", failure.kind(), failure.message);
                    self.of(places).iter().map(|one| Refused::datum(one, &*reason)).collect()
                };
                report.refused += 1;
                self.settings.tell_refused(&refused);
                self.end(places.clone(), Fate::Done).await;
                return self.search(Vec::new());
            }
            _ => self.end(places.clone(), Fate::NotSent).await,
        }
        let half = places.start + count / 2;
        let halves = vec![places.start..half, half..places.end];
        match failure.remedy() {
            Remedy::Hold => Again::Never,
            Remedy::Retry => self.retry(failure).map_or(Again::Never, Again::After),
            Remedy::Later => Again::Later,
            Remedy::Halve => Again::Now(halves),
            Remedy::Search => self.search(halves),
        }
    }

    fn search(&mut self, next: Vec<Places>) -> Again {
        self.searches += 1;
        if self.searches < SEARCHES { Again::Now(next) } else { Again::Never }
    }

    fn retry(&mut self, failure: &Failure) -> Option<Duration> {
        self.failures += 1;
        if self.failures >= self.settings.max_attempts {
            return None;
        }
        let wait = self.settings.backoff.wait(self.failures, fastrand::f64(), failure.retry_after);
        self.left().filter(|left| wait < *left).map(|_| wait)
    }

    /// Told before it is noted: who is killed between has told of more than was lost, and never of less.
    async fn give_up(&mut self, places: &Places, report: &mut FlushReport) {
        let count = u64::from(places.end - places.start);
        self.settings.tell_error(&Error::export(given_up(count)));
        report.dropped += count;
        self.end(places.clone(), Fate::Done).await;
    }

    /// The storage repeats by itself what it could not note.
    async fn end(&mut self, places: Places, fate: Fate) {
        if let Err(error) = self.drain.end(self.claim, places, fate).await {
            event(|| tracing::debug!(target: "meters", ?error, "what became of a request is noted later"));
        }
    }

    fn of(&self, places: &Places) -> &'r [Datum] {
        &self.datums[places.start as usize..places.end as usize]
    }

    fn left(&self) -> Option<Duration> {
        self.deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}

/// What comes after a failure.
enum Again {
    /// These places, at once.
    Now(Vec<Places>),
    /// The same, after a wait.
    After(Duration),
    /// The same, by a later claim.
    Later,
    /// Nothing more.
    Never,
}

/// What is not `done` of so many places.
fn missing(count: u32, mut done: Vec<Places>) -> Vec<Places> {
    done.sort_unstable_by_key(|places| places.start);
    let (mut missing, mut from) = (Vec::new(), 0);
    for places in done {
        if from < places.start.min(count) {
            missing.push(from..places.start.min(count));
        }
        from = from.max(places.end);
    }
    if from < count {
        missing.push(from..count);
    }
    missing
}

/// What tells one list of datums from another.
fn fingerprint(datums: &[Datum]) -> u64 {
    let (mut hash, mut length, mut raw) = (crc32fast::Hasher::new(), 0, Vec::new());
    for one in datums {
        raw.clear();
        Packed::write(&mut raw, one);
        hash.update(&raw);
        length += raw.len() as u64;
    }
    u64::from(hash.finalize()) << 32 | length & u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_done_is_missing() {
        assert_eq!(missing(5, vec![]), [0..5]);
        assert_eq!(missing(5, vec![0..5]), []);
        assert_eq!(missing(5, vec![3..4, 0..1]), [1..3, 4..5]);
        assert_eq!(missing(5, vec![0..3, 2..5]), []);
        assert_eq!(missing(5, vec![4..9]), [0..4]);
        assert_eq!(missing(0, vec![]), []);
    }
}
