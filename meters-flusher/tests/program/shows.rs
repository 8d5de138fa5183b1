//! `status`, for people and for programs.

use serde_json::Value;

use super::*;

fn status(cw: &CloudWatch, redis: &Server, more: &[&str]) -> String {
    well(&quick(cw, redis, "status").args(more).output().unwrap())
}

/// Somebody claims a period, begins a request, and is never heard of again.
fn claim(redis: &Server) {
    let period = redis.text(&["EVAL", "return redis.call('ZRANGE', KEYS[1], 0, 0)[1]", "1", "m1:{Shop}:open"]);
    redis.ask(&["RENAME", &format!("m1:{{Shop}}:o:{period}"), "m1:{Shop}:b:dead"]);
    redis.ask(&["ZREM", "m1:{Shop}:open", &period]);
    redis.ask(&["ZADD", "m1:{Shop}:claims", &period, "dead"]);
    let claim = ["owner", "web-9.1.ff", "at", "1", "deadline", "1000", "period", &period, "attempt", "2", "late", "0"];
    redis.ask(&[&["HSET", "m1:{Shop}:c:dead"][..], &claim, &["plan", "3:ff", "a1.1", "0-1", "s1.2", "1-3"]].concat());
}

#[test]
fn nothing_is_shown_of_nothing() {
    let (cw, redis) = (meters_local::start(), Server::start());
    let said = status(&cw, &redis, &[]);
    assert!(said.contains("Shop on redis://127.0.0.1:") && said.contains("keeps nothing when it stops"), "{said}");
    assert!(said.contains("no process has been here yet") && said.contains("open       0 periods"), "{said}");
    let once = quick(&cw, &redis, "once").output().unwrap();
    assert!(well(&once).contains("sent 0 datums"), "{once:?}");
    assert!(text(&once.stderr).contains("no process has been here yet"), "a name that is misspelt: {once:?}");
    assert_eq!(redis.text(&["DBSIZE"]), "0");
}

#[test]
fn what_waits_and_what_was_not_finished() {
    let (cw, redis) = (meters_local::start(), Server::build().line("maxmemory-policy allkeys-lru").start());
    let (one, two) = (Member::join(&redis), Member::join(&redis));
    one.push(3);
    two.push(4);
    until(&cw, &redis, "both are open", |status| {
        let shard = &status["shards"][0];
        shard["writers"].as_array().unwrap().len() == 2 && status["due"] == shard["open"]
    });
    let line: Value = serde_json::from_str(&status(&cw, &redis, &["--json"])).unwrap();
    assert_eq!((&line["namespace"], &line["period_ms"]), (&"Shop".into(), &1000.into()));
    assert_eq!((&line["server"]["keeps"], &line["server"]["eviction"]), (&"nothing".into(), &"allkeys-lru".into()));
    assert!(line["lag_ms"].as_u64() > Some(0) && line["unfinished"] == 0, "{line}");
    let periods = line["shards"][0]["periods"].as_array().unwrap();
    assert_eq!(periods.iter().map(|open| open["batches"].as_u64().unwrap()).sum::<u64>(), 2);
    assert!(periods.iter().all(|open| open["bytes"].as_u64() > Some(50)), "{line}");
    let said = text(&quick(&cw, &redis, "status").args(["--lease", "1h"]).output().unwrap().stdout);
    assert!(said.contains("nobody at present: this memory is new"), "{said}");
    let said = status(&cw, &redis, &[]);
    for wanted in ["WARNING: maxmemory-policy allkeys-lru", "period 1.0s, 1 shard", "due for ", "writers    2: "] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }

    claim(&redis);
    let said = status(&cw, &redis, &[]);
    let wanted = "period by web-9.1.ff, not finished in time, to be taken over, 1 of 3 datums done, 2 without an answer, attempt 2; ";
    assert!(said.contains(wanted), "{said}");
    let none = "so far     0 series lost, 0 periods never reported, 0 entries damaged, 0 datums perhaps counted twice, 0 batches replayed\n";
    assert!(said.contains(none), "{said}");
    redis.ask(&["HSET", "m1:{Shop}:counts", "lost", "7", "again", "1", "replayed", "2", "of a later version", "9"]);
    let said = status(&cw, &redis, &[]);
    assert!(
        said.contains("7 series lost, ") && said.contains("1 datum perhaps counted twice, 2 batches replayed"),
        "{said}"
    );
    let line: Value = serde_json::from_str(&status(&cw, &redis, &["--json"])).unwrap();
    let counts = &line["counts"];
    assert_eq!(
        (&counts["lost_series"], &counts["datums_sent_again"], &counts["damaged_entries"]),
        (&7.into(), &1.into(), &0.into())
    );
    assert_eq!(&line["shards"][0]["counts"], counts);
    assert_eq!((&line["unfinished"], &line["shards"][0]["claims"][0]["unanswered"]), (&1.into(), &2.into()));
}

#[test]
fn a_claim_of_late_is_not_given_up_yet() {
    let (cw, redis) = (meters_local::start(), Server::start());
    Member::join(&redis).push(3);
    claim(&redis);
    let now = "local t = redis.call('TIME') redis.call('HSET', KEYS[1], 'deadline', t[1] * 1000 + tonumber(ARGV[1]))";
    for (off, wanted) in [("-1000", "not finished in time, taken over after 1h0m"), ("7259000", "2h0m left")] {
        redis.ask(&["EVAL", now, "1", "m1:{Shop}:c:dead", off]);
        let said = status(&cw, &redis, &["--takeover-after=1h"]);
        assert!(said.contains(wanted), "{wanted}: {said}");
        let line: Value = serde_json::from_str(&status(&cw, &redis, &["--json", "--takeover-after=1h"])).unwrap();
        assert_eq!(line["unfinished"], 0);
    }
}

#[test]
fn shards_are_all_looked_at() {
    let (cw, redis) = (meters_local::start(), Server::start());
    let member = Member::of("Shop", fleet::storage(&redis).shards(3));
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        member.registry.counter(name).register().inc(1);
    }
    assert_eq!(member.meters.flush(PATIENCE).pushed, 8);
    let line: Value = serde_json::from_str(&status(&cw, &redis, &["--json"])).unwrap();
    assert!(line["shards"].as_array().unwrap().iter().all(|shard| shard["open"] == 1), "{line}");
    assert!(status(&cw, &redis, &[]).contains("shard 2\n"));
}

#[test]
fn the_rights_in_the_message_suffice_and_bytes_may_be_missing() {
    let redis = Server::build().user("eye on >canary -@all").start();
    let cw = meters_local::start();
    let member = Member::of("Shop", fleet::storage(&redis).login("operator-of-tests", "any"));
    member.push(3);
    let run = || {
        let mut command = quick(&cw, &redis, "status");
        command.arg("--json").env("METERS_REDIS_USER", "eye").env("METERS_REDIS_PASSWORD", "canary");
        command.output().unwrap()
    };
    let output = run();
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(1) && !said.contains("canary"), "{output:?}");
    let (_, rights) = said.split_once(": ACL SETUSER ").unwrap_or_else(|| panic!("{said}"));
    let rights = rights.split(" (").next().unwrap().split_whitespace();
    redis.ask(&["ACL", "SETUSER"].into_iter().chain(rights).collect::<Vec<_>>());
    let bytes = |line: &str| serde_json::from_str::<Value>(line).unwrap()["shards"][0]["periods"][0]["bytes"].clone();
    assert!(bytes(&well(&run())).is_u64());
    redis.ask(&["ACL", "SETUSER", "eye", "-memory"]);
    assert!(bytes(&well(&run())).is_null());
}
