//! One value at once: it arrives, or it is said why not.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use meters::{Error, Resolution, Unit};
use meters_local::{DatumValue, Fault};

use crate::stage::{PATIENCE, Stage, next_milliseconds};

#[test]
fn it_is_there_when_it_returns_and_sends_nothing_else() {
    let stage = Stage::with(|builder| builder.dimension("Env", "prod"));
    stage.registry.counter("Orders").register().inc(1);
    let before = SystemTime::now() - Duration::from_millis(1);
    stage
        .meters
        .put_now("Deploy", 1.5)
        .unit(Unit::Count)
        .resolution(Resolution::High)
        .dimension("Version", "1.2.3")
        .dimension("Env", "dev")
        .send()
        .unwrap();
    let after = next_milliseconds();
    let datums = stage.cw.datums();
    assert_eq!(datums.len(), 1);
    assert_eq!(datums[0].value, DatumValue::Value(1.5));
    assert_eq!((datums[0].unit, datums[0].resolution), ("Count", 1));
    assert!((before..=after).contains(&datums[0].timestamp));
    let deploy = stage.cw.metric("Deploy").exactly().with("Env", "prod");
    assert!(deploy.with("Version", "1.2.3").exists());
    // What it sent is not sent again.
    assert_eq!(stage.flush().sent, 1);
    assert_eq!(stage.cw.metric("Deploy").datums().len(), 1);
}

#[test]
fn what_cloudwatch_would_refuse_is_told_without_a_request() {
    let stage = Stage::with(|builder| builder.dimension("Env", "prod"));
    let put = |name: &str, value| stage.meters.put_now(name, value);
    let many = (0..30).fold(put("Deploy", 1.0), |put, n| put.dimension(&format!("D{n}"), "v"));
    let wrong = [
        put("", 1.0),
        put("ü", 1.0),
        put(&"n".repeat(256), 1.0),
        put("Deploy", f64::NAN),
        put("Deploy", f64::NEG_INFINITY),
        put("Deploy", 1e200),
        put("Deploy", 1.0).dimension(":Env", "v"),
        many,
    ];
    for put in wrong {
        let error = put.send().unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
    }
    assert_eq!(stage.cw.request_count(), 0);
    put("Deploy", -1.0).send().unwrap();
}

fn failed(fault: Fault) -> Error {
    let stage = Stage::new();
    stage.cw.faults().always(fault);
    let put = stage.meters.put_now("Deploy", 1.0).timeout(PATIENCE);
    let error = put.send().unwrap_err();
    assert_eq!(stage.cw.datums(), []);
    stage.cw.faults().clear();
    // It is not kept: who called knows.
    assert_eq!(stage.flush().sent, 0);
    error
}

#[test]
fn a_fault_that_passes_is_overcome() {
    for fault in [Fault::Throttle, Fault::InternalServiceFault, Fault::ServiceUnavailable, Fault::TooManyRequestsRaw] {
        let stage = Stage::new();
        stage.cw.faults().push_many(fault, 2);
        stage.meters.put_now("Deploy", 1.0).send().unwrap();
        assert_eq!(stage.cw.metric("Deploy").sample_count(), 1.0);
        assert_eq!(stage.cw.request_count(), 3);
    }
}

#[test]
fn a_fault_that_stays_is_told_with_the_words_of_cloudwatch() {
    let error = failed(Fault::AccessDenied);
    assert!(error.is_export(), "{error}");
    assert!(error.to_string().contains("AccessDenied"), "{error}");
    let words = error.source().unwrap().to_string();
    assert!(words.contains("Not authorized to perform"), "{words}");
    let error = failed(Fault::Throttle);
    assert!(error.is_export(), "{error}");
    assert!(error.to_string().contains("Throttling"), "{error}");
}

#[test]
fn a_refused_datum_is_told_with_the_words_of_cloudwatch() {
    let stage = Stage::new();
    stage.cw.faults().poison("Deploy");
    let error = stage.meters.put_now("Deploy", 1.0).send().unwrap_err();
    assert!(error.is_invalid_input(), "{error}");
    let words = error.source().unwrap().to_string();
    assert!(words.contains("scripted poison"), "{words}");
    assert_eq!(stage.cw.request_count(), 1);
}

#[test]
fn a_server_that_hangs_is_told_as_a_timeout() {
    let stage = Stage::new();
    stage.cw.faults().always(Fault::HangBeforeStoring);
    let put = stage.meters.put_now("Deploy", 1.0);
    let error = put.timeout(Duration::from_secs(1)).send().unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[test]
fn after_shutdown_there_is_nobody_to_send_it() {
    let stage = Stage::new();
    stage.meters.shutdown(PATIENCE);
    let error = stage.meters.put_now("Deploy", 1.0).send().unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert_eq!(stage.cw.request_count(), 0);
}
