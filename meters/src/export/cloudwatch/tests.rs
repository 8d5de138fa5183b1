use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use meters_core::{Calls, Dimensions, Kind, MetricName, Namespace, Resolution, Series, Unit, Value, Window};

use super::client::scripted::{Answer, Server};
use super::datum::arbitrary::datum;
use super::*;

mod answers;
mod away;
mod claims;
mod endings;
mod faults;
mod insisting;

const NO_WAIT: backoff::Backoff = backoff::Backoff { first: Duration::ZERO, most: Duration::ZERO };

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

thread_local! {
    /// How many windows will not be encoded for a panic.
    pub(crate) static FAULTS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

pub(super) fn fault() {
    let left = FAULTS.get();
    if left > 0 {
        FAULTS.set(left - 1);
        panic!("meant");
    }
}

impl CloudWatch {
    async fn export(
        &mut self,
        windows: impl IntoIterator<Item = Window>,
        cause: Cause,
        deadline: Instant,
    ) -> FlushReport {
        let report = self.send(&mut windows.into_iter().collect(), cause, deadline).await;
        self.pack();
        report
    }
}

/// A deadline that no test reaches.
fn far() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

fn settings() -> Settings {
    Settings { backoff: NO_WAIT, insist: false, ..Settings::new(Namespace::new("Shop").unwrap()) }
}

fn exporter(server: &Server, settings: Settings) -> CloudWatch {
    CloudWatch::new(server.client(), settings)
}

fn series(name: &str, kind: Kind) -> Series {
    let name = MetricName::new(name).unwrap();
    Series::new(&name, kind, Unit::None, Resolution::Standard, &Dimensions::new())
}

/// A window that ends now.
fn window(items: Vec<(Series, Value)>) -> Window {
    let end = SystemTime::now();
    Window::from_parts(end - Duration::from_secs(60), end, Duration::from_secs(60), items)
}

/// A window with a gauge of each name: gauges leave nothing to tell of in the next window.
fn gauges(names: impl IntoIterator<Item = impl AsRef<str>>) -> Option<Window> {
    let gauge = |name: &str| (series(name, Kind::Gauge), Value::Gauge(1.0));
    Some(window(names.into_iter().map(|name| gauge(name.as_ref())).collect()))
}

/// Texts after each `MetricName` of a body.
fn names(body: &[u8]) -> Vec<String> {
    let key = b"\x6aMetricName";
    let starts = (0..body.len()).filter(|start| body[*start..].starts_with(key));
    let text = |start: usize| {
        let text = &body[start + key.len()..];
        let (head, length) = match text[0] & 0x1f {
            length @ 0..24 => (1, usize::from(length)),
            _ => (2, usize::from(text[1])),
        };
        String::from_utf8(text[head..head + length].to_vec()).unwrap()
    };
    starts.map(text).collect()
}

/// What was told to callbacks.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn listen(&self, settings: Settings) -> Settings {
        let (refused, errors, mut settings) = (self.clone(), self.clone(), settings);
        settings.on_refused = Some(Arc::new(move |one: &Refused| refused.0.lock().unwrap().push(one.to_string())));
        settings.said.on_error = Some(Arc::new(move |one: &Error| errors.0.lock().unwrap().push(one.to_string())));
        settings
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn what_was_recorded_is_sent_and_told() {
    let server = Server::new([]);
    let mut exporter = exporter(&server, settings());
    let report = block_on(exporter.export(gauges(["a", "b", "c"]), Cause::Asked, far()));
    assert_eq!((report.sent, report.pending, report.requests), (3, 0, 1));
    assert_eq!(report.bytes, server.bodies()[0].len() as u64);
    assert_eq!(names(&server.bodies()[0]), ["a", "b", "c"]);
    assert!(report.is_complete() && report.error.is_none());
    let nothing = block_on(exporter.export(None, Cause::Asked, far()));
    assert_eq!((nothing.requests, server.count()), (0, 1));
}

#[test]
fn a_thousand_timed_functions_take_two_requests() {
    let server = Server::new([]);
    let mut random = fastrand::Rng::with_seed(7);
    let mut calls = Calls::new();
    for _ in 0..500 {
        calls.duration.record(1e6 * (1.0 + 3.0 * random.f64()));
    }
    let timed = |number: usize| {
        let name = MetricName::new(format!("Function{number}")).unwrap();
        let dimensions = Dimensions::try_from_iter([("Env", "prod"), ("Route", "checkout"), ("Tier", "gold")]).unwrap();
        let series = Series::new(&name, Kind::Calls, Unit::Microseconds, Resolution::Standard, &dimensions);
        (series, Value::Calls(Box::new(calls.clone())))
    };
    let report = block_on(exporter(&server, settings()).export(
        Some(window((0..1_000).map(timed).collect())),
        Cause::Asked,
        far(),
    ));
    assert_eq!((report.sent, report.requests, report.pending), (2_000, 2, 0), "{report}");
}

#[test]
fn a_bad_value_does_not_fail_its_batch() {
    let server = Server::new([]);
    let told = Told::default();
    let bad = (series("bad", Kind::Gauge), Value::Gauge(f64::INFINITY));
    let good = (series("good", Kind::Gauge), Value::Gauge(1.0));
    let report =
        block_on(exporter(&server, told.listen(settings())).export(Some(window(vec![bad, good])), Cause::Asked, far()));
    assert_eq!((report.sent, report.refused), (1, 1));
    assert!(told.take()[0].starts_with("a datum of \"bad\" was refused: inf is no number"));
}

#[test]
fn a_callback_that_panics_hurts_nothing() {
    let server = Server::new([Answer::Error(403, None, "")]);
    let mut settings = Settings { on_refused: Some(Arc::new(|_| panic!("in on_refused"))), ..settings() };
    settings.said.on_error = Some(Arc::new(|_| panic!("in on_error")));
    let mut exporter = exporter(&server, settings);
    let items =
        [("bad", f64::NAN), ("good", 1.0)].map(|(name, level)| (series(name, Kind::Gauge), Value::Gauge(level)));
    let report = block_on(exporter.export(Some(window(items.into())), Cause::Asked, far()));
    assert_eq!((report.refused, report.pending), (1, 1));
    assert_eq!(block_on(exporter.export(None, Cause::Asked, far())).sent, 1);
}

#[test]
fn silence_is_told_once() {
    let server = Server::new([]);
    let mut exporter = exporter(&server, settings());
    let orders = (series("Orders", Kind::Counter), Value::Counter(3));
    let sent =
        |exporter: &mut CloudWatch, items| block_on(exporter.export(Some(window(items)), Cause::Asked, far())).sent;
    assert_eq!([vec![orders], vec![], vec![]].map(|items| sent(&mut exporter, items)), [1, 1, 0]);
}

#[test]
fn one_datum_at_once() {
    let invalid = Answer::Error(400, Some("InvalidParameterValue"), "The value is invalid");
    let server = Server::new([
        Answer::Ok,
        Answer::Error(400, Some("Throttling"), ""),
        Answer::Ok,
        invalid,
        Answer::Error(403, Some("AccessDenied"), "no"),
    ]);
    let told = Told::default();
    let mut settings = told.listen(settings());
    settings.said.dimensions = Dimensions::try_from_iter([("Env", "prod")]).unwrap();
    let exporter = exporter(&server, settings);
    let send = |value| block_on(exporter.send_one(datum("now", value), far()));
    assert!(send(1.0).is_ok() && send(2.0).is_ok());
    assert!(server.bodies().iter().all(|body| String::from_utf8_lossy(body).contains("prod")));
    let refused = send(3.0).unwrap_err();
    assert!(refused.is_invalid_input());
    assert_eq!(
        format!("{refused:?}"),
        "CloudWatch refused the datum: InvalidParameterValue: correct it\n  because: The value is invalid"
    );
    assert!(send(4.0).unwrap_err().to_string().starts_with("CloudWatch did not take the datum, which is not kept"));
    assert!(send(f64::NAN).unwrap_err().is_invalid_input());
    assert!(block_on(exporter.send_one(datum("now", 1.0), Instant::now())).unwrap_err().is_timeout());
    assert_eq!((server.count(), told.take()), (5, vec![]));
}

#[test]
fn local_time_is_not_sent_as_utc() {
    let server = Server::new([]);
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_717_171_260);
    let items = vec![(series("a", Kind::Gauge), Value::Gauge(1.0))];
    let window = Window::from_parts(end - Duration::from_secs(60), end, Duration::from_secs(60), items);
    block_on(exporter(&server, settings()).export(Some(window), Cause::Asked, far()));
    let mut stamp = b"\x69Timestamp\xc1\xfb".to_vec();
    stamp.extend(1_717_171_200f64.to_be_bytes());
    assert!(server.bodies()[0].windows(stamp.len()).any(|part| part == stamp));
}

#[test]
fn the_number_of_the_process_is_read_at_each_export() {
    let server = Server::new([]);
    let mut settings = settings();
    settings.said.pid_dimension = Some("Pid".to_owned());
    block_on(exporter(&server, settings).export(gauges(["a"]), Cause::Asked, far()));
    let (body, pid) = (server.bodies().remove(0), std::process::id().to_string());
    assert!(String::from_utf8_lossy(&body).contains(&pid));
}
