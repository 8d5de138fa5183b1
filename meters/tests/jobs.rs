//! Jobs of queue workers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use meters::job::{Done, Job, JobBuilder};
use meters::{Ended, Level, Registry, Snapshot, Unit};

struct Stage(Registry);

impl Stage {
    fn new() -> Self {
        Self(Registry::new())
    }

    fn job(&self) -> JobBuilder {
        Job::new("Job").registry(&self.0)
    }

    fn seen(&self) -> Snapshot {
        self.0.snapshot()
    }

    /// Ok, errors, panics, cancelled; and how many are under way.
    fn ended(&self) -> ([u64; 4], Option<f64>) {
        let seen = self.seen();
        let calls = seen.metric("Job").calls();
        ([calls.ok(), calls.errors, calls.panics, calls.cancelled], seen.metric("Job.InFlight").gauge())
    }
}

#[test]
fn each_attempt_is_one_call_with_its_outcome() {
    let stage = Stage::new();
    let job = stage.job().dimension("Queue", "mail").unit(Unit::Milliseconds).register();
    assert_eq!(job.attempt().run(|| 7), 7);
    assert_eq!(job.attempt().run(|| Err::<u8, _>("broken")), Err("broken"));
    let under_way = job.attempt().run(|| stage.ended().1);
    assert_eq!(under_way, Some(1.0));
    assert!(catch_unwind(AssertUnwindSafe(|| job.attempt().run(|| -> u8 { panic!("meant") }))).is_err());
    assert_eq!(stage.ended(), ([2, 1, 1, 0], Some(0.0)));
    let seen = stage.seen();
    let units: Vec<_> = seen.metric("Job").with("Queue", "mail").series().map(|(series, _)| series.unit()).collect();
    assert_eq!(units, [Unit::Milliseconds]);
    // What was not said is not there.
    assert_eq!((seen.metric("Job.Wait").series().count(), seen.metric("Job.Retries").series().count()), (0, 0));
}

#[tokio::test]
async fn futures_end_with_an_output_a_panic_or_their_drop() {
    let stage = Stage::new();
    let job = stage.job().register();
    let attempt = || job.attempt();
    assert_eq!(attempt().run_async(async { tokio::task::yield_now().await }).await, ());
    assert!(attempt().run_async(async { Err::<(), _>("broken") }).await.is_err());
    let mut panics = Box::pin(attempt().run_async(async {
        if true {
            panic!("meant")
        }
    }));
    assert!(AssertUnwindSafe(&mut panics).catch_unwind().await.is_err());
    // Whoever caught it may keep the future for long.
    assert_eq!(stage.ended(), ([1, 1, 1, 0], Some(0.0)));
    drop(panics);
    let mut waits = Box::pin(attempt().run_async(std::future::pending::<()>()));
    assert_eq!(waits.as_mut().now_or_never(), None);
    assert_eq!(stage.ended(), ([1, 1, 1, 0], Some(1.0)));
    drop(waits);
    assert_eq!(stage.ended(), ([1, 1, 1, 1], Some(0.0)));
    // Never polled, it never began.
    drop(attempt().run_async(async {}));
    assert_eq!(stage.ended(), ([1, 1, 1, 1], Some(0.0)));
    // It moves to wherever it is run.
    tokio::spawn(attempt().run_async(async { tokio::task::yield_now().await })).await.unwrap();
    assert_eq!(stage.ended().0, [2, 1, 1, 1]);
}

#[test]
fn how_long_it_waited_is_told_by_its_queue() {
    let stage = Stage::new();
    let job = stage.job().register();
    let (now, hour) = (SystemTime::now(), Duration::from_secs(3600));
    job.attempt().enqueued_at(now - hour).run(|| ());
    let wait = |seen: &Snapshot| seen.metric("Job.Wait").distribution().unwrap();
    let first = wait(&stage.seen());
    assert!(first.min().unwrap() >= 3.6e9 && first.count() == 1, "{first:?}");
    // The clock of who put it there is ahead of this one.
    job.attempt().enqueued_at(now + hour).run(|| ());
    job.attempt().waited(Duration::from_micros(5)).run(|| ());
    let all = wait(&stage.seen());
    assert_eq!((all.count(), all.min(), all.sum() - first.sum()), (3, Some(0.0), 5.0));
}

#[test]
fn attempts_after_the_first_are_retries() {
    let stage = Stage::new();
    let job = stage.job().register();
    for number in [0, 1, 1, 2, 3, u32::MAX] {
        job.attempt().number(number).run(|| ());
    }
    assert_eq!((stage.seen().counter("Job.Retries"), stage.ended().0), (3, [6, 0, 0, 0]));
}

#[test]
fn errors_are_counted_by_kind_within_the_limit() {
    let stage = Stage::new();
    stage.0.set_limit(2);
    let job = stage.job().register();
    for kind in ["timeout", "timeout", "refused", "a", "b"] {
        _ = job.attempt().kind(|error: &String| error.clone()).run(|| Err::<(), _>(kind.to_owned()));
    }
    assert_eq!(job.attempt().kind(|error: &u8| *error).run(|| Ok(1)), Ok(1));
    let seen = stage.seen();
    let of = |kind| seen.metric("Job.Errors").with("Kind", kind).count();
    assert_eq!(["timeout", "refused", "a", "_other"].map(of), [2, 1, 0, 2]);
    assert_eq!(stage.ended().0, [1, 5, 0, 0]);
}

#[tokio::test]
async fn what_comes_after_each_job_is_told_how_it_ended() {
    let stage = Stage::new();
    let told: Arc<Mutex<Vec<Done>>> = Arc::default();
    let (registry, tell) = (stage.0.clone(), told.clone());
    let after = move |done: &Done| {
        let mut told = tell.lock().unwrap();
        told.push(*done);
        // All of it is recorded by now, so that a flush takes it along.
        assert_eq!(registry.snapshot().metric("Job").calls().count(), told.len() as u64);
        assert_eq!(registry.snapshot().metric("Job.InFlight").gauge(), Some(0.0));
    };
    let job = stage.job().after(after).register();
    job.attempt().number(2).waited(Duration::from_secs(1)).run(|| ());
    _ = job.attempt().run(|| Err::<(), _>("broken"));
    assert!(catch_unwind(AssertUnwindSafe(|| job.attempt().run(|| -> () { panic!("meant") }))).is_err());
    assert_eq!(Box::pin(job.attempt().run_async(std::future::pending::<()>())).now_or_never(), None);
    let told = told.lock().unwrap().clone();
    let ended: Vec<_> = told.iter().map(|done| done.ended).collect();
    assert_eq!(ended, [Ended::Ok, Ended::Error, Ended::Panic, Ended::Cancelled]);
    assert_eq!((told[0].number, told[0].waited, told[0].is_ok()), (2, Some(Duration::from_secs(1)), true));
    assert_eq!((told[1].number, told[1].waited, told[1].is_ok()), (1, None, false));
}

#[test]
fn what_comes_after_may_panic() {
    let stage = Stage::new();
    let job = stage.job().after(|_| panic!("meant")).register();
    assert_eq!(job.attempt().run(|| 7), 7);
    // Also while it unwinds, where one more panic would end the process.
    assert!(catch_unwind(AssertUnwindSafe(|| job.attempt().run(|| -> () { panic!("meant") }))).is_err());
    assert_eq!(stage.ended(), ([1, 0, 1, 0], Some(0.0)));
}

#[tokio::test]
async fn what_the_body_says_of_it_is_its_own() {
    let stage = Stage::new();
    let job = stage.job().register();
    job.attempt().run(|| meters::dimension("Size", "large"));
    let small = async {
        tokio::task::yield_now().await;
        meters::dimension("Size", "small");
    };
    job.attempt().run_async(small).await;
    job.attempt().run(|| ());
    let seen = stage.seen();
    let of = |size| seen.metric("Job").with("Size", size).calls().ok();
    assert_eq!((of("large"), of("small"), seen.metric("Job").calls().ok()), (1, 1, 3));
}

#[test]
fn many_workers_share_a_job() {
    let stage = Stage::new();
    let job = stage.job().register();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..1000u32 {
                    _ = job.attempt().run(|| if number.is_multiple_of(10) { Err(number) } else { Ok(()) });
                }
            });
        }
    });
    assert_eq!(stage.ended(), ([3600, 400, 0, 0], Some(0.0)));
}

#[test]
fn names_without_capitals_are_for_prometheus() {
    let stage = Stage::new();
    let job = Job::new("send_mail").registry(&stage.0).register();
    let attempt = || job.attempt().number(2).waited(Duration::from_secs(1));
    _ = attempt().kind(|error: &&str| *error).run(|| Err::<(), _>("refused"));
    let seen = stage.seen();
    let mut names: Vec<_> = seen.iter().map(|(series, _)| series.name()).collect();
    names.sort_unstable();
    let expected =
        ["send_mail", "send_mail_errors_by_kind", "send_mail_in_flight", "send_mail_retries", "send_mail_wait"];
    assert_eq!(names, expected);
}

#[test]
fn what_is_under_way_while_the_gauge_is_switched_off_leaves_it_as_it_is() {
    let stage = Stage::new();
    let job = stage.job().register();
    for take_away in [
        |registry: &Registry| registry.set_level(Level::Disabled),
        |registry: &Registry| {
            assert_eq!(registry.unregister("Job.InFlight"), 1);
        },
    ] {
        let again = || {
            stage.0.set_level(Level::Runtime);
            _ = stage.0.gauge("Job.InFlight").unit(Unit::Count).register();
        };
        // Begun before, and ended after.
        job.attempt().run(|| {
            take_away(&stage.0);
            again();
        });
        assert_eq!(stage.seen().metric("Job.InFlight").gauge(), None);
        take_away(&stage.0);
        // Begun meanwhile.
        job.attempt().run(again);
        assert_eq!(stage.seen().metric("Job.InFlight").gauge(), None);
        assert_eq!(job.attempt().run(|| stage.ended().1), Some(1.0));
    }
}

#[test]
fn a_rule_that_panics_costs_the_kind_and_nothing_else() {
    let stage = Stage::new();
    let job = stage.job().register();
    let attempt = || job.attempt().kind(|_: &&str| -> &'static str { panic!("meant") });
    assert_eq!(attempt().run(|| Err::<(), _>("broken")), Err("broken"));
    assert_eq!(attempt().run_async(async { Err::<(), _>("broken") }).now_or_never(), Some(Err("broken")));
    assert_eq!(stage.ended(), ([0, 2, 0, 0], Some(0.0)));
    assert_eq!(stage.seen().metric("Job.Errors").series().count(), 0);
}
