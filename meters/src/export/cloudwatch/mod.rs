//! Export to Amazon CloudWatch: windows become datums, datums become requests, and requests are sent until they are taken.
//!
//! [PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html) is all it uses.

mod backoff;
mod batch;
mod claim;
pub(crate) mod client;
mod datum;
mod deliver;
mod encode;
mod exit;
mod idle;
mod marking;
mod packed;
mod pause;
mod queue;
mod refused;
mod retry;
mod settings;
mod shared;
mod size;
mod spool;
mod standing;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use meters_core::storage::Claim;
use meters_core::{Error, Window};

pub(crate) use client::{Client, ClientSettings, Keys};
pub(crate) use datum::{Datum, DatumValue};
pub(crate) use exit::Exit;
pub(crate) use pause::Cause;
pub use refused::Refused;
pub use settings::Ambiguous;
pub(crate) use settings::Settings;
use settings::{event, given_up};
pub use spool::read_spool;

pub(crate) use deliver::ATTEMPT;
use deliver::{Delivery, Ended};
use idle::Busy;
use pause::Pause;
use queue::Queue;
use retry::Remedy;
use spool::Spool;
use standing::Standing;

use crate::export::FlushReport;

/// How long writing the spool may take, of the time that a shutdown has.
const FAREWELL: Duration = Duration::from_secs(1);

/// The exporter: what waits to be sent, and to whom.
#[derive(Debug)]
pub(crate) struct CloudWatch {
    /// `None` while there is no region or there are no credentials: what is recorded waits.
    client: Option<Client>,
    settings: Settings,
    queue: Queue,
    /// What counted in the last window.
    busy: Busy,
    /// The trouble with credentials that was last told of.
    held: Option<String>,
    pause: Pause,
    spool: Option<Spool>,
    /// Why something was given up; it was told already.
    lost: Option<String>,
    /// Of shared storage: the claim that is being reported, or was when that was dropped.
    claim: Option<Claim>,
    /// The trouble with shared storage that was last told of.
    trouble: Option<String>,
    /// What the export that is under way, or was dropped, has come to so far.
    report: FlushReport,
}

impl CloudWatch {
    pub(crate) fn new(client: impl Into<Option<Client>>, settings: Settings) -> Self {
        let spool = settings.spool.clone().map(Spool::new);
        Self {
            client: client.into(),
            settings,
            spool,
            queue: Queue::default(),
            busy: Busy::default(),
            held: None,
            pause: Pause::default(),
            lost: None,
            claim: None,
            trouble: None,
            report: FlushReport::default(),
        }
    }

    pub(crate) fn connect(&mut self, client: Client) {
        self.client = Some(client);
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.client.is_some()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes in what is `waiting`, and sends nothing.
    pub(crate) fn hold(&mut self, waiting: &mut VecDeque<Window>) {
        self.take(waiting);
        self.queue.pack();
    }

    /// Takes over what earlier processes left in the spool; the next export sends it first.
    pub(crate) fn recover(&mut self) {
        let (settings, report, lost) = (&self.settings, &mut self.report, &mut self.lost);
        let Some(spool) = &mut self.spool else { return };
        // What waited in memory is smaller in a file.
        let most = settings.max_pending_bytes.saturating_mul(2);
        let found = spool.recover(&settings.namespace, most, settings.max_datums_per_request);
        report.dropped += found.lost;
        if found.lost > 0 {
            *lost = found.troubles.iter().find(|trouble| trouble.is_export()).map(ToString::to_string);
        }
        for batch in found.batches {
            let doubtful = batch.doubtful();
            report.ambiguous += doubtful as u64;
            let place = self.queue.len();
            self.queue.push(batch, &settings.namespace, settings.max_datums_per_request);
            if doubtful > 0 && settings.on_ambiguous == Ambiguous::Drop {
                settings.tell_given_up(doubtful as u64);
                self.queue.unpack(place);
                report.dropped += self.queue.remove(place, doubtful).len() as u64;
            }
        }
        found.troubles.iter().for_each(|trouble| self.settings.tell_error(trouble));
        event(|| tracing::info!(target: "meters", datums = self.queue.datums(), "taken over from the spool"));
        self.limit(SystemTime::now());
    }

    /// How much of the time until `deadline` is kept for writing the spool.
    pub(crate) fn reserve(&self, deadline: Instant) -> Duration {
        let left = deadline.saturating_duration_since(Instant::now());
        if self.spool.is_some() { (left / 4).min(FAREWELL) } else { Duration::ZERO }
    }

    /// Nothing is sent after this: what is pending goes into the spool, or is given up.
    pub(crate) fn conclude(&mut self, report: &mut FlushReport, deadline: Instant) {
        let queue = std::mem::take(&mut self.queue);
        let (kept, trouble) = match self.spool.take() {
            Some(spool) => spool.keep_until(deadline, queue, &self.settings.namespace),
            None => (0, None),
        };
        let lost = report.pending - kept;
        report.conclude(kept);
        if let Some(error) = trouble {
            self.settings.tell_error(&error);
            report.error = Some(error);
        } else if lost > 0 {
            let message = format!("{lost} datums are lost: there is no export after this one, and no spool");
            self.settings.tell_error(&Error::export(message));
        }
    }

    /// Takes in what is `waiting`, and sends what waits until `deadline`.
    ///
    /// Pass each window, also one in which nothing was recorded: then is when series fall silent. The future may be
    /// dropped at any time: a datum leaves the queue only after its request was answered, and what was done is told in the
    /// next report.
    ///
    /// What an earlier export left behind goes first, in its order, one request at a time. Who asked waits until `deadline`
    /// for a CloudWatch that is away or busy. Where nobody asked, CloudWatch is
    /// left alone for a while after it took nothing, then tried with a single request, and a backlog goes out in at most ten
    /// requests a second, or as many as are needed to be done by `deadline`.
    pub(crate) async fn send(
        &mut self,
        waiting: &mut VecDeque<Window>,
        cause: Cause,
        deadline: Instant,
    ) -> FlushReport {
        let (began, behind) = (Instant::now(), self.queue.len() > 0);
        self.take(waiting);
        let ended = match self.pause.holds(cause, began) {
            false => self.deliver(cause, behind, deadline).await,
            true => None,
        };
        let mut report = std::mem::take(&mut self.report);
        report.pending = self.queue.datums();
        let ended = ended.filter(|_| report.pending > 0);
        self.tell(ended, cause, &mut report);
        report.took = began.elapsed();
        event(|| tracing::debug!(target: "meters", %report, "exported"));
        report
    }

    async fn deliver(&mut self, cause: Cause, behind: bool, deadline: Instant) -> Option<Ended> {
        let mut delivery = Delivery::new(self.client.as_ref()?, &self.settings, deadline);
        if cause != Cause::Interval {
            delivery = delivery.insisting();
        } else if behind {
            delivery = delivery.probing(self.pause.is_probing()).paced(self.queue.len());
        }
        let before = self.report.sent;
        let ended = delivery.run(&mut self.queue, &mut self.report).await;
        let (sent, asked) = (self.report.sent > before, delivery.asked());
        match ended {
            Some(Ended::Failed(_)) if self.queue.len() > 0 => {
                self.pause.fail(sent, &self.settings.pause, Instant::now(), fastrand::f64(), asked);
            }
            Some(Ended::Late) if !sent => {}
            _ => self.pause.end(),
        }
        if let Some(error) = self.spool.as_ref().and_then(Spool::trouble) {
            self.settings.tell_error(&error);
        }
        ended
    }

    /// Sends one datum at once, past the queue; the dimensions on every metric are added to its own.
    ///
    /// # Errors
    /// Where it was not taken until `deadline`, or is refused.
    pub(crate) async fn send_one(&self, mut datum: Datum, deadline: Instant) -> Result<(), Error> {
        datum.dimensions = self.standing().with(datum.dimensions.iter())?;
        if let Some(number) = datum.value.unsendable() {
            return Err(Error::invalid_input(encode::out_of_range(number)));
        }
        // A queue of its own, so that it is tried as all others are, and waits for none of them.
        let mut queue = Queue::default();
        let now = datum.timestamp;
        enqueue(&mut queue, &self.settings, vec![datum], now);
        let (mut report, settings) = (FlushReport::default(), Settings { on_refused: None, ..self.settings.clone() });
        let ended = match &self.client {
            Some(client) => Delivery::new(client, &settings, deadline).run(&mut queue, &mut report).await,
            None => None,
        };
        match ended {
            _ if report.sent > 0 => Ok(()),
            Some(Ended::Failed(failure)) if report.refused > 0 => {
                let message = format!("CloudWatch refused the datum: {}: correct it", failure.kind());
                Err(Error::invalid_input(message).with_source(failure.message))
            }
            Some(Ended::Failed(failure)) => Err(failure.error("the datum, which is not kept", "try again later")),
            Some(Ended::Late) | None => Err(late()),
        }
    }

    /// What waits takes less memory from now on. For a time when nobody waits for an answer: of much, it takes a while.
    pub(crate) fn pack(&mut self) {
        self.queue.pack();
    }

    /// What an export that was dropped has come to, and what waits.
    pub(crate) fn interrupted(&mut self) -> FlushReport {
        FlushReport { pending: self.queue.datums(), ..std::mem::take(&mut self.report) }
    }

    /// A window that cannot be taken in.
    pub(crate) fn give_up(&mut self, window: &Window) {
        let series = window.iter().len() as u64;
        self.report.dropped += series;
        self.lose(format!("{series} series of a window were given up: encoding them panicked each time"));
    }

    /// Tells of something that was given up; the next report says it, too.
    fn lose(&mut self, message: String) {
        self.settings.tell_error(&Error::export(message.as_str()));
        self.lost = Some(message);
    }

    /// Takes in what waits. A window is gone from there only when it is in the queue: a panic on the way leaves it.
    fn take(&mut self, waiting: &mut VecDeque<Window>) {
        while let Some(window) = waiting.front() {
            #[cfg(test)]
            tests::fault();
            let (end, encoded) = (window.end(), encode::encode(window, &self.standing(), &self.busy));
            waiting.pop_front();
            self.busy = encoded.busy;
            self.report.refused += encoded.refused.len() as u64;
            enqueue(&mut self.queue, &self.settings, encoded.datums, end);
            self.settings.tell_refused(&encoded.refused);
            self.limit(end);
        }
    }

    /// Gives up what is too much, or too old at `now`.
    fn limit(&mut self, now: SystemTime) {
        let most = self.settings.max_pending_bytes;
        let full = self.queue.shed(most);
        let old = self.queue.expire(now, self.settings.max_pending_age);
        self.report.dropped += full + old;
        if full + old > 0 {
            let why = "CloudWatch was not reached for too long: see the errors before";
            self.lose(format!(
                "{full} datums were given up since the queue is full, and {old} since they are too old: {why}"
            ));
        }
    }

    fn standing(&self) -> Standing {
        Standing::new(&self.settings.dimensions, self.settings.pid_dimension.as_deref())
    }

    /// Tells of what ended an export early, and of what may count twice or not at all; of trouble with credentials only when
    /// it is another than before.
    fn tell(&mut self, ended: Option<Ended>, cause: Cause, report: &mut FlushReport) {
        if report.ambiguous > 0 {
            let count = report.ambiguous;
            match self.settings.on_ambiguous {
                Ambiguous::Resend => self.settings.tell_error(&Error::export(format!(
                    "{count} datums may be counted twice: their requests were not answered, and they are sent again"
                ))),
                // Told when it was.
                Ambiguous::Drop => self.lost = Some(given_up(count)),
            }
        }
        let held = match &ended {
            Some(Ended::Failed(failure)) if failure.remedy() == Remedy::Hold => Some(failure.kind()),
            _ => None,
        };
        let known = held.is_some() && held == self.held;
        if held.is_some() || report.sent > 0 {
            self.held = held;
        }
        let later = match cause {
            Cause::Last if self.spool.is_none() => "allow more time, or name a spool",
            _ => "nothing needs to be done, it is sent again",
        };
        report.error = ended.map(|ended| match ended {
            Ended::Failed(failure) => failure.error("the metrics", later),
            Ended::Late => late(),
        });
        if let Some(error) = report.error.as_ref().filter(|_| !known) {
            self.settings.tell_error(error);
        }
        // That something is gone weighs more than that something waits.
        report.error = match (self.lost.take(), report.error.take()) {
            (Some(lost), Some(waits)) => Some(Error::export(lost).with_source(waits)),
            (lost, waits) => lost.map(Error::export).or(waits),
        };
    }
}

/// Of a window that ended at `end`.
fn enqueue(queue: &mut Queue, settings: &Settings, datums: Vec<Datum>, end: SystemTime) {
    let (namespace, most) = (&settings.namespace, settings.max_datums_per_request);
    for mut batch in batch::cut(namespace, datums, most) {
        batch.wait_from(end);
        queue.push(batch, namespace, most);
    }
}

fn late() -> Error {
    Error::timeout("the time for sending was over before everything was sent: allow more time")
}
