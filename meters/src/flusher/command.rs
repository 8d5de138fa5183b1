//! What a flusher can be asked for, and how it answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use meters_core::Error;

use crate::export::FlushReport;
use crate::export::cloudwatch::Datum;

/// A wish, and by when.
pub(crate) enum Command {
    Flush {
        deadline: Instant,
        reply: Reply<FlushReport>,
    },
    Shutdown {
        deadline: Instant,
        reply: Reply<FlushReport>,
    },
    #[cfg_attr(not(feature = "cloudwatch"), expect(dead_code, reason = "there are no datums"))]
    Put {
        datum: Box<Datum>,
        deadline: Instant,
        reply: Reply<Result<(), Error>>,
    },
}

/// How an answer is given: to a waiting thread or to a waiting task.
pub(crate) type Reply<T> = Box<dyn FnOnce(T) + Send>;

impl Command {
    pub(super) fn deadline(&self) -> Instant {
        match self {
            Self::Flush { deadline, .. } | Self::Shutdown { deadline, .. } | Self::Put { deadline, .. } => *deadline,
        }
    }

    /// Says why it cannot be done, where there is nothing to do it with.
    pub(super) fn refuse(self, why: &Error) {
        match self {
            Self::Flush { reply, .. } | Self::Shutdown { reply, .. } => {
                answer(reply, FlushReport { error: Some(unstarted(why)), ..FlushReport::default() });
            }
            Self::Put { reply, .. } => answer(reply, Err(unstarted(why))),
        }
    }
}

pub(super) fn unstarted(why: &Error) -> Error {
    Error::configuration("the exporter could not be started").with_source(why.to_string())
}

/// A reply wakes a task, and a waker is somebody else's code.
pub(super) fn answer<T>(reply: Reply<T>, with: T) {
    _ = catch_unwind(AssertUnwindSafe(|| reply(with)));
}
