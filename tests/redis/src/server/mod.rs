//! One `redis-server`.

mod append_only;
mod build;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redis::{Connection, RedisResult, Value};
use rustix::process::Signal;
use tempfile::TempDir;

pub use build::{Append, Build};

use crate::certificates::Certificates;
use crate::child::Process;
use crate::patience::{PATIENCE, until};
use crate::port::Port;

/// May do everything where there are users.
const OPERATOR: &str = "operator-of-tests";

/// A `redis-server` on loopback and on a Unix socket, in a folder of its own. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    process: Process,
    build: Build,
    port: Port,
    tls: Option<(Port, Certificates)>,
    folder: TempDir,
}

impl Server {
    /// What it is to be like: by default it keeps nothing and asks nobody for a password.
    pub fn build() -> Build {
        Build::default()
    }

    /// One that keeps nothing and asks nobody for a password.
    pub fn start() -> Self {
        Build::default().start()
    }

    fn start_as(build: Build) -> Self {
        let shm = Path::new("/dev/shm");
        let place = if build.memory && shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::Builder::new().prefix("meters-redis-").tempdir_in(place).unwrap();
        let port = Port::reserve();
        let tls = build.tls.then(|| (Port::reserve(), Certificates::make(folder.path())));
        let conf = build.conf(folder.path(), port.number, tls.as_ref().map(|(port, files)| (port.number, files)));
        fs::write(folder.path().join("redis.conf"), conf).unwrap();
        let process = launch(folder.path());
        let mut server = Self { process, build, port, tls, folder };
        server.ready();
        server
    }

    /// Asks until it answers and has loaded what it kept.
    fn ready(&mut self) {
        until("redis-server answers PING", || {
            if self.process.ended() {
                panic!("redis-server ended at once:\n{}", self.log());
            }
            self.try_ask(&["PING"]).ok()
        });
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// `redis://127.0.0.1:…`, without credentials.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// `redis://user:password@127.0.0.1:…`
    pub fn url_as(&self, user: &str, password: &str) -> String {
        format!("redis://{user}:{password}@127.0.0.1:{}", self.port())
    }

    /// `rediss://localhost:…`, where it was [built](Build::tls) so.
    pub fn tls_url(&self) -> String {
        format!("rediss://localhost:{}", self.tls.as_ref().expect("not built with TLS").0.number)
    }

    /// Whom clients of [`tls_url`](Self::tls_url) must trust.
    pub fn certificates(&self) -> &Certificates {
        &self.tls.as_ref().expect("not built with TLS").1
    }

    /// Its Unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// `unix:///…`, without credentials.
    pub fn unix_url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// A connection that may do everything.
    pub fn connect(&self) -> RedisResult<Connection> {
        let url = format!("{}{}", self.unix_url(), self.build.operator());
        let connection = redis::Client::open(url)?.get_connection_with_timeout(PATIENCE)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        Ok(connection)
    }

    /// The answer to one command.
    pub fn try_ask(&self, command: &[&str]) -> RedisResult<Value> {
        let mut connection = self.connect()?;
        // One that is frozen or away must not hold up who asks in a loop.
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        let (name, arguments) = command.split_first().expect("a command has a name");
        redis::cmd(name).arg(arguments).query(&mut connection)
    }

    /// The answer to one command.
    ///
    /// # Panics
    ///
    /// Where there is none, or it is an error.
    pub fn ask(&self, command: &[&str]) -> Value {
        self.try_ask(command).unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// The answer to one command, as text.
    pub fn text(&self, command: &[&str]) -> String {
        redis::from_redis_value(self.ask(command)).unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// One line of `INFO`.
    pub fn info(&self, name: &str) -> Option<String> {
        let info: String = redis::from_redis_value(self.try_ask(&["INFO", "everything"]).ok()?).ok()?;
        info.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.to_owned()))
    }

    /// Kill −9. What was written to files stays.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again, where it was, with what it kept; kills it first if it lives.
    pub fn restart(&mut self) {
        self.kill();
        self.process = launch(self.folder.path());
        self.ready();
    }

    /// SIGSTOP: connections stay, nothing is answered.
    pub fn freeze(&self) {
        self.process.signal(Signal::STOP);
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.process.signal(Signal::CONT);
    }

    /// Makes it a replica, and returns when it has all that its master had.
    pub fn follow(&self, master: &Server) {
        self.ask(&["REPLICAOF", "127.0.0.1", &master.port().to_string()]);
        self.followed();
    }

    /// Returns when its link to its master is up.
    pub fn followed(&self) {
        until("a replica has followed its master", || {
            (self.info("master_link_status").as_deref() == Some("up")).then_some(())
        });
    }

    /// Makes it a master.
    pub fn promote(&self) {
        self.ask(&["REPLICAOF", "NO", "ONE"]);
    }
}

fn launch(folder: &Path) -> Process {
    // Left over from one that was killed: nobody listens there.
    _ = fs::remove_file(folder.join("redis.sock"));
    Process::server(&[&folder.join("redis.conf").display().to_string()])
}
