//! Naming a namespace, and starting.

#[cfg(not(feature = "cloudwatch"))]
mod absent;
#[cfg(feature = "cloudwatch")]
mod cloudwatch;
mod prometheus;
mod shared;
mod start;

use std::sync::Arc;
use std::time::Duration;

use meters_core::storage::Storage;
use meters_core::{Dimension, Dimensions, Error, Level, Registry};

#[cfg(doc)]
use crate::Meters;
use crate::interval::Interval;
use crate::said::Listener;

#[cfg(not(feature = "cloudwatch"))]
use absent::CloudWatch;
#[cfg(feature = "cloudwatch")]
use cloudwatch::CloudWatch;

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
        registry: None,
        limit: None,
        expire_after: None,
        level: None,
        #[cfg(all(feature = "process", unix))]
        tells_of_process: false,
        pid_dimension: None,
        cloudwatch: CloudWatch::default(),
        #[cfg(feature = "prometheus")]
        scraped: Default::default(),
        reports: true,
        storage: None,
        only_pushes: false,
        on_error: None,
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
    registry: Option<Registry>,
    limit: Option<usize>,
    expire_after: Option<u32>,
    level: Option<Level>,
    #[cfg(all(feature = "process", unix))]
    tells_of_process: bool,
    pid_dimension: Option<String>,
    cloudwatch: CloudWatch,
    #[cfg(feature = "prometheus")]
    scraped: prometheus::Scraped,
    /// Whether CloudWatch was not left out.
    reports: bool,
    storage: Option<Arc<dyn Storage>>,
    only_pushes: bool,
    on_error: Option<Listener<Error>>,
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

    /// Which metrics are recorded: those of this level and below; [`Level::Runtime`] unless told. See [`Registry::set_level`].
    ///
    /// ```no_run
    /// let meters = meters::namespace("Shop").level(meters::Level::Debug).start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// CPU, memory, files and threads of this process besides: see [`process_metrics`](crate::process_metrics).
    #[cfg(all(feature = "process", unix))]
    pub fn process_metrics(mut self) -> Self {
        self.tells_of_process = true;
        self
    }

    /// A registry of your own instead of the one that attributes and macros record into.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
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

    fn mistake(&mut self, error: Error) {
        self.mistake.get_or_insert(error);
    }
}
