use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use meters_core::{
    Calls, Dimensions, Kind, MetricName, Namespace, Resolution, Series, Unit, Value, Window,
};

use super::client::scripted::{Answer, Server};
use super::datum::arbitrary::datum;
use super::*;

mod faults;

const NO_WAIT: retry::Backoff = retry::Backoff { first: Duration::ZERO, most: Duration::ZERO };

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A deadline that no test reaches.
fn far() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

fn settings() -> Settings {
    Settings { backoff: NO_WAIT, ..Settings::new(Namespace::new("Shop").unwrap()) }
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
        let (refused, errors) = (self.clone(), self.clone());
        Settings {
            on_refused: Some(Arc::new(move |one: &Refused| refused.0.lock().unwrap().push(one.to_string()))),
            on_error: Some(Arc::new(move |one: &Error| errors.0.lock().unwrap().push(one.to_string()))),
            ..settings
        }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn what_was_recorded_is_sent_and_told() {
    let server = Server::new([]);
    let mut exporter = exporter(&server, settings());
    let report = block_on(exporter.export(gauges(["a", "b", "c"]), far()));
    assert_eq!((report.sent, report.pending, report.requests), (3, 0, 1));
    assert_eq!(report.bytes, server.bodies()[0].len() as u64);
    assert_eq!(names(&server.bodies()[0]), ["a", "b", "c"]);
    assert!(report.is_complete() && report.error.is_none());
    let nothing = block_on(exporter.export(None, far()));
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
    let report = block_on(exporter(&server, settings()).export(Some(window((0..1_000).map(timed).collect())), far()));
    assert_eq!((report.sent, report.requests, report.pending), (2_000, 2, 0), "{report}");
}

#[test]
fn a_busy_server_is_asked_again_with_the_same_words() {
    for answer in [
        Answer::Error(400, Some("Throttling"), "Rate exceeded"),
        Answer::Error(429, None, ""),
        Answer::Error(500, Some("InternalServiceError"), "oops"),
        Answer::Error(503, None, ""),
        Answer::RetryAfter(1),
        Answer::NoConnection,
    ] {
        let server = Server::new([answer.clone(), answer.clone()]);
        let told = Told::default();
        let report = block_on(exporter(&server, told.listen(settings())).export(gauges(["a"]), far()));
        let requests = if matches!(answer, Answer::NoConnection) { 1 } else { 3 };
        assert_eq!((report.sent, report.pending, report.ambiguous, report.requests), (1, 0, 0, requests), "{answer:?}");
        let bodies = server.bodies();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the timestamp of a resent datum is its first");
        assert_eq!((bodies.len(), told.take(), report.error.is_none()), (3, vec![], true));
    }
}

#[test]
fn attempts_are_limited_and_what_is_left_is_sent_by_the_next_export() {
    let unavailable = || Answer::Error(503, Some("ServiceUnavailable"), "down");
    for (attempts, requests) in [(1, 1), (4, 4), (5, 5)] {
        let server = Server::judging(move |_| unavailable());
        let told = Told::default();
        let settings = Settings { max_attempts: attempts, ..told.listen(settings()) };
        let mut exporter = exporter(&server, settings);
        let report = block_on(exporter.export(gauges(["a", "b"]), far()));
        assert_eq!((report.sent, report.pending, report.requests), (0, 2, requests));
        let expected = "CloudWatch did not take the metrics, which are kept: ServiceUnavailable: \
                        nothing needs to be done, it is sent again";
        assert_eq!((report.error.unwrap().to_string(), told.take()), (expected.to_owned(), vec![expected.to_owned()]));
        server.push(Answer::Ok);
        let report = block_on(exporter.export(gauges(["c"]), far()));
        assert_eq!((report.sent, report.pending, report.requests), (3, 0, 1), "one request for both windows");
    }
}

#[test]
fn a_batch_that_cannot_be_digested_does_not_stand_in_the_way() {
    for (status, requests) in [(500, 6), (400, 2)] {
        let server = Server::judging(move |body| match names(body)[0].as_str() {
            "bad" => Answer::Error(status, None, ""),
            _ => Answer::Ok,
        });
        let mut exporter = exporter(&server, Settings { max_datums_per_request: 1, ..settings() });
        let report = block_on(exporter.export(gauges(["bad", "b", "c"]), far()));
        assert_eq!((report.sent, report.pending), (2, 1), "{status}");
        assert_eq!(report.requests, requests + 1);
        // Where all fail alike, one try of another batch shows it.
        let server = Server::judging(move |_| Answer::Error(status, None, ""));
        exporter.client = server.client();
        let report = block_on(exporter.export(gauges(["d", "e"]), far()));
        assert_eq!((report.sent, report.pending, report.requests), (0, 3, requests), "{status}");
    }
}

#[test]
fn too_large_a_request_is_sent_in_halves() {
    let server = Server::judging(|body| match names(body).len() {
        4.. => Answer::Error(413, Some("RequestEntityTooLarge"), "Request size 2 exceeded 1 bytes"),
        _ => Answer::Ok,
    });
    let report = block_on(exporter(&server, settings()).export(gauges((0..12).map(|number| number.to_string())), far()));
    assert_eq!((report.sent, report.refused, report.pending, report.requests), (12, 0, 0, 6));
    let server = Server::judging(|_| Answer::Error(413, None, ""));
    let report = block_on(exporter(&server, settings()).export(gauges(["a"]), far()));
    assert_eq!((report.sent, report.refused, report.pending, report.requests), (0, 1, 0, 1));
}

#[test]
fn a_poison_datum_is_refused_alone_in_the_words_of_cloudwatch() {
    let server = Server::judging(|body| match names(body).iter().any(|name| name == "617") {
        true => Answer::Error(400, Some("InvalidParameterValue"), "The value is invalid"),
        false => Answer::Ok,
    });
    let told = Told::default();
    let numbers = (0..1_000).map(|number| number.to_string());
    let report = block_on(exporter(&server, told.listen(settings())).export(gauges(numbers), far()));
    assert_eq!((report.sent, report.refused, report.pending), (999, 1, 0));
    assert!(report.requests <= 13, "{report}");
    assert_eq!(told.take(), ["a datum of \"617\" was refused: InvalidParameterValue: The value is invalid"]);
    assert!(report.error.is_none());
}

#[test]
fn a_spoilt_export_costs_few_requests() {
    let server = Server::judging(|_| Answer::Error(400, Some("InvalidParameterValue"), "The timestamp is in the future"));
    let numbers = (0..1_000).map(|number| number.to_string());
    let report = block_on(exporter(&server, settings()).export(gauges(numbers), far()));
    assert_eq!((report.sent, report.refused + report.pending, report.requests), (0, 1_000, 64));
    assert!(report.error.unwrap().to_string().ends_with("InvalidParameterValue: check the clock of this host"));
}

#[test]
fn trouble_with_credentials_keeps_everything_and_is_told_once() {
    let denied = |code| Answer::Error(403, Some(code), "no");
    let script = [
        (Some("ExpiredToken"), 1),
        (Some("ExpiredToken"), 0),
        (Some("AccessDenied"), 1),
        (Some("AccessDenied"), 0),
        (None, 0),
        (Some("AccessDenied"), 1),
    ];
    let server = Server::new(script.iter().map(|(code, _)| code.map_or(Answer::Ok, denied)));
    let told = Told::default();
    let mut exporter = exporter(&server, told.listen(settings()));
    let mut waiting = 0;
    for (place, (code, tells)) in script.into_iter().enumerate() {
        let report = block_on(exporter.export(gauges([place.to_string()]), far()));
        waiting += 1;
        assert_eq!((server.count(), told.take().len()), (place + 1, tells), "{place}");
        match code {
            Some(code) => {
                assert_eq!((report.sent, report.pending), (0, waiting));
                assert!(report.error.unwrap().to_string().contains(code));
            }
            None => assert_eq!((report.sent, report.pending), (std::mem::take(&mut waiting), 0)),
        }
    }
}

#[test]
fn nothing_is_asked_after_the_deadline() {
    let server = Server::new([]);
    let mut exporter = exporter(&server, settings());
    let report = block_on(exporter.export(gauges(["a"]), Instant::now()));
    assert_eq!((report.pending, report.requests, server.count()), (1, 0, 0));
    assert!(report.error.unwrap().is_timeout());
    assert_eq!(block_on(exporter.export(None, far())).sent, 1);
}

#[test]
fn a_wait_beyond_the_deadline_is_not_begun() {
    let server = Server::new([Answer::RetryAfter(3_600_000)]);
    let report = block_on(exporter(&server, settings()).export(gauges(["a"]), far()));
    assert_eq!((report.pending, report.requests), (1, 1));
}

#[test]
fn a_request_without_an_answer_is_ambiguous() {
    let cut = || Server::new([Answer::Cut]);
    let server = cut();
    let report = block_on(exporter(&server, settings()).export(gauges(["a", "b"]), far()));
    assert_eq!((report.sent, report.ambiguous, report.dropped, report.requests), (2, 2, 0, 2));
    let server = cut();
    let dropping = Settings { on_ambiguous: Ambiguous::Drop, ..settings() };
    let report = block_on(exporter(&server, dropping).export(gauges(["a", "b"]), far()));
    assert_eq!((report.sent, report.ambiguous, report.dropped, report.pending, report.requests), (0, 2, 2, 0, 1));
}

#[test]
fn an_answer_that_does_not_come_ends_with_the_deadline() {
    let server = Server::judging(|_| Answer::Hang);
    let mut exporter = exporter(&server, settings());
    let mut report = block_on(exporter.export(gauges(["a"]), Instant::now()));
    // A machine that is busy may reach the deadline before it reaches the server.
    while report.requests == 0 {
        report.merge(block_on(exporter.export(None, Instant::now() + Duration::from_millis(20))));
    }
    assert_eq!((report.pending, report.ambiguous, report.requests), (1, 1, 1));
    assert!(report.error.unwrap().to_string().contains("no answer"));
}

#[test]
fn an_export_that_is_dropped_loses_nothing() {
    for (on_ambiguous, sent, dropped) in [(Ambiguous::Resend, 2, 0), (Ambiguous::Drop, 0, 2)] {
        let server = Server::new([Answer::Ok, Answer::Hang]);
        let settings = Settings { max_datums_per_request: 2, on_ambiguous, ..settings() };
        let mut exporter = exporter(&server, settings);
        block_on(async {
            let mut export = std::pin::pin!(exporter.export(gauges(["a", "b", "c", "d"]), far()));
            while server.count() < 2 {
                tokio::select! {
                    biased;
                    report = &mut export => panic!("{report}"),
                    () = tokio::task::yield_now() => {}
                }
            }
        });
        let report = block_on(exporter.export(None, far()));
        assert_eq!((report.sent, report.dropped), (2 + sent, dropped), "the first two were sent before");
        assert_eq!((report.pending, report.ambiguous), (0, 2));
        assert_eq!(report.requests as usize, server.count());
    }
}

#[test]
fn a_queue_that_is_full_gives_up_the_oldest() {
    let server = Server::new([Answer::Error(503, None, ""), Answer::Error(503, None, "")]);
    let told = Told::default();
    let one = size::datum(&datum("0", 1.0));
    let settings =
        Settings { max_pending_bytes: 3 * one, max_datums_per_request: 1, max_attempts: 1, ..told.listen(settings()) };
    let mut exporter = exporter(&server, settings);
    let report = block_on(exporter.export(gauges(["0", "1", "2", "3", "4"]), far()));
    assert_eq!((report.dropped, report.pending), (2, 3));
    assert!(told.take()[0].starts_with("2 datums were given up since the queue is full, and 0"));
    let report = block_on(exporter.export(None, far()));
    assert_eq!((report.sent, report.dropped), (3, 0));
    let sent: Vec<_> = server.bodies()[2..].iter().flat_map(|body| names(body)).collect();
    assert_eq!(sent, ["2", "3", "4"]);
}

#[test]
fn a_bad_value_does_not_fail_its_batch() {
    let server = Server::new([]);
    let told = Told::default();
    let bad = (series("bad", Kind::Gauge), Value::Gauge(f64::INFINITY));
    let good = (series("good", Kind::Gauge), Value::Gauge(1.0));
    let report =
        block_on(exporter(&server, told.listen(settings())).export(Some(window(vec![bad, good])), far()));
    assert_eq!((report.sent, report.refused), (1, 1));
    assert!(told.take()[0].starts_with("a datum of \"bad\" was refused: inf is no number"));
}

#[test]
fn a_callback_that_panics_hurts_nothing() {
    let server = Server::new([Answer::Error(403, None, "")]);
    let settings = Settings {
        on_refused: Some(Arc::new(|_| panic!("in on_refused"))),
        on_error: Some(Arc::new(|_| panic!("in on_error"))),
        ..settings()
    };
    let mut exporter = exporter(&server, settings);
    let items = [("bad", f64::NAN), ("good", 1.0)].map(|(name, level)| (series(name, Kind::Gauge), Value::Gauge(level)));
    let report = block_on(exporter.export(Some(window(items.into())), far()));
    assert_eq!((report.refused, report.pending), (1, 1));
    assert_eq!(block_on(exporter.export(None, far())).sent, 1);
}

#[test]
fn a_panic_of_the_client_hurts_nothing() {
    let server = Server::judging(|_| panic!("within the SDK"));
    let mut exporter = exporter(&server, settings());
    let export = || block_on(exporter.export(gauges(["a"]), far()));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(export)).is_err());
    exporter.client = Server::new([]).client();
    let report = block_on(exporter.export(None, far()));
    assert_eq!((report.sent, report.ambiguous), (1, 1));
}

#[test]
fn silence_is_told_once() {
    let server = Server::new([]);
    let mut exporter = exporter(&server, settings());
    let orders = (series("Orders", Kind::Counter), Value::Counter(3));
    let sent = |exporter: &mut CloudWatch, items| block_on(exporter.export(Some(window(items)), far())).sent;
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
    let dimensions = Dimensions::try_from_iter([("Env", "prod")]).unwrap();
    let exporter = exporter(&server, Settings { dimensions, ..told.listen(settings()) });
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
    block_on(exporter(&server, settings()).export(Some(window), far()));
    let mut stamp = b"\x69Timestamp\xc1\xfb".to_vec();
    stamp.extend(1_717_171_200f64.to_be_bytes());
    assert!(server.bodies()[0].windows(stamp.len()).any(|part| part == stamp));
}

#[test]
fn the_number_of_the_process_is_read_at_each_export() {
    let server = Server::new([]);
    let settings = Settings { pid_dimension: Some("Pid".to_owned()), ..settings() };
    block_on(exporter(&server, settings).export(gauges(["a"]), far()));
    let (body, pid) = (server.bodies().remove(0), std::process::id().to_string());
    assert!(String::from_utf8_lossy(&body).contains(&pid));
}

#[test]
#[ignore]
fn zz_cpu() {
    let mut random = fastrand::Rng::with_seed(7);
    let items: Vec<_> = (0..10_000)
        .map(|number| {
            let mut calls = Calls::new();
            for _ in 0..1000 {
                calls.duration.record(1e6 * (2.0 * random.f64() - 1.0 + 2.0 * random.f64()).exp());
            }
            let name = MetricName::new(format!("Function{number}")).unwrap();
            let dimensions = Dimensions::try_from_iter([("Route", "checkout"), ("Tier", "gold"), ("Nr", &format!("{number}"))]).unwrap();
            let series = Series::new(&name, Kind::Calls, Unit::Microseconds, Resolution::Standard, &dimensions);
            (series, Value::Calls(Box::new(calls)))
        })
        .collect();
    let window = window(items);
    let dims = Dimensions::try_from_iter([("Env", "prod")]).unwrap();
    let mut text = String::new();
    for _ in 0..3 {
        let t = Instant::now();
        let encoded = encode::encode(&window, &Standing::new(&dims, None), &Busy::default());
        let a = t.elapsed();
        let n = encoded.datums.len();
        let pairs: usize = encoded.datums.iter().map(|d| match &d.value { DatumValue::Values { values, .. } => values.len(), _ => 0 }).sum();
        let t = Instant::now();
        let batches = batch::cut(&Namespace::new("Shop").unwrap(), encoded.datums, 1000);
        text += &format!("encode {a:?} cut {:?} datums {n} pairs/datum {} batches {}\n", t.elapsed(), pairs / 10_000, batches.len());
    }
    let server = Server::new([]);
    let mut ex = exporter(&server, Settings { dimensions: dims, max_pending_bytes: 1 << 30, ..settings() });
    let t = Instant::now();
    let r = block_on(ex.export(Some(window), far()));
    text += &format!("{r} whole {:?}", t.elapsed());
    panic!("{text}");
}
