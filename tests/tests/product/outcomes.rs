//! Ok, error, panic and cancelled: told apart, and all of them calls.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use meters::{Registry, monitored};
use meters_local::{DatumValue, Metric};

use crate::stage::Stage;

/// One poll, then dropped.
fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Fine,
    Fail,
    Panic,
    Hang,
}
use End::{Fail, Fine, Hang, Panic};

fn reached(end: End) -> Result<(), String> {
    match end {
        Fine | Hang => Ok(()),
        Fail => Err("meant".to_owned()),
        Panic => panic!("meant"),
    }
}

#[monitored(name = "OutcomePlain")]
fn plain(end: End) -> Result<(), String> {
    reached(end)
}

#[monitored(name = "OutcomeAsync")]
async fn asynchronous(end: End) -> Result<(), String> {
    if end == Hang {
        pending::<()>().await;
    }
    reached(end)
}

/// (calls, errors, least, most) of the statistic set; the calls are those of the durations, too.
fn errors(stage: &Stage, name: &str) -> (f64, f64, f64, f64) {
    let errors: Metric<'_> = stage.cw.metric(format!("{name}.Errors")).exactly();
    let datums = errors.datums();
    assert_eq!(datums.len(), 1, "{datums:?}");
    let DatumValue::Statistics { sample_count, sum, minimum, maximum, .. } = datums[0].value else {
        panic!("no statistic set: {datums:?}")
    };
    assert_eq!(errors.unit(), Some("Count"));
    assert_eq!(errors.average(), Some(sum / sample_count));
    assert_eq!(stage.cw.metric(name).exactly().sample_count(), sample_count);
    (sample_count, sum, minimum, maximum)
}

fn assert_sum_of_outcomes(name: &str, expected: [u64; 4]) {
    let calls = Registry::global().snapshot().metric(name).calls();
    assert_eq!([calls.ok(), calls.errors, calls.panics, calls.cancelled], expected);
    assert_eq!(calls.count(), expected.iter().sum::<u64>());
    assert_eq!(calls.duration.count(), calls.count());
}

#[test]
fn errors_and_panics_of_a_plain_function_are_its_error_rate() {
    let stage = Stage::global();
    for end in [Fine, Fine, Fine, Fail, Fail] {
        _ = plain(end);
    }
    for _ in 0..3 {
        assert!(catch_unwind(|| plain(Panic)).is_err());
    }
    stage.flush();
    assert_eq!(errors(&stage, "OutcomePlain"), (8.0, 5.0, 0.0, 1.0));
    assert!(!stage.cw.metric("OutcomePlain.Cancelled").exists());
    assert_sum_of_outcomes("OutcomePlain", [3, 2, 3, 0]);
}

#[test]
fn a_dropped_future_is_cancelled_and_no_error() {
    let stage = Stage::global();
    for end in [Fine, Fine, Fail] {
        _ = poll_once(asynchronous(end)).unwrap();
    }
    let panicking = AssertUnwindSafe(|| poll_once(asynchronous(Panic)));
    assert!(catch_unwind(panicking).is_err());
    stage.flush();
    let cancelled = stage.cw.metric("OutcomeAsync.Cancelled");
    assert!(!cancelled.exists(), "it exists once it is not zero");
    assert_eq!(errors(&stage, "OutcomeAsync"), (4.0, 2.0, 0.0, 1.0));
    stage.cw.clear();

    for _ in 0..4 {
        assert!(poll_once(asynchronous(Hang)).is_none());
    }
    drop(asynchronous(Hang)); // never polled: never began
    stage.flush();
    assert_eq!(errors(&stage, "OutcomeAsync"), (4.0, 0.0, 0.0, 0.0));
    assert_eq!(cancelled.sum(), Some(4.0));
    assert_eq!(cancelled.unit(), Some("Count"));
    assert_sum_of_outcomes("OutcomeAsync", [2, 1, 1, 4]);
    stage.cw.clear();

    // Silent: one zero, so that alarms recover, and then nothing.
    stage.flush();
    assert_eq!(cancelled.datums().len(), 1);
    assert_eq!(cancelled.sum(), Some(0.0));
    assert!(!stage.cw.metric("OutcomeAsync").exists());
    stage.cw.clear();
    stage.flush();
    assert!(!cancelled.exists());
}

#[test]
fn a_task_that_is_aborted_is_cancelled() {
    #[monitored(name = "OutcomeAborted")]
    async fn aborted(began: tokio::sync::oneshot::Sender<()>) {
        began.send(()).unwrap();
        pending().await
    }
    let stage = Stage::global();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let (began, begun) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(aborted(began));
        begun.await.unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    stage.flush();
    let cancelled = stage.cw.metric("OutcomeAborted.Cancelled");
    assert_eq!(cancelled.sum(), Some(1.0));
    assert_eq!(errors(&stage, "OutcomeAborted"), (1.0, 0.0, 0.0, 0.0));
}

#[test]
fn only_errors_has_a_minimum_of_one() {
    #[monitored(name = "OutcomeAlways")]
    fn always() -> Result<(), ()> {
        Err(())
    }
    let stage = Stage::global();
    (0..7).for_each(|_| _ = always());
    stage.flush();
    assert_eq!(errors(&stage, "OutcomeAlways"), (7.0, 7.0, 1.0, 1.0));
}

#[test]
fn a_function_called_from_a_destructor_during_unwinding_is_no_panic() {
    #[monitored(name = "OutcomeCleanup")]
    fn clean_up() {}

    #[monitored(name = "OutcomeBroken")]
    fn broken() {
        struct Cleanup;
        impl Drop for Cleanup {
            fn drop(&mut self) {
                assert!(std::thread::panicking());
                clean_up();
            }
        }
        let _cleanup = Cleanup;
        panic!("meant");
    }
    let stage = Stage::global();
    assert!(catch_unwind(broken).is_err());
    stage.flush();
    assert_eq!(errors(&stage, "OutcomeCleanup"), (1.0, 0.0, 0.0, 0.0));
    assert_sum_of_outcomes("OutcomeCleanup", [1, 0, 0, 0]);
    assert_eq!(errors(&stage, "OutcomeBroken"), (1.0, 1.0, 1.0, 1.0));
}

#[test]
fn a_function_that_catches_a_panic_is_fine() {
    #[monitored(name = "OutcomeCatching")]
    fn catching() -> bool {
        catch_unwind(|| panic!("meant")).is_err()
    }
    let stage = Stage::global();
    assert!(catching());
    stage.flush();
    assert_eq!(errors(&stage, "OutcomeCatching"), (1.0, 0.0, 0.0, 0.0));
}

#[test]
fn a_future_that_moves_between_threads_is_one_call() {
    #[monitored(name = "OutcomeMoving")]
    async fn moving() -> u32 {
        let mut polled = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
        7
    }
    let stage = Stage::global();
    let mut future: Pin<Box<dyn Future<Output = u32> + Send>> = Box::pin(moving());
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    let ended = std::thread::spawn(move || {
        let mut context = Context::from_waker(Waker::noop());
        future.as_mut().poll(&mut context)
    });
    assert_eq!(ended.join().unwrap(), Poll::Ready(7));
    stage.flush();
    assert_eq!(errors(&stage, "OutcomeMoving"), (1.0, 0.0, 0.0, 0.0));
    assert_sum_of_outcomes("OutcomeMoving", [1, 0, 0, 0]);
}

/// The panic of one future unwinds through others that wait in the same task: theirs is another fate.
#[test]
fn a_future_dropped_by_the_panic_of_another_is_cancelled() {
    #[monitored(name = "SiblingWaits")]
    async fn waits() {
        pending::<()>().await;
    }
    #[monitored(name = "SiblingPanics")]
    async fn panics() {
        panic!("meant");
    }
    let both = catch_unwind(AssertUnwindSafe(|| {
        let mut waiting = Box::pin(waits());
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        poll_once(pin!(panics()));
    }));
    assert!(both.is_err());
    assert_sum_of_outcomes("SiblingWaits", [0, 0, 0, 1]);
    assert_sum_of_outcomes("SiblingPanics", [0, 0, 1, 0]);
}
