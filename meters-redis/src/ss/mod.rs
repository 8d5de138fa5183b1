//! Meters of [ss-instrumentation](https://pypi.org/project/ss-instrumentation/), beside Python processes that write them, and
//! without what the original loses.
//!
//! The Python library counts events in the hash `ssinstr:meter:counts`, and its flusher reads and deletes it in four steps:
//! events between them are lost, two flushers report twice, and what was read is gone when a request fails. [`Meters`] adds to
//! the same fields, and takes all of it out in one step, to be reported by one process and kept until that says it is done.
//! No Python flusher must run beside it.
//!
//! | | |
//! |---|---|
//! | `ssinstr:meter:counts` | hash of counts by `json.dumps([name, sorted(dims.items())])`, as in Python |
//! | `ssinstr:meter:periodstart` | when the counts began, in seconds, as in Python; set anew where it is missing |
//! | `ssinstr:meter:pending`, `…:claim` | counts that were taken out, and whose they are until when |
//! | `ssinstr:meter:last`, `…:writer:*` | when they were taken out last, and which push a process made last |
//!
//! These names cannot be changed, so all services that share a database share their meters, as in Python; and they lie in
//! several slots, so there is no cluster for them. Times are the server's: hosts whose clocks are off by seconds make rates
//! that are, too.
//!
//! What is pushed is added once, also where an answer is lost and it is pushed again, as long as the Redis forgets nothing.
//! What is taken out is reported again only where a process reported it and died, or was away for longer than
//! [`claim_time`](crate::RedisStorageBuilder::claim_time), before it acknowledged that.
//!
//! A user needs these rights:
//!
//! ```text
//! ACL SETUSER meters on >password resetkeys ~ssinstr:meter:* resetchannels -@all +hello +select +client|setname
//!   +evalsha +script|load +time +get +set +persist +hlen +hget +hmget +hset +hgetall +hincrby +rename +exists +unlink
//! ```

mod calls;
mod drained;
mod field;
mod marks;

use std::time::{Duration, Instant};

use meters_core::Error;
use tokio::sync::Mutex;

#[cfg(test)]
pub(crate) use self::calls::ALL;
pub use self::drained::Drained;
use self::marks::Marks;
use crate::RedisStorage;
use crate::connection::{Connection, Role};
use crate::protocol::reply::Strange;
use crate::storage::{strange, unheard_of};

/// Fields of one call: Redis serves nobody else meanwhile.
const BATCH: usize = 1000;

/// The meters in one Redis database. Needs a runtime of tokio with time and network; nothing runs behind it.
///
/// ```no_run
/// use std::time::{Duration, Instant};
/// use meters_redis::ss::Meters;
///
/// # async fn send(window: &meters_core::Window) -> bool { true }
/// # async fn example() -> Result<(), meters_core::Error> {
/// let soon = || Instant::now() + Duration::from_secs(5);
/// let meters = Meters::new("redis://cache.example.com")?;
/// meters.mark("signups", &[("plan", "pro")], 1);
/// meters.push(soon()).await?;
///
/// if let Some(drained) = meters.drain(soon()).await? {
///     if send(&drained.window).await {
///         meters.acknowledge(drained, soon()).await?;
///     } else {
///         meters.give_back(drained, soon()).await?;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Meters {
    marks: Marks,
    way_in: Mutex<WayIn>,
    way_out: Mutex<WayOut>,
    claim: Duration,
}

#[derive(Debug)]
struct WayIn {
    connection: Connection,
    writer: String,
    process: u32,
    seq: u64,
    /// Sent, and not known to have arrived.
    batch: Vec<(String, i64)>,
}

#[derive(Debug)]
struct WayOut {
    connection: Connection,
    /// Asked for, and not answered.
    asked: Option<String>,
}

impl Meters {
    /// The database that a URL names. Connects when there is something to do.
    ///
    /// # Errors
    ///
    /// [`Error::is_configuration`] where the URL cannot be used, or names a cluster.
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::on(&RedisStorage::new(url))
    }

    /// The database of a storage, with its login, certificates, limits of time and `claim_time`; all else of it is not used.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn on(storage: &RedisStorage) -> Result<Self, Error> {
        let way = storage.settings().way(Role::Meters)?;
        if way.target.nodes.len() > 1 && way.target.service.is_none() {
            return Err(Error::configuration(
                "the keys of ss-instrumentation lie in several slots, which a cluster cannot change in one step: name a \
                 single server, or one behind Sentinels",
            ));
        }
        Ok(Self {
            marks: Marks::new(),
            way_in: Mutex::new(WayIn {
                connection: Connection::new(way.clone()),
                writer: unheard_of(),
                process: std::process::id(),
                seq: 0,
                batch: Vec::new(),
            }),
            way_out: Mutex::new(WayOut { connection: Connection::new(way), asked: None }),
            claim: storage.settings().claim,
        })
    }

    /// Counts `events` of a meter, in memory: [`push`](Self::push) brings them to the Redis. Takes every text that Python
    /// does; what CloudWatch does not take comes out as [`Drained::refused`].
    pub fn mark(&self, name: &str, dimensions: &[(&str, &str)], events: u64) {
        if events > 0 {
            self.marks.add(field::field(name, dimensions), events);
        }
    }

    /// Adds what was marked to the counts in the Redis, trying until `deadline`. What does not arrive waits for the next.
    ///
    /// # Errors
    ///
    /// What stands in the way.
    pub async fn push(&self, deadline: Instant) -> Result<(), Error> {
        let way = &mut *self.way_in.lock().await;
        if way.process != std::process::id() {
            // A child of `fork`: the parent pushes what it has sent.
            (way.process, way.writer, way.seq) = (std::process::id(), unheard_of(), 0);
            way.batch.clear();
        }
        loop {
            if way.batch.is_empty() {
                way.batch = self.marks.take(BATCH);
                way.seq += 1;
            }
            if way.batch.is_empty() {
                return Ok(());
            }
            let call = calls::push(&way.writer, way.seq, &way.batch);
            let refused = way.connection.insist(&call, deadline).await?;
            for place in read(calls::pushed(refused))? {
                if let Some((field, events)) = way.batch.get(place) {
                    tracing::warn!(field, events, "this meter holds no number, or one too large, in the Redis");
                }
            }
            way.batch.clear();
        }
    }

    /// Takes out all counts, of Python processes as well. None where there are none, or where another process has taken out
    /// what was there and is still about to report it: what is counted meanwhile waits for the next.
    ///
    /// # Errors
    ///
    /// What stands in the way. Nothing is lost by it.
    pub async fn drain(&self, deadline: Instant) -> Result<Option<Drained>, Error> {
        let way = &mut *self.way_out.lock().await;
        // Under the same name while no answer was seen: it may have been done.
        let id = way.asked.get_or_insert_with(unheard_of).clone();
        let call = calls::drain(&id, self.claim);
        let asked = Instant::now();
        let taken = read(calls::drained(way.connection.insist(&call, deadline).await?, asked))?;
        way.asked = None;
        Ok(taken.map(|taken| Drained::new(id, taken)))
    }

    /// These were reported: the Redis forgets them. False where another process has taken them over by now, and reports them
    /// again.
    ///
    /// # Errors
    ///
    /// What stands in the way: another process will report them again.
    pub async fn acknowledge(&self, drained: Drained, deadline: Instant) -> Result<bool, Error> {
        self.end(&drained.id, true, deadline).await
    }

    /// These were not reported: whoever drains next has them.
    ///
    /// # Errors
    ///
    /// What stands in the way: others have them when [`Drained::until`] is over.
    pub async fn give_back(&self, drained: Drained, deadline: Instant) -> Result<bool, Error> {
        self.end(&drained.id, false, deadline).await
    }

    async fn end(&self, id: &str, done: bool, deadline: Instant) -> Result<bool, Error> {
        let way = &mut *self.way_out.lock().await;
        read(calls::ended(way.connection.insist(&calls::end(id, done), deadline).await?))
    }
}

fn read<T>(answer: Result<T, Strange>) -> Result<T, Error> {
    answer.map_err(|_| strange().error)
}
