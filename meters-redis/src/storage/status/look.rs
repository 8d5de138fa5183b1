//! Asks shard after shard; writes nothing.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use redis::{Cmd, FromRedisValue, Value};

use super::read::{self, Seen};
use super::{Agreed, OpenPeriod, ShardStatus, Status};
use crate::connection::{Aof, Connection, Doubt, Failure, Refused, Role, Server};
use crate::protocol::call::Call;
use crate::protocol::keys::{Field, Keys};
use crate::protocol::scripts;
use crate::storage::agreement::strange;
use crate::storage::settings::Settings;

/// Periods and claims of a shard that are looked at.
const MOST: u64 = 100;
/// Reading the names of a large period takes longer than other answers.
const PATIENCE: u32 = 5;

pub(super) async fn look(settings: &Settings, namespace: &str) -> Result<Status, Failure> {
    settings.check_connection()?;
    let way = settings.way(Role::Operator)?;
    let application = settings.application.as_deref().unwrap_or(namespace);
    let mut first = Looker::new(Connection::new(way.clone()), Keys::new(application, None));
    let (terms, shard) = first.shard().await?;
    let deadline = first.deadline();
    let server = Server::look(&mut first.connection, &mut Refused::default(), deadline).await?;
    let mut status = Status {
        server: way.target.to_string(),
        version: (server.version != (0, 0)).then_some(server.version),
        keeps: kept(&server),
        replicas: server.replicas,
        eviction: server.eviction,
        shards: vec![shard],
        terms,
    };
    let shards = status.terms.as_ref().map_or(settings.shards, |terms| terms.shards);
    for shard in 1..shards {
        let keys = Keys::new(application, Some(shard.into()));
        status.shards.push(Looker::new(Connection::new(way.clone()), keys).shard().await?.1);
    }
    Ok(status)
}

fn kept(server: &Server) -> Option<&'static str> {
    match server.aof {
        Aof::Off => Some("nothing"),
        _ if server.reticent => None,
        Aof::No => Some("no"),
        Aof::EverySecond => Some("everysec"),
        Aof::Always => Some("always"),
    }
}

struct Looker {
    connection: Connection,
    keys: Keys,
    /// MEMORY USAGE was refused: it is not asked again.
    mute: bool,
    writers: BTreeSet<String>,
}

impl Looker {
    fn new(connection: Connection, keys: Keys) -> Self {
        Self { connection, keys, mute: false, writers: BTreeSet::new() }
    }

    fn deadline(&self) -> Instant {
        let limits = self.connection.way().limits;
        // Long enough for Sentinels and redirections.
        Instant::now() + limits.connect * 3 + limits.response * PATIENCE
    }

    async fn shard(&mut self) -> Result<(Option<Agreed>, ShardStatus), Failure> {
        let k = &self.keys;
        let keys = vec![k.open(), k.claims(), k.newest(), k.epoch(), k.lease(), k.terms(), k.counts()];
        let call = Call { script: &scripts::STATUS, keys, args: vec![MOST.to_string().into_bytes()] };
        let deadline = self.deadline();
        let answer = self.connection.call(&call, deadline).await?;
        let Seen { terms, mut shard, periods, claims } = Seen::read(answer).map_err(|_| strange())?;
        for period in periods {
            let key = self.keys.bucket(period);
            let (batches, bytes) = (self.batches(&key).await?, self.bytes(&key).await?);
            // Claimed a moment ago: it is among the claims the next time.
            if batches > 0 {
                shard.periods.push(OpenPeriod { start: read::time(period), batches, bytes });
            }
        }
        for (id, period) in claims {
            let fields: Vec<(Vec<u8>, Vec<u8>)> = self.ask(&["HGETALL"], &self.keys.claim(&id)).await?;
            let key = self.keys.batch(&id);
            let (batches, bytes) = (self.batches(&key).await?, self.bytes(&key).await?);
            if let Some(mut claim) = read::claim(id, period, fields) {
                (claim.batches, claim.bytes) = (batches, bytes);
                shard.claims.push(claim);
            }
        }
        shard.writers = std::mem::take(&mut self.writers).into_iter().collect();
        Ok((terms, shard))
    }

    /// How many there are, and whose.
    async fn batches(&mut self, key: &[u8]) -> Result<u64, Failure> {
        let fields: Vec<Vec<u8>> = self.ask(&["HKEYS"], key).await?;
        self.writers.extend(fields.iter().filter_map(|field| Some(Field::parse(field)?.writer)));
        Ok(fields.len() as u64)
    }

    async fn bytes(&mut self, key: &[u8]) -> Result<Option<u64>, Failure> {
        if self.mute {
            return Ok(None);
        }
        match self.ask(&["MEMORY", "USAGE"], key).await {
            Err(failure) if failure.doubt == Doubt::Configuration => {
                self.mute = true;
                Ok(None)
            }
            answer => answer,
        }
    }

    async fn ask<T: FromRedisValue>(&mut self, words: &[&str], key: &[u8]) -> Result<T, Failure> {
        let mut command = Cmd::new();
        command.arg(words).arg(key);
        let (patience, deadline): (Duration, _) = (self.connection.way().limits.response * PATIENCE, self.deadline());
        let answer: Value = self.connection.ask(command, patience, deadline).await?;
        redis::from_redis_value(answer).map_err(|_| strange())
    }
}
