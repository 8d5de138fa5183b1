//! Real processes, of which some are killed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use meters_redis_tests::Server;

use super::*;

struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    /// What it last said.
    known: u64,
}

impl Process {
    fn start(cw: &CloudWatch, redis: &Server, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_member"))
            .arg(redis.url())
            .args(arguments)
            .env("CW", cw.endpoint_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output, known: 0 }
    }

    /// Orders that it has recorded and pushed.
    fn pushed(&mut self) -> u64 {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        self.known = line.trim().parse().unwrap();
        self.known
    }

    /// Ends it in peace. How many orders it counted.
    fn end(mut self) -> u64 {
        drop(self.child.stdin.take());
        let last = self.output.by_ref().lines().map_while(Result::ok).find(|line| line.starts_with("end "));
        assert!(self.child.wait().unwrap().success());
        let last = last.unwrap();
        assert!(last.contains("nothing pending") && !last.contains("dropped"), "{last}");
        last.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Ends it at once. At least so many orders, and at most a thousand more, it has pushed.
    fn kill(mut self) -> u64 {
        self.child.kill().unwrap();
        let lines = self.output.by_ref().lines().map_while(Result::ok);
        let last = lines.filter_map(|line| line.trim().parse().ok()).last();
        self.child.wait().unwrap();
        last.unwrap_or(self.known)
    }
}

#[test]
fn what_a_fleet_counted_is_what_cloudwatch_holds() {
    let (cw, redis) = (meters_local::start(), Server::start());
    let mut fleet: Vec<_> = (0..2).map(|_| Process::start(&cw, &redis, &[])).collect();
    fleet.extend((0..3).map(|_| Process::start(&cw, &redis, &["push-only"])));
    for process in &mut fleet {
        process.pushed();
    }
    let counted: u64 = fleet.into_iter().map(Process::end).sum();
    // What was pushed last is the next one's to report.
    let last = Process::start(&cw, &redis, &["report"]);
    let calls = || cw.metric("Order").with("Kind", "web").sample_count();
    assert!(cw.wait_until(|_| calls() >= counted as f64, PATIENCE), "{} of {counted}", calls());
    assert_eq!((last.end(), calls()), (0, counted as f64));
    let errors = cw.metric("Order.Errors").with("Kind", "web");
    assert_eq!(errors.sample_count(), calls());
    assert_eq!(errors.sum(), Some(calls() / 10.0), "each tenth fails, and each push holds whole thousands");
}

#[test]
fn processes_that_are_killed_lose_what_they_had_not_pushed_and_nothing_else() {
    let (cw, redis) = (meters_local::start(), Server::start());
    let mut known = 0;
    let mut most = 0;
    let mut survivor = Process::start(&cw, &redis, &[]);
    for _ in 0..3 {
        // Only writers: a reporter that is killed may have been heard, and that is told twice.
        let mut process = Process::start(&cw, &redis, &["push-only"]);
        process.pushed();
        survivor.pushed();
        let pushed = process.kill();
        known += pushed;
        most += pushed + 1_000;
    }
    let counted = survivor.end();
    (known, most) = (known + counted, most + counted);
    let last = Process::start(&cw, &redis, &["report"]);
    assert!(cw.wait_until(|cw| cw.metric("Order").sample_count() >= known as f64, PATIENCE));
    last.end();
    let calls = cw.metric("Order").sample_count();
    assert!(calls <= most as f64, "{calls} of at most {most}: something was counted twice");
}

#[cfg(unix)]
#[test]
fn workers_of_a_pre_forking_server_push_what_they_counted_and_nothing_of_their_parent() {
    let (cw, redis) = (meters_local::start(), Server::start());
    let counted = Process::start(&cw, &redis, &["prefork"]).end() as f64;
    let last = Process::start(&cw, &redis, &["report"]);
    let calls = || cw.metric("Order").sample_count();
    assert!(cw.wait_until(|_| calls() >= counted, PATIENCE), "{} of {counted}", calls());
    last.end();
    assert_eq!(calls(), counted);
}
