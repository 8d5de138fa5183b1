//! A flusher without a standing thread: one for each command, as the caller's may belong to a runtime.

use std::sync::{Arc, Mutex, PoisonError};

use meters_core::Error;

use super::connected::Connected;
use super::engine::Plan;
use super::{Command, thread};

/// Connected, or about to be: a child of `fork` connects when it is first asked.
pub(super) enum Manual {
    Connected(Box<Connected>),
    Later(Box<Plan>),
}

impl Manual {
    /// Connects; the error says what to set.
    pub(super) fn connect(plan: Plan) -> Result<Self, Error> {
        let engine = thread::run(move || {
            let mut engine = thread::block_on(Connected::connect(plan, false))??;
            engine.recover();
            Ok::<_, Error>(engine)
        })??;
        Ok(Self::Connected(Box::new(engine)))
    }

    /// Connects when it is asked for something.
    pub(super) fn later(plan: Plan) -> Self {
        Self::Later(Box::new(plan))
    }

    async fn serve(&mut self, command: Command) {
        if let Self::Later(plan) = self {
            match Connected::connect((**plan).clone(), true).await {
                Ok(mut engine) => {
                    engine.recover();
                    *self = Self::Connected(Box::new(engine));
                }
                Err(error) => {
                    command.refuse(&error);
                    return;
                }
            }
        }
        if let Self::Connected(engine) = self {
            engine.serve(command).await;
        }
    }
}

/// Has a command done by a thread of its own.
pub(super) fn ask(manual: Arc<Mutex<Manual>>, command: Command) {
    _ = thread::spawn(move || {
        let mut manual = manual.lock().unwrap_or_else(PoisonError::into_inner);
        _ = thread::block_on(manual.serve(command));
    });
}
