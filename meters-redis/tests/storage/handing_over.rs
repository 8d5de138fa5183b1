//! Who reports next, and when.

use meters_redis_tests::Server;

use super::*;

/// Longer than any test: what has to wait for it never comes.
const NEVER: Duration = Duration::from_secs(3600);

const BRIEF: Duration = Duration::from_millis(1);

async fn pushed(server: &Server) {
    let mut writer = writer(scaled(&server.url())).await;
    writer.take(&window(9, "a", 5));
    writer.push(deadline()).await;
}

/// One that has claimed what there is, of three datums, and has sent the first.
async fn half_done(server: &Server) -> (Box<dyn Drain>, Claim) {
    pushed(server).await;
    let mut first = drain(scaled(&server.url()).takeover_after(NEVER)).await;
    let claim = claimed(&mut *first).await;
    first.plan(&claim, 3, 7).await.unwrap();
    assert!(first.begin(&claim, 0..1, BRIEF).await.unwrap());
    first.end(&claim, 0..1, Fate::Done).await.unwrap();
    (first, claim)
}

#[tokio::test]
async fn who_ends_in_peace_gives_its_claim_and_its_lease_back() {
    let server = Server::start();
    let (mut first, claim) = half_done(&server).await;
    first.leave(claim).await;
    first.retire(deadline()).await;
    assert_eq!(server.ask(&["EXISTS", "m1:{Shop}:lease"]), meters_redis_tests::Value::Int(0));
    let mut next = drain(scaled(&server.url()).takeover_after(NEVER)).await;
    let claim = claimed(&mut *next).await;
    let progress = next.plan(&claim, 3, 7).await.unwrap();
    assert_eq!((&progress.done[..], progress.doubtful.len()), (&[0..1][..], 0));
    report(&mut *next, claim).await;
}

#[tokio::test]
async fn a_claim_of_which_a_request_may_still_arrive_is_left_to_its_time() {
    let server = Server::start();
    let (mut first, claim) = half_done(&server).await;
    assert!(first.begin(&claim, 1..2, BRIEF).await.unwrap());
    first.leave(claim).await;
    first.retire(deadline()).await;
    let mut next = drain(scaled(&server.url()).takeover_after(NEVER)).await;
    let guard = Instant::now() + SHORT;
    while Instant::now() < guard {
        assert!(next.claim(deadline()).await.unwrap().is_none(), "its request may count after that of the next owner");
        tokio::time::sleep_until(next.next().into()).await;
    }
}

/// As cron does: none of them is there for as long as a claim has to be left alone.
#[tokio::test]
async fn what_a_dead_owner_had_is_taken_over_by_those_who_come_and_go() {
    let server = Server::start();
    pushed(&server).await;
    let brief = || scaled(&server.url()).claim_time(SHORT).takeover_after(SHORT);
    let mut dead = drain(brief()).await;
    let id = claimed(&mut *dead).await.id;
    drop(dead);
    let guard = deadline();
    let (claim, lived) = loop {
        let mut next = drain(brief()).await;
        let came = Instant::now();
        let claim = next.claim(deadline()).await.unwrap();
        next.retire(deadline()).await;
        if let Some(claim) = claim {
            break (claim, came.elapsed());
        }
        assert!(Instant::now() < guard, "nobody takes it over");
    };
    assert_eq!(claim.id, id);
    assert!(lived < SHORT, "the machine is too slow for this test: {lived:?}");
}
