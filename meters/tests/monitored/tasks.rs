//! On a real runtime: tasks, timeouts, `select!`, aborts.

use std::future::pending;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use meters::MonitoredExt as _;

use super::stage::Step::{Give, Wait};
use super::stage::{outcomes, panic, stage, steps, task};

#[tokio::test]
async fn a_timeout_cancels() {
    let (registry, monitor) = stage();
    let waits = pending::<Result<(), ()>>().monitored(monitor);
    assert!(tokio::time::timeout(Duration::ZERO, waits).await.is_err());
    assert_eq!(outcomes(&registry), (0, 0, 0, 1));
}

#[tokio::test]
async fn who_loses_a_select_is_cancelled() {
    let (registry, monitor) = stage();
    let won = tokio::select! {
        biased;
        _ = pending::<Result<(), ()>>().monitored(monitor) => false,
        _ = task([Wait, Give(Ok(1))]).monitored(monitor) => unreachable!("it waits once"),
        _ = task([Give(Ok(2))]).monitored(monitor) => true,
    };
    assert!(won);
    assert_eq!(outcomes(&registry), (1, 0, 0, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aborted_task_cancels() {
    let (registry, monitor) = stage();
    let (started, begun) = tokio::sync::oneshot::channel();
    let body = async move {
        _ = started.send(());
        pending::<Result<(), ()>>().await
    };
    let spawned = tokio::spawn(body.monitored(monitor));
    begun.await.unwrap();
    spawned.abort();
    assert!(spawned.await.unwrap_err().is_cancelled());
    assert_eq!(outcomes(&registry), (0, 0, 0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_panics_is_a_panic() {
    let (registry, monitor) = stage();
    let body = async {
        tokio::task::yield_now().await;
        if true {
            panic()
        }
        Ok::<_, ()>(())
    };
    assert!(tokio::spawn(body.monitored(monitor)).await.unwrap_err().is_panic());
    assert_eq!(outcomes(&registry), (0, 0, 1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_on_any_thread_all_count() {
    let (registry, monitor) = stage();
    let tasks = (0..300_u32).map(|number| {
        let body = async move {
            tokio::task::yield_now().await;
            if number.is_multiple_of(3) { Err(number) } else { Ok(number) }
        };
        tokio::spawn(body.monitored(monitor))
    });
    let ended = join_all(tasks).await;
    assert_eq!(ended.iter().filter(|ended| matches!(ended, Ok(Ok(_)))).count(), 200);
    assert_eq!(outcomes(&registry), (200, 100, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_on_many_tasks_share_their_series() {
    let (registry, monitor) = stage();
    let tasks = (0..20).map(|_| {
        let stream = steps([Wait, Give(Ok(1)), Wait, Give(Ok(2)), Wait]).monitored(monitor);
        tokio::spawn(stream.count())
    });
    let counts: Vec<usize> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(counts, [2; 20]);
    assert_eq!(outcomes(&registry), (20, 0, 0, 0));
    let snapshot = registry.snapshot();
    assert_eq!((snapshot.counter("Call.Items"), snapshot.metric("Call.TimeToFirst").count()), (40, 20));
}
