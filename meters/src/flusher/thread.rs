//! The thread named `meters-flusher` and its runtime.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use meters_core::Error;
use meters_core::process::without_signals;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Command, Plan, work};

/// How long what nobody asked for may try, where the interval is shorter.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How far from the full minute a fleet of processes spreads its requests at the most.
pub(super) const SPREAD: Duration = Duration::from_secs(2);

thread_local! {
    static FLUSHER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the current thread is a flusher's, which must not wait for itself.
pub(crate) fn is_flusher() -> bool {
    FLUSHER.get()
}

/// Starts the thread, and returns when it has connected.
pub(super) fn standing(plan: Plan, interval: Duration) -> Result<UnboundedSender<Command>, Error> {
    let (commands, mut asked) = unbounded_channel();
    let (started, start) = mpsc::sync_channel(1);
    spawn(move || {
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(error) => {
                _ = started.send(Err(error));
                return;
            }
        };
        block_on(runtime, async {
            match work::connect(plan).await {
                Ok(mut engine) => {
                    _ = started.send(Ok(()));
                    _ = guarded(async { engine.recover() }).await;
                    engine.live(&mut asked, interval).await;
                    drain(asked).await;
                }
                Err(error) => _ = started.send(Err(error)),
            }
        });
    })?;
    start.recv().map_err(|_| Error::configuration("the flusher ended before it had started"))??;
    Ok(commands)
}

/// Answers those who asked while the thread came to its end. One may be between asking and having asked: that is waited for,
/// lest nobody ever answer it.
pub(super) async fn drain(mut asked: UnboundedReceiver<Command>) {
    asked.close();
    let ended = Error::configuration("exporting was shut down");
    while let Some(command) = asked.recv().await {
        command.refuse(&ended);
    }
}

/// Runs a piece of work; a panic in it is reported and survived.
pub(super) async fn guarded<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => {
            // Who listens may be who panicked.
            let told = || tracing::error!(target: "meters", "a panic in the flusher: it tries again");
            _ = catch_unwind(told);
            Poll::Ready(None)
        }
    })
    .await
}

/// A thread of the flusher's name.
pub(super) fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let builder = std::thread::Builder::new().name("meters-flusher".to_owned());
    let thread = without_signals(|| {
        builder.spawn(|| {
            FLUSHER.set(true);
            work();
        })
    });
    thread
        .map(|_| ())
        .map_err(|error| Error::configuration("the flusher's thread cannot be started").with_source(error))
}

/// Runs work on a thread of its own, as the caller's may belong to a runtime, and waits for it.
pub(super) fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (done, result) = mpsc::sync_channel(1);
    spawn(move || _ = done.send(work()))?;
    result.recv().map_err(|_| Error::configuration("the flusher ended before it had started"))
}

/// A runtime for this thread.
pub(super) fn runtime() -> Result<Runtime, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Error::configuration("the flusher's runtime cannot be started").with_source(error))
}

/// Runs a future. A name server that does not answer holds a thread of its runtime up, and nobody else.
pub(super) fn block_on<T>(runtime: Runtime, work: impl Future<Output = T>) -> T {
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the resolver's threads do.
    #[test]
    fn a_call_that_hangs_does_not_outlast_the_work() {
        let (go_on, held) = mpsc::channel::<()>();
        let (begun, begin) = mpsc::channel();
        block_on(runtime().unwrap(), async move {
            tokio::task::spawn_blocking(move || {
                begun.send(()).unwrap();
                _ = held.recv();
            });
            begin.recv().unwrap();
        });
        // Before it may go on.
        drop(go_on);
    }
}
