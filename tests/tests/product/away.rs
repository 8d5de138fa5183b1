//! A CloudWatch that does not answer holds up nothing but what is sent to it.

use std::fs;
use std::time::{Duration, SystemTime};

use meters::Registry;
use meters_local::Fault;

use crate::alone::{alone, endpoint};
use crate::stage::{PATIENCE, builder};

/// Lets so much time pass on the clock that windows are aligned to.
pub(crate) fn pass(time: Duration) {
    let until = SystemTime::now() + time;
    while SystemTime::now() < until {
        std::thread::yield_now();
    }
}

#[test]
fn windows_end_on_time_while_a_send_hangs() {
    let (cw, registry, interval) = (meters_local::start(), Registry::new(), Duration::from_millis(100));
    cw.faults().push(Fault::HangBeforeStoring);
    let meters = builder(&cw.endpoint_url()).registry(&registry).interval(interval).start().unwrap();
    registry.put("hanging", 1.0);
    assert!(cw.wait_for_requests(1, PATIENCE));
    for name in ["one", "two", "three"] {
        registry.put(name, 1.0);
        pass(2 * interval);
    }
    let report = meters.shutdown(PATIENCE);
    assert_eq!((report.pending, report.dropped), (0, 0), "{report}");
    let stamp = |name| cw.metric(name).datums()[0].timestamp;
    // Each in a window of its own: the hanging request took seconds.
    assert!(stamp("hanging") < stamp("one") && stamp("one") < stamp("two") && stamp("two") < stamp("three"));
}

#[test]
fn recording_goes_on_and_shutdown_keeps_its_deadline_while_a_send_hangs() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    cw.faults().always(Fault::HangBeforeStoring);
    let meters = builder(&cw.endpoint_url()).registry(&registry).interval("50ms").start().unwrap();
    let orders = registry.counter("Orders").register();
    orders.inc(1);
    assert!(cw.wait_for_requests(1, PATIENCE));
    (0..10_000).for_each(|_| orders.inc(1));
    // A flusher that was still held up would give no report: the caller waits half a second longer than it says.
    let report = meters.shutdown(Duration::from_secs(1));
    assert!(report.dropped > 0 && report.pending == 0, "{report}");
    assert_eq!(registry.snapshot().counter("Orders"), 10_001);
}

/// Requests that came in, over time: an endpoint that is away is asked less and less often.
#[test]
fn an_endpoint_that_is_away_is_not_hammered_by_each_window() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    cw.faults().always(Fault::AccessDenied);
    let meters = builder(&cw.endpoint_url()).registry(&registry).interval("10ms").start().unwrap();
    let orders = registry.counter("Orders").register();
    let windows = 200;
    for _ in 0..windows {
        orders.inc(1);
        pass(Duration::from_millis(10));
    }
    // The pauses are drawn from up to 1, 2, 4 … seconds: as many requests as windows cannot be.
    assert!(cw.request_count() < windows / 2, "{}", cw.request_count());
    cw.faults().clear();
    assert!(meters.shutdown(PATIENCE).is_complete());
    assert_eq!(cw.metric("Orders").sum(), Some(windows as f64));
}

/// Credentials that the environment gives anew for each request, or does not.
#[test]
fn credentials_that_expire_and_come_back_lose_nothing() {
    let cw = meters_local::start();
    let folder = std::env::temp_dir().join(format!("meters-keys-{:016x}", fastrand::u64(..)));
    let (config, keys, url) = (folder.join("config"), folder.join("keys"), cw.endpoint_url());
    let said = [("CW", &*url), ("KEYS", keys.to_str().unwrap()), ("AWS_CONFIG_FILE", config.to_str().unwrap())];
    let test = "away::credentials_that_expire_and_come_back_lose_nothing";
    if std::env::var_os("KEYS").is_none() {
        fs::create_dir(&folder).unwrap();
        fs::write(&config, format!("[default]\ncredential_process = /bin/cat {}\n", keys.display())).unwrap();
    }
    let ran = alone(test, &said, || {
        let keys = std::env::var("KEYS").unwrap();
        let expired = r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c",
            "Expiration": "2024-01-01T00:00:00Z"}"#;
        fs::write(&keys, expired).unwrap();
        let registry = Registry::new();
        let builder = meters::namespace("Product").region("us-east-1").endpoint_url(endpoint());
        let meters = builder.manual().registry(&registry).start().unwrap();
        for round in 1..=3 {
            fs::write(&keys, "gone").unwrap();
            registry.put("Batch", 1.0);
            let report = meters.flush(PATIENCE);
            assert_eq!((report.sent, report.pending, report.requests), (0, 1, 0), "{round}: {report}");
            assert!(report.error.unwrap().to_string().contains("AWS_PROFILE"));
            fs::write(&keys, expired).unwrap();
            assert_eq!(meters.flush(PATIENCE).sent, 1, "{round}");
        }
    });
    if ran.is_some() {
        assert_eq!(cw.metric("Batch").sum(), Some(3.0));
        fs::remove_dir_all(&folder).unwrap();
    }
}
