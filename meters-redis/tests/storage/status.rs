//! What an operator sees of what writers and reporters did.

use meters_redis::__private::Without;
use meters_redis::Status;
use meters_redis_tests::{Append, Cluster, Server};

use super::*;

async fn seen(storage: RedisStorageBuilder) -> Status {
    storage.build().status("Shop").await.unwrap()
}

#[tokio::test]
async fn a_claim_is_seen_from_its_begin_to_its_end() {
    let server = Server::start();
    let storage = || scaled(&server.url());
    let nothing = seen(storage()).await;
    assert!(nothing.terms.is_none() && nothing.shards[0].since.is_none() && nothing.shards[0].newest.is_none());

    let (mut one, mut two) = (writer(storage()).await, writer(storage()).await);
    let window = window(9, "a", 5);
    for writer in [&mut one, &mut two] {
        writer.take(&window);
        assert_eq!(writer.push(deadline()).await.pushed, 1);
    }
    let status = seen(storage()).await;
    let terms = status.terms.unwrap();
    assert_eq!((&*terms.namespace, terms.period, terms.shards), ("Shop", PERIOD, 1));
    let [shard] = &status.shards[..] else { panic!("{:?}", status.shards) };
    assert_eq!((shard.open, shard.claimed, shard.writers.len()), (1, 0, 2));
    assert_eq!((shard.periods[0].batches, shard.claims.len()), (2, 0));
    assert!(shard.periods[0].start < window.end() && window.end() <= shard.periods[0].start + PERIOD * 2);

    let mut drain = drain(storage()).await;
    let claim = claimed(&mut *drain).await;
    assert_eq!(drain.plan(&claim, 5, 7).await.unwrap().done, []);
    for (datums, done) in [(0..2, true), (2..4, false)] {
        assert!(drain.begin(&claim, datums.clone(), SHORT).await.unwrap());
        if done {
            drain.end(&claim, datums, Fate::Done).await.unwrap();
        }
    }
    let shard = &seen(storage()).await.shards[0];
    assert_eq!((shard.open, shard.claimed, shard.writers.len()), (0, 1, 2));
    let [seen_claim] = &shard.claims[..] else { panic!("{shard:?}") };
    assert!(claim.id.ends_with(&seen_claim.id) && shard.leader.as_deref() == Some(&seen_claim.owner), "{shard:?}");
    assert_eq!((seen_claim.datums, seen_claim.done, seen_claim.unanswered), (Some(5), 2, 2));
    assert_eq!((seen_claim.attempt, seen_claim.late, seen_claim.doubtful, seen_claim.batches), (1, false, false, 2));
    assert!(seen_claim.deadline > shard.now && shard.newest == Some(seen_claim.period), "{shard:?}");

    drain.end(&claim, 2..4, Fate::Done).await.unwrap();
    assert!(drain.begin(&claim, 4..5, SHORT).await.unwrap());
    drain.end(&claim, 4..5, Fate::Done).await.unwrap();
    let shard = &seen(storage()).await.shards[0];
    assert_eq!((shard.open, shard.claimed), (0, 0));
}

#[tokio::test]
async fn users_of_one_application_see_and_push_no_other() {
    let rules = "on >canary ~m1:{Shop}:* ~m1:{Shop|*}:* resetchannels +@all";
    let server = Server::build().user(&format!("shop {rules}")).start();
    let storage = || scaled(&server.url()).login("shop", "canary").shards(2);
    let mut writer = writer(storage()).await;
    for route in ["a", "b", "c", "d", "e", "f"] {
        writer.take(&window(9, route, 1));
    }
    assert_eq!(writer.push(deadline()).await.pending, 0);
    assert!(seen(storage()).await.shards.iter().all(|shard| shard.open == 1));
    let error = storage().build().status("Billing").await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("ACL SETUSER shop"), "{error}");
}

#[tokio::test]
async fn mistakes_are_told_and_a_server_that_is_away() {
    let error = RedisStorage::new("http://h").status("Shop").await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let error = RedisStorage::builder("redis://h").application("").build().status("Shop").await.unwrap_err();
    assert!(error.to_string().starts_with("application(\"\")"), "{error}");
    let mut server = Server::start();
    server.kill();
    let error = RedisStorage::new(&server.url()).status("Shop").await.unwrap_err();
    assert!(error.is_export() || error.is_timeout(), "{error}");
}

#[tokio::test]
async fn shards_on_several_nodes_are_all_seen() {
    let cluster = Cluster::start(3, Append::No);
    let url = &cluster.urls()[0];
    let storage = || scaled(url).shards(4);
    let mut writer = writer(storage()).await;
    for number in 0..20 {
        writer.take(&window(9, &format!("route{number}"), 1));
    }
    assert_eq!(writer.push(deadline()).await.pending, 0);
    // Who looks need not know how many there are.
    let status = seen(scaled(url)).await;
    assert_eq!(status.shards.len(), 4);
    assert!(status.shards.iter().all(|shard| shard.open == 1 && shard.periods[0].bytes > Some(50)), "{status:?}");
}

#[tokio::test]
async fn what_went_wrong_is_counted_once() {
    let server = Server::start();
    let storage = || scaled(&server.url());
    let (mut one, mut two) = (writer(storage()).await, writer(storage().without(Without::Retention)).await);
    for ago in [9, 7] {
        for writer in [&mut one, &mut two] {
            writer.take(&window(ago, "a", 1));
            assert_eq!(writer.push(deadline()).await.pending, 0);
        }
        // It forgets the numbers after the first time.
        if ago == 9 {
            let forget = "for _, key in ipairs(redis.call('KEYS', 'm1:*:w:*')) do redis.call('DEL', key) end";
            server.ask(&["EVAL", forget, "0"]);
        }
    }
    let counts = seen(storage()).await.shards[0].counts;
    assert_eq!((counts.replayed, counts.lost), (1, 1), "one pushed again, the other had kept nothing: {counts:?}");

    // Something that no writer pushes, and a period that was too old.
    let period = server.text(&["EVAL", "return redis.call('ZRANGE', KEYS[1], 0, 0)[1]", "1", "m1:{Shop}:open"]);
    server.ask(&["HSET", &format!("m1:{{Shop}}:o:{period}"), "who:1", "rubbish"]);
    server.ask(&["ZADD", "m1:{Shop}:open", "1000", "1000"]);
    let mut drain = drain(storage()).await;
    let mut begun = false;
    for _ in 0..3 {
        let claim = claimed(&mut *drain).await;
        assert_eq!(drain.plan(&claim, 2, 7).await.unwrap().doubtful.is_empty(), !begun);
        for _ in 0..2 {
            assert!(drain.begin(&claim, 0..2, SHORT).await.unwrap());
        }
        if begun {
            drain.end(&claim, 0..2, Fate::Done).await.unwrap();
            drain.leave(claim).await;
            break;
        }
        begun = true;
        drain.leave(claim).await;
    }
    let counts = seen(storage()).await.shards[0].counts;
    assert_eq!((counts.expired, counts.damaged), (1, 1), "{counts:?}");
    // Begun twice in each of two terms: three of these were in doubt.
    assert_eq!(counts.again, 6, "{counts:?}");
}
