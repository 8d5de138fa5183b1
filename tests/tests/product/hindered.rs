//! Processes in which something is in the way: what others do with signals and forks, and what the system does not give.

use meters_local::{Fault, Server};

use crate::processes::{Life, assert_reported, play};
use crate::stage::PATIENCE;

/// A signal to the process would go to a thread of ours that did not block it, and end the process.
#[test]
fn a_program_that_blocks_a_signal_and_waits_for_it_is_given_it() {
    let cw = meters_local::start();
    let (status, output) = play(&["signal-awaited"], &cw);
    assert!(status.success(), "{status}");
    let (pid, signal) = output.trim().split_once(' ').unwrap();
    assert_eq!(signal, libc::SIGTERM.to_string());
    assert_reported(&cw, pid.parse().unwrap(), 3.0);
}

/// Who records there must not wait for the end of the fork.
#[test]
fn handlers_of_forks_may_record() {
    let cw = meters_local::start();
    let (status, output) = play(&["handlers-of-forks"], &cw);
    assert!(status.success(), "{status}");
    assert_eq!(output.lines().count(), 2);
    for line in output.lines() {
        let (pid, n) = line.split_once(' ').unwrap();
        assert_reported(&cw, pid.parse().unwrap(), n.parse().unwrap());
    }
}

/// The thread that would tell it of the end is its parent's.
#[test]
fn a_child_of_a_parent_that_shuts_down_does_not_wait_for_it() {
    let cw = meters_local::start();
    cw.faults().push(Fault::HangBeforeStoring);
    let mut life = Life::start(&["fork-during-shutdown"], &cw, &[]);
    let parent = life.pid();
    assert!(cw.wait_for_requests(1, PATIENCE));
    life.tell();
    let (status, output) = life.end();
    assert!(status.success(), "{status}");
    assert_eq!(output, format!("{parent} 2\n"));
    assert_reported(&cw, parent, 2.0);
}

#[test]
fn a_child_that_recorded_nothing_starts_nothing_when_it_exits() {
    let cw = meters_local::start();
    let (status, output) = play(&["silent-exit"], &cw);
    assert!(status.success() && !output.is_empty(), "{status}");
    assert_eq!(cw.request_count(), 1);
}

/// What the child of this scene was told, of a flush and of its shutdown.
fn child(scene: &str, cw: &Server, more: &[(&str, &str)]) -> String {
    let mut environment = vec![("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    environment.extend(more);
    let mut life = Life::start(&[scene], cw, &environment);
    let told = life.line().1;
    assert!(life.end().0.success(), "{scene}");
    told
}

#[test]
fn what_a_child_records_that_finds_no_credentials_is_counted() {
    for scene in ["unconnected-child", "unconnected-child-by-hand"] {
        let cw = meters_local::start();
        let told = "sent 0 pending 1 spooled 0 dropped 0 true, sent 0 pending 0 spooled 0 dropped 2 true";
        assert_eq!(child(scene, &cw, &[]), told, "{scene}");
    }
}

#[test]
fn what_a_child_records_that_finds_no_credentials_is_spooled_and_sent_by_the_next_start() {
    for scene in ["unconnected-child", "unconnected-child-by-hand"] {
        let cw = meters_local::start();
        let path = std::env::temp_dir().join(format!("meters-{}-{scene}", std::process::id()));
        let spool = [("SPOOL", path.to_str().unwrap())];
        let told = "sent 0 pending 1 spooled 0 dropped 0 true, sent 0 pending 0 spooled 2 dropped 0 true";
        assert_eq!(child(scene, &cw, &spool), told, "{scene}");
        assert!(Life::start(&["recover"], &cw, &spool).end().0.success());
        assert_eq!(cw.metric("Puts").sum(), Some(2.0), "{scene}");
        assert!(!path.exists());
    }
}

#[test]
fn what_a_child_records_where_no_file_can_be_opened_is_sent_when_there_are_some() {
    for scene in ["no-files", "no-files-by-hand"] {
        let cw = meters_local::start();
        let told = "sent 0 pending 1 spooled 0 dropped 0 true, sent 1 pending 0 spooled 0 dropped 0 false";
        assert_eq!(child(scene, &cw, &[]), told, "{scene}");
        assert_eq!(cw.metric("Puts").sum(), Some(1.0), "{scene}");
    }
}

#[test]
fn a_start_that_is_given_no_file_says_so() {
    let cw = meters_local::start();
    let (status, output) = play(&["no-files-at-start"], &cw);
    assert!(status.success(), "{status}");
    assert_eq!(output.matches("the flusher's runtime cannot be started").count(), 2, "{output}");
}

/// What the README says of it.
#[test]
fn what_is_not_sent_ends_with_a_process_that_nobody_may_end_in_peace() {
    for scene in ["abort", "_exit", "killed", "executed"] {
        let cw = meters_local::start();
        play(&[scene], &cw);
        assert_eq!((cw.metric("Orders").sum(), cw.request_count()), (Some(3.0), 1), "{scene}");
    }
}
