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

use meters_core::Error;
use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};

use self::backoff::Backoff;
pub(crate) use self::backoff::LONGEST;
pub(crate) use self::barrier::Barrier;
use self::explain::{About, explain};
pub(crate) use self::failure::{Doubt, Failure};
use self::link::Link;
pub(crate) use self::role::Role;
pub(crate) use self::secret::Secret;
pub(crate) use self::server::{Aof, Refused, Server};
pub(crate) use self::target::{Credentials, Node, Target};
#[cfg(feature = "tls")]
pub(crate) use self::tls::{Tls, Trust};
pub(crate) use self::way::{Limits, Way};
use crate::protocol::call::Call;
use crate::protocol::scripts::Script;

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
        let backoff = Backoff::new(way.limits.pause);
        Self { way, link: None, moved: None, start, backoff, opened: 0 }
    }

    /// Carries out a call, on a new connection if need be, and waiting before where the server failed a moment ago.
    ///
    /// When this is dropped before it ends, what became of the call is unknown.
    pub(crate) async fn call(&mut self, call: &Call, deadline: Instant) -> Result<Value, Failure> {
        self.run(&Request::new(call), self.way.limits.response, deadline, true).await
    }

    /// As [`call`](Self::call), again and again until `deadline`; for calls that can be made again.
    pub(crate) async fn insist(&mut self, call: &Call, deadline: Instant) -> Result<Value, Error> {
        loop {
            match self.call(call, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => {
                    let late = self.not_before().unwrap_or_else(Instant::now) >= deadline;
                    if late || failure.doubt == Doubt::Configuration {
                        return Err(failure.error);
                    }
                }
            }
        }
    }

    /// As [`call`](Self::call), on the server that was [met](Self::meet) or not at all.
    pub(crate) async fn call_here(&mut self, call: &Call, deadline: Instant) -> Result<Value, Failure> {
        self.run(&Request::new(call), self.way.limits.response, deadline, false).await
    }

    /// Carries out a command on the server that was met, or not at all.
    pub(crate) async fn ask(&mut self, command: Cmd, patience: Duration, deadline: Instant) -> Result<Value, Failure> {
        self.run(&Request { command, call: None }, patience, deadline, false).await
    }

    /// Makes sure that there is a connection to the server that has the keys of `probe`. Whether it is a new one.
    pub(crate) async fn meet(&mut self, probe: &Call, deadline: Instant) -> Result<bool, Failure> {
        if self.link.as_mut().is_some_and(|link| !link.is_inherited() && !link.is_closed()) {
            return Ok(false);
        }
        self.call(probe, deadline).await?;
        Ok(true)
    }

    /// Connections made so far.
    pub(crate) fn opened(&self) -> u64 {
        self.opened
    }

    /// When the next attempt may start, after one that failed.
    pub(crate) fn not_before(&self) -> Option<Instant> {
        self.backoff.until()
    }

    pub(crate) fn way(&self) -> &Way {
        &self.way
    }

    async fn run(
        &mut self,
        request: &Request<'_>,
        patience: Duration,
        deadline: Instant,
        anew: bool,
    ) -> Result<Value, Failure> {
        if let Some(until) = self.backoff.until() {
            tokio::time::sleep_until(until.min(deadline).into()).await;
        }
        let result = self.attempt(request, patience, deadline, anew).await;
        match result {
            Ok(_) => self.backoff.succeeded(),
            Err(_) => self.backoff.failed(Instant::now()),
        }
        result
    }

    async fn attempt(
        &mut self,
        request: &Request<'_>,
        patience: Duration,
        deadline: Instant,
        anew: bool,
    ) -> Result<Value, Failure> {
        for _ in 0..HOPS {
            // Taken, so that whoever drops this future drops the connection, too.
            let mut link = self.take(deadline, anew).await?;
            let Some(answer) = self.way.within(patience, deadline, request.ask(&mut link)).await else {
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
                ErrorKind::Server(ServerErrorKind::Moved) => {
                    self.moved = self.pointed(&error);
                    if !anew {
                        return Err(self.explained(request, &error));
                    }
                }
                ErrorKind::Server(ServerErrorKind::Ask) if anew => {
                    self.link = Some(link);
                    return self.detour(request, &error, patience, deadline).await;
                }
                ErrorKind::Server(
                    ServerErrorKind::ReadOnly | ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown,
                ) => {
                    self.moved = None;
                    self.start += 1;
                    return Err(self.explained(request, &error));
                }
                _ => {
                    let failure = self.explained(request, &error);
                    if failure.doubt != Doubt::Unknown {
                        self.link = Some(link);
                    }
                    return Err(failure);
                }
            }
        }
        Err(Failure::retry(format!("the nodes of {} send a call in circles: metrics wait", self.way.target)))
    }

    /// This call only goes to the node that is about to get the slot.
    async fn detour(
        &mut self,
        request: &Request<'_>,
        error: &RedisError,
        patience: Duration,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        let Some(node) = self.pointed(error) else { return Err(self.explained(request, error)) };
        let mut there = self.way.open_at(&node, deadline).await?;
        self.opened += 1;
        match self.way.within(patience, deadline, request.ask_there(&mut there)).await {
            Some(answer) => answer.map_err(|error| self.explained(request, &error)),
            None => Err(self.unanswered()),
        }
    }

    async fn take(&mut self, deadline: Instant, anew: bool) -> Result<Link, Failure> {
        if let Some(mut link) = self.link.take()
            && !link.is_inherited()
            && !link.is_closed()
        {
            return Ok(link);
        }
        if !anew {
            return Err(Failure::retry(format!("the connection to {} broke: metrics wait", self.way.target)));
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
        Failure::unknown(Error::timeout(format!("{} did not answer in time", self.way.target)))
    }

    fn explained(&self, request: &Request<'_>, error: &RedisError) -> Failure {
        let keys = request.call.map_or(&[][..], |call| &call.keys);
        explain(error, About { target: &self.way.target, role: self.way.role, keys })
    }
}

/// What is asked of a server: a script by its hash, or a plain command.
struct Request<'a> {
    command: Cmd,
    call: Option<&'a Call>,
}

impl<'a> Request<'a> {
    fn new(call: &'a Call) -> Self {
        let mut command = Cmd::new();
        command.arg("EVALSHA").arg(sha(call.script)).arg(call.keys.len()).arg(&call.keys).arg(&call.args);
        Self { command, call: Some(call) }
    }

    /// The first time that a server sees a script, it must be told.
    async fn ask(&self, link: &mut Link) -> Result<Value, RedisError> {
        match (link.ask(&self.command).await, self.call) {
            (Err(error), Some(call)) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                load(link, call.script).await?;
                link.ask(&self.command).await
            }
            (answer, _) => answer,
        }
    }

    async fn ask_there(&self, link: &mut Link) -> Result<Value, RedisError> {
        if let Some(call) = self.call {
            load(link, call.script).await?;
        }
        let mut asking = Cmd::new();
        asking.arg("ASKING");
        link.ask(&asking).await?;
        link.ask(&self.command).await
    }
}

async fn load(link: &mut Link, script: &Script) -> Result<Value, RedisError> {
    let mut load = Cmd::new();
    load.arg("SCRIPT").arg("LOAD").arg(script.body);
    link.ask(&load).await
}

fn sha(script: &Script) -> String {
    redis::Script::new(script.body).get_hash().to_owned()
}
