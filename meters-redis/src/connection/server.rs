//! What a server is, as far as it tells: that decides when what it holds is durable.

use std::time::Instant;

use redis::{Cmd, Value};

use super::way::version;
use super::{Connection, Doubt, Failure};

/// How often a server's log of changes reaches its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aof {
    /// There is none.
    Off,
    /// Whenever the system likes: nothing is promised.
    No,
    /// Once a second. Also where the server does not say.
    EverySecond,
    /// Before it answers.
    Always,
}

/// What a server told of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) version: (u32, u32),
    /// Another each time that it starts; empty where it does not say.
    pub(crate) run: String,
    pub(crate) aof: Aof,
    /// Replicas that follow it now.
    pub(crate) replicas: u32,
    /// What it does when its memory is full.
    pub(crate) eviction: Option<String>,
    /// It would not tell all: the careful case is assumed.
    pub(crate) reticent: bool,
}

/// What the user of a connection may not ask: once refused, it is not asked again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    info: bool,
    config: bool,
}

impl Server {
    /// Asks. What may not be asked counts as the careful case.
    pub(crate) async fn look(
        connection: &mut Connection,
        refused: &mut Refused,
        deadline: Instant,
    ) -> Result<Self, Failure> {
        let info = permitted(connection, &["INFO"], &mut refused.info, deadline).await?;
        let config = permitted(connection, &["CONFIG", "GET", "appendfsync"], &mut refused.config, deadline).await?;
        let info = info.and_then(|value| redis::from_redis_value::<String>(value).ok());
        let config = config.and_then(|value| redis::from_redis_value::<Vec<String>>(value).ok());
        Ok(Self::read(info.as_deref(), config.as_ref().and_then(|pair| pair.get(1)).map(String::as_str)))
    }

    fn read(info: Option<&str>, fsync: Option<&str>) -> Self {
        let field = |name: &str| {
            info?.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':')).map(str::to_owned)
        };
        let enabled = field("aof_enabled");
        let aof = match (enabled.as_deref(), fsync) {
            (Some("0"), _) => Aof::Off,
            (_, Some("always")) => Aof::Always,
            (_, Some("no")) => Aof::No,
            _ => Aof::EverySecond,
        };
        Self {
            version: field("redis_version").map_or((0, 0), |text| version(&text)),
            run: field("run_id").unwrap_or_default(),
            aof,
            replicas: field("connected_slaves").and_then(|text| text.parse().ok()).unwrap_or(0),
            eviction: field("maxmemory_policy"),
            reticent: info.is_none() || (aof == Aof::EverySecond && fsync.is_none()),
        }
    }
}

/// None where it is not for us to ask.
async fn permitted(
    connection: &mut Connection,
    words: &[&str],
    refused: &mut bool,
    deadline: Instant,
) -> Result<Option<Value>, Failure> {
    if *refused {
        return Ok(None);
    }
    let mut command = Cmd::new();
    command.arg(words);
    match connection.ask(command, connection.way().limits.response, deadline).await {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.doubt == Doubt::Configuration => {
            *refused = true;
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "# Server\r\nredis_version:7.2.4\r\nrun_id:ab\r\n# Memory\r\nmaxmemory_policy:allkeys-lru\r\n# Persistence\r\n\
                        aof_enabled:1\r\n# Replication\r\nrole:master\r\nconnected_slaves:2\r\n";

    #[test]
    fn a_server_that_tells_is_believed() {
        let server = Server::read(Some(INFO), Some("always"));
        let (run, eviction) = ("ab".to_owned(), Some("allkeys-lru".to_owned()));
        assert_eq!(server, Server { version: (7, 2), run, aof: Aof::Always, replicas: 2, eviction, reticent: false });
        assert_eq!(Server::read(Some(&INFO.replace("enabled:1", "enabled:0")), Some("everysec")).aof, Aof::Off);
        assert_eq!(Server::read(Some(INFO), Some("no")).aof, Aof::No);
    }

    #[test]
    fn one_that_does_not_is_taken_for_one_that_forgets_a_second() {
        let server = Server::read(Some(INFO), None);
        assert_eq!((server.aof, server.reticent), (Aof::EverySecond, true));
        let server = Server::read(None, None);
        assert_eq!((server.aof, server.reticent, server.replicas), (Aof::EverySecond, true, 0));
    }
}
