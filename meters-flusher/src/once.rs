//! Reports what is due now, and ends: for cron.

use std::time::{Duration, Instant};

use meters::{FlushReport, Meters};
use meters_redis::Status;

use crate::application::{Application, Terms};
use crate::options::Options;
use crate::{say, wait};

const TIMEOUT: Duration = Duration::from_secs(60);
/// Until it looks again whether another has reported what it may not.
const PAUSE: Duration = Duration::from_millis(250);

pub(crate) async fn once(options: Options, application: Application) -> Result<(), String> {
    let deadline = Instant::now() + options.timeout.unwrap_or(TIMEOUT);
    let status = application.status().await.map_err(|error| say::line(&error))?;
    let Some(terms) = application.terms(&options, &status) else {
        return match status.shards.iter().map(|shard| shard.open + shard.claimed).sum() {
            0u64 => {
                // A name that is misspelt would look well for ever.
                say::trouble(&application.name, "no process has been here yet, or not for long: is that its name?");
                say::report(&options, &application.name, &FlushReport::default());
                Ok(())
            }
            _ => Err("the Redis does not tell how long a period is, as its processes came long ago: say --interval"
                .to_owned()),
        };
    };
    let at_work = options.clone();
    let here = application.clone();
    // Connecting waits for the network.
    let (meters, terms) = tokio::task::spawn_blocking(move || {
        let meters = here.start(&at_work, &terms);
        meters.map(|meters| (meters, terms))
    })
    .await
    .map_err(|error| error.to_string())??;
    let work = Work { options: &options, application: &application, terms: &terms, deadline };
    let (report, left, status) = work.report(&meters, status).await;
    // Nothing was recorded here: nothing is left to be said.
    _ = meters.shutdown_async(PAUSE).await;
    let waiting = wait::Waiting::of(&status, terms.period, &options);
    say::report_and(&options, &application.name, &report, waiting.as_ref());
    match left {
        Some(left) => Err(left),
        None if report.refused + report.dropped > 0 => {
            Err("some datums did not reach CloudWatch: see above".to_owned())
        }
        None => Ok(()),
    }
}

struct Work<'a> {
    options: &'a Options,
    application: &'a Application,
    terms: &'a Terms,
    deadline: Instant,
}

impl Work<'_> {
    /// All that was due when it began, why something of it is left, and what there is after it.
    async fn report(&self, meters: &Meters, before: Status) -> (FlushReport, Option<String>, Status) {
        let due = wait::due_periods(&before, self.terms.period, self.options);
        let mut report = FlushReport::default();
        loop {
            report.merge(meters.flush_async(self.left()).await);
            if report.off {
                return (report, None, before);
            }
            let status = match self.application.status().await {
                Ok(status) => status,
                Err(error) => return (report, Some(say::line(&error)), before),
            };
            let left = wait::unreported(&status).intersection(&due).count();
            let abandoned = wait::abandoned(&status, self.options);
            // Nothing is taken over from a Redis that has not been known for that long.
            let hopeful = left > 0 || report.error.is_some() || (abandoned > 0 && self.may_take_over());
            if !hopeful || self.left().is_zero() {
                let why = self.why(&status, left, abandoned).or_else(|| report.error.as_ref().map(say::line));
                return (report, why, status);
            }
            tokio::time::sleep(PAUSE.min(self.left())).await;
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn may_take_over(&self) -> bool {
        self.options.timeout.unwrap_or(TIMEOUT) > wait::takeover(self.options)
    }

    fn why(&self, status: &Status, left: usize, abandoned: usize) -> Option<String> {
        if left > 0 {
            let leader = status.shards.iter().find_map(|shard| shard.leader.as_deref());
            return Some(format!(
                "{left} of the periods that were due are not reported yet, and {} had the lease to report them last: see \
                 `meters-flusher status`, or allow more by --timeout",
                leader.unwrap_or("nobody")
            ));
        }
        if abandoned > 0 {
            let after = wait::short(wait::takeover(self.options));
            return Some(format!(
                "{abandoned} claims were not finished by those who made them: a later run takes them over, once this Redis has \
                 been known for {after} as it runs now"
            ));
        }
        None
    }
}
