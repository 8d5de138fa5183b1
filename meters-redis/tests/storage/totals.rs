//! What was reported in all, as a page shows it: each period once, whatever becomes of who reports and of the server.

use meters_core::{Resolution, Snapshot};
use meters_redis::SharedTotals;
use meters_redis_tests::{Append, Server};

use super::*;

async fn read(totals: &mut SharedTotals) -> Snapshot {
    totals.read(PATIENCE).await.unwrap()
}

async fn shown(totals: &mut SharedTotals) -> u64 {
    read(totals).await.counter("Calls")
}

async fn push(writer: &mut dyn Writer, window: &Window) {
    writer.take(window);
    assert_eq!(writer.push(deadline()).await.pending, 0);
}

/// Adds a claim to the totals, and reports it.
async fn keep_and_report(drain: &mut dyn Drain) {
    let claim = claimed(drain).await;
    drain.keep(&claim).await.unwrap();
    report(drain, claim).await;
}

/// The same, until so many calls are shown; also with what the writer repeats to a server that forgot.
async fn keep_and_report_until(drain: &mut dyn Drain, totals: &mut SharedTotals, wanted: u64) {
    let guard = deadline();
    while shown(totals).await < wanted {
        assert!(Instant::now() < guard, "{} of {wanted}", shown(totals).await);
        match drain.claim(deadline()).await {
            Ok(Some(claim)) => {
                drain.keep(&claim).await.unwrap();
                report(drain, claim).await;
            }
            _ => tokio::time::sleep_until(drain.next().into()).await,
        }
    }
    assert_eq!(shown(totals).await, wanted);
}

fn level(ago: u32, level: f64) -> Window {
    let name = MetricName::new("Depth").unwrap();
    let series = Series::new(&name, Kind::Gauge, Unit::None, Resolution::Standard, &Dimensions::new());
    let end = SystemTime::now() - PERIOD * ago;
    Window::from_parts(end - PERIOD, end, PERIOD, vec![(series, Value::Gauge(level))])
}

#[tokio::test]
async fn totals_begin_when_somebody_asks_and_have_each_period_once() {
    let server = Server::start();
    let (mut writer, mut drain) = (writer(scaled(&server.url())).await, drain(scaled(&server.url())).await);
    push(&mut *writer, &window(90, "a", 1)).await;
    keep_and_report(&mut *drain).await;
    let mut totals = scaled(&server.url()).build().totals("Shop");
    assert_eq!(shown(&mut totals).await, 0, "nobody had asked");
    push(&mut *writer, &window(80, "a", 2)).await;
    push(&mut *writer, &window(70, "b", 4)).await;
    for _ in 0..2 {
        let claim = claimed(&mut *drain).await;
        drain.keep(&claim).await.unwrap();
        drain.keep(&claim).await.unwrap();
        report(&mut *drain, claim).await;
    }
    let all = read(&mut totals).await;
    let calls = all.metric("Calls");
    assert_eq!((calls.with("Route", "a").count(), calls.with("Route", "b").count()), (2, 4));
    assert_eq!(shown(&mut totals).await, 6, "the same, when nothing is new");
    let mut later = scaled(&server.url()).build().totals("Shop");
    assert_eq!(shown(&mut later).await, 6);
}

#[tokio::test]
async fn who_takes_over_adds_no_period_twice() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    let mut totals = scaled(&server.url()).build().totals("Shop");
    assert_eq!(shown(&mut totals).await, 0);
    push(&mut *writer, &window(90, "a", 5)).await;
    let brief = || scaled(&server.url()).claim_time(SHORT).takeover_after(SHORT);
    let mut dead = drain(brief()).await;
    let claim = claimed(&mut *dead).await;
    dead.keep(&claim).await.unwrap();
    let mut heir = drain(scaled(&server.url()).takeover_after(SHORT)).await;
    let again = claimed(&mut *heir).await;
    assert_eq!(again.id, claim.id);
    heir.keep(&again).await.unwrap();
    report(&mut *heir, again).await;
    assert!(dead.keep(&claim).await.is_ok(), "it knows that it is in them");
    assert_eq!(shown(&mut totals).await, 5);
    push(&mut *writer, &window(80, "a", 6)).await;
    keep_and_report(&mut *heir).await;
    assert_eq!(shown(&mut totals).await, 11);
}

#[tokio::test]
async fn who_leaves_a_claim_and_has_it_again_adds_it_once() {
    let server = Server::start();
    let (mut writer, mut drain) = (writer(scaled(&server.url())).await, drain(scaled(&server.url())).await);
    let mut totals = scaled(&server.url()).build().totals("Shop");
    shown(&mut totals).await;
    push(&mut *writer, &window(90, "a", 5)).await;
    let claim = claimed(&mut *drain).await;
    drain.keep(&claim).await.unwrap();
    drain.leave(claim).await;
    keep_and_report(&mut *drain).await;
    assert_eq!(shown(&mut totals).await, 5);
}

#[tokio::test]
async fn two_who_report_by_turns_add_to_the_same() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    let mut totals = scaled(&server.url()).build().totals("Shop");
    shown(&mut totals).await;
    let hasty = || scaled(&server.url()).lease(Duration::from_millis(1));
    let (mut one, mut two) = (drain(hasty()).await, drain(hasty()).await);
    for turn in 0..10 {
        push(&mut *writer, &window(90 - turn, "a", 1 << turn)).await;
        let drain = if turn % 2 == 0 { &mut one } else { &mut two };
        keep_and_report(&mut **drain).await;
    }
    assert_eq!(shown(&mut totals).await, 1023);
}

#[tokio::test]
async fn gauges_are_those_of_the_newest_period() {
    let server = Server::start();
    // Of a length in which no level grows stale during a test.
    let long = || scaled(&server.url()).period(Duration::from_secs(300));
    let (mut writer, mut drain) = (super::writer(long()).await, drain(long()).await);
    let mut totals = long().build().totals("Shop");
    shown(&mut totals).await;
    push(&mut *writer, &level(700, 7.0)).await;
    keep_and_report(&mut *drain).await;
    assert_eq!(read(&mut totals).await.metric("Depth").gauge(), Some(7.0));
    push(&mut *writer, &window(400, "a", 1)).await;
    keep_and_report(&mut *drain).await;
    let all = read(&mut totals).await;
    assert_eq!((all.metric("Depth").gauge(), all.counter("Calls")), (None, 1), "nobody has that level any more");
    let mut late = super::writer(long()).await;
    push(&mut *late, &level(1100, 9.0)).await;
    keep_and_report(&mut *drain).await;
    assert_eq!(read(&mut totals).await.metric("Depth").gauge(), None, "it came late");
}

#[tokio::test]
async fn a_server_that_lost_everything_is_told_the_totals_again() {
    let server = Server::start();
    let (mut writer, mut drain) = (writer(scaled(&server.url())).await, drain(scaled(&server.url())).await);
    let mut totals = scaled(&server.url()).build().totals("Shop");
    shown(&mut totals).await;
    push(&mut *writer, &window(90, "a", 5)).await;
    keep_and_report(&mut *drain).await;
    assert_eq!(shown(&mut totals).await, 5);
    server.ask(&["FLUSHALL"]);
    assert_eq!(shown(&mut totals).await, 5, "no counter goes back meanwhile");
    push(&mut *writer, &window(80, "a", 6)).await;
    keep_and_report_until(&mut *drain, &mut totals, 11).await;
    let mut later = scaled(&server.url()).build().totals("Shop");
    assert_eq!(shown(&mut later).await, 11);
}

#[tokio::test]
async fn a_server_that_went_back_in_time_shows_no_period_twice() {
    let mut server = Server::build().append(Append::Always).start();
    let (mut writer, mut drain) = (writer(scaled(&server.url())).await, drain(scaled(&server.url())).await);
    let mut totals = scaled(&server.url()).build().totals("Shop");
    shown(&mut totals).await;
    push(&mut *writer, &window(90, "a", 5)).await;
    keep_and_report(&mut *drain).await;
    let before = server.appended();
    push(&mut *writer, &window(80, "a", 6)).await;
    keep_and_report(&mut *drain).await;
    assert_eq!(shown(&mut totals).await, 11);
    server.lose_power(before);
    server.restart();
    push(&mut *writer, &window(70, "a", 7)).await;
    keep_and_report_until(&mut *drain, &mut totals, 18).await;
}

#[tokio::test]
async fn a_user_may_be_told_no_more_than_totals() {
    let server = Server::build().user("app on >canary -@all").start();
    let mut totals = scaled(&server.url_as("app", "canary")).build().totals("Shop");
    let error = totals.read(PATIENCE).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let message = error.to_string();
    let (_, command) = message.split_once(": ACL SETUSER ").unwrap_or_else(|| panic!("no command in {message}"));
    let command: Vec<&str> = ["ACL", "SETUSER"].into_iter().chain(command.split(' ')).collect();
    server.ask(&command);
    assert_eq!(shown(&mut totals).await, 0);
}
