//! What the user chose.

use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use meters_core::Error;

use super::backoff::Backoff;
use super::batch::MOST_DATUMS;
use super::refused::Refused;
pub(super) use crate::said::event;
use crate::said::{Listener, Said, tell};

/// What becomes of datums whose request left and was not answered, since CloudWatch may have counted them or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ambiguous {
    /// They are sent again: none is lost, and some may be counted twice.
    #[default]
    Resend,
    /// They are given up: none is counted twice, and some may be lost.
    Drop,
}

/// What the user chose.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) said: Said,
    /// 1 to 1,000.
    pub(crate) max_datums_per_request: usize,
    /// Of memory; beyond this, the oldest that waits is given up.
    pub(crate) max_pending_bytes: usize,
    /// What waits longer is given up.
    pub(crate) max_pending_age: Duration,
    /// How often a batch is tried in one export.
    pub(crate) max_attempts: u32,
    pub(crate) backoff: Backoff,
    /// From an export that sent nothing to the next that is not asked for.
    pub(crate) pause: Backoff,
    /// From an answer to the next request while a backlog is sent.
    pub(crate) gap: Duration,
    /// Whether an export that somebody asked for goes on until its deadline; tests look at one round.
    pub(crate) insist: bool,
    pub(crate) on_ambiguous: Ambiguous,
    /// With a storage: after how long a request without an answer is looked up. Nothing: it is ambiguous.
    pub(crate) read_back: Option<Duration>,
    /// Where to keep what a shutdown could not send.
    pub(crate) spool: Option<PathBuf>,
    /// Told of each refused datum.
    pub(crate) on_refused: Option<Listener<Refused>>,
}

impl Settings {
    pub(crate) fn new(said: impl Into<Said>) -> Self {
        Self {
            said: said.into(),
            max_datums_per_request: MOST_DATUMS,
            max_pending_bytes: 64 << 20,
            max_pending_age: Duration::from_secs(24 * 3600),
            max_attempts: 5,
            backoff: Backoff::default(),
            pause: Backoff { first: Duration::from_secs(1), most: Duration::from_secs(300) },
            gap: Duration::from_millis(100),
            insist: true,
            on_ambiguous: Ambiguous::default(),
            read_back: None,
            spool: None,
            on_refused: None,
        }
    }

    /// Tells of refused datums: all of them to who listens, and one of them to the log, lest it overflow.
    pub(super) fn tell_refused(&self, refused: &[Refused]) {
        if let Some(first) = refused.first() {
            let (metric, reason, count) = (first.metric(), first.reason(), refused.len());
            event(|| {
                tracing::warn!(target: "meters", metric, reason, count, "datums were refused; this is the first of them");
            });
        }
        for one in refused {
            tell(&self.on_refused, one);
        }
    }

    /// Tells of datums that may have been counted, and are given up for it. Before they are: who is killed in between told it.
    pub(super) fn tell_given_up(&self, count: u64) {
        self.tell_error(&Error::export(given_up(count)));
    }
}

/// What is said of every way out is said of this one.
impl Deref for Settings {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.said
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

pub(super) fn given_up(count: u64) -> String {
    format!("{count} datums were given up: their requests were not answered, and nobody knows if they were counted")
}
