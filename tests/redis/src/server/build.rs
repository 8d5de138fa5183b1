//! What a server is like.

use std::fmt::Write as _;
use std::path::Path;

use super::Server;
use crate::certificates::Certificates;

/// Whether, and how often, what was written reaches the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Append {
    /// Nothing does.
    #[default]
    No,
    /// Once a second.
    Everysec,
    /// Before each answer.
    Always,
}

/// What a [`Server`] is to be like; [`start`](Self::start) makes it.
#[derive(Clone, Debug, Default)]
pub struct Build {
    pub(super) append: Append,
    pub(super) password: Option<String>,
    users: Vec<String>,
    pub(super) tls: bool,
    replica_of: Option<u16>,
    lines: Vec<String>,
    pub(super) memory: bool,
}

impl Build {
    /// How it keeps what was written.
    pub fn append(mut self, append: Append) -> Self {
        self.append = append;
        self
    }

    /// `requirepass`.
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// A line of an ACL file without its leading `user`: `writer on >secret ~m1:* +@all`.
    pub fn user(mut self, rules: &str) -> Self {
        self.users.push(rules.to_owned());
        self
    }

    /// Speaks TLS as well, on a port of its own.
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Begins as a replica of the server with this port.
    pub fn replica_of(mut self, port: u16) -> Self {
        self.replica_of = Some(port);
        self
    }

    /// The most memory, in bytes.
    pub fn maxmemory(self, bytes: u64) -> Self {
        self.line(&format!("maxmemory {bytes}"))
    }

    /// Its files are in memory, where there is such a place: what reaches the "disk" reaches it at once, however slow the
    /// machine's own is.
    pub fn in_memory(mut self) -> Self {
        self.memory = true;
        self
    }

    /// Any other line of `redis.conf`.
    pub fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    /// Starts it, and returns when it answers.
    ///
    /// # Panics
    ///
    /// Where there is no `redis-server`, or it does not start: says why.
    pub fn start(self) -> Server {
        Server::start_as(self)
    }

    pub(super) fn conf(&self, folder: &Path, port: u16, tls: Option<(u16, &Certificates)>) -> String {
        let mut conf = format!(
            "bind 127.0.0.1\nport {port}\ndir {dir}\nunixsocket {dir}/redis.sock\nlogfile {dir}/log\nsave \"\"\n\
             auto-aof-rewrite-percentage 0\nrepl-diskless-sync yes\nrepl-diskless-sync-delay 0\n",
            dir = folder.display()
        );
        match self.append {
            Append::No => conf.push_str("appendonly no\n"),
            Append::Everysec => conf.push_str("appendonly yes\nappendfsync everysec\n"),
            Append::Always => conf.push_str("appendonly yes\nappendfsync always\n"),
        }
        if let Some(password) = &self.password {
            // Replicas have the password of their master.
            write!(conf, "requirepass {password}\nmasterauth {password}\n").unwrap();
        }
        for user in &self.users {
            writeln!(conf, "user {user}").unwrap();
        }
        if !self.users.is_empty() {
            writeln!(conf, "user {} on nopass ~* &* +@all", super::OPERATOR).unwrap();
        }
        if let Some((port, files)) = tls {
            let Certificates { authority, certificate, key } = files;
            write!(
                conf,
                "tls-port {port}\ntls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\ntls-auth-clients no\n",
                certificate.display(),
                key.display(),
                authority.display()
            )
            .unwrap();
        }
        if let Some(master) = self.replica_of {
            writeln!(conf, "replicaof 127.0.0.1 {master}").unwrap();
        }
        for line in &self.lines {
            writeln!(conf, "{line}").unwrap();
        }
        conf
    }

    /// Who asks on behalf of the tests.
    pub(super) fn operator(&self) -> String {
        match &self.password {
            _ if !self.users.is_empty() => format!("?user={}&pass=any", super::OPERATOR),
            Some(password) => format!("?pass={password}"),
            None => String::new(),
        }
    }
}
