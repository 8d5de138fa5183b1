//! What processes that end without a word, and their children, leave in a spool.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use meters_local::{Fault, Server};

use crate::processes::{Life, assert_reported};

/// A folder of its own, deleted in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("meters-left-{:016x}", fastrand::u64(..)));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn files(&self) -> usize {
        std::fs::read_dir(&self.0).unwrap().count()
    }

    fn start(&self, scene: &str, cw: &Server) -> Life {
        Life::start(&[scene], cw, &[("SPOOL", spool(&self.0))])
    }

    /// The next process, which records nothing itself, reaches CloudWatch.
    fn next(&self) -> Server {
        let cw = meters_local::start();
        let (status, said) = self.start("recover", &cw).end();
        assert!(status.success(), "{said}");
        assert_eq!(self.files(), 0, "all is sent: {said}");
        cw
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

fn spool(folder: &Path) -> &'static str {
    folder.join("spool").into_os_string().into_string().unwrap().leak()
}

fn away(fault: Fault) -> Server {
    let cw = meters_local::start();
    cw.faults().always(fault);
    cw
}

#[test]
fn what_an_exit_cannot_send_is_sent_by_the_next_start() {
    for (scene, fault) in [
        ("exit", Fault::AccessDenied),
        ("exit", Fault::HangBeforeStoring),
        ("exit-of-main", Fault::AccessDenied),
        ("exit-by-hand", Fault::AccessDenied),
        ("exit-by-hand", Fault::HangBeforeStoring),
    ] {
        let folder = Folder::new();
        let life = folder.start(scene, &away(fault));
        let pid = life.pid();
        life.end();
        assert_eq!(folder.files(), 1, "{scene}");
        assert_reported(&folder.next(), pid, 3.0);
    }
}

#[test]
fn what_a_process_that_a_signal_ends_cannot_send_is_sent_by_the_next_start() {
    let (folder, cw) = (Folder::new(), away(Fault::AccessDenied));
    let mut life = folder.start("signal", &cw);
    let (pid, ready) = life.line();
    assert_eq!(ready, "ready");
    life.kill(libc::SIGTERM);
    assert_eq!(life.end().0.signal(), Some(libc::SIGTERM));
    assert_reported(&folder.next(), pid, 3.0);
}

/// The locks of files are of both, the parent's descriptors being the child's.
#[test]
fn a_child_leaves_its_parents_file_alone_and_has_one_of_its_own() {
    for scene in ["spool-in-children", "spool-in-children-by-hand"] {
        let (folder, cw) = (Folder::new(), away(Fault::AccessDenied));
        let first = folder.start("exit", &cw);
        let mut all = vec![(first.pid(), 3.0)];
        first.end();
        assert_eq!(folder.files(), 1);
        let (status, said) = folder.start(scene, &cw).end();
        assert!(status.success(), "{scene}: {said}");
        all.extend(said.lines().map(|line| line.split_once(' ').unwrap()).map(|(pid, n)| {
            let n: f64 = n.parse().unwrap();
            (pid.parse::<i32>().unwrap(), n)
        }));
        assert_eq!(all.len(), 4, "{scene}: {said}");
        let cw = folder.next();
        for (pid, n) in &all {
            assert_reported(&cw, *pid, *n);
        }
        assert_eq!(cw.metric("Orders").sum(), Some(all.iter().map(|(_, n)| n).sum()), "{scene}");
    }
}

/// Such a child has the descriptor, and with it the lock, as long as it lives.
#[test]
fn what_a_killed_parent_held_is_sent_by_the_next_start_while_its_child_lives_on() {
    let (folder, cw) = (Folder::new(), away(Fault::AccessDenied));
    let first = folder.start("exit", &cw);
    let pid = first.pid();
    first.end();
    let mut parent = folder.start("orphan", &cw);
    assert_eq!(parent.line().1, "ready");
    parent.kill(libc::SIGKILL);
    assert_eq!(parent.wait().signal(), Some(libc::SIGKILL));
    assert_reported(&folder.next(), pid, 3.0);
    // Which ends the child.
    parent.tell();
}
