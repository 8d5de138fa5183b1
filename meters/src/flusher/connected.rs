//! What a flusher works with once it is connected: a queue of its own, or a storage that it shares.

use std::time::Duration;

use meters_core::Error;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Command;
use super::engine::{Engine, Plan};
use super::shared::Shared;
use super::thread;

pub(super) enum Connected {
    Alone(Engine),
    Shared(Shared),
}

impl Connected {
    /// Connects; the error says what to set.
    pub(super) async fn connect(plan: Plan, child: bool) -> Result<Self, Error> {
        match plan.sharing.clone() {
            None => Engine::connect(plan, child).await.map(Self::Alone),
            Some(sharing) => Shared::join(plan, sharing, child).await.map(Self::Shared),
        }
    }

    /// Takes over what earlier processes left on this machine.
    pub(super) fn recover(&mut self) {
        if let Self::Alone(engine) = self {
            engine.recover();
        }
    }

    /// Does what it is asked; says whether that was the last thing.
    pub(super) async fn serve(&mut self, command: Command) -> bool {
        match self {
            Self::Alone(engine) => engine.serve(command).await,
            Self::Shared(shared) => shared.serve(command).await,
        }
    }

    /// Works, until it is told to stop.
    pub(super) async fn live(self, asked: UnboundedReceiver<Command>, interval: Duration) {
        match self {
            Self::Alone(engine) => thread::live(engine, asked, interval).await,
            Self::Shared(shared) => shared.live(asked, interval).await,
        }
    }
}
