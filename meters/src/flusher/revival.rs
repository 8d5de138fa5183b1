//! The thread in a child of `fork`, whose parent had connected: so the child will be. Until it is, windows end as ever, and
//! wait within the bounds of all that waits; a shutdown keeps or counts them.

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::{Duration, SystemTime};

use meters_core::Error;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use super::connected::Connected;
use super::engine::{Engine, Plan, guarded};
use super::thread::{drain, live, runtime, serve, spawn};
use super::{Command, boundary};

/// How long a child that could not connect waits before it tries again, at first and at the most.
pub(super) const RECONNECT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Starts the thread.
pub(super) fn revived(plan: Plan, interval: Duration) -> Result<UnboundedSender<Command>, Error> {
    let (commands, mut asked) = unbounded_channel();
    spawn(move || {
        let mut engine = Connected::later(plan);
        let mut command = None;
        loop {
            let error = match runtime() {
                Ok(runtime) => {
                    return runtime.block_on(async {
                        engine.revive(command, &mut asked, interval).await;
                        drain(asked).await;
                    });
                }
                Err(error) => error,
            };
            // Whoever asks has it tried again, and is told.
            match command.take() {
                Some(command) => {
                    if engine.refuse(command, &error) {
                        return;
                    }
                }
                None => engine.tell_error(&error),
            }
            command = asked.blocking_recv();
            if command.is_none() {
                return;
            }
        }
    })?;
    Ok(commands)
}

/// Does the `first` command, and lives on.
pub(super) async fn revive(
    mut engine: Engine,
    first: Option<Command>,
    asked: &mut UnboundedReceiver<Command>,
    interval: Duration,
) {
    _ = guarded(async { engine.recover() }).await;
    if let Some(first) = first
        && guarded(engine.serve(first)).await.unwrap_or(false)
    {
        return;
    }
    let mut wait = RECONNECT.0;
    while !engine.is_connected() {
        let ended = match meanwhile(engine.connecting(), &mut engine, asked, interval).await {
            Continue(Ok(client)) => {
                engine.connected(client);
                false
            }
            Continue(Err(error)) => {
                engine.tell_error(&error);
                let pause = wait;
                wait = (2 * wait).min(RECONNECT.1);
                meanwhile(sleep(pause), &mut engine, asked, interval).await == Break(true)
            }
            Break(ended) => ended,
        };
        if ended {
            return;
        }
    }
    live(engine, asked, interval).await;
}

/// Waits for `work`, and does meanwhile what can be done. Breaks off where a command connected, or, with `true`, was the last.
async fn meanwhile<T>(
    work: impl Future<Output = T>,
    engine: &mut Engine,
    asked: &mut UnboundedReceiver<Command>,
    interval: Duration,
) -> ControlFlow<bool, T> {
    let mut work = std::pin::pin!(work);
    loop {
        let next = tokio::select! {
            biased;
            done = &mut work => return Continue(done),
            command = asked.recv() => Some(command),
            () = boundary::reached(SystemTime::now, interval) => None,
        };
        let last = guarded(async {
            match next {
                Some(command) => serve(engine, command).await,
                None => {
                    engine.hold();
                    false
                }
            }
        });
        let last = last.await.unwrap_or(false);
        if last || engine.is_connected() {
            return Break(last);
        }
    }
}
