//! The thread named `meters-flusher` and its runtime.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use meters_core::Error;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use crate::export::cloudwatch::Cause;

use super::{Command, Engine, Plan, boundary};

/// How long a periodic export may try, where the interval is shorter.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a program that just drops everything is given for the last window.
const FAREWELL: Duration = Duration::from_secs(2);
/// How far from the full minute a fleet of processes spreads its requests at the most.
const SPREAD: Duration = Duration::from_secs(2);

/// Starts the thread, and returns when it has connected.
pub(super) fn standing(plan: Plan, interval: Duration) -> Result<UnboundedSender<Command>, Error> {
    let (commands, asked) = unbounded_channel();
    let (started, start) = mpsc::sync_channel(1);
    spawn(move || {
        let ended = block_on(async move {
            match Engine::connect(plan).await {
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

/// Seals at each boundary, sends a little later, and serves commands in between, until told to stop.
async fn live(mut engine: Engine, mut asked: UnboundedReceiver<Command>, interval: Duration) {
    // One phase a process: a fleet that seals at the full minute does not send at it.
    let spread = SPREAD.min(interval / 10).mul_f64(fastrand::f64());
    let mut last = false;
    _ = guarded(async { engine.recover() }).await;
    while !last {
        let next = tokio::select! {
            biased;
            command = asked.recv() => Some(command),
            () = sleep(boundary::until(SystemTime::now(), interval)) => None,
        };
        last = guarded(async {
            match next {
                Some(command) => serve(&mut engine, command).await,
                None => {
                    engine.seal();
                    tokio::select! {
                        biased;
                        command = asked.recv() => serve(&mut engine, command).await,
                        () = sleep(spread) => periodic(&mut engine, &mut asked, interval).await,
                    }
                }
            }
        })
        .await
        .unwrap_or(false);
    }
}

async fn serve(engine: &mut Engine, command: Option<Command>) -> bool {
    match command {
        Some(command) => engine.serve(command).await,
        // Nobody is left to ask: the guard was dropped without a word.
        None => {
            engine.seal();
            engine.end(Instant::now() + FAREWELL).await;
            true
        }
    }
}

/// Sends what is sealed; windows go on ending meanwhile, and a command waits for it no longer than its own deadline.
async fn periodic(engine: &mut Engine, asked: &mut UnboundedReceiver<Command>, interval: Duration) -> bool {
    let command = {
        let (sealer, exporter) = engine.parts();
        let deadline = Instant::now() + interval.max(PATIENCE);
        let mut sending = std::pin::pin!(exporter.export(sealer.take(), Cause::Interval, deadline));
        let command = loop {
            tokio::select! {
                biased;
                report = &mut sending => {
                    tracing::debug!(target: "meters", %report, "flushed");
                    return false;
                }
                command = asked.recv() => break command,
                () = sleep(boundary::until(SystemTime::now(), interval)) => sealer.seal(),
            }
        };
        let deadline = match &command {
            Some(
                Command::Flush { deadline, .. } | Command::Shutdown { deadline, .. } | Command::Put { deadline, .. },
            ) => *deadline,
            None => Instant::now() + FAREWELL,
        };
        // Half of the time for what is under way, half for what is new.
        let half = deadline.saturating_duration_since(Instant::now()) / 2;
        _ = tokio::time::timeout(half, &mut sending).await;
        command
    };
    serve(engine, command).await
}

/// Connects, on a thread of its own.
pub(super) fn connected(plan: Plan) -> Result<Engine, Error> {
    run(move || {
        let mut engine = block_on(Engine::connect(plan))??;
        engine.recover();
        Ok(engine)
    })?
}

/// Runs a piece of work; a panic in it is reported and survived.
async fn guarded<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => {
            tracing::error!(target: "meters", "a panic in the flusher: it goes on with the next window");
            std::task::Poll::Ready(None)
        }
    })
    .await
}

/// A thread of the flusher's name.
pub(super) fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let thread = std::thread::Builder::new().name("meters-flusher".to_owned()).spawn(work);
    thread
        .map(|_| ())
        .map_err(|error| Error::configuration("the flusher's thread cannot be started").with_source(error))
}

/// Runs work on a thread of its own, as the caller's may belong to a runtime, and waits for it.
fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (done, result) = mpsc::sync_channel(1);
    spawn(move || _ = done.send(work()))?;
    result.recv().map_err(|_| Error::configuration("the flusher ended before it had started"))
}

/// Runs a future on a runtime of this thread.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Error::configuration("the flusher's runtime cannot be started").with_source(error))?;
    Ok(runtime.block_on(work))
}
