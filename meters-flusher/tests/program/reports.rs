//! `once` and `run`: what was pushed is what CloudWatch holds.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;

use meters_local::Fault;
use rustix::process::{Pid, Signal, kill_process};

use super::*;

/// `run`, for as long as its value lives.
struct Running {
    child: Child,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        Self { child: command.stdout(Stdio::piped()).spawn().unwrap() }
    }

    /// Returns when it has ended, and well.
    fn end(&mut self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id().cast_signed()).unwrap(), signal).unwrap();
        let status = meters_redis_tests::until("it ends", || self.child.try_wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn stage() -> (CloudWatch, Server) {
    (meters_local::start(), Server::start())
}

fn due(cw: &CloudWatch, redis: &Server) {
    until(cw, redis, "something is due", |status| status["due"].as_u64() > Some(0));
}

#[test]
fn once_reports_what_is_due_and_only_once() {
    let (cw, redis) = stage();
    let (one, two) = (Member::join(&redis), Member::join(&redis));
    one.push(3);
    two.push(4);
    due(&cw, &redis);
    let said = well(&quick(&cw, &redis, "once").output().unwrap());
    assert!(said.starts_with("Shop: sent 1 datum in 1 request") || said.starts_with("Shop: sent 2 datums"), "{said}");
    // Where two pushes fell into two periods, the second may not have been due.
    until(&cw, &redis, "nothing is open", |status| {
        well(&quick(&cw, &redis, "once").output().unwrap());
        status["shards"][0]["open"] == 0
    });
    assert_eq!(cw.metric("Orders").sum(), Some(7.0));
    let again = quick(&cw, &redis, "once").arg("--json").output().unwrap();
    let line: serde_json::Value = serde_json::from_str(&well(&again)).unwrap();
    assert_eq!((&line["application"], &line["report"]["sent"]), (&"Shop".into(), &0.into()));
    assert_eq!((&line["report"]["complete"], &line["report"]["error"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(cw.metric("Orders").sum(), Some(7.0));
}

#[test]
fn once_without_anybody_before_has_nothing_to_do() {
    let (cw, redis) = stage();
    let said = well(&quick(&cw, &redis, "once").output().unwrap());
    assert_eq!(said, "Shop: sent 0 datums in 0 requests (0 B), nothing pending\n");
    assert_eq!(redis.text(&["DBSIZE"]), "0", "looking leaves nothing behind");
}

#[test]
fn once_fails_where_cloudwatch_is_away_and_the_next_has_its_claim_at_once() {
    let (cw, redis) = stage();
    Member::join(&redis).push(5);
    due(&cw, &redis);
    cw.faults().push_many(Fault::Status(500), 1_000);
    let output = quick(&cw, &redis, "once").args(["--timeout=2s", "--claim-time=6s"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("HTTP status 500") && said.contains("1 of the periods that were due are not reported"),
        "{said}"
    );
    cw.faults().clear();
    assert_eq!(cw.metric("Orders").sum(), None);
    let said = well(&quick(&cw, &redis, "status").output().unwrap());
    assert!(said.contains("given back, for whoever looks next"), "{said}");
    well(&quick(&cw, &redis, "once").arg("--takeover-after=1h").output().unwrap());
    assert_eq!(cw.metric("Orders").sum(), Some(5.0));
    until(&cw, &redis, "nothing is left", |status| status["shards"][0]["claimed"] == 0);
}

/// None of them is there for as long as a claim has to be left alone.
#[test]
fn once_by_cron_takes_over_what_a_dead_one_had() {
    let (cw, redis) = stage();
    Member::join(&redis).push(5);
    due(&cw, &redis);
    cw.faults().push_many(Fault::Status(500), 100_000);
    let mut dead = quick(&cw, &redis, "once").arg("--claim-time=6s").spawn().unwrap();
    until(&cw, &redis, "it has claimed", |status| status["shards"][0]["claimed"] == 1);
    dead.kill().unwrap();
    dead.wait().unwrap();
    cw.faults().clear();
    until(&cw, &redis, "its claim is left alone", |status| status["unfinished"] == 1);
    meters_redis_tests::until("it is taken over", || {
        let output = quick(&cw, &redis, "once").arg("--timeout=500ms").output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.success() || said.contains("a later run takes them over"), "{output:?}");
        (cw.metric("Orders").sum() == Some(5.0)).then_some(())
    });
    until(&cw, &redis, "nothing is left", |status| status["shards"][0]["claimed"] == 0);
}

#[test]
fn once_right_after_a_job_says_what_waits_and_until_when() {
    let (cw, redis) = stage();
    let hour = Duration::from_secs(3600);
    let storage = fleet::storage(&redis).period(hour).grace(hour);
    Member::of("Shop", storage).push(5);
    let once = || {
        let mut command = quick(&cw, &redis, "once");
        command.arg("--grace=1h");
        command
    };
    let said = well(&once().output().unwrap());
    assert!(said.contains("; 1 batch waits, due in 1h") && !said.contains("nothing pending"), "{said}");
    let line: serde_json::Value = serde_json::from_str(&well(&once().arg("--json").output().unwrap())).unwrap();
    assert_eq!(line["waiting"]["batches"], 1);
    assert!(line["waiting"]["due_ms"].as_u64() > Some(3_600_000), "{line}");
}

#[test]
fn once_waits_for_who_has_the_lease_and_says_who_that_is() {
    let (cw, redis) = stage();
    Member::join(&redis).push(5);
    due(&cw, &redis);
    redis.ask(&["SET", "m1:{Shop}:lease", "web-9.1.ff"]);
    let output = quick(&cw, &redis, "once").arg("--timeout=1s").output().unwrap();
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("and web-9.1.ff had the lease"), "{output:?}");
    redis.ask(&["PEXPIRE", "m1:{Shop}:lease", "1500"]);
    well(&quick(&cw, &redis, "once").output().unwrap());
    assert_eq!(cw.metric("Orders").sum(), Some(5.0));
}

/// The rights of a user, as the operators' page has them.
fn rights(user: &str) -> Vec<&'static str> {
    let page = include_str!("../../../meters-redis/OPERATING.md");
    let (_, rest) = page.split_once(&format!("ACL SETUSER {user} on >password ")).unwrap();
    rest.split("```").next().unwrap().split_whitespace().collect()
}

#[test]
fn the_rights_of_the_operators_page_suffice() {
    let (cw, redis) =
        (meters_local::start(), Server::build().user("writer on >canary").user("reporter on >canary").start());
    for user in ["writer", "reporter"] {
        redis.ask(&[&["ACL", "SETUSER", user][..], &rights(user)].concat());
    }
    Member::of("Shop", fleet::storage(&redis).login("writer", "canary")).push(5);
    let as_reporter = |deed: &str| {
        let mut command = quick(&cw, &redis, deed);
        command.env("METERS_REDIS_USER", "reporter").env("METERS_REDIS_PASSWORD", "canary");
        command
    };
    meters_redis_tests::until("all is reported", || {
        let said = well(&as_reporter("once").output().unwrap());
        assert!(!said.contains("canary"));
        (cw.metric("Orders").sum() == Some(5.0)).then_some(())
    });
    assert!(well(&as_reporter("status").output().unwrap()).contains("open       0 periods"));
}

#[test]
fn several_namespaces_and_one_application() {
    let (cw, redis) = stage();
    let jobs = Member::of("Batch/Jobs", fleet::storage(&redis).application("jobs"));
    Member::join(&redis).push(5);
    jobs.push(6);
    due(&cw, &redis);
    let mut command = quick(&cw, &redis, "status");
    command.args(["--application", "jobs", "--json"]);
    meters_redis_tests::until("both are due", || {
        let said = well(&command.output().unwrap());
        let dues = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["due"].as_u64());
        dues.eq([Some(1), Some(1)]).then_some(())
    });
    let said = well(&quick(&cw, &redis, "once").args(["--application", "jobs"]).output().unwrap());
    assert!(said.contains("Shop: sent 1 datum") && said.contains("jobs: sent 1 datum"), "{said}");
    let sums = |namespace: &str| {
        let datums = cw.datums();
        datums.iter().filter(|datum| datum.namespace == namespace).count()
    };
    assert_eq!((sums("Shop"), sums("Batch/Jobs")), (1, 1), "the namespace is learnt");
}

#[test]
fn run_waits_for_the_first_reports_all_and_ends_in_peace() {
    let (cw, redis) = stage();
    let mut run = Running::start(quick(&cw, &redis, "run").stderr(Stdio::piped()));
    let mut told = BufReader::new(run.child.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    assert!(line.starts_with("meters-flusher: Shop: nobody has pushed anything yet"), "{line}");
    let member = Member::join(&redis);
    for orders in 1..=3 {
        member.push(orders);
    }
    assert!(cw.wait_until(|cw| cw.metric("Orders").sum() == Some(6.0), PATIENCE));
    let mut said = BufReader::new(run.child.stdout.take().unwrap());
    let mut health = String::new();
    while !health.contains(" lag ") {
        health.clear();
        assert!(said.read_line(&mut health).unwrap() > 0, "it ended");
    }
    assert!(health.starts_with("Shop: ") && health.contains("being reported"), "{health}");
    member.push(10);
    run.end(Signal::TERM);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(rest.lines().last().unwrap().starts_with("Shop: so far "), "{rest}");
    // What it left is the next one's.
    due_or_done(&cw, &redis);
    assert_eq!(cw.metric("Orders").sum(), Some(16.0));
}

fn due_or_done(cw: &CloudWatch, redis: &Server) {
    until(cw, redis, "all is reported", |status| {
        well(&quick(cw, redis, "once").output().unwrap());
        let shard = &status["shards"][0];
        shard["open"] == 0 && shard["claimed"] == 0
    });
}

#[test]
fn run_tells_in_json_how_it_goes() {
    let (cw, redis) = stage();
    Member::join(&redis).push(5);
    let mut command = quick(&cw, &redis, "run");
    let mut run = Running::start(command.env("METERS_OUTPUT", "json"));
    let lines = BufReader::new(run.child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut lines = lines.map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap());
    let report = lines.find(|line| line["report"]["sent"] == 1).unwrap();
    assert_eq!(report["application"], "Shop");
    let health = lines.find(|line| line["total"]["sent"].as_u64() >= Some(1)).unwrap();
    assert!(health["health"]["lag_ms"].is_u64() && health["health"]["open"].is_u64(), "{health}");
    run.end(Signal::INT);
}
