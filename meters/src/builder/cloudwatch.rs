//! What is said of CloudWatch.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use meters_core::Error;

use super::Builder;
#[cfg(doc)]
use crate::FlushReport;
use crate::export::cloudwatch::{Client, ClientSettings, Exit, Keys, Settings};
use crate::export::{Ambiguous, Refused};
use crate::interval::Interval;
use crate::said::{Listener, Said};

/// After how long a request nobody heard of is looked up: the five minutes that its signature is good for, and one in which
/// clocks may differ.
const READ_BACK: Duration = Duration::from_secs(360);

/// What was said of it, none of which has to be.
pub(super) struct CloudWatch {
    client: Result<Client, ClientSettings>,
    max_datums: Option<usize>,
    max_pending_bytes: Option<usize>,
    max_pending_age: Option<Duration>,
    spool: Option<PathBuf>,
    on_ambiguous: Ambiguous,
    read_back: Option<Duration>,
    on_refused: Option<Listener<Refused>>,
}

impl Default for CloudWatch {
    fn default() -> Self {
        Self {
            client: Err(ClientSettings::default()),
            max_datums: None,
            max_pending_bytes: None,
            max_pending_age: None,
            spool: None,
            on_ambiguous: Ambiguous::default(),
            read_back: None,
            on_refused: None,
        }
    }
}

impl CloudWatch {
    /// Whether it was said where to send to, so that even a test means it.
    pub(super) fn is_asked(&self) -> bool {
        self.client.as_ref().map_or_else(|client| client.endpoint_url.is_some(), |_| true)
    }

    /// Where to, as far as that can be told: a client of the user's own may go anywhere.
    pub(super) fn place(&self) -> Option<String> {
        let ClientSettings { region, endpoint_url, .. } = self.client.as_ref().err()?;
        Some(format!("{region:?} {endpoint_url:?}"))
    }

    pub(super) fn has_spool(&self) -> bool {
        self.spool.is_some()
    }

    pub(super) fn reads_back(&self) -> bool {
        self.read_back.is_some()
    }

    pub(super) fn exit(self, said: Said) -> Option<Exit> {
        let mut settings = Settings::new(said);
        settings.max_datums_per_request = self.max_datums.unwrap_or(settings.max_datums_per_request);
        settings.max_pending_bytes = self.max_pending_bytes.unwrap_or(settings.max_pending_bytes);
        settings.max_pending_age = self.max_pending_age.unwrap_or(settings.max_pending_age);
        settings.spool = self.spool;
        settings.on_ambiguous = self.on_ambiguous;
        settings.read_back = self.read_back;
        settings.on_refused = self.on_refused;
        Some(Exit { client: self.client, settings })
    }
}

impl Builder {
    /// The AWS region, such as `eu-west-1`; else the environment and the profile say it.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        let region = region.into();
        if region.is_empty() || !region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            self.mistake(Error::invalid_input(format!("{region:?} is no AWS region: write one such as \"eu-west-1\"")));
        } else if let Err(settings) = &mut self.cloudwatch.client {
            settings.region = Some(region);
        }
        self
    }

    /// Where CloudWatch is, as a URL; else `AWS_ENDPOINT_URL_CLOUDWATCH` or the region say it.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        if let Err(settings) = &mut self.cloudwatch.client {
            settings.endpoint_url = Some(url.into());
        }
        self
    }

    /// An access key and its secret, for receivers on your own machine that check none; on AWS let the environment, the
    /// profile or the host's role say them.
    pub fn credentials(mut self, access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        let (access_key_id, secret_access_key) = (access_key_id.into(), secret_access_key.into());
        if access_key_id.is_empty() || secret_access_key.is_empty() {
            self.mistake(Error::invalid_input(
                "an access key and its secret cannot be empty: give both, or leave them out",
            ));
        } else if let Err(settings) = &mut self.cloudwatch.client {
            settings.credentials = Some(Keys { access_key_id, secret_access_key });
        }
        self
    }

    /// A client of your own making; region and endpoint are then its own.
    pub fn client(mut self, client: aws_sdk_cloudwatch::Client) -> Self {
        self.cloudwatch.client = Ok(Client::from_sdk(client));
        self
    }

    /// How many datums a request carries at the most, from 1 to 1,000; 1,000 unless told.
    pub fn max_datums_per_request(mut self, most: usize) -> Self {
        if !(1..=1000).contains(&most) {
            self.mistake(Error::invalid_input(format!(
                "max_datums_per_request lies between 1 and 1,000, which CloudWatch takes at the most, and {most} does not"
            )));
        }
        self.cloudwatch.max_datums = Some(most);
        self
    }

    /// How much memory what CloudWatch did not take yet may hold, in bytes, from 1 MB; 64 MiB unless told. Beyond it the oldest
    /// is given up, counted in [`FlushReport::dropped`] and told to [`on_error`](Self::on_error).
    pub fn max_pending_bytes(mut self, most: usize) -> Self {
        if most < 1_000_000 {
            self.mistake(Error::invalid_input(format!(
                "max_pending_bytes is at least 1,000,000, for a full request has to find room, and {most} is less"
            )));
        }
        self.cloudwatch.max_pending_bytes = Some(most);
        self
    }

    /// How long a datum may wait for CloudWatch from the end of its window on, up to 14 days: a `Duration`, or `"6h"`, `"2d"`;
    /// a day unless told. What waits longer is given up, counted in [`FlushReport::dropped`] and told to [`on_error`](Self::on_error).
    ///
    /// CloudWatch takes nothing older than two weeks; an hour before that it is given up in any case
    /// ([MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)).
    pub fn max_pending_age(mut self, age: impl Interval) -> Self {
        match age.interval() {
            Ok(age) => self.cloudwatch.max_pending_age = Some(age),
            Err(error) => self.mistake(Error::invalid_input(format!("max_pending_age: {error}"))),
        }
        self
    }

    /// A file for what a shutdown could not send in its time. The next start that names it sends it, with its timestamps.
    ///
    /// Written once, at shutdown, which keeps up to a quarter of its time and no more than a second for it; a process that is
    /// killed without one loses what waits. Where the disk hangs, it is given up, and counted as dropped; while datums of a
    /// file are sent, their progress is noted in it, so let it be a local disk. [`FlushReport::spooled`] counts it. Processes may share a path: each leaves a
    /// file of its own (`path`, `path.1` …), and no file is sent by two. A file is bounded as the queue is, readable for this
    /// user alone, and deleted when all of it is done with. A damaged one is renamed to `path.corrupt-…`, and what it held
    /// is counted as dropped. What a killed process was just sending is counted as
    /// [ambiguous](Self::on_ambiguous). Trouble with it is told to [`on_error`](Self::on_error), and stops nothing.
    ///
    /// ```no_run
    /// let meters = meters::namespace("Shop").spool("/var/lib/shop/metrics").start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn spool(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if path.file_name().is_none() {
            self.mistake(Error::invalid_input(format!("{path:?} names no file for the spool: write \"/folder/name\"")));
        }
        self.cloudwatch.spool = Some(path);
        self
    }

    /// What becomes of datums whose request was cut off after it left, so that CloudWatch may have counted them or not:
    /// [`Ambiguous::Resend`] unless told. Either way the report counts them, and [`on_error`](Self::on_error) is told.
    pub fn on_ambiguous(mut self, then: Ambiguous) -> Self {
        self.cloudwatch.on_ambiguous = then;
        self
    }

    /// With a [storage](Self::storage): looks a request up that was cut off after it left, or whose process died, and sends it
    /// again only if it did not arrive. So nothing is counted twice, and nothing is [ambiguous](Self::on_ambiguous). Not unless
    /// told.
    ///
    /// Each request then carries one datum more, of the metric `meters.Requests` in the same namespace: high resolution, with the
    /// dimension `Application`, in a second that no other claim has. Six minutes after a request nobody heard of, when its
    /// signature is past the
    /// [five minutes](https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html) that AWS accepts it for, one
    /// `GetMetricData` tells whether it arrived; if not, that part of the period is reported then. What was taken over from a
    /// process that died is looked up at once, for that comes eight minutes later (`takeover_after`).
    ///
    /// * It needs the right `cloudwatch:GetMetricData`. Without it what is in doubt is sent again and counted as ambiguous, as
    ///   without this; `on_error` is told.
    /// * It costs one custom metric for each application and shard ($0.30 a month), and $0.01 for each thousand times something is
    ///   looked up, which is once for each doubt
    ///   ([prices](https://aws.amazon.com/cloudwatch/pricing/)).
    /// * All processes that report have to say it, with the same `max_datums_per_request`, or they cannot tell each other's
    ///   requests. Applications that report to one namespace need names of their own, also on different servers.
    /// * Clocks have to be right to a minute, and CloudWatch has to show what it took within a minute after its signature is past.
    /// * Where a request was cut in two (too large, or spoilt by one datum), after the 120th request of one period, after 3 hours, or
    ///   after the Redis lost all it had, nobody can tell: then it is ambiguous.
    ///
    /// ```no_run
    /// let meters = meters::namespace("Shop").redis("redis://127.0.0.1:6379").read_back(true).start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn read_back(mut self, yes: bool) -> Self {
        self.cloudwatch.read_back = yes.then_some(READ_BACK);
        self
    }

    /// As [`read_back`](Self::read_back), after another time: for tests.
    #[doc(hidden)]
    pub fn read_back_after(mut self, time: Duration) -> Self {
        self.cloudwatch.read_back = Some(time);
        self
    }

    /// Called on the flusher's thread for each datum that CloudWatch refused, or would.
    pub fn on_refused(mut self, tell: impl Fn(&Refused) + Send + Sync + 'static) -> Self {
        self.cloudwatch.on_refused = Some(Arc::new(tell));
        self
    }
}
