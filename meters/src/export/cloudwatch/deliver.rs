//! Sends what is queued: which batch, how often, and what becomes of it.

use std::time::{Duration, Instant};

use super::client::Client;
use super::datum::Datum;
use super::queue::Queue;
use super::refused::Refused;
use super::retry::{Failure, Remedy};
use super::settings::{Ambiguous, Settings, event};
use super::size;
use crate::export::FlushReport;

/// How long one request may take.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(5);
/// How many requests of one export may fail in search of refused datums: what is spoilt as a whole, as by a clock that is
/// days off, would else cost a request for each datum.
pub(super) const SEARCHES: u32 = 64;
/// With less than this left, no further try is waited for.
const LAST: Duration = Duration::from_millis(50);

/// Why an export ended before everything was sent.
pub(super) enum Ended {
    Failed(Failure),
    Late,
}

/// One export under way.
pub(super) struct Delivery<'d> {
    pub(super) client: &'d Client,
    pub(super) settings: &'d Settings,
    pub(super) deadline: Instant,
    /// The batch that is being sent.
    place: usize,
    /// Failures in a row.
    failures: u32,
    /// A batch was left for later, and nothing was sent since.
    passed: bool,
    searches: u32,
    /// How often a batch is tried; once while nobody knows whether CloudWatch is there.
    attempts: u32,
    /// From an answer to the next request.
    gap: Duration,
    /// How long CloudWatch wants to be left alone, as its last failure said.
    asked: Option<Duration>,
    /// Goes on until the deadline, where that may be of use.
    insisting: bool,
    /// How often it began anew since something was sent.
    rounds: u32,
    /// Requests without an answer since something was sent.
    doubts: u32,
}

impl<'d> Delivery<'d> {
    pub(super) fn new(client: &'d Client, settings: &'d Settings, deadline: Instant) -> Self {
        let attempts = settings.max_attempts;
        Self {
            client,
            settings,
            deadline,
            place: 0,
            failures: 0,
            passed: false,
            searches: 0,
            attempts,
            gap: Duration::ZERO,
            asked: None,
            insisting: false,
            rounds: 0,
            doubts: 0,
        }
    }

    /// Begins anew again and again until the deadline: for somebody who waits.
    pub(super) fn insisting(self) -> Self {
        Self { insisting: self.settings.insist, ..self }
    }

    /// Tries once to begin with, and as often as it may from the first success on.
    pub(super) fn probing(self, probing: bool) -> Self {
        let attempts = if probing { 1 } else { self.settings.max_attempts };
        Self { attempts, ..self }
    }

    /// Sends a backlog of `batches` no faster than the gap allows, unless it would then not be done by the deadline.
    pub(super) fn paced(self, batches: usize) -> Self {
        // Half of the time is for the requests themselves.
        let most = self.left().unwrap_or_default() / u32::try_from(batches * 2).unwrap_or(u32::MAX).max(1);
        Self { gap: self.settings.gap.min(most), ..self }
    }

    /// How long CloudWatch wants to be left alone, as far as that was not waited for.
    pub(super) fn asked(&self) -> Option<Duration> {
        self.asked
    }

    /// Sends until nothing is left, or until it is of no use to go on. What was not sent stays in the queue, at whichever
    /// await this is dropped. The last failure is told, also where it was overcome.
    pub(super) async fn run(&mut self, queue: &mut Queue, report: &mut FlushReport) -> Option<Ended> {
        self.resume(queue, report);
        loop {
            let ended = self.round(queue, report).await;
            let wait = ended.as_ref().filter(|_| queue.len() > 0).and_then(|ended| self.again(ended));
            let Some(wait) = wait else { return ended };
            tokio::time::sleep(wait).await;
            (self.place, self.failures, self.passed, self.attempts) = (0, 0, false, 1);
        }
    }

    /// How long to wait before all that is left is tried once more. What may have been counted is not sent any number of
    /// times, and what CloudWatch found wrong with datums or credentials is not mended by asking again.
    pub(super) fn again(&mut self, ended: &Ended) -> Option<Duration> {
        let Ended::Failed(failure) = ended else { return None };
        let doubted = self.doubts >= self.settings.max_attempts;
        if !self.insisting || doubted || failure.remedy() != Remedy::Retry {
            return None;
        }
        self.rounds += 1;
        let (left, tries) = (self.left()?, self.settings.max_attempts + self.rounds);
        let wait = self.settings.backoff.wait(tries, fastrand::f64(), failure.retry_after);
        let least = failure.retry_after.unwrap_or_default();
        // Halved, the rest of the time has another try, whatever was drawn.
        (left > LAST && least < left).then_some(wait.min(least.max(left / 2)))
    }

    /// Sends until nothing is left, or until each batch that fails was tried as often as it may.
    async fn round(&mut self, queue: &mut Queue, report: &mut FlushReport) -> Option<Ended> {
        let mut last = None;
        loop {
            queue.unpack(self.place);
            let Some(count) = queue.next(self.place).map(<[Datum]>::len) else {
                return last;
            };
            debug_assert!(count > 0, "a batch is never empty");
            let Some(left) = self.left() else {
                return Some(last.unwrap_or(Ended::Late));
            };
            queue.batch(self.place).begin(count);
            let result = self.send(queue.next(self.place).unwrap_or_default(), left, report).await;
            queue.batch(self.place).end();
            match result {
                Ok(bytes) => {
                    queue.remove(self.place, count);
                    // Told only when it has left the queue: whatever who listens does, it is not sent again.
                    event(|| tracing::debug!(target: "meters", count, bytes, "sent"));
                    (self.failures, self.passed, self.asked, self.rounds, self.doubts) = (0, false, None, 0, 0);
                    self.attempts = self.settings.max_attempts;
                    if !self.gap.is_zero() && queue.len() > self.place {
                        tokio::time::sleep(self.gap).await;
                    }
                }
                Err(failure) => {
                    self.asked = failure.retry_after;
                    match failure.is_ambiguous() {
                        true => self.doubts += 1,
                        false => queue.batch(self.place).settle(),
                    }
                    let wait = self.fail(&failure, queue, count, report);
                    last = Some(Ended::Failed(failure));
                    match wait {
                        Some(Duration::ZERO) => {}
                        Some(wait) => tokio::time::sleep(wait).await,
                        None => return last,
                    }
                }
            }
        }
    }

    /// Takes up what an export left that was dropped while a request was under way: its fate is not known.
    fn resume(&self, queue: &mut Queue, report: &mut FlushReport) {
        for place in (0..queue.len()).rev() {
            let count = queue.batch(place).end();
            if count > 0 {
                report.requests += 1;
                self.unanswered(queue, place, count, report);
            }
        }
    }

    /// CloudWatch may have counted these datums, or not. Says whether they were given up for it.
    fn unanswered(&self, queue: &mut Queue, place: usize, count: usize, report: &mut FlushReport) -> bool {
        report.ambiguous += count as u64;
        queue.batch(place).doubt(count);
        let drop = self.settings.on_ambiguous == Ambiguous::Drop;
        // At once: a process that is killed tells nothing else of it.
        event(|| tracing::debug!(target: "meters", count, drop, "not answered: it may count twice, or not at all"));
        if drop {
            self.settings.tell_given_up(count as u64);
            report.dropped += queue.remove(place, count).len() as u64;
        }
        drop
    }

    /// Sends one request, and says how many bytes that were.
    async fn send(&self, datums: &[Datum], left: Duration, report: &mut FlushReport) -> Result<u64, Failure> {
        let result = self.client.put(&self.settings.namespace, datums, left.min(ATTEMPT)).await;
        let (count, bytes) = (datums.len() as u64, size::request(&self.settings.namespace, datums.iter()) as u64);
        report.requests += u64::from(result.as_ref().map_or_else(Failure::is_request, |()| true));
        match &result {
            Ok(()) => (report.sent, report.bytes) = (report.sent + count, report.bytes + bytes),
            Err(failure) => event(|| tracing::debug!(target: "meters", count, bytes, ?failure, "not sent")),
        }
        result.map(|()| bytes)
    }

    /// Does what the failure asks for, and says how long to wait before going on; `None` is the end of this export.
    fn fail(
        &mut self,
        failure: &Failure,
        queue: &mut Queue,
        count: usize,
        report: &mut FlushReport,
    ) -> Option<Duration> {
        if failure.is_ambiguous() && self.unanswered(queue, self.place, count, report) {
            self.failures += 1;
            return (self.failures < self.attempts).then_some(Duration::ZERO);
        }
        match failure.remedy() {
            Remedy::Hold => None,
            Remedy::Retry => self.retry(failure),
            Remedy::Later => self.pass(),
            Remedy::Halve if count > 1 => {
                queue.batch(self.place).halve(count);
                Some(Duration::ZERO)
            }
            Remedy::Halve | Remedy::Search => {
                self.searches += 1;
                if count > 1 {
                    queue.batch(self.place).suspect(count);
                } else {
                    let reason = format!("{}: {}", failure.kind(), failure.message);
                    let refused: Vec<_> =
                        queue.remove(self.place, 1).iter().map(|one| Refused::datum(one, &*reason)).collect();
                    report.refused += refused.len() as u64;
                    self.settings.tell_refused(&refused);
                }
                (self.searches < SEARCHES).then_some(Duration::ZERO)
            }
        }
    }

    fn retry(&mut self, failure: &Failure) -> Option<Duration> {
        self.failures += 1;
        if self.failures >= self.attempts {
            return self.pass();
        }
        let wait = self.settings.backoff.wait(self.failures, fastrand::f64(), failure.retry_after);
        // A wait beyond the deadline would only end in nothing.
        self.left().filter(|left| wait < *left).map(|_| wait)
    }

    /// Leaves this batch for the next export. One other is tried once, lest a batch that CloudWatch cannot digest stand in
    /// the way of all; if that fails too, it is not the batch.
    fn pass(&mut self) -> Option<Duration> {
        let first = !std::mem::replace(&mut self.passed, true);
        self.place += 1;
        self.failures = self.attempts;
        first.then_some(Duration::ZERO)
    }

    /// The time that is left, if there is any.
    fn left(&self) -> Option<Duration> {
        self.deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}
