//! Who gives a flush time wants it used; and who comes meanwhile is not held up by it.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use meters::{Builder, FlushReport, Meters, Registry};
use meters_local::{Fault, Server};

use crate::away::pass;
use crate::stage::{PATIENCE, builder};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// With a thread that stands, and without.
fn modes() -> [fn(Builder) -> Builder; 2] {
    [Builder::manual, |builder| builder.interval("14d")]
}

/// A port on which nobody listens.
fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a long flush on a thread of its own; it is under way when `then` runs.
fn during(meters: &Arc<Meters>, cw: &Server, then: impl FnOnce()) -> FlushReport {
    let flushing = meters.clone();
    let thread = std::thread::spawn(move || flushing.flush(LONG));
    assert!(cw.wait_for_requests(1, PATIENCE));
    then();
    thread.join().unwrap()
}

#[test]
fn a_flush_waits_for_a_cloudwatch_that_comes_back() {
    for mode in modes() {
        let (cw, registry) = (meters_local::start(), Registry::new());
        cw.faults().always(Fault::ServiceUnavailable);
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = told.clone();
        let builder = mode(builder(&cw.endpoint_url())).registry(&registry);
        let builder = builder.on_error(move |error| tell.lock().unwrap().push(error.to_string()));
        let meters = Arc::new(builder.start().unwrap());
        registry.put("Batch", 1.0);
        let report = during(&meters, &cw, || {
            // More than the five tries that one export has.
            assert!(cw.wait_for_requests(8, PATIENCE));
            cw.faults().clear();
        });
        assert!(report.is_complete(), "{report}");
        assert_eq!((report.sent, told.lock().unwrap().len()), (1, 0), "{told:?}");
    }
}

#[test]
fn a_shutdown_where_nobody_listens_takes_its_time_and_says_first_what_is_lost() {
    let registry = Registry::new();
    let meters = builder(&format!("http://127.0.0.1:{}", nobody())).manual().registry(&registry).start().unwrap();
    (0..12).for_each(|n| _ = registry.put(&format!("Metric{n}"), 1.0));
    let (began, given) = (Instant::now(), Duration::from_secs(4));
    let report = meters.shutdown(given);
    // Of its time less than a sixteenth is left.
    assert!(began.elapsed() > given / 16 * 15, "{:?}", began.elapsed());
    assert_eq!((report.dropped, report.pending), (12, 0));
    let said = report.to_string();
    assert!(
        said.starts_with("LOST: 12 datums dropped (CloudWatch did not take the metrics: no connection: check"),
        "{said}"
    );
    assert!(said.contains("; sent 0 datums in 0 requests (0 B), nothing pending") && !said.contains('\n'), "{said}");
}

#[test]
fn a_shutdown_is_not_held_up_by_a_long_flush() {
    for mode in modes() {
        for fault in [Fault::ServiceUnavailable, Fault::HangBeforeStoring] {
            let (cw, registry) = (meters_local::start(), Registry::new());
            cw.faults().always(fault.clone());
            let meters = Arc::new(mode(builder(&cw.endpoint_url())).registry(&registry).start().unwrap());
            registry.put("Batch", 1.0);
            let flushed = during(&meters, &cw, || {
                // A flusher that is held up gives no report, and drops nothing.
                let report = meters.shutdown(Duration::from_secs(2));
                assert_eq!((report.dropped, report.pending), (1, 0), "{fault:?}: {report}");
            });
            assert_eq!((flushed.pending, flushed.dropped), (1, 0), "{fault:?}: {flushed}");
            assert!(flushed.error.as_ref().unwrap().to_string().contains("give way"), "{flushed}");
        }
    }
}

#[test]
fn one_datum_at_once_that_hangs_does_not_hold_a_shutdown_up() {
    for mode in modes() {
        let (cw, registry) = (meters_local::start(), Registry::new());
        let meters = Arc::new(mode(builder(&cw.endpoint_url())).registry(&registry).start().unwrap());
        let putting = meters.clone();
        cw.faults().always(Fault::HangBeforeStoring);
        let put = std::thread::spawn(move || putting.put_now("Now", 1.0).timeout(LONG).send());
        assert!(cw.wait_for_requests(1, PATIENCE));
        let report = meters.shutdown(Duration::from_secs(2));
        assert!(report.is_complete(), "{report}");
        assert!(put.join().unwrap().unwrap_err().is_timeout());
    }
}

#[test]
fn windows_end_on_time_during_a_long_flush() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    cw.faults().always(Fault::ServiceUnavailable);
    let interval = Duration::from_millis(100);
    let meters = builder(&cw.endpoint_url()).registry(&registry).interval(interval).start().unwrap();
    let meters = Arc::new(meters);
    registry.put("zero", 1.0);
    let names = ["one", "two", "three"];
    during(&meters, &cw, || {
        for name in names {
            registry.put(name, 1.0);
            pass(2 * interval);
        }
        cw.faults().clear();
    });
    assert!(meters.shutdown(PATIENCE).is_complete());
    let stamps = names.map(|name| cw.metric(name).datums()[0].timestamp);
    assert!(stamps.is_sorted() && stamps[0] < stamps[1] && stamps[1] < stamps[2], "{stamps:?}");
}

#[test]
fn no_time_and_all_the_time() {
    let (cw, registry) = (meters_local::start(), Registry::new());
    let meters = builder(&cw.endpoint_url()).manual().registry(&registry).start().unwrap();
    registry.put("Batch", 1.0);
    let report = meters.flush(Duration::ZERO);
    assert_eq!((report.sent, report.pending), (0, 1), "{report}");
    assert!(report.error.unwrap().is_timeout());
    assert!(meters.flush(Duration::MAX).is_complete());
    registry.put("Batch", 1.0);
    let report = meters.shutdown(Duration::ZERO);
    assert_eq!((report.sent, report.dropped), (0, 1), "{report}");
}
