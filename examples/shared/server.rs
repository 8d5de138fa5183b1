//! A Redis for an example: a child process on a port that was free a moment ago, keeping nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends with its value.
pub(crate) struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts one; none, and a line that says what to install, where there is no `redis-server`.
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).ok()?.port().to_string();
        let options = ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"];
        let quiet = Stdio::null;
        let child = Command::new("redis-server").args(options).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
        match child {
            Ok(child) => {
                let server = Self { child, url: format!("redis://127.0.0.1:{port}") };
                server.wait();
                Some(server)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                println!(
                    "this example needs a Redis: install redis-server (apt-get install redis-server, brew install redis)"
                );
                None
            }
            Err(error) => panic!("redis-server: {error}"),
        }
    }

    /// `redis://127.0.0.1:…`
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn wait(&self) {
        let address = self.url.trim_start_matches("redis://");
        let deadline = Instant::now() + Duration::from_secs(30);
        let answers = || {
            let mut stream = TcpStream::connect(address).ok()?;
            stream.write_all(b"PING\r\n").ok()?;
            stream.read_exact(&mut [0; 5]).ok()
        };
        while answers().is_none() {
            assert!(Instant::now() < deadline, "redis-server does not answer at {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
