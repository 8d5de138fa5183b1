//! A process that takes out what is due and reports it.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use fastrand::Rng;
use meters_core::Namespace;
use meters_core::storage::{Claim, Drain, Fate, Progress, Storage, Terms};
use tokio::time::sleep;

use super::held::Held;
use super::journal::Journal;
use super::report::{self, Sent};
use super::request::Request;
use super::{now, times};

/// Datums of a request.
const MOST: u32 = 8;

/// What a reporter is told.
#[derive(Clone, Debug)]
pub struct Reporter {
    /// Which one it is.
    pub number: u32,
    /// Where CloudWatch listens.
    pub receiver: u16,
    /// What its dice follow from.
    pub seed: u64,
    /// Where it does to itself what nobody else could time so well.
    pub failpoints: Failpoints,
    /// After how long requests that nobody heard of are looked up; nothing: they are sent again.
    pub read_back: Option<Duration>,
}

/// By probability, for each request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failpoints {
    /// SIGSTOP between "signed" and "sent".
    pub freeze: f64,
    /// Abort between "accepted" and "acked".
    pub abort: f64,
}

impl Failpoints {
    /// As in the campaign.
    pub const USUAL: Self = Self { freeze: 0.02, abort: 0.02 };
}

impl Reporter {
    /// Claims and sends until `stop`; from `calm` on it does nothing to itself.
    pub async fn run(self, storage: &dyn Storage, journal: &mut Journal, stop: &AtomicBool, calm: &AtomicBool) {
        let namespace = Namespace::new("Chaos").unwrap();
        let mut terms = Terms::new(namespace, times::PERIOD, true);
        terms.read_back = self.read_back;
        let joined = storage.join(terms).await;
        let mut drain = match joined.map(|joined| joined.drain) {
            Ok(Some(drain)) => drain,
            other => return journal.say(&format!("refused {other:?}").replace(' ', "_")),
        };
        let mut dice = Dice { dice: Rng::with_seed(self.seed), calm };
        while !stop.load(SeqCst) {
            match drain.claim(Instant::now() + times::CLAIMING).await {
                Ok(Some(claim)) => {
                    journal.say(&format!(
                        "claim {} {} {}",
                        name(&claim).replace(' ', "_"),
                        claim.writers,
                        claim.damaged
                    ));
                    if !self.send(&mut *drain, &claim, &mut dice, journal).await {
                        journal.say("leave");
                        drain.leave(claim).await;
                    }
                    journal.say(&format!("health {}", drain.health().taken_over));
                }
                Ok(None) => {
                    let next = drain.next().min(Instant::now() + times::PERIOD);
                    sleep(next.saturating_duration_since(Instant::now()).max(Duration::from_millis(10))).await;
                }
                Err(error) => {
                    journal.say(&format!("trouble {}", super::writer::one_word(&error)));
                    sleep(Duration::from_millis(dice.dice.u64(20..200))).await;
                }
            }
        }
    }

    /// False where the claim has to be left.
    async fn send(&self, drain: &mut dyn Drain, claim: &Claim, dice: &mut Dice<'_>, journal: &mut Journal) -> bool {
        let lines: Vec<_> = claim.window.iter().map(|(series, value)| (series.to_string(), Held::of(value))).collect();
        let (of, fingerprint) = (lines.len() as u32, report::fingerprint(&lines));
        let mut progress = match drain.plan(claim, of, fingerprint).await {
            Ok(progress) => progress,
            Err(error) => {
                journal.say(&format!("trouble {}", super::writer::one_word(&error)));
                return false;
            }
        };
        if progress.changed {
            journal.say(&format!("changed {}", name(claim).replace(' ', "_")));
        }
        if !progress.doubtful.is_empty() {
            journal.say(&format!("doubtful {}", progress.doubtful.len()));
        }
        if !self.look_up(drain, claim, &mut progress, journal).await {
            sleep(Duration::from_millis(dice.dice.u64(20..200))).await;
            return false;
        }
        let mut aside = false;
        for datums in report::requests(of, &progress, MOST) {
            let request = Request {
                reporter: self.number,
                claim: name(claim),
                lines: lines[datums.start as usize..datums.end as usize].to_vec(),
                mark: claim.marker.as_ref().map_or((0, 0), |marker| {
                    let (second, value) = marker.mark(Some(datums.start / MOST));
                    (marker.first + u64::from(second), value as u64)
                }),
                datums,
                of,
                fingerprint,
                signed: 0,
            };
            match self.deliver(drain, claim, request, dice, journal).await {
                Delivered::Yes => {}
                Delivered::Perhaps => aside = true,
                Delivered::No => return false,
            }
        }
        journal.say(if aside { "aside" } else { "done" });
        !aside
    }

    /// Asks for the marks of what is doubtful. False: it is not known yet.
    async fn look_up(
        &self,
        drain: &mut dyn Drain,
        claim: &Claim,
        progress: &mut Progress,
        journal: &mut Journal,
    ) -> bool {
        let Some(marker) = claim.marker.as_ref().filter(|_| !progress.doubtful.is_empty()) else { return true };
        if progress.unmarked {
            journal.say("unmarked");
            return true;
        }
        let Some(marks) = report::look(self.receiver, marker).await else {
            journal.say("unseen");
            return false;
        };
        for places in progress.doubtful.clone() {
            for request in places.start / MOST..places.end.div_ceil(MOST) {
                let datums = request * MOST..((request + 1) * MOST).min(places.end);
                let fate = match marks.arrived(Some(request)) {
                    Some(true) => Fate::Done,
                    Some(false) => Fate::NotSent,
                    None => {
                        journal.say("unclear");
                        continue;
                    }
                };
                journal.say(if fate == Fate::Done { "found" } else { "absent" });
                _ = drain.end(claim, datums.clone(), fate).await;
                if fate == Fate::Done {
                    progress.done.push(datums);
                }
            }
        }
        true
    }

    async fn deliver(
        &self,
        drain: &mut dyn Drain,
        claim: &Claim,
        mut request: Request,
        dice: &mut Dice<'_>,
        journal: &mut Journal,
    ) -> Delivered {
        let mut failures = 0;
        loop {
            // Before it is announced: however long it takes from here on, it is no good after its time.
            request.signed = now();
            match drain.begin(claim, request.datums.clone(), times::REQUEST + times::SIGNATURE).await {
                Ok(true) => {}
                Ok(false) => return Delivered::No,
                Err(_) if failures > 20 => return Delivered::No,
                Err(_) => {
                    failures += 1;
                    sleep(Duration::from_millis(dice.dice.u64(20..200))).await;
                    continue;
                }
            }
            if dice.strike(self.failpoints.freeze) {
                journal.say("freeze");
                freeze();
            }
            let sent = report::send(self.receiver, &request.bytes()).await;
            if sent == Sent::Added && dice.strike(self.failpoints.abort) {
                journal.say("abort");
                std::process::abort();
            }
            let fate = match sent {
                Sent::Added => Fate::Done,
                Sent::Refused => Fate::NotSent,
                Sent::Unknown => {
                    journal.say("ambiguous");
                    if claim.marker.is_some() {
                        return Delivered::Perhaps;
                    }
                    continue;
                }
            };
            // Where this fails, the storage notes it later: that is part of what is tested.
            if drain.end(claim, request.datums.clone(), fate).await.is_ok() && fate == Fate::Done {
                journal.say(&format!("noted {} {} {} {}", self.number, name(claim), request.datums.start, now()));
            }
            if fate == Fate::Done {
                return Delivered::Yes;
            }
            sleep(Duration::from_millis(dice.dice.u64(10..50))).await;
        }
    }
}

/// Whether a request was.
enum Delivered {
    Yes,
    /// It is looked up later.
    Perhaps,
    /// The claim has to be left.
    No,
}

struct Dice<'c> {
    dice: Rng,
    calm: &'c AtomicBool,
}

impl Dice<'_> {
    fn strike(&mut self, probability: f64) -> bool {
        self.dice.f64() < probability && !self.calm.load(SeqCst)
    }
}

fn freeze() {
    use rustix::process::{Signal, getpid, kill_process};
    kill_process(getpid(), Signal::STOP).unwrap();
}

/// What tells a claim from all others: its id comes back where an old request to claim is late. Its seconds, which it has with
/// read-back, do not.
fn name(claim: &Claim) -> String {
    claim.marker.as_ref().map_or_else(|| claim.id.clone(), |marker| format!("{}@{}", claim.id, marker.first))
}
