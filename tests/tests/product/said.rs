//! `meters::dimension`: what code below a call says of it is that call's, of that task, and nobody else's.

use std::sync::Arc;

use meters::{Registry, monitored};
use tokio::sync::{Barrier, Semaphore};
use tokio::task::{JoinSet, yield_now};

use crate::stage::Stage;

const WHO: [&str; 8] = ["ann", "bob", "cleo", "dan", "eve", "fay", "gus", "hal"];
const CALLS: usize = 50;

/// Neither a monitored call nor given anything: it only knows what it found out.
fn classify(who: &'static str) {
    assert!(meters::dimension("TypeOfRequest", who));
}

#[monitored(name = "SaidInner")]
async fn inner(who: &'static str, fails: bool) -> Result<(), &'static str> {
    yield_now().await;
    classify(who);
    yield_now().await;
    if fails { Err("meant") } else { Ok(()) }
}

#[monitored(name = "SaidOuter")]
async fn outer(who: &'static str, start: Arc<Barrier>) -> usize {
    start.wait().await;
    classify(who);
    let mut failed = 0;
    for call in 0..CALLS {
        failed += usize::from(inner(who, call % 5 == 0).await.is_err());
        yield_now().await;
    }
    failed
}

/// In the library that this replaces, dimensions said in one task were another's, and those of a failed call its successor's.
#[test]
fn tasks_on_many_threads_do_not_mix_and_failed_calls_leave_nothing() {
    let stage = Stage::global();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let failed = runtime.block_on(async {
        let start = Arc::new(Barrier::new(WHO.len()));
        let mut tasks = JoinSet::new();
        for who in WHO {
            tasks.spawn(outer(who, start.clone()));
        }
        tasks.join_all().await.into_iter().sum::<usize>()
    });
    assert_eq!(failed, WHO.len() * CALLS / 5);
    stage.flush();
    for who in WHO {
        let of = |name: &'static str| stage.cw.metric(name).with("TypeOfRequest", who);
        assert_eq!(of("SaidOuter").sample_count(), 1.0, "{who}");
        assert_eq!(of("SaidInner").sample_count(), CALLS as f64, "{who}");
        assert_eq!(of("SaidInner.Errors").sum(), Some(CALLS as f64 / 5.0), "{who}");
    }
    let all = |name: &'static str| stage.cw.metric(name).sample_count();
    assert_eq!((all("SaidOuter"), all("SaidInner")), (WHO.len() as f64, (WHO.len() * CALLS) as f64));
}

#[monitored(name = "SaidSpawner")]
async fn spawner() -> bool {
    let gate = Arc::new(Semaphore::new(0));
    let inside = gate.clone();
    let spawned = tokio::spawn(async move {
        _ = inside.acquire().await;
        meters::dimension("Lost", "in another task")
    });
    gate.add_permits(1);
    let thread = tokio::task::spawn_blocking(|| meters::dimension("Lost", "on another thread"));
    spawned.await.unwrap() || thread.await.unwrap()
}

#[test]
fn tasks_that_a_call_spawns_are_not_the_call() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    assert!(!runtime.block_on(spawner()));
    let snapshot = Registry::global().snapshot();
    let series = snapshot.metric("SaidSpawner").series().map(|(series, _)| series.dimensions().count());
    assert_eq!(series.collect::<Vec<_>>(), [0]);
}
