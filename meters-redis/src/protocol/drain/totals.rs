//! What is kept of all that was reported: whoever has a claim adds it, once.

use super::super::call::{Call, number};
use super::super::reply::{Reply, Strange};
use super::super::scripts;
use super::answers::Owns;
use super::held::Stage;
use super::{Drain, Flight, Heard};

/// Totals as the server has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    /// What tells them from earlier and later ones; empty where there are none yet.
    pub(crate) version: String,
    /// What was recorded lately, and what was not: delta batches.
    pub(crate) parts: [Vec<u8>; 2],
}

/// What the server says of totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Somebody shows them.
    pub(crate) wanted: bool,
    /// The claim is in them already.
    pub(crate) kept: bool,
    /// None where they have the version that the asker knows.
    pub(crate) stored: Option<Stored>,
}

impl Stored {
    /// Reads a version and, where it is not the `known` one, the parts.
    pub(crate) fn read(reply: &mut Reply, known: &str) -> Result<Option<Self>, Strange> {
        let version = reply.text()?;
        if version.is_empty() {
            return Ok(Some(Self::default()));
        }
        if version == known {
            return Ok(None);
        }
        Ok(Some(Self { version, parts: [reply.bytes()?, reply.bytes()?] }))
    }
}

impl Drain {
    /// Asks for the totals that the claim is to be added to. None: the claim is not this process's any more.
    pub(crate) fn totals(&mut self, bid: &str, known: &str) -> Option<Call> {
        self.abandon();
        let held = self.held.get(bid).filter(|held| held.stage == Stage::Ready)?;
        let args = [self.owner.clone().into_bytes(), held.at.clone().into_bytes(), known.as_bytes().to_vec()];
        self.flight = Some(Flight::Totals { bid: bid.to_owned(), known: known.to_owned() });
        Some(Call::new(&scripts::TOTALS, [self.keys.claim(bid), self.keys.epoch(), self.keys.totals()], args))
    }

    /// Replaces the totals, which had the version `was`. None: the claim is not this process's any more.
    pub(crate) fn keep(&mut self, bid: &str, was: &str, totals: &Stored) -> Option<Call> {
        self.abandon();
        let held = self.held.get(bid).filter(|held| held.stage == Stage::Ready)?;
        let [young, old] = totals.parts.clone();
        let args = [
            self.owner.clone().into_bytes(),
            held.at.clone().into_bytes(),
            was.as_bytes().to_vec(),
            totals.version.clone().into_bytes(),
            young,
            old,
            number(held.detached.into()),
        ];
        self.flight = Some(Flight::Keep { bid: bid.to_owned() });
        Some(Call::new(&scripts::KEEP, [self.keys.claim(bid), self.keys.epoch(), self.keys.totals()], args))
    }

    pub(super) fn found(&mut self, bid: &str, known: &str, reply: &mut Reply) -> Result<Heard, Strange> {
        match self.owns(bid, reply)? {
            Owns::Yes | Owns::Short => {}
            Owns::Alone => self.detach(bid),
            // Where everything was lost, this claim is noted nowhere: its owner has it for himself.
            Owns::No if self.held.get(bid).is_some_and(|held| held.detached) => {}
            Owns::No => {
                self.give_up(bid);
                return Ok(Heard::Lost);
            }
        }
        let (wanted, kept) = (reply.number::<u64>()? == 1, reply.number::<u64>()? == 1);
        Ok(Heard::Found(Found { wanted, kept, stored: Stored::read(reply, known)? }))
    }

    pub(super) fn kept(&mut self, bid: &str, reply: &mut Reply) -> Result<Heard, Strange> {
        Ok(match self.owns(bid, reply)? {
            Owns::Yes => Heard::Kept(true),
            Owns::Short => Heard::Kept(false),
            // Everything was lost meanwhile: it is asked again, as one that is nobody else's.
            Owns::Alone => {
                self.detach(bid);
                Heard::Kept(false)
            }
            Owns::No => {
                self.give_up(bid);
                Heard::Lost
            }
        })
    }
}
