//! On real servers: connections that others made, and requests that come late.

use meters_core::Namespace;
use meters_redis_tests::PATIENCE;

use super::super::Settings;
use super::*;
use crate::connection::Role;

#[tokio::test]
async fn the_machine_is_told_of_a_connection_that_the_agreement_made() {
    let mut redis = meters_redis_tests::Server::start();
    let mut settings = Settings::new(&redis.url());
    (settings.connect, settings.response) = (PATIENCE, PATIENCE);
    let (period, deadline) = (Duration::from_secs(1), Instant::now() + PATIENCE);
    let agreement = Agreement::new("app", &Namespace::new("Shop").unwrap(), period, 1, settings.keep);
    let connection = Connection::new(settings.way(Role::Drain).unwrap());
    let (keys, times) = (Keys::new("app", None), settings.times(period));
    let mut claimer = Claimer::new(0, keys, &times, "me".to_owned(), connection, None);
    claimer.agree(&agreement, deadline).await.unwrap();
    claimer.meet(deadline).await.unwrap();
    let before = claimer.server.as_ref().unwrap().run.clone();
    redis.kill();
    redis.restart();
    agreement.forgotten();
    // The first one learns that the server is another.
    while claimer.agree(&agreement, deadline).await.is_err() {
        assert!(Instant::now() < deadline);
    }
    claimer.meet(deadline).await.unwrap();
    assert_ne!(claimer.server.as_ref().unwrap().run, before, "it was never told of the new server");
}

fn calls(ago: u32, count: u64) -> Window {
    let name = meters_core::MetricName::new("Calls").unwrap();
    let (kind, unit, resolution) =
        (meters_core::Kind::Counter, meters_core::Unit::Count, meters_core::Resolution::Standard);
    let series = meters_core::Series::new(&name, kind, unit, resolution, &meters_core::Dimensions::new());
    let period = Duration::from_secs(1);
    let end = std::time::SystemTime::now() - period * ago;
    Window::from_parts(end - period, end, period, vec![(series, meters_core::Value::Counter(count))])
}

/// Asks as often as it is worth while.
async fn claimed(claimer: &mut Claimer, deadline: Instant) -> Claim {
    loop {
        if let Some(claim) = claimer.claim(deadline).await.unwrap() {
            return claim;
        }
        assert!(Instant::now() < deadline, "nothing to claim");
        tokio::time::sleep_until(claimer.next.into()).await;
    }
}

async fn report(claimer: &mut Claimer, claim: Claim) {
    let bid = claim.id.split_once('/').unwrap().1.to_owned();
    claimer.keep(&bid, &claim.window).await.unwrap();
    assert_eq!(claimer.plan(&bid, 1, 7).await.unwrap(), Progress::default(), "what the other did is not this one's");
    assert!(claimer.begin(&bid, 0..1, Duration::from_millis(100)).await.unwrap());
    claimer.end(&bid, &(0..1), Fate::Done);
    claimer.note().await.unwrap();
    claimer.leave(bid, claim);
}

#[tokio::test]
async fn a_request_to_claim_that_comes_when_its_claim_is_finished_makes_another_of_the_same_name() {
    let redis = meters_redis_tests::Server::start();
    let mut settings = Settings::new(&redis.url());
    (settings.connect, settings.response) = (PATIENCE, PATIENCE);
    (settings.lease, settings.grace) = (Duration::from_millis(100), Duration::from_millis(1));
    let (period, deadline) = (Duration::from_secs(1), Instant::now() + PATIENCE);
    let storage = crate::RedisStorage::builder(&redis.url()).application("app");
    let storage = storage.connect_timeout(PATIENCE).response_timeout(PATIENCE).build();
    let push = async |window: Window| {
        let terms = meters_core::storage::Terms::new(Namespace::new("Shop").unwrap(), period, false);
        let mut writer = meters_core::storage::Storage::join(&storage, terms).await.unwrap().writer;
        writer.take(&window);
        assert_eq!(writer.push(deadline).await.pending, 0);
    };
    let early = calls(90, 5);
    let late = Window::from_parts(
        early.start(),
        early.end(),
        period,
        calls(90, 6).iter().map(|(series, value)| (series.clone(), value.clone())).collect(),
    );
    let mut totals = storage.totals("Shop");
    totals.read(PATIENCE).await.unwrap();
    push(early).await;
    let connection = Connection::new(settings.way(Role::Drain).unwrap());
    let (keys, times) = (Keys::new("app", None), settings.times(period));
    let mut claimer = Claimer::new(0, keys, &times, "me".to_owned(), connection, None);
    let request = loop {
        assert!(Instant::now() < deadline);
        claimer.meet(deadline).await.unwrap();
        match claimer.machine.step(awake_or_not()) {
            Step::Call(call) => {
                claimer.tell(&call, deadline).await.unwrap();
                if call.script == &scripts::CLAIM {
                    break call;
                }
            }
            Step::Idle(until) => tokio::time::sleep(until.saturating_sub(awake_or_not())).await,
            step => panic!("{step:?}"),
        }
    };
    let first = claimed(&mut claimer, deadline).await;
    let id = first.id.clone();
    report(&mut claimer, first).await;
    push(late).await;
    claimer.connection.call_here(&request, deadline).await.unwrap();
    let second = claimed(&mut claimer, deadline).await;
    assert_eq!((&second.id, second.window.counter("Calls")), (&id, 6));
    report(&mut claimer, second).await;
    assert_eq!(totals.read(PATIENCE).await.unwrap().counter("Calls"), 11);
}
