//! From window to window.

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::{Duration, Instant, SystemTime};

use meters_core::Error;
use tokio::time::sleep;

use super::super::revival::RECONNECT;
use super::super::serving::Desk;
use super::super::thread::{PATIENCE, SPREAD, guarded};
use super::super::work::{Asked, Task, Work};
use super::super::{Command, boundary};
use super::Engine;

impl Work for Engine {
    fn recover(&mut self) {
        self.outbox.exporter.recover();
    }

    fn serve<'a>(&'a mut self, command: Command, asked: &'a mut Asked) -> Task<'a, bool> {
        Box::pin(async { Desk { asked, interval: None }.serve(self, Some(command)).await })
    }

    fn refuse(&mut self, command: Command, why: &Error) -> bool {
        Engine::refuse(self, command, why)
    }

    fn tell_error(&self, error: &Error) {
        self.outbox.exporter.settings().tell_error(error);
    }

    fn live<'a>(self: Box<Self>, asked: &'a mut Asked, interval: Duration) -> Task<'a, ()> {
        Box::pin(live(*self, asked, interval))
    }

    fn revive<'a>(self: Box<Self>, first: Option<Command>, asked: &'a mut Asked, interval: Duration) -> Task<'a, ()> {
        Box::pin(revive(*self, first, asked, interval))
    }
}

/// Seals at each boundary, sends a little later, and serves commands in between, until told to stop.
async fn live(mut engine: Engine, asked: &mut Asked, interval: Duration) {
    // One phase a process: a fleet that seals at the full minute does not send at it.
    let spread = SPREAD.min(interval / 10).mul_f64(fastrand::f64());
    let mut last = false;
    let mut desk = Desk { asked, interval: Some(interval) };
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

/// Does the `first` command, and lives on.
async fn revive(mut engine: Engine, first: Option<Command>, asked: &mut Asked, interval: Duration) {
    _ = guarded(async { engine.recover() }).await;
    if let Some(first) = first
        && guarded(Desk { asked: &mut *asked, interval: Some(interval) }.serve(&mut engine, Some(first)))
            .await
            .unwrap_or(false)
    {
        return;
    }
    let mut wait = RECONNECT.0;
    while !engine.is_connected() {
        let ended = match meanwhile(engine.exit.reconnect(), &mut engine, asked, interval).await {
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
    asked: &mut Asked,
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
                Some(command) => Desk { asked: &mut *asked, interval: Some(interval) }.serve(engine, command).await,
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
