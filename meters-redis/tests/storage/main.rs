//! The storage as a flusher drives it, on real servers.

mod drains;
mod handing_over;
mod logs;
mod outages;
mod rights;
mod status;
mod totals;
mod writers;

use std::time::{Duration, Instant, SystemTime};

use meters_core::storage::{Claim, Drain, Fate, Storage, Terms, Writer};
use meters_core::{Dimension, Dimensions, Error, Kind, MetricName, Namespace, Resolution, Series, Unit, Value, Window};
use meters_redis::{RedisStorage, RedisStorageBuilder};
use meters_redis_tests::PATIENCE;

const PERIOD: Duration = Duration::from_secs(1);

/// Far shorter than a test may take, and long enough to be told from none.
const SHORT: Duration = Duration::from_millis(400);

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Times scaled down. Answers may take long: tests run on a loaded machine.
fn scaled(url: &str) -> RedisStorageBuilder {
    RedisStorage::builder(url)
        .lease(Duration::from_millis(100))
        .grace(Duration::from_millis(1))
        .claim_time(PATIENCE)
        .takeover_after(Duration::from_millis(200))
        .connect_timeout(PATIENCE)
        .response_timeout(PATIENCE)
}

fn terms(reports: bool) -> Terms {
    Terms::new(Namespace::new("Shop").unwrap(), PERIOD, reports)
}

type Ends = (Box<dyn Writer>, Option<Box<dyn Drain>>);

async fn try_join(storage: RedisStorageBuilder, reports: bool) -> Result<Ends, Error> {
    logs::listen();
    let joined = storage.build().join(terms(reports)).await?;
    Ok((joined.writer, joined.drain))
}

async fn writer(storage: RedisStorageBuilder) -> Box<dyn Writer> {
    try_join(storage, false).await.unwrap().0
}

async fn drain(storage: RedisStorageBuilder) -> Box<dyn Drain> {
    try_join(storage, true).await.unwrap().1.unwrap()
}

/// Calls of one route in the period that ended so many periods ago.
fn window(ago: u32, route: &str, calls: u64) -> Window {
    let name = MetricName::new("Calls").unwrap();
    let dimensions = Dimensions::new().with(Dimension::new("Route", route).unwrap()).unwrap();
    let series = Series::new(&name, Kind::Counter, Unit::Count, Resolution::Standard, &dimensions);
    let end = SystemTime::now() - PERIOD * ago;
    Window::from_parts(end - PERIOD, end, PERIOD, vec![(series, Value::Counter(calls))])
}

/// Calls of all routes.
fn calls(claim: &Claim) -> u64 {
    let count = |value: &Value| if let Value::Counter(count) = value { *count } else { panic!("no counter") };
    claim.window.iter().map(|(_, value)| count(value)).sum()
}

/// Asks as often as it is worth while, until there is a claim.
async fn claimed(drain: &mut dyn Drain) -> Claim {
    let deadline = deadline();
    loop {
        if let Some(claim) = drain.claim(deadline).await.unwrap() {
            return claim;
        }
        assert!(Instant::now() < deadline, "nothing to claim");
        tokio::time::sleep_until(drain.next().into()).await;
    }
}

/// Reports a claim, in one datum.
async fn report(drain: &mut dyn Drain, claim: Claim) {
    assert_eq!(drain.plan(&claim, 1, 7).await.unwrap().done, []);
    assert!(drain.begin(&claim, 0..1, SHORT).await.unwrap());
    drain.end(&claim, 0..1, Fate::Done).await.unwrap();
    drain.leave(claim).await;
}

/// Claims and reports until this many calls were reported; the sizes of the claims.
async fn drained(drain: &mut dyn Drain, wanted: u64) -> Vec<u64> {
    let mut all = Vec::new();
    while all.iter().sum::<u64>() < wanted {
        let claim = claimed(drain).await;
        all.push(calls(&claim));
        report(drain, claim).await;
    }
    assert_eq!(all.iter().sum::<u64>(), wanted);
    all
}
