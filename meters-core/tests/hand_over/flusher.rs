//! What the end of a flusher is made of: the shutdown itself from the sources of `meters`, and a channel that does in steps
//! what tokio's does, over loom.

use std::collections::VecDeque;
use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use loom::sync::{Condvar, Mutex};

use crate::fork::Lock;

#[path = "../../../meters/src/flusher/closing.rs"]
mod closing;

pub(crate) struct Flusher {
    closing: closing::Closing,
    line: Arc<Line>,
    /// What there was to do is done.
    ended: AtomicBool,
}

pub(crate) type Reply<T> = Box<dyn FnOnce(T) + Send>;

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlushReport {
    Sent,
    /// There was nothing left to do.
    Nothing,
    Refused,
    /// The reply was dropped: only a child of `fork`, or a panic, leads to it.
    Dropped,
}

impl Default for FlushReport {
    fn default() -> Self {
        Self::Nothing
    }
}

/// Nobody forks here.
fn generation() -> u32 {
    0
}

pub(crate) enum Command {
    Flush(Reply<FlushReport>),
    Shutdown(Reply<FlushReport>),
}

/// tokio's unbounded channel: who sends announces it first, which fails once it is closed, and puts it in later; who receives
/// waits for all that was announced.
pub(crate) struct Line {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    announced: usize,
    closed: bool,
    waiting: VecDeque<Command>,
}

impl Line {
    fn send(&self, command: Command) {
        {
            let mut state = self.state.lock().unwrap();
            if state.closed {
                return;
            }
            state.announced += 1;
        }
        // Here the thread may come to its end.
        let mut state = self.state.lock().unwrap();
        state.announced -= 1;
        state.waiting.push_back(command);
        self.changed.notify_one();
    }

    fn recv(&self) -> Option<Command> {
        let mut state = self.state.lock().unwrap();
        loop {
            match state.waiting.pop_front() {
                Some(command) => return Some(command),
                None if state.closed && state.announced == 0 => return None,
                None => state = self.changed.wait(state).unwrap(),
            }
        }
    }

    fn close(&self) {
        self.state.lock().unwrap().closed = true;
    }
}

impl Flusher {
    pub(crate) fn new() -> Self {
        let line = Line { state: Mutex::new(State::default()), changed: Condvar::new() };
        Self { closing: closing::Closing::new(), line: Arc::new(line), ended: AtomicBool::new(false) }
    }

    /// What `live` and `drain` do.
    pub(crate) fn run(&self) {
        while let Some(command) = self.line.recv() {
            match command {
                Command::Flush(reply) => reply(FlushReport::Sent),
                Command::Shutdown(reply) => {
                    self.ended.store(true, SeqCst);
                    reply(FlushReport::Sent);
                    break;
                }
            }
        }
        self.line.close();
        while let Some(command) = self.line.recv() {
            match command {
                Command::Flush(reply) | Command::Shutdown(reply) => reply(FlushReport::Refused),
            }
        }
    }

    pub(crate) fn flush(&self) -> FlushReport {
        if self.closing.is_begun() {
            return FlushReport::Refused;
        }
        let (reply, answer) = answer();
        self.line.send(Command::Flush(reply));
        answer.wait()
    }

    pub(crate) fn shutdown(&self) -> FlushReport {
        let (reply, answer) = answer();
        self.closing.close(reply, |reply| self.line.send(Command::Shutdown(reply)));
        let told = answer.wait();
        assert!(self.ended.load(SeqCst), "told before it was the end");
        told
    }
}

/// What a caller waits for.
struct Answer(Arc<(Mutex<Option<FlushReport>>, Condvar)>);

/// Tells that there will be none, unless there was one.
struct Telling(Arc<(Mutex<Option<FlushReport>>, Condvar)>);

fn answer() -> (Reply<FlushReport>, Answer) {
    let told = Arc::new((Mutex::new(None), Condvar::new()));
    let telling = Telling(told.clone());
    (Box::new(move |report| telling.tell(report)), Answer(told))
}

impl Answer {
    fn wait(self) -> FlushReport {
        let mut told = self.0.0.lock().unwrap();
        loop {
            match *told {
                Some(report) => return report,
                None => told = self.0.1.wait(told).unwrap(),
            }
        }
    }
}

impl Telling {
    fn tell(&self, report: FlushReport) {
        self.0.0.lock().unwrap().get_or_insert(report);
        self.0.1.notify_one();
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.tell(FlushReport::Dropped);
    }
}
