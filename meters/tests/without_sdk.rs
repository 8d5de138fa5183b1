//! A process that only pushes, built without the AWS SDK, and a real Redis.
//!
//! `cargo test -p meters --no-default-features --features redis --test without_sdk`
#![cfg(all(feature = "redis", not(feature = "cloudwatch")))]

use std::process::Command;
use std::time::{Duration, Instant};

use meters::{RedisStorage, Registry};
use meters_core::Namespace;
use meters_core::storage::{Claim, Storage, Terms};
use meters_redis_tests::{PATIENCE, Server};

const PERIOD: Duration = Duration::from_secs(1);

/// Its own part, as a program: an executable of `cargo test` exports nothing unless the environment says so.
const MEMBER: &str = "METERS_TEST_MEMBER_OF";

fn storage(url: &str) -> RedisStorage {
    let builder = RedisStorage::builder(url).period(PERIOD).grace(Duration::from_millis(1));
    builder.lease(Duration::from_millis(100)).connect_timeout(PATIENCE).response_timeout(PATIENCE).build()
}

/// Nothing in the environment of a program helps it to reach AWS.
fn program(test: &str, url: &str) {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", test, "--ignored"]).env("METERS", "on").env(MEMBER, url);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        program.env_remove(name);
    }
    let output = program.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// What waits to be reported, merged by period.
async fn claims(url: &str, orders: u64) -> Vec<Claim> {
    let terms = Terms::new(Namespace::new("Shop").unwrap(), PERIOD, true);
    let mut drain = storage(url).join(terms).await.unwrap().drain.unwrap();
    let (deadline, mut claims) = (Instant::now() + PATIENCE, Vec::new());
    while claims.iter().map(|claim: &Claim| claim.window.counter("Orders")).sum::<u64>() < orders {
        assert!(Instant::now() < deadline, "{claims:?}");
        match drain.claim(deadline).await.unwrap() {
            Some(claim) => {
                drain.plan(&claim, 0, 0).await.unwrap();
                claims.push(claim);
            }
            None => tokio::time::sleep_until(drain.next().into()).await,
        }
    }
    claims
}

#[test]
#[ignore = "a program of the tests below"]
fn pushes() {
    let url = std::env::var(MEMBER).unwrap();
    let registry = Registry::new();
    let builder = meters::namespace("Shop").registry(&registry).dimension("Env", "prod").interval(PERIOD);
    let meters = builder.storage(storage(&url)).start().unwrap();
    registry.counter("Orders").register().inc(3);
    let report = meters.flush(PATIENCE);
    assert_eq!((report.pushed, report.pending, report.sent), (1, 0, 0), "{report}");
    registry.counter("Orders").register().inc(4);
    let report = meters.shutdown(PATIENCE);
    assert!(report.is_complete() && report.pushed == 1, "{report}");
}

#[tokio::test]
async fn what_is_recorded_is_pushed_for_others_to_report() {
    let server = Server::start();
    program("pushes", &server.url());
    let claims = claims(&server.url(), 7).await;
    let orders: u64 = claims.iter().map(|claim| claim.window.counter("Orders")).sum();
    assert_eq!(orders, 7);
    for (series, _) in claims.iter().flat_map(|claim| claim.window.iter()) {
        assert_eq!(series.dimensions().collect::<Vec<_>>(), [("Env", "prod")]);
    }
}

#[test]
#[ignore = "a program of the tests below"]
fn shuts_nothing_down() {
    let url = std::env::var(MEMBER).unwrap();
    let builder = meters::namespace("Shop").manual().push_only().storage(storage(&url));
    assert!(builder.start_once().unwrap());
    meters::counter("Orders").register().inc(5);
    // The end of the process is all that follows.
}

#[cfg(unix)]
#[tokio::test]
async fn a_short_lived_process_pushes_when_it_exits() {
    let server = Server::start();
    program("shuts_nothing_down", &server.url());
    assert_eq!(claims(&server.url(), 5).await.len(), 1);
}
