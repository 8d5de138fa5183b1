//! A shutdown is one, whoever asks for it and how often: all of them wait for its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use meters_core::fork::{Lock, generation};

use super::Reply;
use crate::export::FlushReport;

/// Whether it was asked for, and who waits for its end.
pub(super) struct Closing {
    begun: AtomicBool,
    waiting: Arc<Lock<Waiting>>,
}

/// Who waits, in which process: a child that was forked meanwhile has not the thread that would answer.
struct Waiting {
    generation: u32,
    /// `None` from the end on.
    replies: Option<Vec<Reply<FlushReport>>>,
}

/// The end of a shutdown, when this is dropped.
pub(super) struct Ended(Arc<Lock<Waiting>>);

impl Closing {
    pub(super) fn new() -> Self {
        let waiting = Waiting { generation: generation(), replies: Some(Vec::new()) };
        Self { begun: AtomicBool::new(false), waiting: Arc::new(Lock::new(waiting)) }
    }

    pub(super) fn is_begun(&self) -> bool {
        self.begun.load(SeqCst)
    }

    /// For the first who asks: to be dropped at the end. All others have nothing left to do.
    pub(super) fn begin(&self) -> Option<Ended> {
        let mut waiting = self.waiting.lock();
        let first = !self.begun.swap(true, SeqCst);
        first.then(|| {
            waiting.generation = generation();
            Ended(self.waiting.clone())
        })
    }

    /// Answers at the end, that there was nothing left to do.
    pub(super) fn wait(&self, reply: Reply<FlushReport>) {
        let mut waiting = self.waiting.lock();
        if waiting.generation != generation() {
            // It was the parent's, and so are those who wait for it.
            std::mem::forget(waiting.replies.take());
        }
        let over = match &mut waiting.replies {
            Some(replies) => {
                replies.push(reply);
                None
            }
            None => Some(reply),
        };
        drop(waiting);
        if let Some(reply) = over {
            reply(FlushReport::default());
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let replies = self.0.lock().replies.take();
        replies.into_iter().flatten().for_each(|reply| reply(FlushReport::default()));
    }
}
