//! What the campaign found about servers that go back in time, step by step.

use std::time::{Duration, Instant, SystemTime};

use meters_core::Namespace;
use meters_core::storage::{Claim, Drain, Fate, Storage, Terms};
use meters_redis::__private::Without;
use meters_redis::{RedisStorage, RedisStorageBuilder};
use meters_redis_tests::chaos::{times, window};
use meters_redis_tests::{Append, PATIENCE, Server};

const MS: Duration = Duration::from_millis(1);

fn builder(server: &Server) -> RedisStorageBuilder {
    let builder = RedisStorage::builder(&server.url()).period(200 * MS).claim_time(6_000 * MS);
    builder.takeover_after(1_000 * MS).lease(500 * MS)
}

fn terms(reports: bool) -> Terms {
    Terms::new(Namespace::new("Rollback").unwrap(), 200 * MS, reports)
}

async fn claimed(drain: &mut dyn Drain) -> Claim {
    let until = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < until, "nothing was there to claim");
        match drain.claim(until).await {
            Ok(Some(claim)) => return claim,
            _ => tokio::time::sleep(10 * MS).await,
        }
    }
}

#[test]
fn what_is_noted_again_after_a_loss_of_power_is_known_to_the_next_owner() {
    let mut server = Server::build().append(Append::Everysec).in_memory().start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let storage = builder(&server).grace(100 * MS).build();
        let mut writer = storage.join(terms(false)).await.unwrap().writer;
        writer.take(&window(1, 1, 0, SystemTime::now()));
        while writer.push(Instant::now() + PATIENCE).await.pending > 0 {}
        let mut drain = storage.join(terms(true)).await.unwrap().drain.unwrap();
        let claim = claimed(&mut *drain).await;
        let kept = server.appended();
        let datums = claim.window.iter().len() as u32;
        assert!(!drain.plan(&claim, datums, 7).await.unwrap().changed);
        assert!(drain.begin(&claim, 0..8, 100 * MS).await.unwrap());
        drain.end(&claim, 0..8, Fate::Done).await.unwrap();
        // The plan is forgotten with the note; the note is given again, as its owner lives.
        server.lose_power(kept);
        server.restart();
        while drain.begin(&claim, 8..16, 100 * MS).await.is_err() {}
        while drain.end(&claim, 8..16, Fate::NotSent).await.is_err() {}
        drop(drain);
        let mut drain = storage.join(terms(true)).await.unwrap().drain.unwrap();
        let again = claimed(&mut *drain).await;
        assert_eq!(again.id, claim.id);
        let progress = drain.plan(&again, datums, 7).await.unwrap();
        assert!(!progress.changed && progress.done.iter().eq([&(0..8)]), "{progress:?}");
    });
}

/// Names of a claim that was reported to its end, and of the one that is there after the power was lost at once, which takes
/// back what was written in the last [`times::UNSYNCED`].
async fn claimed_before_and_after(server: &mut Server, storage: &RedisStorage) -> (String, String) {
    let mut writer = storage.join(terms(false)).await.unwrap().writer;
    writer.take(&window(1, 1, 0, SystemTime::now()));
    while writer.push(Instant::now() + PATIENCE).await.pending > 0 {}
    let mut drain = storage.join(terms(true)).await.unwrap().drain.unwrap();
    let (mut lengths, mut claim) = (Vec::new(), None);
    while claim.is_none() {
        lengths.push((Instant::now(), server.appended()));
        claim = drain.claim(Instant::now() + 50 * MS).await.ok().flatten();
    }
    let (claim, reported) = (claim.unwrap(), Instant::now());
    let datums = claim.window.iter().len() as u32;
    drain.plan(&claim, datums, 7).await.unwrap();
    assert!(drain.begin(&claim, 0..datums, 100 * MS).await.unwrap());
    drain.end(&claim, 0..datums, Fate::Done).await.unwrap();
    let (_, kept) = *lengths.iter().rfind(|(at, _)| *at + times::UNSYNCED < reported).unwrap();
    drop(drain);
    server.lose_power(kept);
    server.restart();
    let mut drain = storage.join(terms(true)).await.unwrap().drain.unwrap();
    (claim.id, claimed(&mut *drain).await.id)
}

/// Were it another, the period would be reported twice.
#[test]
fn what_was_reported_is_the_same_claim_after_a_loss_of_power_but_not_without_the_barrier() {
    for without in [None, Some(Without::Barrier)] {
        let mut server = Server::build().append(Append::Everysec).in_memory().start();
        // Long enough that what was pushed is on disk before it is claimed.
        let mut builder = builder(&server).grace(2 * times::UNSYNCED);
        if let Some(part) = without {
            builder = builder.without(part);
        }
        let storage = builder.build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (before, after) = runtime.block_on(claimed_before_and_after(&mut server, &storage));
        assert_eq!(before == after, without.is_none(), "{without:?}: {before}, {after}");
    }
}
