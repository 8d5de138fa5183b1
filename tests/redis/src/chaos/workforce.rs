//! The processes of a run: this program again, in other roles.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::now;
use super::role::Part;

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Writer,
    Reporter,
}

/// One process. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    pub(crate) kind: Kind,
    pub(crate) number: u32,
    /// Since when it is frozen.
    pub(crate) frozen: Option<u64>,
    /// When it is to be thawed.
    pub(crate) thaw: u64,
}

impl Worker {
    pub(crate) fn start(part: &Part, folder: &Path) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program).args(part.arguments(folder)).stdin(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take();
        Self { child, stdin, kind: part.kind, number: part.number, frozen: None, thaw: 0 }
    }

    /// From now on it does nothing to itself.
    pub(crate) fn calm(&mut self) {
        if let Some(stdin) = &mut self.stdin {
            // One that has just died does not read it.
            _ = stdin.write_all(b"c");
        }
    }

    /// Asks it to end.
    pub(crate) fn stop(&mut self) {
        self.stdin = None;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(self.child.id().cast_signed()).unwrap();
        // A child that has ended and was not waited for still takes signals.
        kill_process(id, signal).unwrap();
    }

    pub(crate) fn freeze(&mut self, until: u64) {
        self.signal(Signal::STOP);
        (self.frozen, self.thaw) = (Some(now()), until);
    }

    pub(crate) fn kill(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }

    /// Whether it has ended, and whether by itself.
    pub(crate) fn ended(&mut self) -> Option<bool> {
        self.child.try_wait().unwrap().map(|status| status.success())
    }

    /// Whether it has frozen itself.
    pub(crate) fn stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where a process writes its journal.
pub(crate) fn journal(folder: &Path, kind: Kind, number: u32) -> PathBuf {
    folder.join(format!("{kind:?}-{number}").to_lowercase())
}
