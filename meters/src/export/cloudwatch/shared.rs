//! The exporter where processes share a storage: it keeps no queue of its own, as what waits is there.

use std::time::{Duration, Instant};

use meters_core::storage::{Claim, Drain};
use meters_core::{Error, Window};

use super::claim::{Left, Reporting};
use super::client::Client;
use super::deliver::Delivery;
use super::encode::encode;
use super::idle::Busy;
use super::queue::Queue;
use super::settings::event;
use super::standing::Standing;
use super::{Cause, CloudWatch, Ended, enqueue};
use crate::export::FlushReport;

impl CloudWatch {
    /// When it is worth while to ask for a claim: not while CloudWatch is left alone.
    pub(crate) fn ready(&self) -> Option<Instant> {
        self.pause.until()
    }

    /// Takes out of the storage what is due and sends it, claim by claim, until `deadline`. May be dropped at any time: what was
    /// done is told in the next report.
    pub(crate) async fn drain(&mut self, drain: &mut dyn Drain, cause: Cause, deadline: Instant) -> FlushReport {
        let began = Instant::now();
        let mut ended = None;
        // One whose report was dropped is this process's still, and would be nobody else's for minutes.
        self.leave(drain).await;
        while let Some(client) = self.client.clone()
            && !self.pause.holds(cause, Instant::now())
            && Instant::now() < deadline
        {
            match drain.claim(deadline).await {
                Ok(None) => {
                    self.trouble = None;
                    break;
                }
                Ok(Some(claim)) => match self.report(&client, claim, drain, deadline).await {
                    Ok(()) => self.trouble = None,
                    Err(left) => ended = Some(left),
                },
                Err(error) => ended = Some(Left::Storage(error)),
            }
            if ended.is_some() {
                break;
            }
        }
        let mut report = std::mem::take(&mut self.report);
        match ended {
            Some(Left::Storage(error)) => {
                self.tell(None, cause, &mut report);
                let trouble = Some(error.to_string());
                if trouble != self.trouble {
                    self.settings.tell_error(&error);
                    self.trouble = trouble;
                }
                report.error = Some(match report.error.take() {
                    Some(lost) => lost.with_source(error),
                    None => error,
                });
            }
            Some(Left::Ended(ended)) => self.tell(Some(ended), cause, &mut report),
            None => self.tell(None, cause, &mut report),
        }
        report.took = began.elapsed();
        event(|| tracing::debug!(target: "meters", %report, "reported"));
        report
    }

    async fn report(
        &mut self,
        client: &Client,
        claim: Claim,
        drain: &mut dyn Drain,
        deadline: Instant,
    ) -> Result<(), Left> {
        let (none, nobody) = (Standing::default(), Busy::default());
        let encoded = encode(&claim.window, &none, &nobody);
        let before = self.report.sent;
        // Kept here, that it can be left by the next one where this future is dropped, or panics.
        let claim = &*self.claim.insert(claim);
        let parts = (claim, &*encoded.datums);
        let result = Reporting::new(client, &self.settings, drain, parts, deadline).run(&mut self.report).await;
        match &result {
            Err(Left::Ended(Ended::Failed(failure))) => {
                let sent = self.report.sent > before;
                self.pause.fail(sent, &self.settings.pause, Instant::now(), fastrand::f64(), failure.retry_after);
            }
            Err(Left::Ended(Ended::Late) | Left::Storage(_)) => {}
            Ok(()) => self.pause.end(),
        }
        let (window, late, damaged) = (frame(&claim.window), claim.late, claim.damaged);
        self.leave(drain).await;
        result?;
        // At the end, of which a claim has one, however often it is tried.
        self.report.refused += encoded.refused.len() as u64;
        self.settings.tell_refused(&encoded.refused);
        if damaged > 0 {
            let message = format!("{damaged} entries of shared storage were no metrics and were left out");
            let advice = "see who else writes to these keys, or whether versions are mixed";
            self.settings.tell_error(&Error::export(format!("{message}: {advice}")));
        }
        if late {
            self.busy.and(encoded.busy);
        } else {
            let silent = std::mem::replace(&mut self.busy, encoded.busy);
            self.quieten(client, &window, &silent, deadline).await;
        }
        Ok(())
    }

    /// Reports nothing any more: others may have what is left, at once.
    pub(crate) async fn retire(&mut self, drain: &mut dyn Drain, deadline: Instant) {
        self.leave(drain).await;
        drain.retire(deadline).await;
    }

    async fn leave(&mut self, drain: &mut dyn Drain) {
        if let Some(claim) = self.claim.take() {
            drain.leave(claim).await;
        }
    }

    /// One zero for what fell silent. Not part of the claim, whose datums must not depend on who sends them; and nothing is
    /// lost where it does not arrive.
    async fn quieten(&mut self, client: &Client, window: &Window, silent: &Busy, deadline: Instant) {
        let silent = silent.without(&self.busy);
        let encoded = encode(window, &Standing::default(), &silent);
        if encoded.datums.is_empty() {
            return;
        }
        let mut queue = Queue::default();
        enqueue(&mut queue, &self.settings, encoded.datums, window.end());
        let deadline = deadline.min(Instant::now() + QUIETENING);
        _ = Delivery::new(client, &self.settings, deadline).run(&mut queue, &mut self.report).await;
    }
}

/// How long zeros may take.
const QUIETENING: Duration = Duration::from_secs(5);

/// The same period, and nothing in it.
fn frame(window: &Window) -> Window {
    Window::from_parts(window.start(), window.end(), window.elapsed(), Vec::new())
}
