//! The way to a server: URL, TLS, roles, time limits; and what its errors mean.
//!
//! One connection for each role and shard. All keys of a shard are in one slot, so a cluster is one server that moves:
//! its redirections are followed here.

mod backoff;
mod barrier;
mod explain;
mod failure;
mod link;
mod role;
mod secret;
mod server;
mod target;
#[cfg(test)]
mod tests;
#[cfg(feature = "tls")]
mod tls;
mod way;

use std::time::{Duration, Instant};

use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};

use self::backoff::Backoff;
pub(crate) use self::barrier::Barrier;
use self::explain::{About, explain};
pub(crate) use self::failure::{Doubt, Failure};
use self::link::Link;
pub(crate) use self::role::Role;
pub(crate) use self::secret::Secret;
pub(crate) use self::server::{Aof, Server};
pub(crate) use self::target::{Credentials, Node, Target};
#[cfg(feature = "tls")]
pub(crate) use self::tls::{Tls, Trust};
pub(crate) use self::way::{Limits, Way};
use crate::protocol::{Call, Script};

/// How often a cluster may send us on before we wait.
const HOPS: usize = 6;

/// A connection that is made when it is needed, and again when it broke.
#[derive(Debug)]
pub(crate) struct Connection {
    way: Way,
    link: Option<Link>,
    /// Where a cluster said that the slot is.
    moved: Option<Node>,
    start: usize,
    backoff: Backoff,
    opened: u64,
}

impl Connection {
    pub(crate) fn new(way: Way) -> Self {
        let start = fastrand::usize(..way.target.nodes.len());
        Self { way, link: None, moved: None, start, backoff: Backoff::default(), opened: 0 }
    }

    /// Carries out a call, waiting before where the server failed a moment ago.
    ///
    /// When this is dropped before it ends, what became of the call is unknown.
    pub(crate) async fn call(&mut self, call: &Call, deadline: Instant) -> Result<Value, Failure> {
        let mut command = Cmd::new();
        command.arg("EVALSHA").arg(sha(call.script)).arg(call.keys.len()).arg(&call.keys).arg(&call.args);
        self.run(&command, Some(call), self.way.limits.response, deadline).await
    }

    /// Carries out a command on the server that the last call went to.
    pub(crate) async fn ask(&mut self, command: &Cmd, patience: Duration, deadline: Instant) -> Result<Value, Failure> {
        self.run(command, None, patience, deadline).await
    }

    /// Since when the server has been reachable without a break.
    pub(crate) fn since(&self) -> Option<Instant> {
        self.link.as_ref().map(Link::since)
    }

    /// Connections made so far.
    pub(crate) fn opened(&self) -> u64 {
        self.opened
    }

    pub(crate) fn way(&self) -> &Way {
        &self.way
    }

    async fn run(
        &mut self,
        command: &Cmd,
        call: Option<&Call>,
        patience: Duration,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        if let Some(until) = self.backoff.until() {
            tokio::time::sleep_until(until.min(deadline).into()).await;
        }
        let result = self.attempt(command, call, patience, deadline).await;
        match result {
            Ok(_) => self.backoff.succeeded(),
            Err(_) => self.backoff.failed(Instant::now()),
        }
        result
    }

    async fn attempt(
        &mut self,
        command: &Cmd,
        call: Option<&Call>,
        patience: Duration,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        let about = |way: &Way, error: &RedisError| {
            let keys = call.map_or(&[][..], |call| &call.keys);
            explain(error, About { target: &way.target, role: way.role, keys })
        };
        for _ in 0..HOPS {
            // Taken, so that whoever drops this future drops the connection, too.
            let mut link = self.take(deadline).await?;
            let Some(answer) = self.way.within(patience, deadline, ask(&mut link, command, call)).await else {
                return Err(self.unanswered());
            };
            let error = match answer {
                Ok(value) => {
                    self.link = Some(link);
                    return Ok(value);
                }
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::Server(ServerErrorKind::Moved) => self.moved = self.pointed(&error),
                ErrorKind::Server(ServerErrorKind::Ask) => {
                    self.link = Some(link);
                    let Some(node) = self.pointed(&error) else { return Err(about(&self.way, &error)) };
                    let mut there = self.way.open_at(&node, deadline).await?;
                    self.opened += 1;
                    let answer = self.way.within(patience, deadline, asking(&mut there, command, call)).await;
                    return answer.ok_or_else(|| self.unanswered())?.map_err(|error| about(&self.way, &error));
                }
                ErrorKind::Server(
                    ServerErrorKind::ReadOnly | ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown,
                ) => {
                    self.moved = None;
                    self.start += 1;
                    return Err(about(&self.way, &error));
                }
                _ => {
                    let failure = about(&self.way, &error);
                    if failure.doubt != Doubt::Unknown {
                        self.link = Some(link);
                    }
                    return Err(failure);
                }
            }
        }
        Err(Failure::retry(format!("the nodes of {} send a call in circles: metrics wait", self.way.target)))
    }

    async fn take(&mut self, deadline: Instant) -> Result<Link, Failure> {
        if let Some(mut link) = self.link.take()
            && !link.is_inherited()
            && !link.is_closed()
        {
            return Ok(link);
        }
        if let Some(node) = &self.moved {
            match self.way.open_at(node, deadline).await {
                Ok(link) => {
                    self.opened += 1;
                    return Ok(link);
                }
                // A node that died: the others know who took its slots.
                Err(_) => self.moved = None,
            }
        }
        self.start += 1;
        let link = self.way.open(self.start, deadline).await?;
        self.opened += 1;
        Ok(link)
    }

    /// The node that a cluster's answer points to. It may leave out the host, meaning its own.
    fn pointed(&self, error: &RedisError) -> Option<Node> {
        let (address, _) = error.redirect_node()?;
        match (address.strip_prefix(':'), self.moved.as_ref().or(self.way.target.nodes.first())?) {
            (Some(port), Node::Tcp { host, .. }) => Some(Node::Tcp { host: host.clone(), port: port.parse().ok()? }),
            _ => Node::tcp(address, 0),
        }
    }

    #[cold]
    fn unanswered(&self) -> Failure {
        Failure::unknown(meters_core::Error::timeout(format!("{} did not answer in time", self.way.target)))
    }
}

/// The first time that a server sees a script, it must be told.
async fn ask(link: &mut Link, command: &Cmd, call: Option<&Call>) -> Result<Value, RedisError> {
    match (link.ask(command).await, call) {
        (Err(error), Some(call)) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
            let mut load = Cmd::new();
            load.arg("SCRIPT").arg("LOAD").arg(call.script.body);
            link.ask(&load).await?;
            link.ask(command).await
        }
        (answer, _) => answer,
    }
}

/// As [`ask`], of a node that is about to become the slot's.
async fn asking(link: &mut Link, command: &Cmd, call: Option<&Call>) -> Result<Value, RedisError> {
    let mut asking = Cmd::new();
    asking.arg("ASKING");
    if let Some(call) = call {
        let mut load = Cmd::new();
        load.arg("SCRIPT").arg("LOAD").arg(call.script.body);
        link.ask(&load).await?;
    }
    link.ask(&asking).await?;
    link.ask(command).await
}

fn sha(script: &Script) -> String {
    redis::Script::new(script.body).get_hash().to_owned()
}
