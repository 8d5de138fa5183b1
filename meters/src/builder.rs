//! Naming a namespace, and starting.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use meters_core::storage::Storage;
use meters_core::{Dimension, Dimensions, Error, Namespace, Registry, Seat};
use once_cell::sync::OnceCell;

use crate::ending::{self, FAREWELL};
use crate::export::cloudwatch::{Client, ClientSettings, Keys, Listener, Settings};
use crate::export::{Ambiguous, FlushReport, Refused};
use crate::flusher::{Flusher, Plan, Sharing};
use crate::interval::Interval;
use crate::put_now::PutNow;
use crate::running::{self, route};
use crate::switch;

/// How often windows are sealed unless told.
const INTERVAL: Duration = Duration::from_secs(60);

/// Begins the one sentence that an application says: the namespace, and what goes with it.
///
/// ```no_run
/// let meters = meters::namespace("Shop").interval("30s").dimension("Env", "prod").start()?;
/// // … the program …
/// println!("{}", meters.shutdown(std::time::Duration::from_secs(5)));
/// # Ok::<(), meters::Error>(())
/// ```
pub fn namespace(name: impl Into<String>) -> Builder {
    Builder {
        namespace: name.into(),
        interval: Some(INTERVAL),
        dimensions: Dimensions::new(),
        client: Err(ClientSettings::default()),
        registry: None,
        limit: None,
        expire_after: None,
        pid_dimension: None,
        max_datums: None,
        max_pending_bytes: None,
        max_pending_age: None,
        spool: None,
        storage: None,
        reports: true,
        on_ambiguous: Ambiguous::default(),
        on_error: None,
        on_refused: None,
        at_exit: true,
        on_signal: false,
        mistake: None,
    }
}

/// What is said before [`start`](Builder::start). No method fails: `start()` tells the first mistake.
#[must_use = "nothing is exported until `start()`"]
pub struct Builder {
    namespace: String,
    interval: Option<Duration>,
    dimensions: Dimensions,
    client: Result<Client, ClientSettings>,
    registry: Option<Registry>,
    limit: Option<usize>,
    expire_after: Option<u32>,
    pid_dimension: Option<String>,
    max_datums: Option<usize>,
    max_pending_bytes: Option<usize>,
    max_pending_age: Option<Duration>,
    spool: Option<PathBuf>,
    storage: Option<Arc<dyn Storage>>,
    reports: bool,
    on_ambiguous: Ambiguous,
    on_error: Option<Listener<Error>>,
    on_refused: Option<Listener<Refused>>,
    at_exit: bool,
    on_signal: bool,
    mistake: Option<Error>,
}

impl Builder {
    /// How often a window is sealed and sent: a `Duration`, or `"30s"`, `"500ms"`, `"5m"`, `"1h"`, `"2d"`. 60 s unless told;
    /// from 10 ms to 14 days. Windows end at whole multiples of it.
    pub fn interval(mut self, interval: impl Interval) -> Self {
        match interval.interval() {
            Ok(interval) => self.interval = self.interval.map(|_| interval),
            Err(error) => self.mistake(error),
        }
        self
    }

    /// No standing thread: what is recorded is sent by [`Meters::flush`] and [`Meters::shutdown`] only.
    pub fn manual(mut self) -> Self {
        self.interval = None;
        self
    }

    /// A dimension of every metric; it wins over a metric's own of the same name.
    pub fn dimension(mut self, name: &str, value: &str) -> Self {
        let more = Dimension::new(name, value).and_then(|dimension| self.dimensions.with(dimension));
        match more {
            Ok(dimensions) => self.dimensions = dimensions,
            Err(error) => self.mistake(error),
        }
        self
    }

    /// A dimension of every metric whose value is the number of this process. Each process then has, and pays for, metrics
    /// of its own.
    pub fn pid_dimension(mut self, name: &str) -> Self {
        if Dimension::is_valid_name(name) {
            self.pid_dimension = Some(name.to_owned());
        } else if let Err(error) = Dimension::new(name, "0") {
            self.mistake(error);
        }
        self
    }

    /// The AWS region, such as `eu-west-1`; else the environment and the profile say it.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        let region = region.into();
        if region.is_empty() || !region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            self.mistake(Error::invalid_input(format!("{region:?} is no AWS region: write one such as \"eu-west-1\"")));
        } else if let Err(settings) = &mut self.client {
            settings.region = Some(region);
        }
        self
    }

    /// Where CloudWatch is, as a URL; else `AWS_ENDPOINT_URL_CLOUDWATCH` or the region say it.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        if let Err(settings) = &mut self.client {
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
        } else if let Err(settings) = &mut self.client {
            settings.credentials = Some(Keys { access_key_id, secret_access_key });
        }
        self
    }

    /// A client of your own making; region and endpoint are then its own.
    pub fn client(mut self, client: aws_sdk_cloudwatch::Client) -> Self {
        self.client = Ok(Client::from_sdk(client));
        self
    }

    /// How many datums a request carries at the most, from 1 to 1,000; 1,000 unless told.
    pub fn max_datums_per_request(mut self, most: usize) -> Self {
        if !(1..=1000).contains(&most) {
            self.mistake(Error::invalid_input(format!(
                "max_datums_per_request lies between 1 and 1,000, which CloudWatch takes at the most, and {most} does not"
            )));
        }
        self.max_datums = Some(most);
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
        self.max_pending_bytes = Some(most);
        self
    }

    /// How long a datum may wait for CloudWatch from the end of its window on, up to 14 days: a `Duration`, or `"6h"`, `"2d"`;
    /// a day unless told. What waits longer is given up, counted in [`FlushReport::dropped`] and told to [`on_error`](Self::on_error).
    ///
    /// CloudWatch takes nothing older than two weeks; an hour before that it is given up in any case
    /// ([MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)).
    pub fn max_pending_age(mut self, age: impl Interval) -> Self {
        match age.interval() {
            Ok(age) => self.max_pending_age = Some(age),
            Err(error) => self.mistake(Error::invalid_input(format!("max_pending_age: {error}"))),
        }
        self
    }

    /// How many series a metric may have before further ones are counted together as `_other`; 500 unless told.
    pub fn limit(mut self, series: usize) -> Self {
        if series == 0 {
            self.mistake(Error::invalid_input("a limit of 0 series leaves no room for any: give at least 1"));
        }
        self.limit = Some(series);
        self
    }

    /// After how many windows without a record a series leaves snapshots and makes room for others, until it is recorded again;
    /// 1,440 unless told, a day of minutes, and 0 for never. See [`Registry::expire_after`].
    pub fn expire_after(mut self, windows: u32) -> Self {
        self.expire_after = Some(windows);
        self
    }

    /// A registry of your own instead of the one that attributes and macros record into.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
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
        self.spool = Some(path);
        self
    }

    /// Shares what is recorded with other processes through a Redis, so that all of them report as one: short for
    /// [`storage`](Self::storage) with [`RedisStorage::new`](crate::RedisStorage::new), where the forms of URLs are.
    ///
    /// A URL that cannot be used, a wrong password, a missing right and another interval than that of the others are errors of
    /// `start`. A Redis that does not answer is none: it is told to [`on_error`](Self::on_error), and what is recorded waits.
    ///
    /// ```no_run
    /// let meters = meters::namespace("Shop").redis("redis://127.0.0.1:6379").start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    #[cfg(feature = "redis")]
    pub fn redis(self, url: impl AsRef<str>) -> Self {
        self.storage(meters_redis::RedisStorage::new(url.as_ref()))
    }

    /// Shares what is recorded with other processes. Each pushes what it recorded at the end of every interval; one of them
    /// reports a whole period to CloudWatch, once, some seconds after its end. Recording never notices a storage that is away:
    /// what is not pushed waits in bounded memory.
    ///
    /// A flush then pushes ([`FlushReport::pushed`], in series), and reports what is due. It does not wait for the end of the
    /// period: what was just pushed is not in [`FlushReport::sent`] yet, and that of a process that only pushes stays 0. What was
    /// pushed last is reported by the other processes, or by the next one that starts.
    pub fn storage(mut self, storage: impl Storage) -> Self {
        self.storage = Some(Arc::new(storage));
        self
    }

    /// Leaves it to others to report what is pushed to the [storage](Self::storage): this process needs no AWS region and no
    /// credentials.
    pub fn push_only(mut self) -> Self {
        self.reports = false;
        self
    }

    /// What becomes of datums whose request was cut off after it left, so that CloudWatch may have counted them or not:
    /// [`Ambiguous::Resend`] unless told. Either way the report counts them, and [`on_error`](Self::on_error) is told.
    pub fn on_ambiguous(mut self, then: Ambiguous) -> Self {
        self.on_ambiguous = then;
        self
    }

    /// Called on the flusher's thread when an export failed, or something was given up, or may be counted twice. `{error}` is one
    /// line that says what to do, [`source`](std::error::Error::source) what was below it, such as a refused connection;
    /// `{error:?}` shows both. It has to return: nothing is sent meanwhile, and a `flush_async` waits for it, whatever its
    /// timeout.
    pub fn on_error(mut self, tell: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(tell));
        self
    }

    /// Called on the flusher's thread for each datum that CloudWatch refused, or would.
    pub fn on_refused(mut self, tell: impl Fn(&Refused) + Send + Sync + 'static) -> Self {
        self.on_refused = Some(Arc::new(tell));
        self
    }

    /// Whether what was recorded is sent when the process exits: at the end of `main` and by `std::process::exit`, within two
    /// seconds, where the guard was not dropped. So it is unless told. Not on Windows; and nothing can be done for a process
    /// that aborts or is killed.
    pub fn flush_at_exit(mut self, flush: bool) -> Self {
        self.at_exit = flush;
        self
    }

    /// Sends what was recorded when SIGTERM or SIGINT asks the process to end, within two seconds.
    ///
    /// Handlers of the program's own (tokio's, those of `signal-hook`, and others that call whom they replace) work as ever,
    /// at the same time: such a program ends when it wants to, and calls [`Meters::shutdown`] then. Where there is none, the
    /// process ends as it would have ended, by the signal, once everything is sent; a second signal ends it at once. A signal
    /// that is ignored stays so. Has a thread of its own. On Windows it does nothing.
    pub fn flush_on_signal(mut self) -> Self {
        self.on_signal = true;
        self
    }

    /// Starts exporting, and returns when there is a region and there are credentials.
    ///
    /// Dropping what it returns sends the last window, within two seconds; [`Meters::shutdown`] says how that went.
    ///
    /// Nothing is exported, and no thread started, where the environment says `METERS=off`, nor in an executable that
    /// `cargo test` or `cargo bench` built unless it gives an [`endpoint_url`](Self::endpoint_url) or a
    /// [`client`](Self::client), or the environment says `METERS=on`. Then reports have [`off`](FlushReport::off).
    ///
    /// A child of `fork` exports by itself, beginning with what it records itself: its own thread is started when it first
    /// records. It needs no call for that, and may flush and shut down by the same guard.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] for the first mistake above, [`Error::is_configuration`] where there is no region or there
    /// are no credentials. It says what to set.
    pub fn start(mut self) -> Result<Meters, Error> {
        let mut settings = Settings::new(Namespace::new(self.namespace)?);
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        settings.dimensions = self.dimensions;
        settings.pid_dimension = self.pid_dimension;
        settings.max_datums_per_request = self.max_datums.unwrap_or(settings.max_datums_per_request);
        settings.max_pending_bytes = self.max_pending_bytes.unwrap_or(settings.max_pending_bytes);
        settings.max_pending_age = self.max_pending_age.unwrap_or(settings.max_pending_age);
        settings.spool = self.spool;
        settings.on_ambiguous = self.on_ambiguous;
        settings.on_error = self.on_error;
        settings.on_refused = self.on_refused;
        let registry = self.registry.unwrap_or_else(|| Registry::global().clone());
        if let Some(limit) = self.limit {
            registry.set_limit(limit);
        }
        if let Some(windows) = self.expire_after {
            registry.expire_after(windows);
        }
        let asked = self.client.as_ref().map_or_else(|client| client.endpoint_url.is_some(), |_| true);
        if self.storage.is_none() && !self.reports {
            return Err(Error::invalid_input(
                "`push_only()` wants a storage to push to: say which, by `redis(…)` or `storage(…)`",
            ));
        }
        if self.storage.is_some() && settings.spool.is_some() {
            return Err(Error::invalid_input(
                "a spool keeps what waits for CloudWatch in this process, and with a storage nothing does: leave out `spool(…)`",
            ));
        }
        let off = switch::is_off(asked);
        let route = route(&registry, &settings.namespace, self.client.as_ref().err());
        if !running::reserve(&route) {
            return Err(Error::configuration(format!(
                "this process reports to the namespace {:?} already, and everything would count twice: keep the `Meters` that \
                 `start()` returned, or use `start_once()`",
                settings.namespace.as_str()
            )));
        }
        let (reports, period) = (self.reports, self.interval.unwrap_or(INTERVAL));
        let sharing = self.storage.map(|storage| Sharing { storage, reports, period });
        let plan = Plan { registry, client: self.client, settings, seat: Seat::default(), sharing };
        // Connecting may take seconds: nobody who asks what was started waits for it.
        let flusher = if off { Ok(Flusher::off(plan)) } else { Flusher::start(plan, self.interval) };
        let flusher = flusher.map(Arc::new);
        running::started(route, flusher.as_ref().ok(), self.at_exit);
        let meters = Meters { flusher: flusher? };
        if !off {
            ending::watch();
            #[cfg(unix)]
            if self.on_signal {
                ending::signals::watch()?;
            }
        }
        Ok(meters)
    }

    /// Starts exporting unless this process has done so by this method already, and says whether it did. From then on
    /// [`flush`](crate::flush) and [`shutdown`](crate::shutdown) reach it. There is no guard to drop: what was recorded last is
    /// sent when the process exits (see [`flush_at_exit`](Self::flush_at_exit)), or by `meters::shutdown(timeout)`, which says
    /// how that went.
    ///
    /// # Errors
    /// As [`start`](Self::start); the next call tries again.
    pub fn start_once(self) -> Result<bool, Error> {
        static ONCE: OnceCell<Meters> = OnceCell::new();
        let mut started = false;
        ONCE.get_or_try_init(|| {
            started = true;
            self.start()
        })?;
        Ok(started)
    }

    fn mistake(&mut self, error: Error) {
        self.mistake.get_or_insert(error);
    }
}

/// Exporting, while it lives.
#[must_use = "exporting ends when this is dropped: bind it to a name for as long as the program runs"]
pub struct Meters {
    flusher: Arc<Flusher>,
}

impl Meters {
    /// Sends everything recorded so far, and says how that went. Takes no longer than `timeout`; what did not arrive by then
    /// stays and is sent with the next window.
    ///
    /// A CloudWatch that is away or busy is tried again, at growing intervals, until the time is over. Trouble with credentials
    /// ends it at once, for asking again does not mend that; and what may have been counted is sent five times at the most. A
    /// shutdown or another flush that comes meanwhile waits no longer than half of its own time.
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        self.flusher.flush(timeout)
    }

    /// As [`flush`](Self::flush), for async code of any runtime.
    pub async fn flush_async(&self, timeout: Duration) -> FlushReport {
        self.flusher.flush_async(timeout).await
    }

    /// Sends everything once more, as [`flush`](Self::flush) does, and ends the flusher. What did not arrive goes into the
    /// [`spool`](Builder::spool), or is lost, and the report begins with that. A second call waits for the end of the first, and
    /// reports nothing.
    pub fn shutdown(&self, timeout: Duration) -> FlushReport {
        self.flusher.shutdown(timeout)
    }

    /// As [`shutdown`](Self::shutdown), for async code of any runtime.
    pub async fn shutdown_async(&self, timeout: Duration) -> FlushReport {
        self.flusher.shutdown_async(timeout).await
    }

    /// One value, sent at once in a request of its own; see [`put_now`](crate::put_now).
    pub fn put_now(&self, name: &str, value: f64) -> PutNow {
        PutNow::new(Some(self.flusher.clone()), name, value)
    }
}

impl Drop for Meters {
    fn drop(&mut self) {
        self.shutdown(FAREWELL);
    }
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").field("closed", &self.flusher.is_closed()).finish()
    }
}

/// [`Meters::flush`] of what was started last, for programs that used [`Builder::start_once`].
pub fn flush(timeout: Duration) -> FlushReport {
    running::latest().map_or_else(unstarted, |flusher| flusher.flush(timeout))
}

/// [`Meters::shutdown`] of what was started last, for programs that used [`Builder::start_once`].
pub fn shutdown(timeout: Duration) -> FlushReport {
    running::latest().map_or_else(unstarted, |flusher| flusher.shutdown(timeout))
}

fn unstarted() -> FlushReport {
    let error = Error::configuration("nothing is exporting: call `meters::namespace(\"…\").start()` first");
    FlushReport { error: Some(error), ..FlushReport::default() }
}

/// One value, sent to CloudWatch at once, in a request of its own: it costs one, and says whether it arrived.
///
/// ```no_run
/// use meters::Unit;
/// let _meters = meters::namespace("Shop").start()?;
/// meters::put_now("DeployFinished", 1.0).unit(Unit::Count).dimension("Version", "1.2.3").send()?;
/// # Ok::<(), meters::Error>(())
/// ```
pub fn put_now(name: &str, value: f64) -> PutNow {
    PutNow::new(running::latest(), name, value)
}
