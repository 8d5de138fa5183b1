//! The thread named `meters-flusher` and its runtime.

use std::cell::Cell;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use meters_core::Error;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use super::engine::{Engine, Plan, guarded};
use super::serving::Desk;
use super::{Command, boundary};

/// How long a periodic export may try, where the interval is shorter.
const PATIENCE: Duration = Duration::from_secs(10);
/// How far from the full minute a fleet of processes spreads its requests at the most.
const SPREAD: Duration = Duration::from_secs(2);

/// How long a child of `fork` that could not connect waits before it tries again, at first and at the most.
const RECONNECT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

thread_local! {
    static FLUSHER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the current thread is a flusher's, which must not wait for itself.
pub(crate) fn is_flusher() -> bool {
    FLUSHER.get()
}

/// Starts the thread, and returns when it has connected.
pub(super) fn standing(plan: Plan, interval: Duration) -> Result<UnboundedSender<Command>, Error> {
    let (commands, asked) = unbounded_channel();
    let (started, start) = mpsc::sync_channel(1);
    spawn(move || {
        let ended = block_on(async move {
            match Engine::connect(plan, false).await {
                Ok(engine) => {
                    _ = started.send(Ok(()));
                    live(engine, asked, interval).await;
                }
                Err(error) => _ = started.send(Err(error)),
            }
        });
        if let Err(error) = ended {
            tracing::error!(target: "meters", %error, "the flusher could not start its runtime");
        }
    })?;
    start.recv().map_err(|_| Error::configuration("the flusher ended before it had started"))??;
    Ok(commands)
}

/// Starts the thread in a child of `fork`, whose parent had connected: so it shall be here. Until it is, what is recorded waits.
pub(super) fn revived(plan: Plan, interval: Duration) -> UnboundedSender<Command> {
    let (commands, asked) = unbounded_channel();
    // Where there can be no thread, whoever asks learns it from the channel.
    _ = spawn(move || _ = block_on(reconnect(plan, asked, interval)));
    commands
}

async fn reconnect(plan: Plan, mut asked: UnboundedReceiver<Command>, interval: Duration) {
    let mut wait = RECONNECT.0;
    loop {
        let error = match Engine::connect(plan.clone(), true).await {
            Ok(engine) => return live(engine, asked, interval).await,
            Err(error) => error,
        };
        plan.settings.tell_error(&error);
        tokio::select! {
            command = asked.recv() => {
                if command.is_none_or(|command| command.refuse(&error)) {
                    return;
                }
            }
            () = sleep(wait) => wait = (2 * wait).min(RECONNECT.1),
        }
    }
}

/// Seals at each boundary, sends a little later, and serves commands in between, until told to stop.
async fn live(mut engine: Engine, mut asked: UnboundedReceiver<Command>, interval: Duration) {
    // One phase a process: a fleet that seals at the full minute does not send at it.
    let spread = SPREAD.min(interval / 10).mul_f64(fastrand::f64());
    let mut last = false;
    _ = guarded(async { engine.recover() }).await;
    let mut desk = Desk { asked: &mut asked, interval: Some(interval) };
    while !last {
        let next = tokio::select! {
            biased;
            command = desk.asked.recv() => Some(command),
            () = boundary::reached(SystemTime::now, interval) => None,
        };
        last = guarded(async {
            match next {
                Some(command) => desk.serve(&mut engine, command).await,
                None => {
                    engine.seal();
                    tokio::select! {
                        biased;
                        command = desk.asked.recv() => desk.serve(&mut engine, command).await,
                        () = sleep(spread) => desk.periodic(&mut engine, Instant::now() + interval.max(PATIENCE)).await,
                    }
                }
            }
        })
        .await
        .unwrap_or(false);
    }
}

/// A thread of the flusher's name.
pub(super) fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let thread = std::thread::Builder::new().name("meters-flusher".to_owned()).spawn(|| {
        FLUSHER.set(true);
        work();
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

/// Runs a future on a runtime of this thread.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Error::configuration("the flusher's runtime cannot be started").with_source(error))?;
    let done = runtime.block_on(work);
    // A name server that does not answer holds its thread up, and nobody else.
    runtime.shutdown_background();
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the resolver's threads do.
    #[test]
    fn a_call_that_hangs_does_not_outlast_the_work() {
        let (go_on, held) = mpsc::channel::<()>();
        let (begun, begin) = mpsc::channel();
        let done = block_on(async move {
            tokio::task::spawn_blocking(move || {
                begun.send(()).unwrap();
                _ = held.recv();
            });
            begin.recv().unwrap();
        });
        // Before it may go on.
        assert!(done.is_ok());
        drop(go_on);
    }
}
