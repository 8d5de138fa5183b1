//! What an application has in its Redis at one moment, for those who operate it. Plain data.

mod look;
mod read;

use std::time::{Duration, SystemTime};

use meters_core::Error;

pub(super) use self::read::agreed;
use super::RedisStorage;

/// What an application has in its Redis at one moment: see [`RedisStorage::status`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The server, without credentials: `redis://cache:6379`.
    pub server: String,
    /// Its version; none where it does not tell.
    pub version: Option<(u32, u32)>,
    /// How it keeps what it has: `always`, `everysec` or `no` for a file that is appended to, else `nothing`. None where the
    /// user may not know.
    pub keeps: Option<&'static str>,
    /// Replicas that follow it.
    pub replicas: u32,
    /// What it does when its memory is full: metrics want `noeviction`.
    pub eviction: Option<String>,
    /// What the processes agreed on; none where none has been here for as long as unreported periods are kept.
    pub terms: Option<Agreed>,
    /// One for each shard.
    pub shards: Vec<ShardStatus>,
}

/// What the processes of an application agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agreed {
    /// Where their metrics go.
    pub namespace: String,
    /// How long a period is.
    pub period: Duration,
    /// Over how many shards their series are spread.
    pub shards: u16,
}

/// What one shard has.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShardStatus {
    /// The server's clock.
    pub now: SystemTime,
    /// Since when the server has forgotten nothing, or since the first push.
    pub since: Option<SystemTime>,
    /// The start of the newest period that was ever claimed.
    pub newest: Option<SystemTime>,
    /// Who reports at present.
    pub leader: Option<String>,
    /// Periods that nobody has claimed yet, and how many of them [`periods`](Self::periods) has at the most.
    pub open: u64,
    /// Batches that are being reported, or that somebody did not finish.
    pub claimed: u64,
    /// The oldest of the open periods, up to 100.
    pub periods: Vec<OpenPeriod>,
    /// The oldest of the claims, up to 100.
    pub claims: Vec<ClaimStatus>,
    /// The processes that pushed what is listed here, sorted.
    pub writers: Vec<String>,
    /// What went wrong since [`since`](Self::since).
    pub counts: Counts,
}

/// What went wrong, counted in the server by whoever noticed, each time once: also where the answer was lost, or the server went
/// back in time. A server that loses everything loses these, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Series that the server forgot, and their process, too, by those processes that live.
    pub lost: u64,
    /// Periods that nobody reported before they were too old.
    pub expired: u64,
    /// Entries that were no delta batch, and were left out.
    pub damaged: u64,
    /// Datums that were sent although they may have arrived before: they may be counted twice.
    pub again: u64,
    /// Batches that the server had forgotten and got again: nothing was lost by that.
    pub replayed: u64,
}

impl Counts {
    /// These and those.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            expired: self.expired + other.expired,
            damaged: self.damaged + other.damaged,
            again: self.again + other.again,
            replayed: self.replayed + other.replayed,
        }
    }
}

/// A period that nobody has claimed yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenPeriod {
    /// When it began.
    pub start: SystemTime,
    /// What was pushed into it: one batch for each process and push.
    pub batches: u64,
    /// Bytes of the server's memory; none where the user may not ask.
    pub bytes: Option<u64>,
}

/// A batch that is being reported, or that somebody did not finish.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClaimStatus {
    /// Its name: `m1:{application}:c:…` is its key.
    pub id: String,
    /// The start of its period.
    pub period: SystemTime,
    /// Who claimed it last: host, process and a random number.
    pub owner: String,
    /// Until when it is the owner's alone, by the server's clock.
    pub deadline: SystemTime,
    /// 1 for the first owner, and one more for each that took it over.
    pub attempt: u64,
    /// A part of its period was claimed before.
    pub late: bool,
    /// Into how many datums it was encoded; none before that.
    pub datums: Option<u32>,
    /// Datums that are done with.
    pub done: u32,
    /// Datums whose request is under way, or left and was never heard of again: sent once more, they may be counted twice.
    pub unanswered: u32,
    /// Its owners did not encode it alike, or the server may have forgotten what was noted: what is sent of it may be counted
    /// twice.
    pub doubtful: bool,
    /// What was pushed.
    pub batches: u64,
    /// Bytes of the server's memory; none where the user may not ask.
    pub bytes: Option<u64>,
}

impl RedisStorage {
    /// Looks at what the application, which is `namespace` unless the builder was told another, has in the Redis. Changes
    /// nothing. The user needs these rights; without `+memory|usage`, as reporters are, it is told no bytes:
    ///
    /// ```text
    /// ACL SETUSER operator on >password resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking
    ///   +client|setname +evalsha +script|load +time +get +zcard +zrange +hgetall +hkeys +memory|usage
    ///   +info +config|get
    /// ```
    ///
    /// ```no_run
    /// # use meters_redis::RedisStorage;
    /// # async fn look() -> Result<(), meters_core::Error> {
    /// let status = RedisStorage::new("redis://127.0.0.1:6379").status("Shop").await?;
    /// for shard in &status.shards {
    ///     println!("{} periods wait, {} are being reported", shard.open, shard.claimed);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a mistake in the settings, or for rights that are missing; it says what to do.
    /// [`Error::is_timeout`] or [`Error::is_export`] where the server is away.
    pub async fn status(&self, namespace: &str) -> Result<Status, Error> {
        look::look(&self.settings, namespace).await.map_err(|failure| failure.error)
    }
}
