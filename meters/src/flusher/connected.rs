//! What a flusher works with: a queue of its own, or a storage that it shares.

use std::time::Duration;

use meters_core::Error;
use tokio::sync::mpsc::UnboundedReceiver;

use super::engine::{Engine, Plan};
use super::serving::Desk;
use super::shared::Shared;
use super::{Command, revival, thread};

pub(super) enum Connected {
    Alone(Box<Engine>),
    Shared(Box<Shared>),
}

impl Connected {
    /// Connects; the error says what to set.
    pub(super) async fn connect(plan: Plan) -> Result<Self, Error> {
        match plan.sharing.clone() {
            None => Engine::connect(plan).await.map(|engine| Self::Alone(Box::new(engine))),
            Some(sharing) => Shared::join(plan, sharing).await.map(|shared| Self::Shared(Box::new(shared))),
        }
    }

    /// In a child of `fork`, whose parent had connected: so it shall be here. Until it is, what is recorded waits.
    pub(super) fn later(plan: Plan) -> Self {
        match plan.sharing.clone() {
            None => Self::Alone(Box::new(Engine::later(plan))),
            Some(sharing) => Self::Shared(Box::new(Shared::later(plan, sharing))),
        }
    }

    /// Takes over what earlier processes left on this machine.
    pub(super) fn recover(&mut self) {
        if let Self::Alone(engine) = self {
            engine.recover();
        }
    }

    /// Does what it is asked, and what is asked meanwhile; says whether that was the last thing.
    pub(super) async fn serve(&mut self, command: Command, asked: &mut UnboundedReceiver<Command>) -> bool {
        match self {
            Self::Alone(engine) => Desk { asked, interval: None }.serve(engine, Some(command)).await,
            Self::Shared(shared) => shared.serve(command, asked).await,
        }
    }

    /// Says why it cannot be done: what was recorded waits, or, at the end, is kept or given up; and whether it was the last
    /// thing.
    pub(super) fn refuse(&mut self, command: Command, why: &Error) -> bool {
        match self {
            Self::Alone(engine) => engine.refuse(command, why),
            Self::Shared(shared) => shared.refuse(command, why),
        }
    }

    pub(super) fn tell_error(&self, error: &Error) {
        match self {
            Self::Alone(engine) => engine.tell_error(error),
            Self::Shared(shared) => shared.tell_error(error),
        }
    }

    /// Works, until it is told to stop.
    pub(super) async fn live(self, asked: &mut UnboundedReceiver<Command>, interval: Duration) {
        match self {
            Self::Alone(engine) => thread::live(*engine, asked, interval).await,
            Self::Shared(shared) => shared.live(asked, interval).await,
        }
    }

    /// The same in a child of `fork`, beginning with the `first` command.
    pub(super) async fn revive(
        self,
        first: Option<Command>,
        asked: &mut UnboundedReceiver<Command>,
        interval: Duration,
    ) {
        match self {
            Self::Alone(engine) => revival::revive(*engine, first, asked, interval).await,
            Self::Shared(shared) => shared.revive(first, asked, interval).await,
        }
    }
}
