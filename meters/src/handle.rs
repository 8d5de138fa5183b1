//! What was started, as the program holds it.

use std::sync::Arc;
use std::time::Duration;

use meters_core::Error;

use crate::ending::FAREWELL;
use crate::export::FlushReport;
use crate::flusher::Flusher;
#[cfg(feature = "cloudwatch")]
use crate::put_now::PutNow;
use crate::running;

/// Exporting, while it lives.
#[must_use = "exporting ends when this is dropped: bind it to a name for as long as the program runs"]
pub struct Meters {
    pub(crate) flusher: Arc<Flusher>,
    #[cfg(feature = "prometheus")]
    pub(crate) endpoint: Option<meters_prometheus::Endpoint>,
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
    /// spool ([`Builder::spool`]), or is lost, and the report begins with that. A second call waits for the end of the first, and
    /// reports nothing.
    ///
    #[cfg_attr(feature = "cloudwatch", doc = "[`Builder::spool`]: crate::Builder::spool")]
    #[cfg_attr(not(feature = "cloudwatch"), doc = include_str!("elsewhere/cloudwatch.md"))]
    pub fn shutdown(&self, timeout: Duration) -> FlushReport {
        self.flusher.shutdown(timeout)
    }

    /// As [`shutdown`](Self::shutdown), for async code of any runtime.
    pub async fn shutdown_async(&self, timeout: Duration) -> FlushReport {
        self.flusher.shutdown_async(timeout).await
    }

    /// Where Prometheus finds what is recorded, if a
    /// [`Builder::prometheus_listener`](crate::Builder::prometheus_listener) was opened.
    #[cfg(feature = "prometheus")]
    pub fn prometheus_address(&self) -> Option<std::net::SocketAddr> {
        self.endpoint.as_ref().map(|endpoint| endpoint.local_addr())
    }

    /// One value, sent at once in a request of its own; see [`put_now`](crate::put_now).
    #[cfg(feature = "cloudwatch")]
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

/// [`Meters::flush`] of what was started last, for programs that used
/// [`Builder::start_once`](crate::Builder::start_once).
pub fn flush(timeout: Duration) -> FlushReport {
    running::latest().map_or_else(unstarted, |flusher| flusher.flush(timeout))
}

/// [`Meters::shutdown`] of what was started last, for programs that used
/// [`Builder::start_once`](crate::Builder::start_once).
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
#[cfg(feature = "cloudwatch")]
pub fn put_now(name: &str, value: f64) -> PutNow {
    PutNow::new(running::latest(), name, value)
}
