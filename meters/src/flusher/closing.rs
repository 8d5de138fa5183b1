//! A shutdown is one, whoever asks for it and how often: all of them wait for its end.
//!
//! This file is explored by loom, too: `meters-core/tests/hand_over/flusher.rs`.

use std::sync::Arc;

use super::{AtomicU32, FlushReport, Lock, Reply, SeqCst, generation};

/// Whether it was asked for, and who waits for its end.
pub(super) struct Closing {
    /// 0, or one more than the number of the process that asked, which a child of `fork` can tell without a lock.
    begun: AtomicU32,
    waiting: Arc<Lock<Waiting>>,
}

/// `None` from the end on.
type Waiting = Option<Vec<Reply<FlushReport>>>;

impl Closing {
    pub(super) fn new() -> Self {
        Self { begun: AtomicU32::new(0), waiting: Arc::new(Lock::new(Some(Vec::new()))) }
    }

    pub(super) fn is_begun(&self) -> bool {
        self.begun.load(SeqCst) != 0
    }

    /// The first who asks has it done by `shut`, which calls what it is given, or drops it, at the end. All others are told
    /// at the end that there was nothing left to do.
    pub(super) fn close(&self, reply: Reply<FlushReport>, shut: impl FnOnce(Reply<FlushReport>)) {
        let this = generation() + 1;
        match self.begun.compare_exchange(0, this, SeqCst, SeqCst) {
            Ok(_) => {
                let ended = Ended(self.waiting.clone());
                shut(Box::new(move |report| {
                    reply(report);
                    drop(ended);
                }));
            }
            Err(process) => self.wait(reply, process == this),
        }
    }

    fn wait(&self, reply: Reply<FlushReport>, here: bool) {
        let mut waiting = self.waiting.lock();
        if !here {
            // The thread that would answer is the parent's, and so are those who wait for it.
            std::mem::forget(waiting.take());
        }
        match &mut *waiting {
            Some(waiting) => waiting.push(reply),
            None => {
                drop(waiting);
                reply(FlushReport::default());
            }
        }
    }
}

/// The end of a shutdown, when this is dropped.
struct Ended(Arc<Lock<Waiting>>);

impl Drop for Ended {
    fn drop(&mut self) {
        let waiting = self.0.lock().take();
        waiting.into_iter().flatten().for_each(|reply| reply(FlushReport::default()));
    }
}
