//! What is taken out is one process's alone.

use std::collections::HashSet;

use meters_redis_tests::{Append, Cluster, Server};

use super::*;

#[tokio::test]
async fn two_drains_never_claim_the_same() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    for ago in (3..43).rev() {
        writer.take(&window(ago, "a", 1 << (ago % 20)));
        assert_eq!(writer.push(deadline()).await.pending, 0);
    }
    let wanted: u64 = (3..43).map(|ago| 1 << (ago % 20)).sum();
    // Both lead by turns.
    let hasty = || scaled(&server.url()).lease(Duration::from_millis(1));
    let (one, two) = tokio::join!(drain(hasty()), drain(hasty()));
    let (mut drains, mut ids, mut total) = ([one, two], HashSet::new(), 0);
    let mut shares = [0; 2];
    let guard = deadline();
    while total < wanted {
        assert!(Instant::now() < guard, "{total} of {wanted} after a minute");
        let [one, two] = &mut drains;
        let (first, second) = tokio::join!(one.claim(deadline()), two.claim(deadline()));
        for (place, claim) in [first, second].into_iter().enumerate() {
            let Some(claim) = claim.unwrap() else { continue };
            assert!(ids.insert(claim.id.clone()));
            total += calls(&claim);
            shares[place] += 1;
            report(&mut *drains[place], claim).await;
        }
        let next = drains.iter().map(|drain| drain.next()).min().unwrap();
        tokio::time::sleep_until(next.into()).await;
    }
    assert_eq!(total, wanted);
    assert!(shares.iter().all(|share| *share > 0), "both had their share: {shares:?}");
}

#[tokio::test]
async fn what_a_dead_owner_did_is_told_to_the_next() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    writer.take(&window(9, "a", 5));
    writer.push(deadline()).await;
    let brief = || scaled(&server.url()).claim_time(SHORT).takeover_after(SHORT);
    let mut dead = drain(brief()).await;
    let claim = claimed(&mut *dead).await;
    dead.plan(&claim, 3, 7).await.unwrap();
    let brief_request = Duration::from_millis(1);
    assert!(dead.begin(&claim, 0..1, brief_request).await.unwrap());
    dead.end(&claim, 0..1, Fate::Done).await.unwrap();
    assert!(dead.begin(&claim, 1..2, brief_request).await.unwrap());
    let id = claim.id.clone();

    let mut heir = drain(brief()).await;
    let claim = claimed(&mut *heir).await;
    assert_eq!((claim.id == id, calls(&claim)), (true, 5));
    let progress = heir.plan(&claim, 3, 7).await.unwrap();
    assert_eq!((&progress.done[..], &progress.doubtful[..]), (&[0..1][..], &[1..2][..]));
    assert!(!progress.changed);
    assert_eq!(heir.health().taken_over, 1);
    // The dead one wakes up: not its claim any more.
    let woken = Claim::new(id, claim.window.clone());
    assert!(!dead.begin(&woken, 2..3, brief_request).await.unwrap());
}

#[tokio::test]
async fn a_claim_without_enough_time_is_not_begun() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    writer.take(&window(9, "a", 5));
    writer.push(deadline()).await;
    let mut drain = drain(scaled(&server.url())).await;
    let claim = claimed(&mut *drain).await;
    drain.plan(&claim, 1, 7).await.unwrap();
    assert!(!drain.begin(&claim, 0..1, PATIENCE * 2).await.unwrap());
    assert!(drain.begin(&claim, 0..1, SHORT).await.unwrap());
}

#[tokio::test]
async fn strange_entries_are_left_out_and_counted() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    writer.take(&window(9, "a", 5));
    writer.push(deadline()).await;
    let bucket = server.text(&["EVAL", "return redis.call('KEYS', 'm1:*:o:*')[1]", "0"]);
    server.ask(&["HSET", &bucket, "no field of ours", "x"]);
    server.ask(&["HSET", &bucket, "somebody:1", "no batch"]);
    let mut drain = drain(scaled(&server.url())).await;
    let claim = claimed(&mut *drain).await;
    assert_eq!((calls(&claim), claim.damaged), (5, 2));
    assert_eq!(drain.health().damaged, 2);
}

#[tokio::test]
async fn a_log_that_is_written_once_a_second_is_waited_for() {
    let server = Server::build().append(Append::Everysec).start();
    let mut writer = writer(scaled(&server.url())).await;
    writer.take(&window(9, "a", 5));
    writer.push(deadline()).await;
    let mut drain = drain(scaled(&server.url())).await;
    // In steps shorter than the wait.
    let mut first = None;
    let claim = loop {
        if let Ok(Some(claim)) = drain.claim(Instant::now() + SHORT).await {
            break claim;
        }
        if server.ask(&["EXISTS", "m1:{Shop}:claims"]) == meters_redis_tests::Value::Int(1) {
            first.get_or_insert(Instant::now());
        }
        tokio::time::sleep_until(drain.next().into()).await;
    };
    assert!(first.unwrap().elapsed() > Duration::from_secs(1), "a claim that the server may forget was given out");
    assert_eq!(calls(&claim), 5);
}

/// Within a time that may be too short even for an answer.
async fn is_given(drain: &mut dyn Drain) -> bool {
    matches!(drain.claim(Instant::now() + SHORT).await, Ok(Some(_)))
}

#[tokio::test]
async fn replicas_are_waited_for() {
    let server = Server::start();
    let replica = Server::start();
    replica.follow(&server);
    let mut writer = writer(scaled(&server.url())).await;
    let mut drain = drain(scaled(&server.url())).await;
    replica.freeze();
    writer.take(&window(9, "a", 5));
    writer.push(deadline()).await;
    while server.ask(&["EXISTS", "m1:{Shop}:claims"]) == meters_redis_tests::Value::Int(0) {
        assert!(!is_given(&mut *drain).await);
        tokio::time::sleep_until(drain.next().into()).await;
    }
    assert!(!is_given(&mut *drain).await);
    replica.thaw();
    assert_eq!(calls(&claimed(&mut *drain).await), 5);
}

#[tokio::test]
async fn shards_lie_on_the_nodes_of_a_cluster() {
    let cluster = Cluster::start(3, Append::No);
    let url = cluster.urls().join(",").replace(",redis://", ",");
    let mut writer = writer(scaled(&url).shards(8)).await;
    let mut wanted = 0;
    for route in 0..100 {
        writer.take(&window(9, &format!("route{route}"), 1 << (route % 30)));
        wanted += 1 << (route % 30);
    }
    let pushed = writer.push(deadline()).await;
    assert_eq!((pushed.pending, pushed.pushed), (0, 100), "{pushed:?}");
    let mut drain = drain(scaled(&url).shards(8)).await;
    let claims = drained(&mut *drain, wanted).await;
    assert!(claims.len() >= 8, "{claims:?}");
}
