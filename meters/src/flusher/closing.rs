//! A shutdown is one, whoever asks for it and how often: all of them wait for its end.
//!
//! This file is explored by loom, too: `meters-core/tests/hand_over/flusher.rs`.

use std::sync::Arc;

use super::{FlushReport, Lock, Reply, generation};

/// Whether it was asked for, and who waits for its end.
pub(super) struct Closing(Arc<Lock<State>>);

enum State {
    Open,
    /// In which process, and who waits: a child that was forked meanwhile has not the thread that would answer.
    Closing(u32, Vec<Reply<FlushReport>>),
    Closed,
}

impl Closing {
    pub(super) fn new() -> Self {
        Self(Arc::new(Lock::new(State::Open)))
    }

    pub(super) fn is_begun(&self) -> bool {
        !matches!(*self.0.lock(), State::Open)
    }

    /// The first who asks has it done by `shut`, which calls what it is given, or drops it, at the end. All others are told
    /// at the end that there was nothing left to do.
    pub(super) fn close(&self, reply: Reply<FlushReport>, shut: impl FnOnce(Reply<FlushReport>)) {
        let mut state = self.0.lock();
        match &mut *state {
            State::Open => {
                *state = State::Closing(generation(), Vec::new());
                drop(state);
                let ended = Ended(self.0.clone());
                shut(Box::new(move |report| {
                    reply(report);
                    drop(ended);
                }));
                return;
            }
            State::Closing(process, waiting) if *process == generation() => return waiting.push(reply),
            // The parent's is over here, and those who wait for it are the parent's.
            State::Closing(..) => std::mem::forget(std::mem::replace(&mut *state, State::Closed)),
            State::Closed => {}
        }
        drop(state);
        reply(FlushReport::default());
    }
}

/// The end of a shutdown, when this is dropped.
struct Ended(Arc<Lock<State>>);

impl Drop for Ended {
    fn drop(&mut self) {
        let state = std::mem::replace(&mut *self.0.lock(), State::Closed);
        if let State::Closing(_, waiting) = state {
            waiting.into_iter().for_each(|reply| reply(FlushReport::default()));
        }
    }
}
