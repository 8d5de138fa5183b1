//! The registry: what is registered there goes to one namespace.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use meters_core::Error;
use tokio::sync::oneshot;

use super::CollectorRegistryBuilder;
use super::shared::{Refused, Shared};
use super::worker::Request;
use crate::RedisStorage;

/// How long the end of a registry that nobody shut down may take.
const LAST: Duration = Duration::from_secs(2);
/// Metrics of one namespace, and the way of what they record into its hash.
///
/// What is recorded adds up in memory, and a thread of the registry's own brings it to the Redis: at once
/// ([`eager`](CollectorRegistryBuilder::eager)), each interval ([`every`](CollectorRegistryBuilder::every)), or when it is
/// told to ([`transfer`](Self::transfer)). What does not arrive waits; how much that can be depends on how many series there
/// are, not on how much is recorded. A transfer whose answer is lost is sent again and counts once.
///
/// Dropping it sends what waits, for 2 s at the most; a registry in a `static` is never dropped: call
/// [`shutdown`](Self::shutdown). A child of `fork` sends what it records itself, and nothing of what its parent did.
#[derive(Debug)]
pub struct CollectorRegistry {
    pub(super) shared: Arc<Shared>,
}

impl CollectorRegistry {
    /// A registry for a namespace, which is the key of the hash, in the database that a URL names.
    pub fn builder(url: &str, namespace: &str) -> CollectorRegistryBuilder {
        Self::on(&RedisStorage::new(url), namespace)
    }

    /// The same with the login, certificates and limits of time of a storage; all else of it is not used.
    pub fn on(storage: &RedisStorage, namespace: &str) -> CollectorRegistryBuilder {
        CollectorRegistryBuilder::new(storage, namespace)
    }

    /// Brings to the Redis what was recorded before this, trying for so long. What does not arrive waits for the next
    /// transfer. Blocks; for tasks there is [`transfer_async`](Self::transfer_async).
    ///
    /// # Errors
    ///
    /// What stands in the way. Nothing is lost by it.
    pub fn transfer(&self, timeout: Duration) -> Result<(), Error> {
        self.ask(timeout, false)
    }

    /// [`transfer`](Self::transfer) for tasks, of any runtime.
    ///
    /// # Errors
    ///
    /// What stands in the way. Nothing is lost by it.
    pub async fn transfer_async(&self, timeout: Duration) -> Result<(), Error> {
        let (send, answer) = oneshot::channel();
        self.shared.ask(Request {
            deadline: Instant::now() + timeout,
            last: false,
            answer: Box::new(|result| _ = send.send(result)),
        })?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Ends it: brings to the Redis what was recorded before this, trying for so long. What is recorded later goes nowhere,
    /// and is [counted](Refused::late).
    ///
    /// # Errors
    ///
    /// What stands in the way: what has not arrived is lost.
    pub fn shutdown(self, timeout: Duration) -> Result<(), Error> {
        self.ask(timeout, true)
    }

    /// Registers no more: what was recorded is still sent, what is recorded later is [counted](Refused::late). The fields
    /// stay in the Redis, for others may count there. False where there is no such metric.
    pub fn unregister(&self, name: &str) -> bool {
        let mut metrics = self.shared.metrics.lock();
        let Some(place) = metrics.iter().position(|metric| &*metric.name == name) else { return false };
        metrics.remove(place).gone.store(true, Relaxed);
        true
    }

    /// From now on all that is recorded in this registry of `meters` goes to the namespace, too, with each transfer. It causes
    /// none: choose [`every`](CollectorRegistryBuilder::every), or transfer by hand.
    ///
    /// | in `meters` | in the hash |
    /// |---|---|
    /// | counter, meter | counter, of whole numbers where they are |
    /// | gauge | gauge; of several processes the last that changed it wins |
    /// | histogram | histogram, with buckets of its own or the [buckets](CollectorRegistryBuilder::buckets) of this registry |
    /// | calls of a function | histogram `{name}_seconds`, and counters `Errors` and `Cancelled` once there are some |
    /// | values and statistics put by hand | summary: count and sum |
    ///
    /// Dimensions become labels. In names, what Prometheus does not take becomes `_`, and labels that it reserves begin with
    /// `exported_`; what is internal stays where it is. Count, sum and buckets of a histogram's own are
    /// exact; by other buckets a value counts where the middle of its bucket of 2.2 % lies.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), meters_core::Error> {
    /// use std::time::Duration;
    /// use meters_redis::instrumentor::CollectorRegistry;
    ///
    /// let shared = CollectorRegistry::builder("redis://cache.example.com", "shop").every(Duration::from_secs(10)).start()?;
    /// shared.mirror(meters_core::Registry::global());
    /// # Ok(()) }
    /// ```
    pub fn mirror(&self, registry: &meters_core::Registry) {
        self.shared.mirrors.lock().push(super::mirror::Mirror::new(registry));
    }

    /// What will never reach the Redis, by cause.
    pub fn refused(&self) -> Refused {
        self.shared.refused()
    }

    fn ask(&self, timeout: Duration, last: bool) -> Result<(), Error> {
        let (send, answer) = mpsc::sync_channel(1);
        self.shared.ask(Request {
            deadline: Instant::now() + timeout,
            last,
            answer: Box::new(move |result| _ = send.send(result)),
        })?;
        answer.recv().unwrap_or_else(|_| Err(ended()))
    }
}

#[cold]
fn ended() -> Error {
    Error::export("the registry has ended: nothing is transferred any more")
}

impl Drop for CollectorRegistry {
    fn drop(&mut self) {
        if self.shared.has_ended() {
            return;
        }
        if let Err(error) = self.ask(LAST, true) {
            tracing::warn!(?error, namespace = self.shared.namespace, "what was recorded last is lost");
        }
    }
}
