//! A real `redis-server`, on a socket in a directory of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::{Connection, Value, cmd};

use super::super::call::Call;

pub(super) struct Real {
    process: Child,
    dir: PathBuf,
    pub(super) connection: Connection,
}

impl Real {
    pub(super) fn start(name: &str, options: &[&str]) -> Self {
        let dir = std::env::temp_dir().join(format!("meters-redis-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a directory");
        let socket = dir.join("socket");
        let program = std::env::var("METERS_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into());
        let process = Command::new(&program)
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(&socket)
            .arg("--dir")
            .arg(&dir)
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}. Install it, or name it in METERS_REDIS_SERVER"));
        let client = redis::Client::open(format!("redis+unix://{}", socket.display())).expect("a path");
        let patience = Instant::now() + Duration::from_secs(60);
        let connection = loop {
            match client.get_connection() {
                Ok(connection) => break connection,
                Err(error) if Instant::now() > patience => panic!("{error}"),
                Err(_) => std::thread::yield_now(),
            }
        };
        Self { process, dir, connection }
    }

    /// Runs a script, as it is.
    pub(super) fn call(&mut self, call: &Call) -> redis::RedisResult<Value> {
        let mut eval = cmd("EVAL");
        eval.arg(call.script.body).arg(call.keys.len()).arg(&call.keys).arg(&call.args);
        eval.query(&mut self.connection)
    }

    pub(super) fn run<T: redis::FromRedisValue>(&mut self, words: &[&[u8]]) -> redis::RedisResult<T> {
        let mut command = redis::Cmd::new();
        command.arg(words);
        command.query(&mut self.connection)
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
