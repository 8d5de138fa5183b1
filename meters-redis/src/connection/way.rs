//! The way to a server: dials, greets, asks the Sentinels. All within limits of time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::{Cmd, Value};
use tokio::net::TcpStream;

use super::Role;
use super::explain::{About, explain, scrubbed};
use super::failure::{Doubt, Failure};
use super::link::{Link, Stream};
use super::target::{Credentials, Node, Target};

/// How long to wait for a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For a connection with all that comes before the first call.
    pub(crate) connect: Duration,
    /// For the answer to one call.
    pub(crate) response: Duration,
    /// The longest that a server which does not answer is left in peace.
    pub(crate) pause: Duration,
}

/// All that it takes to reach a server.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) target: Arc<Target>,
    pub(crate) limits: Limits,
    pub(crate) role: Role,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<super::tls::Tls>,
}

/// What a server says of itself when it is greeted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Greeting {
    pub(crate) version: (u32, u32),
    pub(crate) replica: bool,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Way({})", self.target)
    }
}

impl Way {
    /// A connection to the server that a cluster or the Sentinels point to, or to the first that can be reached.
    ///
    /// `start` is where to begin among several.
    pub(crate) async fn open(&self, start: usize, deadline: Instant) -> Result<Link, Failure> {
        let nodes = &self.target.nodes;
        let mut last = None;
        for index in 0..nodes.len() {
            let node = &nodes[(start + index) % nodes.len()];
            let opened = match &self.target.service {
                None => self.open_at(node, deadline).await,
                Some(service) => match self.ask_sentinel(node, service, deadline).await {
                    Ok(master) => self.open_master(&master, deadline).await,
                    Err(failure) => Err(failure),
                },
            };
            match opened {
                Ok(link) => return Ok(link),
                // Another node may know better, but what must be mended is the better message.
                Err(failure) if last.as_ref().is_none_or(|last: &Failure| last.doubt != Doubt::Configuration) => {
                    last = Some(failure)
                }
                Err(_) => {}
            }
        }
        Err(last.expect("a target has a node"))
    }

    /// A connection to this very server.
    pub(crate) async fn open_at(&self, node: &Node, deadline: Instant) -> Result<Link, Failure> {
        self.greeted(node, &self.target.login, self.target.database, deadline).await.map(|(link, _)| link)
    }

    async fn open_master(&self, node: &Node, deadline: Instant) -> Result<Link, Failure> {
        let (link, greeting) = self.greeted(node, &self.target.login, self.target.database, deadline).await?;
        if greeting.replica {
            return Err(Failure::retry(format!("{} still names a replica, {node}: metrics wait", self.target)));
        }
        Ok(link)
    }

    async fn ask_sentinel(&self, node: &Node, service: &str, deadline: Instant) -> Result<Node, Failure> {
        let target = &self.target;
        let (mut link, _) = self.greeted(node, &target.sentinel_login, 0, deadline).await?;
        let mut command = Cmd::new();
        command.arg("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(service);
        let answer = self.within(self.limits.connect, deadline, link.ask(&command)).await;
        match answer.ok_or_else(|| self.late(node))?.map_err(|error| self.explained(&error))? {
            Value::Nil => Err(Failure::configuration(format!(
                "the Sentinel {node} knows no service \"{service}\": name one that SENTINEL MASTERS lists"
            ))),
            value => redis::from_redis_value::<(String, u16)>(value)
                .map(|(host, port)| Node::Tcp { host, port })
                .map_err(|_| Failure::retry(format!("{node} does not answer as a Sentinel does"))),
        }
    }

    /// Dials and greets. Nothing that fails here leaves a call in doubt.
    async fn greeted(
        &self,
        node: &Node,
        login: &Credentials,
        database: u32,
        deadline: Instant,
    ) -> Result<(Link, Greeting), Failure> {
        let work = async {
            let stream = self.dial(node).await?;
            let mut link = Link::new(stream).await.map_err(|error| self.explained(&error))?;
            let mut hello = Cmd::new();
            hello.arg("HELLO").arg(2);
            if let Some(password) = &login.password {
                hello.arg("AUTH").arg(login.user.as_deref().unwrap_or("default")).arg(password.reveal());
            }
            let answer = link.ask(&hello).await.map_err(|error| self.ungreeted(node, &error))?;
            let greeting = Greeting::read(&answer);
            if greeting.version < (6, 2) && greeting.version != (0, 0) {
                let (major, minor) = greeting.version;
                return Err(Failure::configuration(format!(
                    "{node} is a Redis {major}.{minor}: metrics need 6.2 or later, or Valkey"
                )));
            }
            if database != 0 {
                let mut select = Cmd::new();
                select.arg("SELECT").arg(database);
                link.ask(&select).await.map_err(|error| self.explained(&error))?;
            }
            // For those who look at CLIENT LIST; not worth a failure.
            let mut name = Cmd::new();
            name.arg("CLIENT").arg("SETNAME").arg(self.role.name());
            _ = link.ask(&name).await;
            Ok((link, greeting))
        };
        match self.within(self.limits.connect, deadline, work).await {
            Some(Err(failure)) if failure.doubt == Doubt::Unknown => Err(Failure { doubt: Doubt::Retry, ..failure }),
            Some(result) => result,
            None => Err(self.late(node)),
        }
    }

    async fn dial(&self, node: &Node) -> Result<Box<dyn Stream>, Failure> {
        let broken = |error: std::io::Error| {
            let failure = Failure::retry(format!("no connection to {node}: is a Redis running there, and reachable?"));
            Failure { error: failure.error.with_source(scrubbed(&error.to_string(), &self.target)), ..failure }
        };
        match node {
            #[cfg(unix)]
            Node::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await.map_err(broken)?)),
            #[cfg(not(unix))]
            Node::Unix(_) => Err(Failure::configuration("this system has no Unix sockets: use redis://host:port")),
            Node::Tcp { host, port } => {
                let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(broken)?;
                stream.set_nodelay(true).map_err(broken)?;
                #[cfg(feature = "tls")]
                if let Some(tls) = &self.tls {
                    return match tls.connect(host, stream).await {
                        Ok(stream) => Ok(Box::new(stream)),
                        Err(error) => Err(self.untrusted(node, &error)),
                    };
                }
                Ok(Box::new(stream))
            }
        }
    }

    #[cfg(feature = "tls")]
    #[cold]
    fn untrusted(&self, node: &Node, error: &std::io::Error) -> Failure {
        let cause = scrubbed(&error.to_string(), &self.target);
        // Only what TLS itself refuses is a matter of settings; the rest is a connection that broke.
        let refused = error.get_ref().is_some_and(|cause| cause.is::<rustls::Error>());
        let mut failure = if refused {
            Failure::configuration(format!(
                "no TLS with {node}: pass the certificate of its authority to ca_certificate(pem), a client_certificate(…) \
                 if it wants one, use the host name that its certificate has, or redis:// if it has none"
            ))
        } else {
            Failure::retry(format!("no TLS with {node}: the connection broke"))
        };
        failure.error = failure.error.with_source(cause);
        failure
    }

    /// None where time ran out.
    pub(crate) async fn within<T>(
        &self,
        most: Duration,
        deadline: Instant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let end = deadline.min(Instant::now() + most);
        tokio::time::timeout_at(end.into(), work).await.ok()
    }

    #[cold]
    fn late(&self, node: &Node) -> Failure {
        let hint =
            if self.target.tls { "If it speaks no TLS, write redis://" } else { "If it wants TLS, write rediss://" };
        Failure::timeout(format!("{node} does not answer: is it reachable, and is it a Redis? {hint}"))
    }

    /// A certificate that we lack is refused only after the handshake, as the answer to what is sent first.
    fn ungreeted(&self, node: &Node, error: &redis::RedisError) -> Failure {
        #[cfg(feature = "tls")]
        if let Some(cause) = std::error::Error::source(error)
            && let Some(cause) = cause.downcast_ref::<Arc<dyn std::error::Error + Send + Sync>>()
            && let Some(cause) = cause.downcast_ref::<std::io::Error>()
            && cause.get_ref().is_some_and(|cause| cause.is::<rustls::Error>())
        {
            return self.untrusted(node, cause);
        }
        #[cfg(not(feature = "tls"))]
        let _ = node;
        self.explained(error)
    }

    fn explained(&self, error: &redis::RedisError) -> Failure {
        explain(error, About { target: &self.target, role: self.role, keys: &[] })
    }
}

impl Greeting {
    /// What is not understood counts as unknown.
    fn read(answer: &Value) -> Self {
        let Value::Array(parts) = answer else { return Self::default() };
        let mut greeting = Self::default();
        for pair in parts.chunks_exact(2) {
            let [Value::BulkString(name), Value::BulkString(value)] = pair else { continue };
            let value = String::from_utf8_lossy(value);
            match name.as_slice() {
                b"version" => greeting.version = version(&value),
                b"role" => greeting.replica = matches!(&*value, "replica" | "slave"),
                _ => {}
            }
        }
        greeting
    }
}

/// The first two numbers; zeros where there are none.
pub(crate) fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}
