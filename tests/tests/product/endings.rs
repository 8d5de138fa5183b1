//! Processes that end without a word, or by a signal.

use std::os::unix::process::ExitStatusExt;
use std::time::Instant;

use meters_local::{Fault, Server};

use crate::processes::{Life, assert_reported, play};
use crate::stage::PATIENCE;

/// cloudwatch-metrics-client: a stop returns without flushing, and without one its thread keeps the process from ending;
/// metrics_cloudwatch sends none of 500 records that are queued at the end.
#[test]
fn what_was_recorded_is_sent_however_a_process_exits() {
    for (scene, code) in [
        ("exit", 7),
        ("exit-of-main", 0),
        ("exit-of-a-thread", 7),
        ("exit-of-a-task", 7),
        ("exit-by-hand", 7),
        ("exit-after-shutdown", 0),
    ] {
        let cw = meters_local::start();
        let (status, _) = play(&[scene], &cw);
        assert_eq!(status.code(), Some(code), "{scene}");
        assert_eq!(cw.metric("Orders").sum(), Some(3.0), "{scene}");
        assert_eq!(cw.metric("Work.Errors").sample_count(), 3.0, "{scene}");
        assert_eq!(cw.request_count(), 1, "{scene}");
    }
}

#[test]
fn two_reporters_are_both_ended_when_a_process_exits() {
    let cw = meters_local::start();
    assert!(play(&["two"], &cw).0.success());
    for namespace in ["Life", "Other"] {
        assert_eq!(cw.metric("Orders").namespace(namespace).sum(), Some(3.0), "{namespace}");
    }
}

#[test]
fn an_exit_waits_for_an_answer_no_longer_than_two_seconds() {
    let cw = meters_local::start();
    cw.faults().always(Fault::HangBeforeStoring);
    let began = Instant::now();
    let (status, _) = play(&["exit"], &cw);
    assert_eq!(status.code(), Some(7));
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert_eq!(cw.metric("Orders").sum(), None);
}

/// The flusher's own thread exits: it cannot wait for itself.
#[test]
fn an_exit_in_a_callback_does_not_hang() {
    let cw = meters_local::start();
    cw.faults().always(Fault::AccessDenied);
    assert_eq!(play(&["exit-in-a-callback"], &cw).0.code(), Some(7));
}

#[test]
fn nothing_is_sent_at_the_exit_where_that_is_not_wanted() {
    let cw = meters_local::start();
    assert!(play(&["exit-unwanted"], &cw).0.success());
    assert_eq!(cw.request_count(), 0);
}

fn ready(scene: &[&str], cw: &Server) -> Life {
    let mut life = Life::start(scene, cw, &[]);
    assert_eq!(life.line().1, "ready");
    life
}

/// The agent of Amazon, and OpenTelemetry, lose what was recorded last.
#[test]
fn a_process_that_a_signal_ends_sends_everything_first_and_ends_by_that_signal() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let cw = meters_local::start();
        let life = ready(&["signal"], &cw);
        let pid = life.pid();
        life.kill(signal);
        let (status, _) = life.end();
        assert_eq!(status.signal(), Some(signal), "{status}");
        assert_reported(&cw, pid, 3.0);
    }
}

#[test]
fn a_second_signal_ends_a_process_at_once() {
    let cw = meters_local::start();
    cw.faults().always(Fault::HangBeforeStoring);
    let life = ready(&["signal"], &cw);
    life.kill(libc::SIGTERM);
    assert!(cw.wait_for_requests(1, PATIENCE));
    life.kill(libc::SIGINT);
    let (status, _) = life.end();
    assert_eq!(status.signal(), Some(libc::SIGINT), "{status}");
}

#[test]
fn handlers_of_the_programs_own_decide_what_a_signal_does() {
    for scene in [&["signal-tokio", "before"][..], &["signal-tokio", "after"], &["signal-hook"]] {
        let cw = meters_local::start();
        let mut life = ready(scene, &cw);
        let pid = life.pid();
        life.kill(libc::SIGTERM);
        assert_eq!(life.line(), (pid, "own".to_owned()), "{scene:?}");
        // While the program goes on as it likes.
        let arrived = |cw: &Server| cw.metric("Orders").sum() == Some(3.0);
        assert!(cw.wait_until(arrived, PATIENCE), "{scene:?}");
        let (status, _) = life.end();
        assert_eq!(status.code(), Some(9), "{scene:?}");
        assert_reported(&cw, pid, 3.0);
    }
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let cw = meters_local::start();
    let life = ready(&["signal-ignored"], &cw);
    life.kill(libc::SIGINT);
    life.kill(libc::SIGTERM);
    let (status, _) = life.end();
    assert_eq!(status.signal(), Some(libc::SIGTERM), "{status}");
}

#[test]
fn a_worker_that_a_signal_ends_sends_its_own_and_its_parent_lives_on() {
    let cw = meters_local::start();
    let mut life = Life::start(&["signal-in-child"], &cw, &[]);
    let parent = life.pid();
    let (child, ready) = life.line();
    assert_eq!(ready, "ready");
    crate::processes::kill(child, libc::SIGTERM);
    assert_eq!(life.line(), (parent, format!("child {}", libc::SIGTERM)));
    assert!(life.end().0.success());
    assert_reported(&cw, child, 3.0);
    assert_reported(&cw, parent, 2.0);
}
