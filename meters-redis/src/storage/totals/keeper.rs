//! Adds each claim to the totals, once, before any of it is sent.

use std::time::{SystemTime, UNIX_EPOCH};

use meters_core::Window;

use super::Totals;
use crate::protocol::drain::{Found, Stored};

/// How many claims are remembered that nobody else can know of.
const REMEMBERED: usize = 16;

/// The totals of one shard as who reports knows them: a server that went back in time is given them again.
#[derive(Debug)]
pub(crate) struct Keeper {
    owner: String,
    totals: Option<Totals>,
    /// Sent off, and not known to have arrived.
    tried: Option<Totals>,
    kept: Vec<String>,
}

/// What is to be done about a claim.
#[derive(Debug)]
pub(crate) enum Keep {
    /// Nothing: it is in the totals, or nobody wants them.
    Done,
    /// These take the place of those with that version.
    Replace { was: String, with: Stored },
}

impl Keeper {
    /// `owner` is a name that nobody ever had.
    pub(crate) fn new(owner: String) -> Self {
        Self { owner, totals: None, tried: None, kept: Vec::new() }
    }

    /// The version that is known.
    pub(crate) fn known(&self) -> &str {
        self.totals.as_ref().map_or("", |totals| &totals.version)
    }

    pub(crate) fn has(&self, bid: &str) -> bool {
        self.kept.iter().any(|kept| kept == bid)
    }

    /// The server knows of the claim what there is to know. (Its name may come back: an old request that was late.)
    pub(crate) fn forget(&mut self, bid: &str) {
        self.kept.retain(|kept| kept != bid);
    }

    /// What is to be done about a claim, as the server was found.
    pub(crate) fn found(&mut self, bid: &str, window: &Window, found: Found) -> Keep {
        let was = found.stored.as_ref().map_or(self.known(), |stored| &stored.version).to_owned();
        let arrived = self.tried.take().filter(|tried| tried.version == was);
        if let Some(arrived) = arrived {
            self.totals = Some(arrived);
            return self.done(bid);
        }
        if let Some(stored) = &found.stored {
            self.adopt(stored);
        }
        if found.kept {
            return self.done(bid);
        }
        let totals = match &self.totals {
            Some(totals) => totals,
            None if !found.wanted => return Keep::Done,
            // A claim's time may lie in the past: what was before it is in no total.
            None => &Totals::new(window.start().max(UNIX_EPOCH).min(SystemTime::now())),
        };
        let next = totals.with(window, &self.owner);
        if !found.wanted {
            // Whoever wanted them may come back, or the server has forgotten that: they are not begun anew.
            self.totals = Some(next);
            return self.done(bid);
        }
        let with = next.stored();
        self.tried = Some(next);
        Keep::Replace { was, with }
    }

    /// The totals were replaced as it was wished.
    pub(crate) fn replaced(&mut self, bid: &str) {
        self.totals = self.tried.take().or(self.totals.take());
        self.done(bid);
    }

    fn done(&mut self, bid: &str) -> Keep {
        if self.kept.len() == REMEMBERED {
            self.kept.remove(0);
        }
        self.kept.push(bid.to_owned());
        Keep::Done
    }

    fn adopt(&mut self, stored: &Stored) {
        match Totals::parse(stored) {
            Ok(Some(theirs)) if self.totals.as_ref().is_none_or(|ours| theirs.is_as_new_as(ours)) => {
                self.totals = Some(theirs);
            }
            Ok(_) => {}
            Err(damaged) => tracing::warn!(%damaged, "the totals in the Redis cannot be read: they begin anew"),
        }
    }
}
