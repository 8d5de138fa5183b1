//! What the builder is told, and what it says of mistakes.

use std::time::Duration;

use aws_sdk_cloudwatch::config::{BehaviorVersion, Credentials, Region};
use meters::{Builder, Error, Registry};
use meters_local::Fault;

use crate::stage::{PATIENCE, Stage, builder};

/// Nobody listens there, and nobody is asked.
const NOWHERE: &str = "http://127.0.0.1:9";

fn mistake(say: impl FnOnce(Builder) -> Builder) -> Error {
    let builder = builder(NOWHERE).manual().registry(&Registry::new());
    say(builder).start().expect_err("this is a mistake")
}

fn named(namespace: &str) -> Result<(), Error> {
    let builder = meters::namespace(namespace).manual().region("us-east-1");
    let builder = builder.endpoint_url(NOWHERE).credentials("a", "b");
    builder.registry(&Registry::new()).start().map(drop)
}

#[test]
fn a_bad_namespace_is_told_with_what_to_use() {
    for bad in ["", "AWS/Shop", "a\u{1}b", "ü", &"n".repeat(256)] {
        let error = named(bad).unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains("namespace"), "{error}");
    }
    named("Shop/Web.v2_#:-1").unwrap();
}

#[test]
fn a_bad_interval_is_told_with_what_to_write() {
    for bad in ["", "30", "5 parsecs", "-1s", "1ms", "15d"] {
        let error = mistake(|builder| builder.interval(bad));
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains("interval"), "{error}");
    }
    let error = mistake(|builder| builder.interval(Duration::ZERO));
    assert!(error.to_string().contains("10 ms"), "{error}");
}

#[test]
fn a_bad_dimension_is_told() {
    let long = "v".repeat(1025);
    for (name, value) in [("", "v"), (":Env", "v"), ("Env", ""), ("Env", &long)] {
        let error = mistake(|builder| builder.dimension(name, value));
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains("dimension"), "{error}");
    }
    let many = mistake(|builder| (0..31).fold(builder, |builder, n| builder.dimension(&format!("D{n}"), "v")));
    assert!(many.to_string().contains("30"), "{many}");
    let pid = mistake(|builder| builder.pid_dimension(":Pid"));
    assert!(pid.to_string().contains(":Pid"), "{pid}");
}

#[test]
fn datums_a_request_lie_between_one_and_a_thousand() {
    for bad in [0, 1_001] {
        let error = mistake(|builder| builder.max_datums_per_request(bad));
        assert!(error.is_invalid_input());
        assert!(error.to_string().contains("max_datums_per_request"));
        assert!(error.to_string().contains(&bad.to_string()), "{error}");
    }
    for good in [1, 1_000] {
        _ = Stage::with(|builder| builder.max_datums_per_request(good));
    }
}

#[test]
fn what_waits_needs_room_and_time_and_a_file_needs_a_name() {
    let little = mistake(|builder| builder.max_pending_bytes(999_999));
    assert!(little.is_invalid_input() && little.to_string().contains("max_pending_bytes"), "{little}");
    for age in ["15d", "a week"] {
        let error = mistake(|builder| builder.max_pending_age(age));
        assert!(error.is_invalid_input() && error.to_string().starts_with("max_pending_age: "), "{error}");
    }
    for path in ["/", "..", ""] {
        let error = mistake(|builder| builder.spool(path));
        assert!(error.is_invalid_input() && error.to_string().contains("names no file"), "{error}");
    }
    _ = Stage::with(|builder| builder.max_pending_bytes(1_000_000).max_pending_age("14d"));
}

#[test]
fn a_bad_endpoint_is_told_without_its_password() {
    let error = mistake(|builder| builder.endpoint_url("ftp://user:secret@host"));
    assert!(error.is_configuration(), "{error}");
    assert!(error.to_string().contains("endpoint"), "{error}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[test]
fn of_several_mistakes_the_first_is_told() {
    let one = mistake(|builder| builder.dimension(":Env", "v").interval("soon").max_datums_per_request(0));
    assert!(one.to_string().contains(":Env"), "{one}");
    let other = mistake(|builder| builder.max_datums_per_request(0).dimension(":Env", "v"));
    assert!(other.to_string().contains("max_datums"), "{other}");
    let namespace = meters::namespace("AWS/Shop").interval("soon").start();
    let namespace = namespace.unwrap_err().to_string();
    assert!(namespace.contains("AWS/Shop"), "{namespace}");
}

#[test]
fn a_dimension_of_the_builder_wins_over_that_of_a_metric() {
    let stage = Stage::with(|builder| builder.dimension("Env", "prod"));
    for env in ["dev", "test"] {
        let orders = stage.registry.counter("Orders").dimension("Env", env);
        orders.dimension("Kind", "web").register().inc(1);
    }
    stage.registry.put("Batch", 2.0);
    stage.flush();
    let orders = stage.cw.metric("Orders").with("Env", "prod").exactly();
    let orders = orders.with("Kind", "web");
    assert_eq!(orders.sum(), Some(2.0));
    assert_eq!(stage.cw.metric("Orders").series().len(), 1);
    let batch = stage.cw.metric("Batch").with("Env", "prod").exactly();
    assert_eq!(batch.sum(), Some(2.0));
}

#[test]
fn a_pid_dimension_holds_the_number_of_this_process() {
    let stage = Stage::with(|builder| builder.pid_dimension("Pid"));
    stage.registry.counter("Orders").register().inc(1);
    stage.flush();
    let pid = std::process::id().to_string();
    let orders = stage.cw.metric("Orders").with("Pid", pid).exactly();
    assert_eq!(orders.sum(), Some(1.0));
}

#[test]
fn thirty_dimensions_are_counted_after_all_were_added() {
    let stage = Stage::with(|builder| builder.dimension("Env", "prod").pid_dimension("Pid"));
    for (name, own) in [("Fits", 28), ("Over", 29)] {
        let mut metric = stage.registry.counter(name);
        for n in 0..own {
            metric = metric.dimension(&format!("D{n}"), n);
        }
        metric.register().inc(1);
    }
    let report = stage.meters.flush(PATIENCE);
    assert_eq!((report.sent, report.refused), (1, 1), "{report}");
    assert_eq!(stage.cw.metric("Fits").datums()[0].dimensions.len(), 30);
}

#[test]
fn a_request_holds_no_more_datums_than_was_said() {
    let stage = Stage::with(|builder| builder.max_datums_per_request(7));
    for n in 0..20 {
        let orders = stage.registry.counter("Orders").dimension("N", n);
        orders.register().inc(1);
    }
    assert_eq!(stage.flush().requests, 3);
    let datums: Vec<_> = stage.cw.requests().iter().map(|one| one.datums).collect();
    assert_eq!(datums, [7, 7, 6]);
    assert_eq!(stage.cw.metric("Orders").sum(), Some(20.0));
}

#[test]
fn a_client_of_ones_own_is_used_as_it_is_but_for_its_retries() {
    let cw = meters_local::start();
    let config = aws_sdk_cloudwatch::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-2"))
        .endpoint_url(cw.endpoint_url())
        .credentials_provider(Credentials::new("own", "secret", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = aws_sdk_cloudwatch::Client::from_conf(config);
    let registry = Registry::new();
    let meters = meters::namespace("Own").manual().client(client).registry(&registry).start().unwrap();
    registry.counter("Orders").register().inc(3);
    cw.faults().push(Fault::Throttle);
    let report = meters.flush(PATIENCE);
    assert!(report.is_complete(), "{report}");
    // The one that was throttled and ours: the SDK, which would have tried three times by itself, made none.
    assert_eq!((report.requests, cw.request_count()), (2, 2));
    assert_eq!(cw.metric("Orders").namespace("Own").sum(), Some(3.0));
}

/// Two reporters of one registry to one namespace would count everything twice, in silence.
#[test]
fn the_same_twice_is_refused_until_the_first_has_ended() {
    let cw = meters_local::start();
    let registry = meters::Registry::new();
    let start = || builder(&cw.endpoint_url()).registry(&registry).start();
    let first = start().unwrap();
    let error = start().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("already"), "{error}");
    let other = builder(&cw.endpoint_url()).registry(&meters::Registry::new()).start();
    assert!(other.is_ok(), "another registry is something else");
    first.shutdown(PATIENCE);
    assert!(start().is_ok(), "the first has ended");
}

#[test]
fn nonsense_is_refused_before_anything_starts() {
    let base = || builder("http://127.0.0.1:9");
    for (builder, word) in [
        (base().region("mars west!"), "region"),
        (base().credentials("", ""), "empty"),
        (base().limit(0), "limit"),
        (base().interval("15d"), "15d"),
    ] {
        let error = builder.start().unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(word), "{error}");
    }
}

/// A start that failed has not taken the way of the next: what was wrong may be mended.
#[test]
fn a_start_that_failed_can_be_tried_again() {
    let cw = meters_local::start();
    let registry = Registry::new();
    for _ in 0..2 {
        let error = builder("nowhere").registry(&registry).start().unwrap_err();
        assert!(error.to_string().contains("endpoint"), "{error}");
    }
    assert!(builder(&cw.endpoint_url()).registry(&registry).start().is_ok());
}
