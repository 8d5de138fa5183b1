//! Dimensions that become known while a call is under way, and what else may be recorded of a call.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Waker};
use std::thread;

use meters_core::{Call, CallSite, Calls, Ended, FullCall, Query, Registry, Slot, Value, dimension};

fn calls(name: &'static str, with: &[(&'static str, &'static str)]) -> Calls {
    let snapshot = Registry::global().snapshot();
    ask(snapshot.metric(name), with).calls()
}

fn ask<'a>(query: Query<'a>, with: &[(&'static str, &'static str)]) -> Query<'a> {
    with.iter().fold(query, |query, (key, value)| query.with(key, value))
}

/// Series of a metric that hold anything, as `key=value key=value: count`, sorted.
fn all(name: &str) -> Vec<String> {
    let snapshot = Registry::global().snapshot();
    let told = snapshot.metric(name).series().map(|(series, value)| {
        let dimensions: Vec<String> = series.dimensions().map(|(key, value)| format!("{key}={value}")).collect();
        let count = match value {
            Value::Calls(calls) => calls.count(),
            Value::Counter(count) => *count,
            Value::Histogram(distribution) => distribution.count(),
            Value::Gauge(level) => *level as u64,
            _ => 0,
        };
        format!("{}: {count}", dimensions.join(" "))
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

/// Pending as often as told.
struct Rests(u32);

impl Future for Rests {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let left = self.0;
        self.0 = left.saturating_sub(1);
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn plain(site: &'static CallSite, body: impl FnOnce()) {
    let call: Call = site.enter();
    body();
    call.finish(Ended::Ok);
}

async fn asynchronous(site: &'static CallSite, body: impl Future<Output = ()>) {
    let call = site.enter_async();
    call.run(body).await;
    call.finish(Ended::Ok);
}

#[test]
fn outside_of_a_call_nothing_is_given_a_dimension() {
    static SITE: CallSite = CallSite::new("Outside", &[]);
    assert!(!dimension("Kind", "lost"));
    plain(&SITE, || ());
    assert_eq!(all("Outside"), [": 1"]);
}

#[test]
fn it_belongs_to_the_innermost_call_and_to_that_alone() {
    static OUTER: CallSite = CallSite::new("Outer", &[("Fixed", Some("f"))]);
    static INNER: CallSite = CallSite::new("Inner", &[]);
    plain(&OUTER, || {
        assert!(dimension("Kind", "before"));
        plain(&INNER, || assert!(dimension("Kind", "within")));
        plain(&INNER, || ());
        assert!(dimension("Size", 3));
        assert!(dimension("Kind", "after"));
    });
    plain(&OUTER, || ());
    assert_eq!(all("Inner"), [": 1", "Kind=within: 1"]);
    assert_eq!(all("Outer"), ["Fixed=f Kind=after Size=3: 1", "Fixed=f: 1"]);
}

#[test]
fn a_panic_takes_along_what_is_its_own() {
    static SITE: CallSite = CallSite::new("Panics", &[]);
    static AROUND: CallSite = CallSite::new("AroundPanic", &[]);
    plain(&AROUND, || {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _call = SITE.enter();
            dimension("Kind", "bad");
            resume_unwind(Box::new("wanted"));
        }));
        assert!(panicked.is_err());
        dimension("Kind", "good");
    });
    assert_eq!(calls("Panics", &[("Kind", "bad")]).panics, 1);
    assert_eq!(all("AroundPanic"), ["Kind=good: 1"]);
}

#[test]
fn a_future_keeps_its_own_across_awaits_and_threads() {
    static SITE: CallSite = CallSite::new("Travels", &[]);
    let mut future = Box::pin(asynchronous(&SITE, async {
        dimension("First", "here");
        Rests(1).await;
        dimension("Second", "there");
        Rests(1).await;
    }));
    assert!(poll(future.as_mut()).is_pending());
    assert!(!dimension("First", "leaked"), "the thread is in no call while the future waits");
    thread::scope(|scope| {
        scope.spawn(|| assert!(poll(future.as_mut()).is_pending()));
    });
    assert!(poll(future.as_mut()).is_ready());
    assert_eq!(all("Travels"), ["First=here Second=there: 1"]);
}

#[test]
fn concurrent_tasks_of_a_thread_do_not_mix() {
    static SITE: CallSite = CallSite::new("Tasks", &[]);
    static INSIDE: CallSite = CallSite::new("InTasks", &[]);
    const WHO: [&str; 3] = ["a", "b", "c"];
    let task = |who: &'static str| {
        asynchronous(&SITE, async move {
            dimension("Who", who);
            asynchronous(&INSIDE, async move {
                Rests(2).await;
                dimension("Inside", who);
            })
            .await;
            Rests(1).await;
        })
    };
    let mut tasks: Vec<_> = WHO.iter().map(|who| Box::pin(task(who))).collect();
    tasks.iter_mut().for_each(|task| assert!(poll(task.as_mut()).is_pending()));
    // One is dropped while it waits: what was said of it goes with it.
    drop(tasks.pop());
    while !tasks.is_empty() {
        tasks.retain_mut(|task| poll(task.as_mut()).is_pending());
    }
    assert_eq!(all("Tasks"), ["Who=a: 1", "Who=b: 1", "Who=c: 1"]);
    assert_eq!(calls("Tasks", &[("Who", "c")]).cancelled, 1);
    assert_eq!(all("InTasks"), [": 1", "Inside=a: 1", "Inside=b: 1"]);
}

/// The library that this replaces kept dimensions in one place for all threads: about a third of 300 calls had another's.
#[test]
fn threads_do_not_mix() {
    static SITE: CallSite = CallSite::new("Threads", &[]);
    const CALLS: usize = if cfg!(miri) { 5 } else { 300 };
    let barrier = Arc::new(Barrier::new(3));
    let run = |who: &'static str, barrier: Arc<Barrier>| {
        move || {
            for _ in 0..CALLS {
                barrier.wait();
                plain(&SITE, || {
                    dimension("Who", who);
                    thread::yield_now();
                });
            }
        }
    };
    let threads = ["a", "b", "c"].map(|who| thread::spawn(run(who, barrier.clone())));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(all("Threads"), ["a", "b", "c"].map(|who| format!("Who={who}: {CALLS}")));
}

#[test]
fn a_panic_in_a_poll_leaves_the_thread_as_it_was() {
    static SITE: CallSite = CallSite::new("PollPanics", &[]);
    let mut future = Box::pin(asynchronous(&SITE, async {
        dimension("Kind", "bad");
        resume_unwind(Box::new("wanted"));
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()))).is_err());
    assert!(!dimension("Kind", "leaked"));
    drop(future);
    assert_eq!(calls("PollPanics", &[("Kind", "bad")]).panics, 1);
}

#[test]
fn dimensions_beyond_the_thirtieth_and_bad_names_do_no_harm() {
    static SITE: CallSite = CallSite::new("Many", &[("K00", Some("fixed"))]);
    const KEYS: [&str; 31] = [
        "K00", "K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08", "K09", "K10", "K11", "K12", "K13", "K14", "K15",
        "K16", "K17", "K18", "K19", "K20", "K21", "K22", "K23", "K24", "K25", "K26", "K27", "K28", "K29", "K30",
    ];
    for (most, expected) in [(29, 29), (30, 30), (31, 30)] {
        plain(&SITE, || {
            for (said, key) in KEYS[..most].iter().enumerate() {
                assert_eq!(dimension(key, most), said < 30);
            }
        });
        let snapshot = Registry::global().snapshot();
        let of_this =
            snapshot.metric("Many").with("K00", ["29", "30", "31"][most - 29]).series().next().unwrap().0.clone();
        assert_eq!(of_this.dimensions().count(), expected);
    }
    static BAD: CallSite = CallSite::new("BadNames", &[]);
    plain(&BAD, || {
        assert!(dimension(":é", ""));
        assert!(dimension("", "x\n"));
    });
    assert_eq!(all("BadNames"), ["_=x_: 1"]);
}

#[test]
fn late_series_keep_to_the_limit_and_no_call_is_lost() {
    static SITE: CallSite = CallSite::new("LateLimit", &[("Route", Some("r"))]);
    let limit = 500;
    for number in 0..limit + 7 {
        plain(&SITE, || assert!(dimension("Number", number)));
    }
    assert_eq!(calls("LateLimit", &[("Number", "_other"), ("Route", "r")]).count(), 7);
    assert_eq!(calls("LateLimit", &[("Number", "499")]).count(), 1);
    assert_eq!(calls("LateLimit", &[]).count(), limit + 7);

    static OWN: CallSite = CallSite::new("OwnLateLimit", &[("Function", Some("own"))]).limit(3);
    for number in 0..5 {
        plain(&OWN, || assert!(dimension("Number", number)));
    }
    assert_eq!(calls("OwnLateLimit", &[("Number", "_other"), ("Function", "own")]).count(), 2);
}

#[test]
fn slots_have_the_last_word() {
    static SITE: CallSite = CallSite::new("Slots", &[("Cache", Some("_unset")), ("user", None)]);
    let run = |filled: Option<&'static str>, said: bool| {
        let cache = Slot::new("Cache");
        let slots = [&cache];
        let call = SITE.enter_full((&"ann", ()), &slots);
        filled.inspect(|text| cache.set(text));
        if said {
            dimension("Cache", "said");
        }
        call.finish(Ended::Ok);
    };
    run(None, false);
    run(Some("hit"), false);
    run(Some("hit"), true);
    run(None, true);
    assert_eq!(all("Slots"), ["Cache=_unset user=ann: 1", "Cache=hit user=ann: 2", "Cache=said user=ann: 1"]);
}

#[test]
fn slots_count_however_the_call_ends() {
    static SITE: CallSite = CallSite::new("SlotEnds", &[("Cache", Some("_unset"))]);
    {
        let cache = Slot::new("Cache");
        let slots = [&cache];
        let _call = SITE.enter_full((), &slots);
        cache.set_text("ok");
    }
    let panicked = catch_unwind(|| {
        let cache = Slot::new("Cache");
        let slots = [&cache];
        let _call = SITE.enter_full((), &slots);
        cache.set_text("panic");
        resume_unwind(Box::new("wanted"));
    });
    assert!(panicked.is_err());
    {
        let mut future = Box::pin(async {
            let cache = Slot::new("Cache");
            let slots = [&cache];
            let call = SITE.enter_full_async((), &slots);
            let body = async {
                cache.set_text("cancelled");
                Rests(1).await;
            };
            call.run(body).await;
            call.finish(Ended::Ok);
        });
        assert!(poll(future.as_mut()).is_pending());
    }
    assert_eq!(calls("SlotEnds", &[("Cache", "ok")]).ok(), 1);
    assert_eq!(calls("SlotEnds", &[("Cache", "panic")]).panics, 1);
    assert_eq!(calls("SlotEnds", &[("Cache", "cancelled")]).cancelled, 1);
    assert_eq!(calls("SlotEnds", &[]).count(), 3);
}

#[test]
fn calls_under_way_are_counted_down_however_they_end() {
    static SITE: CallSite = CallSite::new("Way", &[("Cache", Some("_unset")), ("Tier", Some("gold"))]).in_flight();
    let level = || Registry::global().snapshot().metric("InFlight").with("Tier", "gold").gauge();
    let cache = Slot::new("Cache");
    let slots = [&cache];
    let first = SITE.enter_full((), &slots);
    let second = SITE.enter_full((), &slots);
    assert_eq!(level(), Some(2.0));
    second.finish(Ended::Ok);
    drop(second);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let slots = [];
        let _third = SITE.enter_full((), &slots);
        resume_unwind(Box::new("wanted"));
    }));
    assert!(panicked.is_err());
    assert_eq!(level(), Some(1.0));
    drop(first);
    assert_eq!(level(), Some(0.0));
    assert_eq!(all("InFlight"), ["Tier=gold: 0"], "slots are not known at the beginning");
}

#[test]
fn polls_and_the_time_inside_them() {
    static SITE: CallSite = CallSite::new("Work", &[]).named().busy().polls();
    {
        let mut future = Box::pin(async {
            let call = SITE.enter_full_async((), &[]);
            call.run(Rests(2)).await;
            dimension("Never", "the call is not polled here");
            call.finish(Ended::Ok);
        });
        assert!(poll(future.as_mut()).is_pending());
        assert!(poll(future.as_mut()).is_pending());
        assert!(poll(future.as_mut()).is_ready());
    }
    let snapshot = Registry::global().snapshot();
    let (polls, busy) =
        (snapshot.metric("Work.Polls").distribution().unwrap(), snapshot.metric("Work.Busy").distribution().unwrap());
    let whole = snapshot.metric("Work").distribution().unwrap();
    assert_eq!((polls.count(), polls.sum(), busy.count()), (1, 3.0, 1));
    assert!(busy.sum() <= whole.sum(), "{} of {}", busy.sum(), whole.sum());
}

#[test]
fn errors_are_counted_by_kind() {
    static SITE: CallSite = CallSite::new("Kinds", &[("Route", Some("r"))]).named();
    for result in [Ok(1), Err("timeout"), Err("timeout"), Err("ignored"), Err("refused")] {
        let call = SITE.enter_full((), &[]);
        call.kind(&result, |error| *error);
        call.finish(if matches!(result, Err(error) if error != "ignored") { Ended::Error } else { Ended::Ok });
    }
    assert_eq!(all("Kinds.Errors"), ["Kind=refused Route=r: 1", "Kind=timeout Route=r: 2"]);
    assert_eq!(calls("Kinds", &[]).errors, 3);
}

#[test]
fn a_call_that_is_off_is_none() {
    static OUTER: CallSite = CallSite::new("AroundOff", &[]);
    plain(&OUTER, || {
        let call = FullCall::off();
        call.kind(&Err::<(), _>("e"), |error| *error);
        assert!(dimension("Kind", "outer"));
        call.finish(Ended::Error);
    });
    assert_eq!(all("AroundOff"), ["Kind=outer: 1"]);
}

#[test]
fn of_sampled_calls_all_are_counted_and_some_timed() {
    static SITE: CallSite = CallSite::new("Sampled", &[]).sample(4);
    for number in 0..100 {
        let call = SITE.enter_sampled();
        call.finish(if number % 10 == 0 { Ended::Error } else { Ended::Ok });
    }
    let calls = calls("Sampled", &[]);
    assert_eq!((calls.count(), calls.errors), (100, 10));
    assert!(calls.duration.sum() > 0.0);
    // One in four is timed, so that no duration of a thread stands alone but the first.
    let mut full = Box::pin(async {
        static FULL: CallSite = CallSite::new("SampledFull", &[]).sample(4);
        for _ in 0..9 {
            FULL.enter_full_async((), &[]).finish(Ended::Ok);
            FULL.enter_async_sampled().finish(Ended::Ok);
        }
        Registry::global().snapshot().metric("SampledFull").count()
    });
    assert_eq!(poll(full.as_mut()), Poll::Ready(18));
}
