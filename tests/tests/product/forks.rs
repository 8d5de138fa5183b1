//! Children of `fork` start clean and report by themselves; parents are not disturbed.

use meters_local::{Fault, Server};

use crate::processes::{Life, assert_reported, play};
use crate::stage::PATIENCE;

/// Who said that it recorded how much.
fn told(output: &str) -> Vec<(i32, f64)> {
    let told = output.lines().map(|line| line.split_once(' ').unwrap());
    told.map(|(pid, n)| (pid.parse().unwrap(), n.parse().unwrap())).collect()
}

fn assert_all_reported(scene: &str, processes: usize) -> Server {
    let cw = meters_local::start();
    let (status, output) = play(&[scene], &cw);
    assert!(status.success(), "{scene}: {status}");
    let all = told(&output);
    assert_eq!(all.len(), processes, "{scene}: {output}");
    for (pid, n) in &all {
        assert_reported(&cw, *pid, *n);
    }
    // Nobody else reported anything.
    let total: f64 = all.iter().map(|(_, n)| n).sum();
    assert_eq!(cw.metric("Orders").sum(), Some(total), "{scene}");
    cw
}

/// aws-satella: the child thinks that the thread runs, and pre-fork workers export nothing.
#[test]
fn workers_of_a_server_that_started_before_it_forked_report_by_themselves() {
    let cw = meters_local::start();
    let mut life = Life::start(&["prefork"], &cw, &[]);
    for _ in 0..3 {
        let (pid, n) = life.line();
        let n: f64 = n.parse().unwrap();
        let arrived = |cw: &Server| cw.metric("Routed").with("Pid", pid.to_string()).sample_count() == n;
        assert!(cw.wait_until(arrived, PATIENCE), "the worker {pid} did not report");
        assert_reported(&cw, pid, n);
    }
    let parent = life.pid();
    let (status, output) = life.end();
    assert!(status.success());
    assert_eq!(told(&output), [(parent, 7.0)]);
    assert_reported(&cw, parent, 7.0);
}

#[test]
fn a_child_flushes_by_hand_what_it_recorded_itself() {
    assert_all_reported("prefork-by-hand", 4);
}

#[test]
fn what_expired_before_a_fork_comes_back_on_both_sides() {
    assert_all_reported("prefork-expired", 3);
}

/// Their sockets and pollers are the parent's.
#[test]
fn the_connections_of_a_client_of_ones_own_are_not_used_by_children() {
    assert_all_reported("prefork-own-client", 4);
}

/// Each of them would else report what the parent recorded before the fork.
#[test]
fn children_that_start_by_themselves_begin_with_nothing() {
    assert_all_reported("start-in-children", 3);
}

#[test]
fn a_fork_in_a_fork_is_a_process_of_its_own() {
    assert_all_reported("nested", 4);
}

#[test]
fn a_child_that_records_nothing_sends_nothing_and_starts_no_thread() {
    let cw = assert_all_reported("silent", 1);
    assert_eq!(cw.request_count(), 1);
}

#[test]
fn programs_that_are_executed_after_a_fork_are_none_of_ours() {
    let cw = assert_all_reported("exec", 1);
    assert_eq!(cw.request_count(), 1);
}

/// Forty children of a parent whose threads hold every lock that there is, some of the time.
#[test]
fn a_fork_while_all_record_and_the_flusher_seals_neither_hangs_nor_counts_twice() {
    let cw = meters_local::start();
    let (status, output) = play(&["busy"], &cw);
    assert!(status.success(), "{status}");
    let all = told(&output);
    assert_eq!(all.len(), 41);
    for (pid, n) in all {
        let of = |name: &str| cw.metric(name).with("Pid", pid.to_string()).sum().unwrap_or(0.0);
        assert_eq!((of("Marks"), of("Orders"), of("Puts")), (n, n, n), "{pid}");
    }
}

/// Also where the parent's flusher waits for an answer at that moment.
#[test]
fn a_fork_while_flushing_sends_nothing_twice() {
    let cw = meters_local::start();
    cw.faults().push(Fault::HangBeforeStoring);
    let mut life = Life::start(&["prefork"], &cw, &[]);
    let workers: Vec<_> = (0..3).map(|_| life.line()).collect();
    for (pid, n) in workers {
        let n: f64 = n.parse().unwrap();
        let arrived = |cw: &Server| cw.metric("Routed").with("Pid", pid.to_string()).sample_count() == n;
        assert!(cw.wait_until(arrived, PATIENCE), "the worker {pid} did not report");
    }
    let parent = life.pid();
    assert!(life.end().0.success());
    assert_reported(&cw, parent, 7.0);
}
