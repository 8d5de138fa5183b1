//! The thread named `meters-flusher` and its runtime.

use std::cell::Cell;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use meters_core::Error;
use meters_core::process::without_signals;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use super::connected::Connected;
use super::engine::{Engine, Plan, guarded};
use super::{Command, boundary};
use crate::export::cloudwatch::Cause;

/// How long a periodic export may try, where the interval is shorter.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a program that just drops everything is given for the last window.
const FAREWELL: Duration = Duration::from_secs(2);
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
        runtime.block_on(async {
            match Connected::connect(plan).await {
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

/// Seals at each boundary, sends a little later, and serves commands in between, until told to stop.
pub(super) async fn live(mut engine: Engine, asked: &mut UnboundedReceiver<Command>, interval: Duration) {
    // One phase a process: a fleet that seals at the full minute does not send at it.
    let spread = SPREAD.min(interval / 10).mul_f64(fastrand::f64());
    let mut last = false;
    while !last {
        let next = tokio::select! {
            biased;
            command = asked.recv() => Some(command),
            () = boundary::reached(SystemTime::now, interval) => None,
        };
        last = guarded(async {
            match next {
                Some(command) => serve(&mut engine, command).await,
                None => {
                    engine.seal();
                    tokio::select! {
                        biased;
                        command = asked.recv() => serve(&mut engine, command).await,
                        () = sleep(spread) => periodic(&mut engine, asked, interval).await,
                    }
                }
            }
        })
        .await
        .unwrap_or(false);
    }
}

pub(super) async fn serve(engine: &mut Engine, command: Option<Command>) -> bool {
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
        let (sealer, outbox) = engine.parts();
        outbox.receive(sealer);
        let deadline = Instant::now() + interval.max(PATIENCE);
        let mut sending = std::pin::pin!(outbox.send(Cause::Interval, deadline));
        let command = loop {
            tokio::select! {
                biased;
                report = &mut sending => {
                    tracing::debug!(target: "meters", %report, "flushed");
                    return false;
                }
                command = asked.recv() => break command,
                () = boundary::reached(SystemTime::now, interval) => sealer.seal(),
            }
        };
        let deadline = match &command {
            Some(command) => command.deadline(),
            None => Instant::now() + FAREWELL,
        };
        // Half of the time for what is under way, half for what is new.
        let half = deadline.saturating_duration_since(Instant::now()) / 2;
        _ = tokio::time::timeout(half, &mut sending).await;
        command
    };
    serve(engine, command).await
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
