//! A flusher without a standing thread: one for each command, as the caller's may belong to a runtime.

use std::sync::{Arc, Mutex, PoisonError};

use meters_core::Error;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::engine::{Engine, Plan};
use super::serving::Desk;
use super::{Command, thread};

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
    Connected(Box<Engine>),
    Later(Box<Plan>),
}

impl Manual {
    /// Connects; the error says what to set.
    pub(super) fn connect(plan: Plan) -> Result<Self, Error> {
        let engine = thread::run(move || {
            let mut engine = thread::block_on(Engine::connect(plan, false))??;
            engine.recover();
            Ok::<_, Error>(engine)
        })??;
        Ok(Self::new(State::Connected(Box::new(engine))))
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
        // Where there can be no thread, the command is dropped, and whoever asked learns it.
        _ = thread::spawn(move || {
            _ = self.commands.send(command);
            let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
            _ = thread::block_on(work.run());
        });
    }
}

impl Work {
    async fn run(&mut self) {
        while let Ok(command) = self.asked.try_recv() {
            if let State::Later(plan) = &self.state {
                match Engine::connect((**plan).clone(), true).await {
                    Ok(mut engine) => {
                        engine.recover();
                        self.state = State::Connected(Box::new(engine));
                    }
                    Err(error) => {
                        command.refuse(&error);
                        continue;
                    }
                }
            }
            if let State::Connected(engine) = &mut self.state {
                Desk { asked: &mut self.asked, interval: None }.serve(engine, Some(command)).await;
            }
        }
    }
}
