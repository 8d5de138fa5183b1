//! What several processes recorded is one set of metrics. Here each is a registry with an exporter of its own.

use std::time::Instant;

use meters::{Meters, Registry, Unit};
use meters_local::DatumValue;
use meters_redis_tests::Server;

use super::*;

/// One that joined.
struct Member {
    meters: Meters,
    registry: Registry,
}

impl Member {
    fn join(cw: &CloudWatch, redis: &Server, say: impl FnOnce(Builder) -> Builder) -> Self {
        let registry = Registry::new();
        let builder = builder(cw).interval("1s").registry(&registry).storage(storage(&redis.url()).build());
        let meters = say(builder).start().unwrap();
        Self { meters, registry }
    }
}

fn stage() -> (CloudWatch, Server) {
    (meters_local::start(), Server::start())
}

#[test]
fn counts_of_several_processes_are_one_and_none_is_lost_or_doubled() {
    let (cw, redis) = stage();
    let members: Vec<_> = (0..3).map(|_| Member::join(&cw, &redis, |builder| builder)).collect();
    for (number, member) in (1..).zip(&members) {
        member.registry.counter("Orders").dimension("Kind", "web").register().inc(number);
        member.registry.histogram("Size").unit(Unit::Bytes).register().observe(f64::from(number as u32));
        let report = member.meters.flush(PATIENCE);
        assert_eq!((report.pushed, report.pending, report.dropped), (2, 0, 0), "{report}");
    }
    let orders = || cw.metric("Orders").with("Kind", "web");
    assert!(cw.wait_until(|_| orders().sum() == Some(6.0) && cw.metric("Size").sample_count() == 3.0, PATIENCE));
    let size = cw.metric("Size");
    assert_eq!((size.sum(), size.minimum(), size.maximum()), (Some(6.0), Some(1.0), Some(3.0)));
    for member in &members {
        let report = member.meters.shutdown(PATIENCE);
        assert_eq!((report.pending, report.dropped), (0, 0), "{report}");
    }
    assert_eq!(orders().sum(), Some(6.0), "shutting down adds nothing");
}

#[test]
fn who_only_pushes_needs_no_region_and_no_credentials() {
    let (cw, redis) = stage();
    let registry = Registry::new();
    let builder = meters::namespace("Shared").endpoint_url("http://127.0.0.1:9").interval("1s").registry(&registry);
    let worker = builder.storage(storage(&redis.url()).build()).push_only().start().unwrap();
    registry.counter("Jobs").register().inc(5);
    let report = worker.shutdown(PATIENCE);
    assert_eq!((report.pushed, report.sent, report.requests), (1, 0, 0), "{report}");
    assert!(report.is_complete(), "{report}");
    let error = worker.put_now("Deployed", 1.0).send().unwrap_err();
    assert!(error.to_string().contains("shut down") || error.to_string().contains("only pushes"), "{error}");
    let _reporter = Member::join(&cw, &redis, |builder| builder);
    assert!(cw.wait_until(|cw| cw.metric("Jobs").sum() == Some(5.0), PATIENCE), "what it left is reported by the next");
}

#[test]
fn standing_dimensions_are_those_of_who_recorded() {
    let (cw, redis) = stage();
    let east = Member::join(&cw, &redis, |builder| builder.dimension("Zone", "east"));
    let west = Member::join(&cw, &redis, |builder| builder.dimension("Zone", "west"));
    east.registry.counter("Orders").register().inc(1);
    west.registry.counter("Orders").register().inc(2);
    let of = |zone: &str| cw.metric("Orders").with("Zone", zone).sum();
    assert!(cw.wait_until(|_| of("east") == Some(1.0) && of("west") == Some(2.0), PATIENCE));
}

#[test]
fn seconds_of_a_meter_are_those_of_the_period_however_many_processes_count() {
    let (cw, redis) = stage();
    let members: Vec<_> = (0..3).map(|_| Member::join(&cw, &redis, |builder| builder)).collect();
    let logins: Vec<_> = members.iter().map(|member| member.registry.meter("Logins").register()).collect();
    logins.iter().for_each(|meter| meter.mark(10));
    let sum = || cw.metric("Logins").sum();
    assert!(cw.wait_until(|_| sum() == Some(30.0), PATIENCE));
    for datum in cw.metric("Logins").datums() {
        let DatumValue::Statistics { sample_count, .. } = datum.value else { panic!("{datum:?}") };
        assert!(sample_count <= 1.0, "a second has no more than one: {datum:?}");
    }
}

#[test]
fn mistakes_are_told_at_the_start() {
    let (cw, redis) = stage();
    let told = |builder: Builder| builder.start().unwrap_err().to_string();
    assert!(told(builder(&cw).push_only()).contains("wants a storage"));
    assert!(told(builder(&cw).spool("/tmp/never").redis(redis.url())).contains("leave out `spool(…)`"));
    assert!(told(builder(&cw).redis("http://127.0.0.1")).contains("redis://"));
    let _first = Member::join(&cw, &redis, |builder| builder);
    let other = storage(&redis.url()).period(Duration::from_secs(7)).build();
    let message = told(builder(&cw).registry(&Registry::new()).storage(other));
    assert!(message.contains("period"), "{message}");
}

/// Each flush has a thread and a runtime of its own, and the connection is that of the one before.
#[test]
fn without_a_standing_thread_each_flush_pushes_and_reports_what_is_due() {
    let (cw, redis) = stage();
    let member = Member::join(&cw, &redis, Builder::manual);
    let orders = member.registry.counter("Orders").register();
    for number in 1..=3 {
        orders.inc(number);
        let report = member.meters.flush(PATIENCE);
        assert_eq!((report.pushed, report.pending, report.dropped), (1, 0, 0), "{report}");
        assert!(report.error.is_none(), "{report}");
    }
    let until = Instant::now() + PATIENCE;
    while cw.metric("Orders").sum() != Some(6.0) {
        assert!(Instant::now() < until, "{:?} of 6", cw.metric("Orders").sum());
        let report = member.meters.flush(PATIENCE);
        assert!(report.is_complete(), "{report}");
    }
}
