//! A process that ends with its value.

use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// The program, or another that speaks like it.
fn program() -> String {
    std::env::var("METERS_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// A server with these arguments.
    pub(crate) fn server(arguments: &[&str]) -> Self {
        let program = program();
        let quiet = Stdio::null;
        match Command::new(&program).args(arguments).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn() {
            Ok(child) => Self(child),
            Err(error) if error.kind() == ErrorKind::NotFound => panic!(
                "`{program}` was not found: these tests need a real Redis. Install it (Debian, Ubuntu: `apt-get install \
                 redis-server`; Fedora: `dnf install redis`; macOS: `brew install redis`), or say where it is in \
                 METERS_REDIS_SERVER"
            ),
            Err(error) => panic!("`{program}` could not be started: {error}"),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(self.0.id().cast_signed()).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// Kill −9; returns when it is dead.
    pub(crate) fn kill(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
