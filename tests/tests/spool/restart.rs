//! From one process, or one start, to the next.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use meters::{Ambiguous, Builder, Registry};
use meters_local::{Fault, Server};

use crate::Folder;

const PATIENCE: Duration = Duration::from_secs(30);

fn builder(cw: &Server, folder: &Folder) -> Builder {
    let builder = meters::namespace("Product").region("us-east-1").endpoint_url(cw.endpoint_url());
    builder.credentials("test", "test").registry(&Registry::new()).manual().spool(folder.spool())
}

/// Records these names and shuts down while CloudWatch is away.
fn leave(cw: &Server, folder: &Folder, names: &[&str]) {
    let registry = Registry::new();
    let meters = builder(cw, folder).registry(&registry).start().unwrap();
    names.iter().for_each(|name| _ = registry.put(name, 2.5));
    cw.faults().always(Fault::AccessDenied);
    let report = meters.shutdown(PATIENCE);
    cw.faults().clear();
    assert_eq!((report.spooled, report.pending, report.dropped), (names.len() as u64, 0, 0), "{report}");
    assert!(!report.is_complete() && report.to_string().contains("spooled"), "{report}");
}

#[test]
fn what_shutdown_could_not_send_the_next_start_sends_with_its_timestamps() {
    for manual in [true, false] {
        let (cw, folder, before) = (meters_local::start(), Folder::new(), SystemTime::now());
        leave(&cw, &folder, &["a", "b"]);
        let after = SystemTime::now();
        let builder = builder(&cw, &folder);
        let meters = if manual { builder } else { builder.interval("1h") }.start().unwrap();
        let report = meters.shutdown(PATIENCE);
        assert_eq!((report.sent, report.spooled), (2, 0), "{report}");
        assert!(report.is_complete() && folder.names().is_empty());
        for datum in cw.datums() {
            let window = before - Duration::from_millis(1)..=after;
            assert!(window.contains(&datum.timestamp), "{datum:?}");
        }
        assert_eq!(cw.metric("a").sum(), Some(2.5));
    }
}

#[test]
fn defect_a_shutdown_without_network_loses_what_waits() {
    let (cw, folder) = (meters_local::start(), Folder::new());
    // Dropped without a word, as most programs end.
    let registry = Registry::new();
    let meters = builder(&cw, &folder).registry(&registry).start().unwrap();
    registry.put("a", 1.0);
    cw.faults().always(Fault::AccessDenied);
    drop(meters);
    cw.faults().clear();
    assert_eq!(builder(&cw, &folder).start().unwrap().shutdown(PATIENCE).sent, 1);
}

#[test]
fn without_a_spool_what_is_not_sent_is_told_as_dropped() {
    let cw = meters_local::start();
    let registry = Registry::new();
    let builder = meters::namespace("Product").region("us-east-1").endpoint_url(cw.endpoint_url());
    let meters = builder.credentials("test", "test").manual().registry(&registry).start().unwrap();
    registry.put("a", 1.0);
    cw.faults().always(Fault::AccessDenied);
    let report = meters.shutdown(PATIENCE);
    assert_eq!((report.dropped, report.spooled), (1, 0), "{report}");
}

#[test]
fn a_hanging_server_leaves_time_for_the_spool() {
    let (cw, folder) = (meters_local::start(), Folder::new());
    let registry = Registry::new();
    let meters = builder(&cw, &folder).registry(&registry).start().unwrap();
    registry.put("a", 1.0);
    cw.faults().always(Fault::HangAfterStoring);
    let report = meters.shutdown(Duration::from_millis(400));
    assert_eq!((report.spooled, report.ambiguous), (1, 1), "{report}");
    cw.faults().clear();
    // Sent again, and told again, for the process that is told may be another.
    let report = builder(&cw, &folder).start().unwrap().shutdown(PATIENCE);
    assert_eq!((report.sent, report.ambiguous), (1, 1), "{report}");
    assert_eq!(cw.metric("a").sample_count(), 2.0);
}

#[test]
fn what_is_in_doubt_is_given_up_where_that_is_wished() {
    let (cw, folder) = (meters_local::start(), Folder::new());
    let registry = Registry::new();
    let meters = builder(&cw, &folder).registry(&registry).start().unwrap();
    registry.put("a", 1.0);
    cw.faults().always(Fault::HangAfterStoring);
    assert_eq!(meters.shutdown(Duration::from_millis(400)).spooled, 1);
    cw.faults().clear();
    let meters = builder(&cw, &folder).on_ambiguous(Ambiguous::Drop).start().unwrap();
    let report = meters.shutdown(PATIENCE);
    assert_eq!((report.sent, report.dropped, report.ambiguous), (0, 1, 1), "{report}");
    assert!(folder.names().is_empty());
    assert_eq!(cw.metric("a").sample_count(), 1.0);
}

#[test]
fn what_is_too_old_when_it_is_found_is_dropped_and_told() {
    let (cw, folder, told) = (meters_local::start(), Folder::new(), Arc::new(Mutex::new(Vec::new())));
    leave(&cw, &folder, &["a", "b"]);
    let tell = told.clone();
    let builder = builder(&cw, &folder).max_pending_age("10ms");
    while SystemTime::now() < folder.spool().metadata().unwrap().modified().unwrap() + Duration::from_millis(20) {
        std::thread::yield_now();
    }
    let meters = builder.on_error(move |error| tell.lock().unwrap().push(error.to_string())).start().unwrap();
    let report = meters.shutdown(PATIENCE);
    assert_eq!((report.sent, report.dropped), (0, 2), "{report}");
    assert!(told.lock().unwrap()[0].contains("too old"), "{told:?}");
    assert!(folder.names().is_empty());
}

#[test]
fn a_damaged_spool_is_counted_and_told_and_stops_nothing() {
    let (cw, folder, told) = (meters_local::start(), Folder::new(), Arc::new(Mutex::new(Vec::new())));
    leave(&cw, &folder, &["a", "b", "c"]);
    let bytes = std::fs::read(folder.spool()).unwrap();
    std::fs::write(folder.spool(), &bytes[..bytes.len() - 1]).unwrap();
    let (tell, registry) = (told.clone(), Registry::new());
    let builder = builder(&cw, &folder).registry(&registry);
    let meters = builder.on_error(move |error| tell.lock().unwrap().push(error.to_string())).start().unwrap();
    registry.put("d", 1.0);
    let report = meters.shutdown(PATIENCE);
    assert_eq!((report.sent, report.dropped), (1, 3), "{report}");
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("3 datums of a spool are lost since it ends early"), "{told:?}");
    assert!(folder.names()[0].starts_with("spool.corrupt-"));
}

#[test]
fn a_spool_that_cannot_be_used_is_told_once_and_stops_nothing() {
    let (cw, folder, told) = (meters_local::start(), Folder::new(), Arc::new(Mutex::new(Vec::new())));
    let (tell, registry) = (told.clone(), Registry::new());
    let builder = builder(&cw, &folder).registry(&registry).spool(folder.0.join("missing").join("spool"));
    let meters = builder.on_error(move |error| tell.lock().unwrap().push(error.to_string())).start().unwrap();
    for _ in 0..3 {
        registry.put("a", 1.0);
        assert!(meters.flush(PATIENCE).is_complete());
    }
    assert!(meters.shutdown(PATIENCE).is_complete());
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("cannot be used"), "{told:?}");
}

/// A limit on the size of files fails as a full disk does: in the middle of the write.
#[test]
fn a_full_disk_is_told_and_leaves_nothing_behind() {
    let (cw, folder) = (meters_local::start(), Folder::new());
    cw.faults().always(Fault::AccessDenied);
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\"", env!("CARGO_BIN_EXE_spooler")])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("SPOOLER_ENDPOINT", cw.endpoint_url())
        .envs([("SPOOLER_NAME", "full"), ("SPOOLER_COUNT", "12"), ("SPOOLER_TIMEOUT", "20000")])
        .envs([("SPOOLER_PORTION", "10"), ("SPOOLER_AMBIGUOUS", "resend")])
        .env("SPOOLER_PATH", folder.spool())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("12 datums are lost: the spool") && said.contains("report 0 0 0 12 0 0"), "{said}");
    assert_eq!(folder.names(), [""; 0]);
}
