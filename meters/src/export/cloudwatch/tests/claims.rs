//! What is reported for all who share a storage.

use std::ops::Range;

use meters_core::storage::{Claim, Drain, Fate, Health, Marker, Progress, Task};

use super::*;

/// Notes what it is told, of one claim after the other.
#[derive(Debug, Default)]
struct Noting {
    claims: VecDeque<Claim>,
    progress: Progress,
    /// How many requests are allowed to begin.
    allowed: Option<usize>,
    /// A request never hears whether it may begin.
    stuck: bool,
    /// It cannot be reached.
    away: bool,
    notes: Vec<String>,
    plans: Vec<(u32, u64)>,
}

fn now<'a, T: Send + 'a>(value: T) -> Task<'a, T> {
    Box::pin(std::future::ready(value))
}

impl Drain for Noting {
    fn claim(&mut self, _: Instant) -> Task<'_, Result<Option<Claim>, Error>> {
        match self.away {
            true => now(Err(Error::timeout("away"))),
            false => now(Ok(self.claims.pop_front())),
        }
    }

    fn next(&self) -> Instant {
        Instant::now()
    }

    fn plan<'a>(&'a mut self, _: &'a Claim, datums: u32, fingerprint: u64) -> Task<'a, Result<Progress, Error>> {
        self.plans.push((datums, fingerprint));
        now(Ok(std::mem::take(&mut self.progress)))
    }

    fn begin<'a>(&'a mut self, _: &'a Claim, datums: Range<u32>, _: Duration) -> Task<'a, Result<bool, Error>> {
        let allowed = self.allowed.is_none_or(|allowed| allowed > 0);
        self.allowed = self.allowed.map(|allowed| allowed.saturating_sub(1));
        self.notes.push(format!("begin {datums:?}"));
        if self.stuck {
            return Box::pin(std::future::pending());
        }
        now(Ok(allowed))
    }

    fn end<'a>(&'a mut self, _: &'a Claim, datums: Range<u32>, fate: Fate) -> Task<'a, Result<(), Error>> {
        self.notes.push(format!("{fate:?} {datums:?}"));
        now(Ok(()))
    }

    fn leave(&mut self, _: Claim) -> Task<'_, ()> {
        self.notes.push("leave".to_owned());
        now(())
    }

    fn health(&self) -> Health {
        Health::default()
    }
}

fn claim(names: impl IntoIterator<Item = &'static str>) -> Claim {
    Claim::new("1".to_owned(), gauges(names).unwrap())
}

fn noting(names: impl IntoIterator<Item = &'static str>) -> Noting {
    Noting { claims: [claim(names)].into(), ..Noting::default() }
}

const FOUR: [&str; 4] = ["A", "B", "C", "D"];

/// Reports what is due, and returns the report and the names in each request.
fn drain(drain: &mut Noting, server: &Server, settings: Settings) -> (FlushReport, Vec<String>) {
    let report = block_on(exporter(server, settings).drain(drain, Cause::Asked, far()));
    (report, server.bodies().iter().map(|body| names(body).concat()).collect())
}

#[test]
fn each_request_is_announced_and_its_fate_noted() {
    let (mut noting, server) = (noting(FOUR), Server::new([]));
    let settings = Settings { max_datums_per_request: 3, ..settings() };
    let (report, sent) = drain(&mut noting, &server, settings);
    assert_eq!((report.sent, report.requests, report.is_complete()), (4, 2, true), "{report}");
    assert_eq!(sent, ["ABC", "D"]);
    assert_eq!(noting.notes, ["begin 0..3", "Done 0..3", "begin 3..4", "Done 3..4", "leave"]);
}

#[test]
fn what_an_earlier_owner_did_is_not_sent_again() {
    let (mut noting, server) = (noting(FOUR), Server::new([]));
    noting.progress.done = vec![3..4, 0..2];
    let (report, sent) = drain(&mut noting, &server, settings());
    assert_eq!((report.sent, report.ambiguous, sent), (1, 0, vec!["C".to_owned()]), "{report}");
    assert_eq!(noting.notes, ["begin 2..3", "Done 2..3", "leave"]);
}

#[test]
fn what_an_earlier_owner_was_sending_is_sent_again_or_given_up_as_wished_and_counted() {
    for on_ambiguous in [Ambiguous::Resend, Ambiguous::Drop] {
        let (mut noting, server) = (noting(FOUR), Server::new([]));
        (noting.progress.done, noting.progress.doubtful) = (vec![0..1], vec![1..3]);
        let (report, sent) = drain(&mut noting, &server, Settings { on_ambiguous, ..settings() });
        assert_eq!(report.ambiguous, 2, "{report}");
        if on_ambiguous == Ambiguous::Resend {
            assert_eq!((report.sent, report.dropped, sent), (3, 0, vec!["BCD".to_owned()]));
        } else {
            assert_eq!((report.sent, report.dropped, sent), (1, 2, vec!["D".to_owned()]));
            assert_eq!(noting.notes, ["Done 1..3", "begin 3..4", "Done 3..4", "leave"]);
        }
    }
}

#[test]
fn a_plan_that_changed_is_sent_as_a_whole_and_counted_as_ambiguous() {
    let (mut noting, server) = (noting(FOUR), Server::new([]));
    (noting.progress.done, noting.progress.changed) = (vec![0..3], true);
    let (report, sent) = drain(&mut noting, &server, settings());
    assert_eq!((report.sent, report.ambiguous, sent), (4, 4, vec!["ABCD".to_owned()]), "{report}");
}

#[test]
fn a_claim_whose_time_is_over_is_left_at_once() {
    let (mut noting, server) = (noting(FOUR), Server::new([]));
    noting.allowed = Some(1);
    let settings = Settings { max_datums_per_request: 1, ..settings() };
    let (report, sent) = drain(&mut noting, &server, settings);
    assert_eq!((report.sent, sent.len()), (1, 1));
    assert!(report.error.as_ref().is_some_and(Error::is_timeout), "{report}");
    assert_eq!(noting.notes, ["begin 0..1", "Done 0..1", "begin 1..2", "leave"]);
}

#[test]
fn a_request_that_is_too_large_is_sent_in_halves() {
    let answer = Answer::Error(413, Some("RequestEntityTooLarge"), "too large");
    let (mut noting, server) = (noting(FOUR), Server::new([answer]));
    let (report, sent) = drain(&mut noting, &server, settings());
    assert_eq!((report.sent, sent), (4, vec!["ABCD".to_owned(), "AB".to_owned(), "CD".to_owned()]), "{report}");
    let expected = ["begin 0..4", "NotSent 0..4", "begin 0..2", "Done 0..2", "begin 2..4", "Done 2..4", "leave"];
    assert_eq!(noting.notes, expected);
}

#[test]
fn of_a_refused_request_the_one_datum_that_spoils_it_is_left_out() {
    let mut noting = noting(FOUR);
    let server = Server::judging(|body| match names(body).iter().any(|name| name == "C") {
        true => Answer::Error(400, Some("InvalidParameterValue"), "no"),
        false => Answer::Ok,
    });
    let (report, _) = drain(&mut noting, &server, settings());
    assert_eq!((report.sent, report.refused, report.dropped), (3, 1, 0), "{report}");
    let done: Vec<_> = noting.notes.iter().filter(|note| note.starts_with("Done")).cloned().collect();
    assert_eq!(done, ["Done 0..2", "Done 2..3", "Done 3..4"], "the refused one is done with, too");
}

#[test]
fn a_request_without_an_answer_stays_noted_as_under_way_until_it_is_sent_again() {
    let (mut noting, server) = (noting(FOUR), Server::new([Answer::Cut]));
    let (report, _) = drain(&mut noting, &server, settings());
    assert_eq!((report.sent, report.ambiguous, report.requests), (4, 4, 2), "{report}");
    assert_eq!(noting.notes, ["begin 0..4", "begin 0..4", "Done 0..4", "leave"]);
}

#[test]
fn what_did_not_arrive_is_noted_so_and_left_where_no_one_listens() {
    let (mut noting, server) = (noting(FOUR), Server::judging(|_| Answer::NoConnection));
    let mut exporter = exporter(&server, Settings { max_attempts: 2, ..settings() });
    // A client of the user's own does not tell whether it had a connection: this one may have sent.
    let report = block_on(exporter.drain(&mut noting, Cause::Interval, far()));
    assert_eq!((report.sent, server.count()), (0, 2), "{report}");
    assert!(report.error.is_some() && exporter.ready().is_some(), "CloudWatch is left alone for a while");
    noting.claims.push_back(claim(FOUR));
    let report = block_on(exporter.drain(&mut noting, Cause::Interval, far()));
    assert_eq!((report.requests, noting.claims.len()), (0, 1), "nothing is claimed meanwhile: others may");
}

#[test]
fn nobody_takes_a_claim_who_may_not_send() {
    let answer = || Answer::Error(403, Some("AccessDenied"), "no");
    let (mut noting, server) = (noting(FOUR), Server::new([answer(), answer()]));
    let (report, sent) = drain(&mut noting, &server, settings());
    assert_eq!((report.sent, sent.len()), (0, 1), "{report}");
    assert_eq!(noting.notes, ["begin 0..4", "NotSent 0..4", "leave"]);
}

#[test]
fn the_same_window_is_the_same_plan_whoever_makes_it() {
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let plan = |value: f64| {
        let items = vec![(series("A", Kind::Gauge), Value::Gauge(value))];
        let window = Window::from_parts(end - Duration::from_secs(60), end, Duration::from_secs(60), items);
        let mut noting = Noting { claims: [Claim::new("1".to_owned(), window)].into(), ..Noting::default() };
        drain(&mut noting, &Server::new([]), settings());
        noting.plans[0]
    };
    assert_eq!(plan(1.0), plan(1.0));
    assert_ne!(plan(1.0), plan(2.0));
}

#[test]
fn what_fell_silent_is_told_once_after_the_claim_and_never_for_what_came_late() {
    let counters = |names: &[&str]| {
        let items = names.iter().map(|name| (series(name, Kind::Counter), Value::Counter(1))).collect();
        Claim::new("1".to_owned(), window(items))
    };
    let mut late = counters(&["A"]);
    late.late = true;
    let claims = [counters(&["A", "B"]), counters(&["B"]), late, counters(&["B"])];
    let (mut noting, server) = (Noting { claims: claims.into(), ..Noting::default() }, Server::new([]));
    let (report, sent) = drain(&mut noting, &server, settings());
    assert!(report.is_complete(), "{report}");
    assert_eq!(sent, ["AB", "B", "A", "A", "B", "A"], "a zero for A after the second claim, and after the fourth");
}

#[test]
fn a_claim_whose_report_was_dropped_is_left_by_the_next() {
    let (mut noting, server) = (noting(FOUR), Server::new([]));
    noting.stuck = true;
    let mut exporter = exporter(&server, settings());
    block_on(async {
        tokio::select! {
            biased;
            _ = exporter.drain(&mut noting, Cause::Interval, far()) => unreachable!(),
            () = std::future::ready(()) => {}
        }
    });
    assert_eq!(noting.notes, ["begin 0..4"]);
    block_on(exporter.drain(&mut noting, Cause::Interval, far()));
    assert_eq!(noting.notes, ["begin 0..4", "leave"], "nobody would have it claimed again");
}

#[test]
fn what_cannot_be_told_of_a_claim_is_counted_once_however_often_it_is_tried() {
    let large = || {
        let items = [("A", 1.0), ("B", 1e300)];
        let items = items.map(|(name, value)| (series(name, Kind::Gauge), Value::Gauge(value)));
        Claim::new("1".to_owned(), window(items.into()))
    };
    let (mut noting, server) = (Noting { claims: [large()].into(), ..Noting::default() }, Server::new([]));
    let mut exporter = exporter(&server, settings());
    noting.allowed = Some(0);
    let report = block_on(exporter.drain(&mut noting, Cause::Asked, far()));
    assert_eq!((report.sent, report.refused), (0, 0), "{report}");
    noting.allowed = None;
    noting.claims.push_back(large());
    let report = block_on(exporter.drain(&mut noting, Cause::Asked, far()));
    assert_eq!((report.sent, report.refused), (1, 1), "{report}");
}

#[test]
fn a_storage_that_is_away_is_told_of_once() {
    let told = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let heard = told.clone();
    let on_error: crate::said::Listener<Error> = std::sync::Arc::new(move |_: &Error| {
        heard.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    });
    let (mut noting, server) = (Noting::default(), Server::new([]));
    let mut settings = settings();
    settings.said.on_error = Some(on_error);
    let mut exporter = exporter(&server, settings);
    for (away, expected) in [(true, 1), (true, 1), (false, 1), (true, 2)] {
        noting.away = away;
        let report = block_on(exporter.drain(&mut noting, Cause::Interval, far()));
        assert_eq!(report.error.is_some(), away, "each report says it");
        assert_eq!(told.load(std::sync::atomic::Ordering::SeqCst), expected);
    }
}

/// By whoever sends it again, also where that is a later claim.
#[test]
fn a_try_that_nobody_heard_of_is_counted_once() {
    let (mut noting, server) = (noting(FOUR), Server::new([Answer::Cut]));
    let settings = Settings { max_attempts: 1, ..settings() };
    let (first, _) = drain(&mut noting, &server, settings.clone());
    assert_eq!((first.sent, first.requests, first.error.is_some()), (0, 1, true), "{first}");
    noting.claims.push_back(claim(FOUR));
    noting.progress.doubtful = vec![0..4];
    let (second, _) = drain(&mut noting, &server, settings);
    assert_eq!((second.sent, first.ambiguous + second.ambiguous), (4, 4), "{first}; {second}");
}

fn marked(names: impl IntoIterator<Item = &'static str>) -> Noting {
    let mut claim = claim(names);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    claim.marker = Some(Marker::new("Shop", now));
    Noting { claims: [claim].into(), ..Noting::default() }
}

fn looking() -> Settings {
    Settings { max_datums_per_request: 2, read_back: Some(Duration::from_secs(360)), ..settings() }
}

#[test]
fn where_doubts_are_looked_up_each_request_has_a_mark_and_what_is_not_answered_is_left() {
    let (mut noting, server) = (marked(FOUR), Server::new([Answer::Cut]));
    let (report, sent) = drain(&mut noting, &server, looking());
    assert_eq!((report.sent, report.ambiguous, report.requests), (2, 0, 2), "{report}");
    assert_eq!(sent, ["ABmeters.Requests", "CDmeters.Requests"]);
    assert_eq!(noting.notes, ["begin 0..2", "begin 2..4", "Done 2..4", "leave"]);
    assert_eq!(report.bytes, server.bodies()[1].len() as u64, "with the mark");
}

#[test]
fn where_doubts_are_looked_up_two_without_an_answer_are_enough() {
    let (mut noting, server) = (marked(FOUR), Server::new([Answer::Cut, Answer::Cut]));
    noting.progress.done = Vec::new();
    let mut exporter = exporter(&server, Settings { max_datums_per_request: 1, ..looking() });
    let report = block_on(exporter.drain(&mut noting, Cause::Interval, far()));
    assert_eq!((report.sent, report.ambiguous, report.requests), (0, 0, 2), "{report}");
    assert!(exporter.ready().is_some(), "CloudWatch is left alone for a while");
}

#[test]
fn what_must_not_be_looked_up_is_sent_again_and_counted_and_says_which_right_is_missing() {
    let told = Told::default();
    let (mut noting, server) = (marked(FOUR), Server::new([Answer::Error(403, Some("AccessDenied"), "no")]));
    noting.progress.doubtful = vec![0..2];
    let (report, _) = drain(&mut noting, &server, told.listen(looking()));
    assert_eq!((report.sent, report.ambiguous, report.requests), (4, 2, 3), "{report}");
    let heard = told.take();
    assert!(heard.iter().any(|error| error.ends_with("allow cloudwatch:GetMetricData")), "{heard:?}");
}

#[test]
fn what_cannot_be_looked_up_now_is_left_for_later() {
    let (mut noting, server) = (marked(FOUR), Server::new([Answer::Error(500, Some("InternalServiceError"), "no")]));
    noting.progress.doubtful = vec![0..2];
    let (report, sent) = drain(&mut noting, &server, looking());
    assert_eq!((report.sent, report.ambiguous, sent.len()), (0, 0, 1), "{report}");
    assert_eq!(noting.notes, ["leave"]);
}

#[test]
fn what_was_sent_under_another_plan_is_not_looked_up() {
    let (mut noting, server) = (marked(FOUR), Server::new([]));
    (noting.progress.doubtful, noting.progress.unmarked) = (vec![0..2], true);
    let (report, _) = drain(&mut noting, &server, looking());
    assert_eq!((report.sent, report.ambiguous, report.requests), (4, 2, 2), "{report}");
}

#[test]
fn who_leaves_marks_or_cuts_otherwise_has_another_plan() {
    let plan = |settings: Settings| {
        let mut noting = marked(FOUR);
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let items = FOUR.map(|name| (series(name, Kind::Gauge), Value::Gauge(1.0)));
        noting.claims[0].window = Window::from_parts(end, end, Duration::ZERO, items.into());
        drain(&mut noting, &Server::new([]), settings);
        noting.plans[0]
    };
    let plans = [settings(), looking(), Settings { max_datums_per_request: 3, ..looking() }].map(plan);
    assert_eq!(plans[1], plan(looking()));
    assert!(plans[0] != plans[1] && plans[1] != plans[2] && plans[0] != plans[2], "{plans:?}");
}
