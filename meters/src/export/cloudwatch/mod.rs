//! Export to Amazon CloudWatch: windows become datums, datums become requests, and requests are sent until they are taken.
//!
//! [PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html) is all it uses.

mod backoff;
mod batch;
pub(crate) mod client;
mod datum;
mod deliver;
mod encode;
mod idle;
mod queue;
mod refused;
mod retry;
mod settings;
mod size;
mod standing;

#[cfg(test)]
pub(crate) mod tests;

use std::time::Instant;

use meters_core::{Error, Window};

pub(crate) use client::{Client, ClientSettings, Keys};
pub(crate) use datum::{Datum, DatumValue};
pub use refused::Refused;
pub use settings::Ambiguous;
pub(crate) use settings::{Listener, Settings};

use deliver::{Delivery, Ended};
use idle::Busy;
use queue::Queue;
use retry::Remedy;
use standing::Standing;

use crate::export::FlushReport;

/// The exporter: what waits to be sent, and to whom.
#[derive(Debug)]
pub(crate) struct CloudWatch {
    client: Client,
    settings: Settings,
    queue: Queue,
    /// What counted in the last window.
    busy: Busy,
    /// The trouble with credentials that was last told of.
    held: Option<String>,
    /// What the export that is under way, or was dropped, has come to so far.
    report: FlushReport,
}

impl CloudWatch {
    pub(crate) fn new(client: Client, settings: Settings) -> Self {
        Self {
            client,
            settings,
            queue: Queue::default(),
            busy: Busy::default(),
            held: None,
            report: FlushReport::default(),
        }
    }

    /// Takes in `window`, and sends what waits until `deadline`.
    ///
    /// Pass each window, also one in which nothing was recorded: then is when series fall silent. The future may be
    /// dropped at any time: a datum leaves the queue only after its request was answered, and what was done is told in the
    /// next report.
    pub(crate) async fn export(&mut self, mut window: Option<Window>, deadline: Instant) -> FlushReport {
        let began = Instant::now();
        self.take(&mut window);
        let mut delivery = Delivery::new(&self.client, &self.settings, deadline);
        let ended = delivery.run(&mut self.queue, &mut self.report).await;
        let mut report = std::mem::take(&mut self.report);
        report.pending = self.queue.datums();
        let ended = ended.filter(|_| report.pending > 0);
        self.tell(ended, &mut report);
        report.took = began.elapsed();
        tracing::debug!(target: "meters", %report, "exported");
        report
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
        enqueue(&mut queue, &self.settings, vec![datum]);
        let (mut report, settings) = (FlushReport::default(), Settings { on_refused: None, ..self.settings.clone() });
        let ended = Delivery::new(&self.client, &settings, deadline).run(&mut queue, &mut report).await;
        match ended {
            _ if report.sent > 0 => Ok(()),
            Some(Ended::Failed(failure)) if report.refused > 0 => {
                let message = format!("CloudWatch refused the datum: {}: correct it", failure.kind());
                Err(Error::invalid_input(message).with_source(failure.message))
            }
            Some(Ended::Failed(failure)) => Err(failure.error("the datum, which is not kept")),
            Some(Ended::Late) | None => Err(late()),
        }
    }

    /// What an export that was dropped has come to, and what waits.
    pub(crate) fn interrupted(&mut self) -> FlushReport {
        FlushReport { pending: self.queue.datums(), ..std::mem::take(&mut self.report) }
    }

    /// Takes in what waits, which is gone only when it is in the queue: a panic on the way leaves it where it was.
    pub(crate) fn take(&mut self, waiting: &mut Option<Window>) {
        let Some(window) = waiting else { return };
        #[cfg(test)]
        tests::fault();
        let (end, encoded) = (window.end(), encode::encode(window, &self.standing(), &self.busy));
        // From here on it is in the queue, whatever those do who are told.
        *waiting = None;
        self.busy = encoded.busy;
        self.report.refused += encoded.refused.len() as u64;
        enqueue(&mut self.queue, &self.settings, encoded.datums);
        let (full, old) = (self.queue.shed(self.settings.max_pending_bytes), self.queue.expire(end));
        self.report.dropped += full + old;
        self.settings.tell_refused(&encoded.refused);
        if full + old > 0 {
            let why = "CloudWatch was not reached for too long: see the errors before";
            let message =
                format!("{full} datums were given up since the queue is full, and {old} since they are too old: {why}");
            self.settings.tell_error(&Error::export(message));
        }
    }

    fn standing(&self) -> Standing {
        Standing::new(&self.settings.dimensions, self.settings.pid_dimension.as_deref())
    }

    /// Tells of what ended an export early; of trouble with credentials only when it is another than before.
    fn tell(&mut self, ended: Option<Ended>, report: &mut FlushReport) {
        let held = match &ended {
            Some(Ended::Failed(failure)) if failure.remedy() == Remedy::Hold => Some(failure.kind()),
            _ => None,
        };
        let known = held.is_some() && held == self.held;
        if held.is_some() || report.sent > 0 {
            self.held = held;
        }
        report.error = ended.map(|ended| match ended {
            Ended::Failed(failure) => failure.error("the metrics"),
            Ended::Late => late(),
        });
        if let Some(error) = report.error.as_ref().filter(|_| !known) {
            self.settings.tell_error(error);
        }
    }
}

fn enqueue(queue: &mut Queue, settings: &Settings, datums: Vec<Datum>) {
    let (namespace, most) = (&settings.namespace, settings.max_datums_per_request);
    for batch in batch::cut(namespace, datums, most) {
        queue.push(batch, namespace, most);
    }
}

fn late() -> Error {
    Error::timeout("the time for sending was over before everything was sent: allow more time")
}
