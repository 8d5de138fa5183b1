//! A flusher without a standing thread: one for each command, as the caller's may belong to a runtime.

use std::sync::{Arc, Mutex, PoisonError};

use meters_core::Error;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::work::{self, Work as Working};
use super::{Command, Plan, thread};

/// Where commands are brought: the thread that is at work does them all.
#[derive(Clone)]
pub(super) struct Manual {
    commands: UnboundedSender<Command>,
    work: Arc<Mutex<Work>>,
}

struct Work {
    asked: UnboundedReceiver<Command>,
    state: State,
}

/// Connected, or about to be: a child of `fork` connects when it is first asked.
enum State {
    Working(Box<dyn Working>),
    Later(Box<Plan>),
    Ended,
}

impl Manual {
    /// Connects; the error says what to set.
    pub(super) fn connect(plan: Plan) -> Result<Self, Error> {
        let engine = thread::run(move || {
            let mut engine = thread::block_on(thread::runtime()?, work::connect(plan))?;
            engine.recover();
            Ok::<_, Error>(engine)
        })??;
        Ok(Self::new(State::Working(engine)))
    }

    /// Connects when it is asked for something.
    pub(super) fn later(plan: Plan) -> Self {
        Self::new(State::Later(Box::new(plan)))
    }

    fn new(state: State) -> Self {
        let (commands, asked) = unbounded_channel();
        Self { commands, work: Arc::new(Mutex::new(Work { asked, state })) }
    }

    /// Has a command done by a thread of its own, or by one that is at work already.
    pub(super) fn ask(self, command: Command) {
        let command = Arc::new(Mutex::new(Some(command)));
        let (here, there) = ((self.work.clone(), command.clone()), (self, command));
        let take = |command: &Mutex<Option<Command>>| command.lock().unwrap_or_else(PoisonError::into_inner).take();
        let spawned = thread::spawn(move || {
            let (manual, command) = there;
            if let Some(command) = take(&command) {
                _ = manual.commands.send(command);
            }
            manual.work.lock().unwrap_or_else(PoisonError::into_inner).run();
        });
        let Err(error) = spawned else { return };
        let (work, command) = here;
        let Some(command) = take(&command) else { return };
        match work.try_lock() {
            Ok(mut work) => work.refuse(command, &error),
            Err(_) => command.refuse(&error),
        }
    }
}

impl Work {
    fn run(&mut self) {
        while let Ok(command) = self.asked.try_recv() {
            let (Some(engine), asked) = (self.state.engine(), &mut self.asked) else {
                command.refuse(&Error::configuration("exporting was shut down"));
                continue;
            };
            let last = match thread::runtime() {
                Ok(runtime) => thread::block_on(runtime, engine.serve(command, asked)),
                Err(error) => engine.refuse(command, &error),
            };
            self.state.end(last);
        }
    }

    fn refuse(&mut self, command: Command, why: &Error) {
        let last = match self.state.engine() {
            Some(engine) => engine.refuse(command, why),
            None => return command.refuse(why),
        };
        self.state.end(last);
    }
}

impl State {
    /// What does the work, until it has ended.
    fn engine(&mut self) -> Option<&mut dyn Working> {
        if let Self::Later(plan) = self {
            let mut engine = work::later((**plan).clone());
            engine.recover();
            *self = Self::Working(engine);
        }
        match self {
            Self::Working(engine) => Some(&mut **engine),
            _ => None,
        }
    }

    /// What has ended reads no more.
    fn end(&mut self, last: bool) {
        if last {
            *self = Self::Ended;
        }
    }
}

/// Says why a command cannot be done, on the thread that asks; what was recorded until a shutdown is kept or counted.
pub(super) fn refuse(plan: Plan, command: Command, why: &Error) {
    match command {
        Command::Shutdown { .. } => {
            let mut engine = work::later(plan);
            engine.recover();
            engine.refuse(command, why);
        }
        _ => command.refuse(why),
    }
}
