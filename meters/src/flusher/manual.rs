//! A flusher without a standing thread: one for each command, as the caller's may belong to a runtime.

use std::sync::{Arc, Mutex, PoisonError};

use meters_core::Error;

use super::connected::Connected;
use super::engine::Plan;
use super::{Command, thread};

/// Connected, or about to be: a child of `fork` connects when it is first asked.
pub(super) enum Manual {
    Working(Box<Connected>),
    Later(Box<Plan>),
    Ended,
}

impl Manual {
    /// Connects; the error says what to set.
    pub(super) fn connect(plan: Plan) -> Result<Self, Error> {
        let engine = thread::run(move || {
            let mut engine = thread::runtime()?.block_on(Connected::connect(plan))?;
            engine.recover();
            Ok::<_, Error>(engine)
        })??;
        Ok(Self::Working(Box::new(engine)))
    }

    /// Connects when it is asked for something.
    pub(super) fn later(plan: Plan) -> Self {
        Self::Later(Box::new(plan))
    }

    /// What does the work, until it has ended.
    fn engine(&mut self) -> Option<&mut Connected> {
        if let Self::Later(plan) = self {
            let mut engine = Connected::later((**plan).clone());
            engine.recover();
            *self = Self::Working(Box::new(engine));
        }
        match self {
            Self::Working(engine) => Some(engine),
            _ => None,
        }
    }

    fn serve(&mut self, command: Command) {
        let Some(engine) = self.engine() else {
            return command.refuse(&Error::configuration("exporting was shut down"));
        };
        let last = match thread::runtime() {
            Ok(runtime) => runtime.block_on(engine.serve(command)),
            Err(error) => engine.refuse(command, &error),
        };
        self.end(last);
    }

    fn refuse(&mut self, command: Command, why: &Error) {
        let last = match self.engine() {
            Some(engine) => engine.refuse(command, why),
            None => return command.refuse(why),
        };
        self.end(last);
    }

    /// What has ended reads no more.
    fn end(&mut self, last: bool) {
        if last {
            *self = Self::Ended;
        }
    }
}

/// Has a command done by a thread of its own.
pub(super) fn ask(manual: Arc<Mutex<Manual>>, command: Command) {
    let command = Arc::new(Mutex::new(Some(command)));
    let (here, there) = ((manual.clone(), command.clone()), (manual, command));
    let take = |command: &Mutex<Option<Command>>| command.lock().unwrap_or_else(PoisonError::into_inner).take();
    let spawned = thread::spawn(move || {
        let (manual, command) = there;
        let mut manual = manual.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(command) = take(&command) {
            manual.serve(command);
        }
    });
    let Err(error) = spawned else { return };
    let (manual, command) = here;
    let Some(command) = take(&command) else { return };
    match manual.try_lock() {
        Ok(mut manual) => manual.refuse(command, &error),
        Err(_) => command.refuse(&error),
    }
}

/// Says why a command cannot be done, on the thread that asks; what was recorded until a shutdown is kept or counted.
pub(super) fn refuse(plan: Plan, command: Command, why: &Error) {
    match command {
        Command::Shutdown { .. } => Manual::later(plan).refuse(command, why),
        _ => command.refuse(why),
    }
}
