//! [`meters_core::storage`] on a Redis: thin shells that drive the state machines.

mod agreement;
mod batch;
mod builder;
mod claimer;
mod clock;
mod drain;
mod fetch;
mod name;
mod outcome;
mod settings;
mod shard;
mod status;
mod totals;
mod waits;
mod warnings;
mod without;
mod writer;

use std::sync::Arc;
use std::time::Instant;

use meters_core::Error;
use meters_core::storage::{Joined, Storage, Task, Terms};

use self::agreement::Agreement;
pub(crate) use self::agreement::strange;
pub use self::builder::RedisStorageBuilder;
use self::claimer::Claimer;
use self::drain::RedisDrain;
pub(crate) use self::name::unheard_of;
use self::settings::Settings;
pub use self::status::{Agreed, ClaimStatus, Counts, OpenPeriod, ShardStatus, Status};
pub use self::totals::SharedTotals;
pub use self::without::Without;
use self::writer::RedisWriter;
use crate::connection::{Connection, Doubt, Role};
use crate::protocol::keys::Keys;

/// Metrics of many processes in one Redis, 6.2 or later, or Valkey: a single server, one behind Sentinels, or a cluster.
///
/// ```
/// use meters_redis::RedisStorage;
///
/// let single = RedisStorage::new("redis://user:password@cache.example.com:6379/0");
/// let tls = RedisStorage::new("rediss://cache.example.com");
/// let socket = RedisStorage::new("unix:///run/redis.sock?db=1");
/// let sentinels = RedisStorage::new("redis+sentinel://a:26379,b:26379,c:26379/mymaster");
/// let cluster = RedisStorage::new("redis://a:6379,b:6379,c:6379");
/// ```
///
/// # What is exact
///
/// Each record is reported once, whichever of the processes, the network and the Redis dies or freezes, where the Redis
/// cannot forget what is reported:
///
/// | the Redis keeps its data by | exact | a report waits for it |
/// |---|---|---|
/// | `appendfsync always` | yes | not at all |
/// | `appendfsync everysec` | yes | 2.5 s; since Redis 7.2, if `+waitaof` is granted, until it is written |
/// | replicas | yes | until all that follow have it ([`replicas`](RedisStorageBuilder::replicas)) |
/// | nothing, or `appendfsync no` | while only the Redis dies | not at all |
///
/// A process that is killed loses what it has not pushed yet: one period at the most while the Redis answers.
///
/// # Rights
///
/// Processes that only push need the first of these users, those that report the second. (On Redis 7.2 and later, `+waitaof`
/// shortens the wait for `everysec`.) Sentinels may have users of their own, who need
/// `sentinel|get-master-addr-by-name` and `client|setname`; with `rediss+sentinel://`, they speak TLS, too.
///
/// ```text
/// ACL SETUSER writer on >password resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking +client|setname
///   +evalsha +script|load +time +get +set +hset +hincrby +pexpire +zadd +zrange
/// ACL SETUSER reporter on >password resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking
///   +client|setname +evalsha +script|load +time +get +set +hset +hincrby +pexpire +zadd +zrange +hgetall +hkeys +hmget
///   +hdel +exists +rename +persist +zrem +zcard +zrangebyscore +unlink +wait +info +config|get
/// ```
#[derive(Clone, Debug)]
pub struct RedisStorage {
    settings: Settings,
}

impl RedisStorage {
    /// The server that a URL names, and defaults for all else. A mistake in the URL is reported when metrics are started.
    pub fn new(url: &str) -> Self {
        Self::builder(url).build()
    }

    /// The server that a URL names, and further settings.
    pub fn builder(url: &str) -> RedisStorageBuilder {
        RedisStorageBuilder::new(url)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn join_as(&self, terms: Terms) -> Result<Joined, Error> {
        let settings = &self.settings;
        let period = settings.period.unwrap_or(terms.period);
        settings.check(period)?;
        settings.check_report(&terms)?;
        let mut times = settings.times(period);
        times.read_back = terms.read_back;
        let application = settings.application.as_deref().unwrap_or(terms.namespace.as_str());
        let agreement = Agreement::new(application, &terms.namespace, period, settings.shards, settings.keep);
        let agreement = Arc::new(agreement);
        let keys = |shard: u16| Keys::new(application, (shard > 0).then_some(shard.into()));
        let way = settings.way(Role::Writer)?;
        let lanes = (0..settings.shards).map(|shard| (keys(shard), Connection::new(way.clone())));
        let mut writer = RedisWriter::new(Arc::clone(&agreement), &times, lanes.collect());
        writer.unchecked = settings.without == Some(Without::Sequence);
        // Long enough for Sentinels and redirections; who does not answer is met later.
        let deadline = Instant::now() + settings.connect * 3 + settings.response;
        let trouble = match writer.agree(deadline).await {
            Err(failure) if failure.doubt == Doubt::Configuration => return Err(failure.error),
            Err(failure) => {
                tracing::warn!(error = ?failure.error, "metrics wait for the Redis that they are shared through");
                Some(failure.error)
            }
            Ok(()) => None,
        };
        let drain = terms.reports.then(|| {
            let claimer = |shard: u16| {
                let connection = Connection::new(crate::connection::Way { role: Role::Drain, ..way.clone() });
                Claimer::new(shard.into(), keys(shard), &times, unheard_of(), connection, settings.replicas)
                    .without_barrier(settings.without == Some(Without::Barrier))
            };
            let claimers = (0..settings.shards).map(claimer).collect();
            Box::new(RedisDrain::new(agreement, claimers)) as Box<_>
        });
        let joined = Joined::new(Box::new(writer), drain);
        Ok(match trouble {
            Some(trouble) => joined.away(trouble),
            None => joined,
        })
    }
}

impl Storage for RedisStorage {
    fn join(&self, terms: Terms) -> Task<'_, Result<Joined, Error>> {
        Box::pin(self.join_as(terms))
    }
}
