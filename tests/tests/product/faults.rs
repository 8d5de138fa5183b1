//! What goes wrong, and what becomes of the metrics then: recorded = sent, once.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use meters::FlushReport;
use meters_local::Fault;

use crate::stage::{PATIENCE, Stage, assert_close, next_milliseconds};

/// How many datums [`record`] makes.
pub(crate) const DATUMS: u64 = 23;

/// Enough for a try, and waited to the end where there is no use in it.
const BRIEF: Duration = Duration::from_secs(1);

/// Some of each kind. Returns a moment after which nothing of it was recorded.
pub(crate) fn record(stage: &Stage) -> SystemTime {
    for n in 1..=20_u64 {
        let orders = stage.registry.counter("Orders").dimension("N", n);
        orders.register().inc(n);
    }
    let size = stage.registry.histogram("Size").register();
    (1..=100).for_each(|value| size.observe(f64::from(value)));
    stage.registry.put("Batch", 2.5);
    stage.registry.put_statistic("Rows", 7.0);
    let recorded = SystemTime::now();
    next_milliseconds();
    recorded
}

/// All that one [`record`] recorded is here `times` times, and nothing else.
pub(crate) fn assert_holds(stage: &Stage, times: f64) {
    assert_eq!(stage.cw.datums().len() as f64, DATUMS as f64 * times);
    for n in 1..=20 {
        let orders = stage.cw.metric("Orders").with("N", n.to_string());
        assert_eq!(orders.sum(), Some(f64::from(n) * times));
        assert_eq!(orders.datums().len() as f64, times);
    }
    let size = stage.cw.metric("Size");
    assert_eq!(size.sample_count(), 100.0 * times);
    assert_close(size.sum().unwrap(), 5_050.0 * times, 1e-12);
    assert_eq!((size.minimum(), size.maximum()), (Some(1.0), Some(100.0)));
    assert_eq!(stage.cw.metric("Batch").sum(), Some(2.5 * times));
    assert_eq!(stage.cw.metric("Rows").sum(), Some(7.0 * times));
}

/// In milliseconds, as the wire has them.
fn milliseconds(time: SystemTime) -> u128 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_millis()
}

/// Faults that one flush overcomes; nothing was stored by those requests.
fn overcome(fault: Fault, times: usize) -> (Stage, FlushReport) {
    let before = SystemTime::now();
    let stage = Stage::new();
    let recorded = record(&stage);
    stage.cw.faults().push_many(fault.clone(), times);
    let report = stage.meters.flush(PATIENCE);
    assert!(report.is_complete(), "{fault:?}: {report}");
    assert!(report.error.is_none(), "{fault:?}: {report}");
    assert_eq!(report.sent, DATUMS, "{fault:?}: {report}");
    assert_eq!(stage.cw.faults().pending(), 0, "{fault:?}");
    assert_holds(&stage, 1.0);
    for datum in stage.cw.datums() {
        let stamped = milliseconds(datum.timestamp);
        let window = milliseconds(before)..=milliseconds(recorded);
        assert!(window.contains(&stamped), "{fault:?}: {datum:?}");
    }
    (stage, report)
}

#[test]
fn what_passes_is_tried_again_within_the_flush() {
    for fault in [
        Fault::Throttle,
        Fault::TooManyRequests,
        Fault::TooManyRequestsRaw,
        Fault::LimitExceeded,
        Fault::RequestTimeout,
        Fault::InternalServiceFault,
        Fault::Status(500),
        Fault::Status(502),
        Fault::ServiceUnavailable,
        Fault::RetryAfter(Duration::from_millis(20)),
    ] {
        let (stage, report) = overcome(fault.clone(), 3);
        assert_eq!(report.ambiguous, 0, "{fault:?}");
        assert_eq!((report.requests, stage.cw.request_count()), (4, 4));
    }
}

#[test]
fn the_wait_that_the_server_asks_for_is_kept() {
    let asked = Duration::from_millis(400);
    let (stage, _) = overcome(Fault::RetryAfter(asked), 1);
    let requests = stage.cw.requests();
    let waited = requests[1].arrived_at - requests[0].arrived_at;
    assert!(waited >= asked, "{waited:?}");
}

#[test]
fn what_is_too_large_is_halved() {
    let (stage, report) = overcome(Fault::EntityTooLarge, 2);
    let datums: Vec<_> = stage.cw.requests().iter().map(|one| one.datums).collect();
    assert_eq!(datums[..3], [23, 11, 5]);
    assert!(datums[2..].iter().all(|count| *count <= 11), "{datums:?}");
    assert_eq!(datums[2..].iter().sum::<usize>() as u64, DATUMS);
    assert_eq!(report.ambiguous, 0);
}

#[test]
fn what_does_not_pass_is_kept_with_its_timestamps_and_sent_by_a_later_flush() {
    let stage = Stage::new();
    let recorded = record(&stage);
    stage.cw.faults().always(Fault::Throttle);
    let report = stage.meters.flush(BRIEF);
    assert_eq!((report.sent, report.pending), (0, DATUMS), "{report}");
    let error = report.error.as_ref().unwrap();
    assert!(error.is_export() && error.to_string().contains("Throttling"));
    stage.cw.faults().clear();

    stage.registry.counter("Later").register().inc(1);
    let zeros = 20; // the counters of the first window fell silent
    assert_eq!(stage.flush().sent, DATUMS + 1 + zeros);
    for datum in stage.cw.datums() {
        let later = matches!(datum.value, meters_local::DatumValue::Value(0.0));
        let later = later || datum.name == "Later";
        let stamped = milliseconds(datum.timestamp);
        assert_eq!(stamped > milliseconds(recorded), later, "{datum:?}");
    }
    for n in 1..=20 {
        let orders = stage.cw.metric("Orders").with("N", n.to_string());
        assert_eq!(orders.sum(), Some(f64::from(n)));
    }
}

#[test]
fn trouble_with_credentials_is_one_request_a_flush_and_is_told_once_a_change() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = told.clone();
    let stage = Stage::with(|builder| builder.on_error(move |error| tell.lock().unwrap().push(error.to_string())));
    record(&stage);
    let troubles = [
        (Fault::ExpiredToken, "ExpiredToken"),
        (Fault::AccessDenied, "AccessDenied"),
        (Fault::InvalidClientTokenId, "InvalidClientTokenId"),
        (Fault::UnrecognizedClient, "UnrecognizedClient"),
    ];
    for (change, (fault, code)) in troubles.into_iter().enumerate() {
        stage.cw.faults().always(fault);
        for _ in 0..2 {
            let report = stage.meters.flush(PATIENCE);
            assert_eq!(report.requests, 1, "{report}");
            assert!(report.sent == 0 && report.pending >= DATUMS, "{report}");
            assert!(report.error.unwrap().to_string().contains(code));
        }
        let told = told.lock().unwrap();
        assert_eq!(told.len(), change + 1, "{told:?}");
        assert!(told[change].contains(code), "{told:?}");
        assert!(told[change].contains("credentials"), "{told:?}");
    }
    stage.cw.faults().clear();
    stage.flush();
    // The first window, and one zero of each of its counters.
    assert_eq!(stage.cw.datums().len() as u64, DATUMS + 20);
    assert_eq!(stage.cw.metric("Orders").sum(), Some(210.0));
    assert_eq!(stage.cw.metric("Size").sample_count(), 100.0);
}

#[test]
fn of_a_batch_only_the_datums_that_are_refused_are_left_out() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = told.clone();
    let stage = Stage::with(|builder| builder.on_refused(move |refused| tell.lock().unwrap().push(refused.clone())));
    for n in 0..100 {
        let orders = stage.registry.counter("Orders").dimension("N", n);
        orders.register().inc(1);
    }
    let bad = ["17", "18", "99"];
    stage.cw.faults().poison_if(move |datum| bad.iter().any(|n| datum.dimension("N") == Some(n)));
    let report = stage.meters.flush(PATIENCE);
    assert_eq!((report.sent, report.refused), (97, 3), "{report}");
    assert_eq!((report.pending, report.dropped, report.ambiguous), (0, 0, 0));
    assert!(report.requests <= 3 * 2 * 7 + 1, "{report}");
    assert_eq!(stage.cw.datums().len(), 97);
    assert_eq!(stage.cw.metric("Orders").series().len(), 97);

    let told = told.lock().unwrap();
    let of: Vec<_> = told.iter().map(|refused| refused.dimensions().next().unwrap()).collect();
    assert_eq!(of, bad.map(|n| ("N", n)));
    for refused in told.iter() {
        assert_eq!(refused.metric(), "Orders");
        let reason = refused.reason();
        assert!(reason.contains("InvalidParameterValue"), "{reason}");
        // CloudWatch's own words.
        assert!(reason.contains("scripted poison"), "{reason}");
    }
}

#[test]
fn a_script_of_faults_loses_and_doubles_nothing() {
    let transient = [
        Fault::Pass,
        Fault::Throttle,
        Fault::TooManyRequestsRaw,
        Fault::InternalServiceFault,
        Fault::ServiceUnavailable,
        Fault::ExpiredToken,
        Fault::TruncatedAnswer,
        Fault::RetryAfter(Duration::from_millis(1)),
    ];
    for seed in 1..4 {
        let mut random = fastrand::Rng::with_seed(seed);
        let stage = Stage::with(|builder| builder.max_datums_per_request(8));
        let orders: Vec<_> = (0..30).map(|n| stage.registry.counter("Orders").dimension("N", n).register()).collect();
        let size = stage.registry.histogram("Size").register();
        let (mut counted, mut observed, mut sent) = (0, 0.0, 0);
        for round in 0..6 {
            for order in &orders {
                let n = random.u64(1..100);
                order.inc(n);
                counted += n;
                size.observe(n as f64);
                observed += 1.0;
            }
            for _ in 0..6 {
                stage.cw.faults().push(random.choice(&transient).unwrap().clone());
            }
            // Seldom, or a datum would at last be too large by itself.
            if round % 3 == 0 {
                stage.cw.faults().push(Fault::EntityTooLarge);
            }
            let report = stage.meters.flush(PATIENCE);
            sent += report.sent;
            assert_eq!((report.refused, report.dropped, report.ambiguous), (0, 0, 0));
        }
        stage.cw.faults().clear();
        sent += stage.flush().sent;
        assert_eq!(stage.cw.datums().len() as u64, sent);
        assert_eq!(stage.cw.metric("Orders").sum(), Some(counted as f64));
        let size = stage.cw.metric("Size");
        assert_eq!(size.sample_count(), observed);
        assert_close(size.sum().unwrap(), counted as f64, 1e-12);
    }
}

#[test]
fn nobody_listens_and_everything_is_kept_until_somebody_does() {
    let stage = Stage::new();
    record(&stage);
    let port = stage.cw.address().port();
    let Stage { meters, registry, cw } = stage;
    drop(cw);
    let report = meters.flush(BRIEF);
    assert_eq!((report.sent, report.pending), (0, DATUMS), "{report}");
    assert_eq!((report.requests, report.ambiguous), (0, 0), "{report}");
    assert!(report.error.unwrap().to_string().contains("endpoint"));
    let cw = meters_local::Server::builder().port(port).start().unwrap();
    let stage = Stage { meters, registry, cw };
    stage.flush();
    assert_eq!(stage.cw.metric("Orders").sum(), Some(210.0));
    assert_eq!(stage.cw.metric("Size").sample_count(), 100.0);
}
