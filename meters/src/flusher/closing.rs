//! A shutdown is one, whoever asks for it and how often: all of them wait for its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use meters_core::fork::Lock;

use super::Reply;
use crate::export::FlushReport;

/// Whether it was asked for, and who waits for its end.
pub(super) struct Closing {
    begun: AtomicBool,
    /// `None` from its end on.
    waiting: Arc<Lock<Waiting>>,
}

type Waiting = Option<Vec<Reply<FlushReport>>>;

/// The end of a shutdown, when this is dropped.
pub(super) struct Ended(Arc<Lock<Waiting>>);

impl Closing {
    pub(super) fn new() -> Self {
        Self { begun: AtomicBool::new(false), waiting: Arc::new(Lock::new(Some(Vec::new()))) }
    }

    pub(super) fn is_begun(&self) -> bool {
        self.begun.load(SeqCst)
    }

    /// For the first who asks: to be dropped at the end. All others have nothing left to do.
    pub(super) fn begin(&self) -> Option<Ended> {
        (!self.begun.swap(true, SeqCst)).then(|| Ended(self.waiting.clone()))
    }

    /// Answers at the end, that there was nothing left to do.
    pub(super) fn wait(&self, reply: Reply<FlushReport>) {
        let over = match &mut *self.waiting.lock() {
            Some(waiting) => {
                waiting.push(reply);
                None
            }
            None => Some(reply),
        };
        if let Some(reply) = over {
            reply(FlushReport::default());
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let waiting = self.0.lock().take();
        waiting.into_iter().flatten().for_each(|reply| reply(FlushReport::default()));
    }
}
