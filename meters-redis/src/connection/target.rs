//! Which server is meant, and as whom: what a URL says. No message repeats what may be a password.

use std::fmt;
use std::path::PathBuf;

use meters_core::Error;
use percent_encoding::percent_decode_str;

use super::secret::Secret;

const FORMS: &str = "use redis://user:password@host:6379/0, rediss://… for TLS, redis://a:6379,b:6379 for a cluster, \
                     redis+sentinel://a:26379,b:26379/service, or unix:///path/redis.sock?db=0 \
                     (with % escapes for special characters in passwords)";

/// One address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

/// A user and what proves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
}

/// The server that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Any of them leads to the server: nodes of a cluster, or Sentinels where there is a service.
    pub(crate) nodes: Vec<Node>,
    /// What the Sentinels call the server.
    pub(crate) service: Option<String>,
    pub(crate) tls: bool,
    pub(crate) login: Credentials,
    pub(crate) sentinel_login: Credentials,
    pub(crate) database: u32,
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let (scheme, rest) = url.trim().split_once("://").ok_or_else(|| bad("it has no scheme"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut target = Self {
            nodes: Vec::new(),
            service: None,
            tls: scheme.starts_with("rediss"),
            login: Credentials::default(),
            sentinel_login: Credentials::default(),
            database: 0,
        };
        match scheme {
            "unix" | "redis+unix" if rest.starts_with('/') => target.nodes.push(Node::Unix(decoded(rest)?.into())),
            "unix" | "redis+unix" => return Err(bad("the path of a socket starts with /, so three of them")),
            "redis" | "rediss" | "valkey" | "valkeys" => {
                target.tls |= scheme == "valkeys";
                let path = target.authority(rest, 6379)?;
                target.database = number(path)?;
            }
            "redis+sentinel" | "rediss+sentinel" => {
                let path = target.authority(rest, 26379)?;
                let (service, database) = path.split_once('/').unwrap_or((path, ""));
                if service.is_empty() {
                    return Err(bad("the service that the Sentinels watch is missing"));
                }
                target.service = Some(decoded(service)?);
                target.database = number(database)?;
            }
            _ => return Err(bad("its scheme is unknown")),
        }
        target.query(query)?;
        Ok(target)
    }

    /// What stands before the path; returns the path.
    fn authority<'a>(&mut self, rest: &'a str, port: u16) -> Result<&'a str, Error> {
        // The last @ ends the password, whatever it holds.
        let (login, rest) = match rest.rsplit_once('@') {
            Some((login, rest)) => (Some(login), rest),
            None => (None, rest),
        };
        if let Some(login) = login {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            self.login.user = Some(decoded(user)?).filter(|user| !user.is_empty());
            self.login.password = Some(decoded(password)?).filter(|text| !text.is_empty()).map(Secret::new);
        }
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        for host in hosts.split(',') {
            self.nodes.push(Node::tcp(host, port).ok_or_else(|| bad("a host or port cannot be read"))?);
        }
        Ok(path)
    }

    fn query(&mut self, query: &str) -> Result<(), Error> {
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value)?;
            match name {
                "db" => self.database = number(&value)?,
                "user" => self.login.user = Some(value),
                "pass" | "password" => self.login.password = Some(Secret::new(value)),
                "sentinel_user" => self.sentinel_login.user = Some(value),
                "sentinel_password" => self.sentinel_login.password = Some(Secret::new(value)),
                _ => {
                    return Err(bad(
                        "it has a parameter other than db, user, password, sentinel_user, sentinel_password",
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Node {
    /// `host`, `host:port` or `[v6]:port`; none where it is neither.
    pub(crate) fn tcp(text: &str, default: u16) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(v6) => {
                let (host, port) = v6.split_once(']')?;
                (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
            }
            // What a cluster says of a node has no brackets around a v6 address.
            None => text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map_or(Some(default), |port| port.parse().ok())?;
        let sound = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || c == '%');
        sound.then(|| Self::Tcp { host: host.to_owned(), port })
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// As a URL without user and password.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unix = matches!(self.nodes.first(), Some(Node::Unix(_)));
        f.write_str(match (unix, self.tls) {
            (true, _) => "unix",
            (_, true) => "rediss",
            (_, false) => "redis",
        })?;
        f.write_str(if self.service.is_some() { "+sentinel://" } else { "://" })?;
        for (index, node) in self.nodes.iter().enumerate() {
            write!(f, "{}{node}", if index == 0 { "" } else { "," })?;
        }
        if let Some(service) = &self.service {
            write!(f, "/{service}")?;
        }
        match self.database {
            0 => Ok(()),
            database if unix => write!(f, "?db={database}"),
            database => write!(f, "/{database}"),
        }
    }
}

fn number(text: &str) -> Result<u32, Error> {
    let text = text.trim_end_matches('/');
    if text.is_empty() { Ok(0) } else { text.parse().map_err(|_| bad("the number of the database is none")) }
}

fn decoded(text: &str) -> Result<String, Error> {
    percent_decode_str(text).decode_utf8().map(Into::into).map_err(|_| bad("an escape with % is no UTF-8"))
}

#[cold]
fn bad(why: &str) -> Error {
    Error::configuration(format!("the URL of the Redis cannot be used, {why}: {FORMS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Node {
        Node::Tcp { host: host.into(), port }
    }

    #[test]
    fn urls_say_where_and_who() {
        let target = Target::parse("rediss://shop:p%40ss:w@rd@[::1]:7000/3").unwrap();
        assert_eq!(target.nodes, [tcp("::1", 7000)]);
        assert_eq!((target.tls, target.database), (true, 3));
        assert_eq!(target.login.user.as_deref(), Some("shop"));
        assert_eq!(target.login.password.as_ref().unwrap().reveal(), "p@ss:w@rd");
        assert_eq!(target.to_string(), "rediss://[::1]:7000/3");

        let target = Target::parse("redis+sentinel://:pw@a,b:1/shop/2?sentinel_password=spw").unwrap();
        assert_eq!(target.nodes, [tcp("a", 26379), tcp("b", 1)]);
        assert_eq!((target.service.as_deref(), target.database), (Some("shop"), 2));
        assert_eq!(target.login.user, None);
        assert_eq!(target.sentinel_login.password.as_ref().unwrap().reveal(), "spw");
        assert_eq!(target.to_string(), "redis+sentinel://a:26379,b:1/shop/2");

        let target = Target::parse("unix:///run/re%20dis.sock?db=4&user=u&password=p").unwrap();
        assert_eq!(target.nodes, [Node::Unix("/run/re dis.sock".into())]);
        assert_eq!(target.login.user.as_deref(), Some("u"));
        assert_eq!(target.to_string(), "unix:///run/re dis.sock?db=4");

        let target = Target::parse("redis://a,b:7001").unwrap();
        assert_eq!(target.nodes, [tcp("a", 6379), tcp("b", 7001)]);
    }

    #[test]
    fn what_cannot_be_read_says_why_and_hides_the_rest() {
        for url in [
            "canary@host",
            "http://canary@host",
            "redis://canary:canary@",
            "redis://u:canary@host:port",
            "redis://u:canary@host/x",
            "redis://u:%ff@host",
            "redis://host?canary=1",
            "redis+sentinel://u:canary@host",
            "unix://canary",
        ] {
            let error = Target::parse(url).unwrap_err();
            assert!(error.is_configuration());
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
            assert!(error.to_string().contains("use redis://user:password@host"), "{error}");
        }
    }

    #[test]
    fn passwords_never_show() {
        let target = Target::parse("redis://u:canary@h?sentinel_password=canary").unwrap();
        assert!(!format!("{target:?} {target:#?} {target}").contains("canary"));
    }
}
