//! Reads the totals of an application.

use std::time::{Duration, Instant, SystemTime};

use meters_core::{Error, Kind, Snapshot};

use super::Totals;
use crate::connection::{Connection, Failure, Role};
use crate::protocol::call::Call;
use crate::protocol::drain::Stored;
use crate::protocol::keys::Keys;
use crate::protocol::reply::{Reply, Strange};
use crate::protocol::scripts;
use crate::storage::agreement::strange;
use crate::storage::settings::Settings;
use crate::storage::{RedisStorage, status};

/// For how long those who report keep totals that nobody asks for.
const WISH: Duration = Duration::from_secs(86_400);
/// A level that no process pushed for so many periods is none.
const STALE: u32 = 3;

/// What all processes of an application recorded, in all: for a page that Prometheus reads. Made by [`RedisStorage::totals`].
#[derive(Debug)]
pub struct SharedTotals {
    settings: Settings,
    application: String,
    shards: Vec<Shard>,
}

#[derive(Debug)]
struct Shard {
    connection: Connection,
    keys: Keys,
    totals: Option<Totals>,
    period: Duration,
}

impl RedisStorage {
    /// What all processes of the application, which is `namespace` unless the builder was told another, recorded in all.
    ///
    /// From the first [`read`](SharedTotals::read) on, those who report add each period to it; so a counter begins with the first
    /// period after that. A period is in it once it is reported, or taken by `meters-exposition --take` where nobody
    /// reports. When nobody has read for a day it is forgotten. The user needs these rights:
    ///
    /// ```text
    /// ACL SETUSER exposition on >password resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking
    ///   +client|setname +evalsha +script|load +time +get +hset +hmget +pexpire
    /// ```
    pub fn totals(&self, namespace: &str) -> SharedTotals {
        let settings = self.settings().clone();
        let application = settings.application.clone().unwrap_or_else(|| namespace.to_owned());
        SharedTotals { settings, application, shards: Vec::new() }
    }
}

impl SharedTotals {
    /// All series with their totals at this moment, and gauges as the newest period has them. Where the Redis is away the
    /// error says so, and nothing is forgotten.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a mistake in the settings, or for rights that are missing; it says what to do.
    /// [`Error::is_timeout`] or [`Error::is_export`] where the server is away.
    pub async fn read(&mut self, timeout: Duration) -> Result<Snapshot, Error> {
        self.look(Instant::now() + timeout).await.map_err(|failure| failure.error)
    }

    async fn look(&mut self, deadline: Instant) -> Result<Snapshot, Failure> {
        if self.shards.is_empty() {
            self.settings.check_connection()?;
            self.open(0)?;
        }
        let mut known = 0;
        while let Some(shard) = self.shards.get_mut(known) {
            let shards = shard.look(deadline).await?;
            known += 1;
            // The first one knows how many there are.
            while known == 1 && self.shards.len() < usize::from(shards) {
                self.open(self.shards.len())?;
            }
        }
        let now = SystemTime::now();
        let all = self.shards.iter().filter_map(|shard| shard.snapshot(now));
        let nothing = || Snapshot::from_parts(now, Duration::ZERO, Vec::new());
        Ok(all
            .reduce(|mut all, one| {
                all.merge(&one);
                all
            })
            .unwrap_or_else(nothing))
    }

    fn open(&mut self, shard: usize) -> Result<(), Failure> {
        let connection = Connection::new(self.settings.way(Role::Exposition)?);
        let keys = Keys::new(&self.application, u32::try_from(shard).ok().filter(|shard| *shard > 0));
        self.shards.push(Shard { connection, keys, totals: None, period: Duration::ZERO });
        Ok(())
    }
}

impl Shard {
    /// Reads what is new, and says over how many shards the application is spread.
    async fn look(&mut self, deadline: Instant) -> Result<u16, Failure> {
        let known = self.totals.as_ref().map_or("", |totals| &totals.version);
        let args = vec![WISH.as_millis().to_string().into_bytes(), known.as_bytes().to_vec()];
        let call = Call { script: &scripts::WISH, keys: vec![self.keys.totals(), self.keys.terms()], args };
        let answer = self.connection.call(&call, deadline).await?;
        let (terms, stored) = read(answer, known).map_err(|Strange| strange())?;
        if let Some(stored) = stored {
            match Totals::parse(&stored) {
                // A server that went back in time is told again by who reports: no counter goes back meanwhile.
                Ok(Some(theirs)) if self.totals.as_ref().is_none_or(|ours| theirs.is_as_new_as(ours)) => {
                    self.totals = Some(theirs);
                }
                Ok(_) => {}
                Err(damaged) => tracing::warn!(%damaged, "the totals in the Redis cannot be read"),
            }
        }
        let Some(terms) = status::agreed(&terms) else { return Ok(1) };
        self.period = terms.period;
        Ok(terms.shards)
    }

    fn snapshot(&self, now: SystemTime) -> Option<Snapshot> {
        let totals = self.totals.as_ref()?;
        let stale = now.duration_since(totals.young.end).is_ok_and(|passed| passed > self.period * STALE);
        let items = totals.young.items.iter().chain(&totals.old.items);
        let items = items.filter(|(series, _)| !stale || series.kind() != Kind::Gauge).cloned().collect();
        Some(Snapshot::from_parts(now, now.duration_since(totals.began).unwrap_or_default(), items))
    }
}

fn read(answer: redis::Value, known: &str) -> Result<(String, Option<Stored>), Strange> {
    let mut reply = Reply::new(answer)?;
    let _now: u64 = reply.number()?;
    Ok((reply.text()?, Stored::read(&mut reply, known)?))
}
