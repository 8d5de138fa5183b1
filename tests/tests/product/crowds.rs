//! What threads, tasks and calls inside of calls did to earlier libraries; see also `said` and `exactness`.

use std::pin::Pin;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::sleep;
use std::time::{Duration, Instant};

use meters::{Registry, monitored};
use meters_local::DatumValue;

use crate::stage::{PATIENCE, Stage, builder};

/// What is timed here lasts so long at least; two clocks, one calibrated against the other, differ by less than a percent.
const NAP: Duration = Duration::from_millis(50);

fn naps(n: f64) -> f64 {
    n * NAP.as_secs_f64() * 1e6 * 0.99
}

#[monitored(name = "CrowdRaced", dimensions(N = n))]
fn raced(n: usize) {
    _ = n;
}

/// satella looks whether a label set is there, and then makes it: of two that were made at once, one was never exported.
#[test]
fn defect_a_label_set_that_threads_make_at_once_loses_calls() {
    const SETS: usize = 300;
    const THREADS: usize = 8;
    let stage = Stage::global();
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for n in 0..SETS {
                    barrier.wait();
                    raced(n);
                    meters::counter!("CrowdSite", N = n).inc(1);
                    Registry::global().counter("CrowdHandle").dimension("N", n).register().inc(1);
                    meters::put("CrowdPut", 1.0).dimension("N", n.to_string());
                }
            });
        }
    });
    stage.flush();
    for name in ["CrowdRaced", "CrowdSite", "CrowdHandle", "CrowdPut"] {
        let metric = stage.cw.metric(name);
        assert_eq!((metric.series().len(), metric.datums().len()), (SETS, SETS), "{name}");
        for n in 0..SETS {
            let one = stage.cw.metric(name).with("N", n.to_string());
            let seen = if name == "CrowdRaced" { one.sample_count() } else { one.sum().unwrap() };
            assert_eq!(seen, THREADS as f64, "{name} {n}");
        }
    }
}

#[monitored(name = "CrowdNested")]
fn nested(deeper: u32) {
    sleep(NAP);
    if deeper > 0 {
        nested(deeper - 1);
    }
}

/// instrumentor keeps the start of a timer in the timer: who starts it again makes the first one short.
#[test]
fn defect_a_call_inside_of_a_call_makes_the_outer_one_short() {
    let stage = Stage::global();
    nested(2);
    let naptime = meters::histogram("CrowdTimer").unit(meters::Unit::Microseconds).register();
    let first = naptime.start();
    sleep(NAP);
    let second = naptime.start();
    sleep(NAP);
    drop((first, second));
    stage.flush();
    for (name, calls, sum) in [("CrowdNested", 3.0, 6.0), ("CrowdTimer", 2.0, 3.0)] {
        let metric = stage.cw.metric(name);
        assert_eq!(metric.sample_count(), calls, "{name}");
        assert!(metric.sum().unwrap() >= naps(sum), "{name}: {:?}", metric.sum());
        assert!(metric.minimum().unwrap() >= naps(1.0), "{name}: {:?}", metric.minimum());
        assert!(metric.maximum().unwrap() >= naps(calls), "{name}: {:?}", metric.maximum());
    }
}

async fn nap() {
    tokio::time::sleep(NAP).await;
}

#[monitored(name = "CrowdAsync")]
async fn asynchronous() {
    nap().await;
}

#[monitored(name = "CrowdReturned")]
fn returned() -> impl Future<Output = ()> {
    nap()
}

#[monitored(name = "CrowdBoxed")]
fn boxed() -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(nap())
}

/// instrumentor, satella and autometrics: what they time is how long it takes to make the future.
#[test]
fn defect_a_future_is_timed_at_its_creation() {
    let stage = Stage::global();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        asynchronous().await;
        returned().await;
        boxed().await;
    });
    stage.flush();
    for name in ["CrowdAsync", "CrowdReturned", "CrowdBoxed"] {
        let metric = stage.cw.metric(name);
        assert_eq!(metric.sample_count(), 1.0, "{name}");
        assert!(metric.minimum().unwrap() >= naps(1.0), "{name}: {:?}", metric.minimum());
    }
}

#[monitored(name = "CrowdWorker")]
fn worker(n: u32) -> u32 {
    n + 1
}

#[monitored(name = "CrowdCaller")]
async fn caller() -> u32 {
    let blocking = tokio::task::spawn_blocking(|| worker(1)).await.unwrap();
    let thread = std::thread::spawn(|| worker(2)).join().unwrap();
    blocking + thread
}

/// cloudwatch-metrics-client: on a thread without an event loop a function ran, and its result was lost with its time.
#[test]
fn defect_a_function_on_a_worker_thread_wants_an_event_loop() {
    let stage = Stage::global();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(caller()), 5);
    assert_eq!(worker(3), 4);
    stage.flush();
    assert_eq!(stage.cw.metric("CrowdWorker").sample_count(), 3.0);
    assert_eq!(stage.cw.metric("CrowdCaller").sample_count(), 1.0);
}

/// ss-instrumentation: both read the counts before either deletes them, and the second one's period is wrong.
#[test]
fn defect_flushes_at_the_same_time_report_twice() {
    for manual in [true, false] {
        let (cw, registry) = (meters_local::start(), Registry::new());
        let builder = builder(&cw.endpoint_url()).registry(&registry).interval("1h");
        let began = Instant::now();
        let meters = if manual { builder.manual().start().unwrap() } else { builder.start().unwrap() };
        let (orders, logins) = (registry.counter("Orders").register(), registry.meter("Logins").register());
        let (over, mut counted, mut sent) = (AtomicBool::new(false), 0_u64, 0);
        std::thread::scope(|scope| {
            let flush = || {
                let mut sent = 0;
                while !over.load(SeqCst) {
                    let report = meters.flush(PATIENCE);
                    assert!(report.is_complete(), "{report}");
                    sent += report.sent;
                }
                sent
            };
            let flushing: Vec<_> = (0..4).map(|_| scope.spawn(flush)).collect();
            while cw.request_count() < 40 && flushing.iter().all(|one| !one.is_finished()) {
                (0..100).for_each(|_| (orders.inc(1), logins.mark(1)).1);
                counted += 100;
            }
            over.store(true, SeqCst);
            sent = flushing.into_iter().map(|one| one.join().unwrap()).sum();
        });
        sent += meters.shutdown(PATIENCE).sent;
        assert_eq!(cw.datums().len() as u64, sent, "manual: {manual}");
        for name in ["Orders", "Logins"] {
            assert_eq!(cw.metric(name).sum(), Some(counted as f64), "{name}, manual: {manual}");
        }
        let (seconds, windows) = (cw.metric("Logins").sample_count(), cw.metric("Logins").datums().len());
        // No period is told as less than a millisecond.
        let most = began.elapsed().as_secs_f64() * 1.001 + windows as f64 * 1e-3;
        assert!(seconds <= most, "{seconds} s: periods overlap");
    }
}

/// ss-instrumentation divides by the time since the last flush, and where that is none, fails until the process ends.
#[test]
fn defect_a_period_of_no_time_is_divided_by() {
    let stage = Stage::new();
    let logins = stage.registry.meter("Logins").register();
    for round in 1..=50_u64 {
        logins.mark(round);
        stage.flush();
    }
    assert_eq!(stage.cw.metric("Logins").sum(), Some(1275.0));
    for datum in stage.cw.metric("Logins").datums() {
        let DatumValue::Statistics { sample_count, minimum, maximum, .. } = datum.value else { panic!("{datum:?}") };
        assert!(sample_count > 0.0 && minimum == maximum && maximum.is_finite(), "{datum:?}");
    }
}
