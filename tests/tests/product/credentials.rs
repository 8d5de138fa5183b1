//! Region and credentials, in processes whose environment holds what the test says and nothing else.

use meters::{Error, Registry};

use crate::alone::{alone, endpoint};
use crate::stage::{PATIENCE, builder};

fn assert_says(error: &Error, what: &[&str]) {
    assert!(error.is_configuration(), "{error}");
    for what in what {
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[test]
fn no_region_says_what_to_set() {
    alone("credentials::no_region_says_what_to_set", &[], || {
        let started = meters::namespace("Shop").credentials("a", "b").start();
        assert_says(&started.unwrap_err(), &["region", "AWS_REGION", ".region("]);
        let manual = meters::namespace("Shop").manual().credentials("a", "b");
        assert_says(&manual.start().unwrap_err(), &["AWS_REGION"]);
        let once = meters::namespace("Shop").credentials("a", "b").start_once();
        assert_says(&once.unwrap_err(), &["AWS_REGION"]);
    });
}

#[test]
fn no_credentials_say_what_to_set() {
    alone("credentials::no_credentials_say_what_to_set", &[], || {
        let started = meters::namespace("Shop").region("eu-west-1").start();
        let what = ["credentials", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"];
        assert_says(&started.unwrap_err(), &what);
    });
}

#[test]
fn nothing_was_started_is_told_by_those_who_need_it() {
    let test = "credentials::nothing_was_started_is_told_by_those_who_need_it";
    alone(test, &[], || {
        let error = meters::put_now("Deploy", 1.0).send().unwrap_err();
        assert_says(&error, &["namespace", "start()"]);
        let report = meters::flush(PATIENCE);
        assert_eq!((report.sent, report.requests), (0, 0));
        assert_says(report.error.as_ref().unwrap(), &["namespace", "start()"]);
        assert!(!meters::shutdown(PATIENCE).is_complete(), "nothing can be complete that never began");
    });
}

#[test]
fn the_environment_alone_is_enough() {
    let cw = meters_local::start();
    let environment = cw.environment();
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ran = alone("credentials::the_environment_alone_is_enough", &environment, || {
        let meters = meters::namespace("Shop").start().unwrap();
        meters::counter("Orders").register().inc(2);
        assert_eq!(meters.shutdown(PATIENCE).sent, 1);
    });
    if ran.is_some() {
        assert_eq!(cw.metric("Orders").namespace("Shop").sum(), Some(2.0));
    }
}

#[test]
fn start_once_starts_once_and_says_so() {
    let cw = meters_local::start();
    let url = cw.endpoint_url();
    let test = "credentials::start_once_starts_once_and_says_so";
    let ran = alone(test, &[("CW", &url)], || {
        // A failed start is none; the next call tries again.
        assert!(builder(&endpoint()).interval("soon").start_once().is_err());
        let starts: Vec<bool> = std::thread::scope(|scope| {
            let start = || builder(&endpoint()).start_once().unwrap();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(starts.iter().filter(|started| **started).count(), 1);
        assert!(!builder(&endpoint()).start_once().unwrap());

        meters::counter("Orders").register().inc(1);
        assert_eq!(meters::flush(PATIENCE).sent, 1);
        meters::put_now("Deploy", 1.0).send().unwrap();
        meters::counter("Orders").register().inc(1);
        assert_eq!(meters::shutdown(PATIENCE).sent, 1);
        assert!(meters::put_now("Deploy", 1.0).send().is_err());
    });
    if ran.is_some() {
        assert_eq!(cw.metric("Orders").sum(), Some(2.0));
        assert_eq!(cw.metric("Deploy").sample_count(), 1.0);
    }
}

#[test]
fn credentials_are_in_no_debug_output() {
    let cw = meters_local::start();
    let builder = meters::namespace("Shop")
        .manual()
        .region("us-east-1")
        .endpoint_url(cw.endpoint_url())
        .credentials("key", "very-secret")
        .registry(&Registry::new());
    let meters = builder.start().unwrap();
    assert!(!format!("{meters:?}").contains("very-secret"));
}
