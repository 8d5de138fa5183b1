//! `METERS=off`, and tests that did not ask.

use meters_local::Server;

use crate::alone::{alone, endpoint};
use crate::processes::Life;
use crate::stage::PATIENCE;

fn off(cw: &Server, said: &str) -> bool {
    let mut life = Life::start(&["off"], cw, &[("METERS", said)]);
    life.tell();
    let (status, output) = life.end();
    assert!(status.success(), "{status}");
    let off = output.starts_with("exporting is switched off true 1 3\ntrue\n");
    assert!(off || output.starts_with("sent "), "{output}");
    off
}

#[test]
fn a_program_that_is_switched_off_records_exports_nothing_and_has_no_thread() {
    for said in ["off", "OFF", "0", "false"] {
        let cw = meters_local::start();
        assert!(off(&cw, said), "{said}");
        assert_eq!(cw.request_count(), 0);
    }
    for said in ["on", "", "nonsense"] {
        let cw = meters_local::start();
        assert!(!off(&cw, said), "{said}");
        assert_eq!(cw.metric("Orders").sum(), Some(3.0));
    }
}

/// Also a program without region and credentials, as on a developer's machine.
#[test]
fn a_test_exports_nothing_unless_it_says_where() {
    let cw = meters_local::start();
    let url = cw.endpoint_url();
    let environment = [("METERS", ""), ("CW", &*url), ("AWS_ENDPOINT_URL", &*url), ("AWS_REGION", "us-east-1")];
    let ran = alone("switched_off::a_test_exports_nothing_unless_it_says_where", &environment, || {
        let meters = meters::namespace("Silent").start().unwrap();
        meters::counter("Orders").register().inc(1);
        let report = meters.flush(PATIENCE);
        assert!(report.off && report.is_complete(), "{report}");
        let error = meters.put_now("Once", 1.0).send().unwrap_err();
        assert!(error.to_string().starts_with("exporting is switched off"), "{error}");
        drop(meters);
        let asked = meters::namespace("Asked").region("us-east-1").credentials("a", "b").endpoint_url(endpoint());
        assert_eq!(asked.start().unwrap().flush(PATIENCE).sent, 1);
    });
    if ran.is_some() {
        assert_eq!(cw.metric("Orders").namespace("Asked").sum(), Some(1.0));
        assert_eq!(cw.metric("Orders").namespace("Silent").datums().len(), 0);
    }
}

#[test]
fn mistakes_are_told_also_where_nothing_is_exported() {
    alone("switched_off::mistakes_are_told_also_where_nothing_is_exported", &[("METERS", "off")], || {
        assert!(meters::namespace("AWS/Shop").start().is_err());
        assert!(meters::namespace("Shop").interval("soon").start().is_err());
        let first = meters::namespace("Shop").start().unwrap();
        assert!(meters::namespace("Shop").start().is_err(), "as it would be elsewhere");
        drop(first);
        assert!(meters::namespace("Shop").start_once().unwrap());
        assert!(meters::shutdown(PATIENCE).off);
    });
}
