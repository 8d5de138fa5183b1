//! Sentinels that watch over a master.

use std::fs;

use redis::{Connection, Value};
use tempfile::TempDir;

use crate::child::Process;
use crate::patience::{PATIENCE, until};
use crate::port::Port;
use crate::server::Server;

/// What the sentinels know the master by.
const NAME: &str = "shop";

/// One Sentinel. Killed when dropped.
#[derive(Debug)]
pub struct Sentinel {
    process: Process,
    port: Port,
    folder: TempDir,
}

impl Sentinel {
    /// One that decides alone, and takes half a second of silence for death. Returns when it knows `replicas` replicas.
    pub fn watch(master: &Server, replicas: usize) -> Self {
        let folder = tempfile::Builder::new().prefix("meters-sentinel-").tempdir().unwrap();
        let port = Port::reserve();
        let conf = folder.path().join("sentinel.conf");
        let text = format!(
            "bind 127.0.0.1\nport {}\ndir {dir}\nlogfile {dir}/log\nsentinel monitor {NAME} 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds {NAME} 500\nsentinel failover-timeout {NAME} 5000\n",
            port.number,
            master.port(),
            dir = folder.path().display()
        );
        fs::write(&conf, text).unwrap();
        let process = Process::server(&[&conf.display().to_string(), "--sentinel"]);
        let mut sentinel = Self { process, port, folder };
        until("a sentinel knows master and replicas", || {
            assert!(!sentinel.process.ended(), "the sentinel ended at once:\n{}", sentinel.log());
            let known: Vec<Value> = sentinel.query(&["SENTINEL", "REPLICAS", NAME])?;
            (known.len() >= replicas).then_some(())
        });
        sentinel
    }

    /// What it knows the master by.
    pub fn name(&self) -> &'static str {
        NAME
    }

    /// `redis://127.0.0.1:…`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port.number)
    }

    /// The port of the server that it takes for the master.
    pub fn master(&self) -> Option<u16> {
        let (_, port): (String, String) = self.query(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME])?;
        port.parse().ok()
    }

    /// Returns when the master is another than that with this port, and says which.
    pub fn failed_over(&self, from: u16) -> u16 {
        until("the sentinel has failed over", || self.master().filter(|port| *port != from))
    }

    fn connect(&self) -> redis::RedisResult<Connection> {
        let connection = redis::Client::open(self.url())?.get_connection_with_timeout(PATIENCE)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        Ok(connection)
    }

    fn query<T: redis::FromRedisValue>(&self, command: &[&str]) -> Option<T> {
        redis::cmd(command[0]).arg(&command[1..]).query(&mut self.connect().ok()?).ok()
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}
