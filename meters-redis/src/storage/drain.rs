//! The way out, over all shards.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use meters_core::Error;
use meters_core::storage::{Claim, Drain, Fate, Health, Progress, Task};

use super::agreement::Agreement;
use super::claimer::Claimer;

#[derive(Debug)]
pub(crate) struct RedisDrain {
    agreement: Arc<Agreement>,
    claimers: Vec<Claimer>,
    /// Which shard is asked first: the others must have their turn when one of them is away.
    turn: usize,
}

impl RedisDrain {
    pub(crate) fn new(agreement: Arc<Agreement>, claimers: Vec<Claimer>) -> Self {
        Self { agreement, claimers, turn: 0 }
    }

    async fn claim_one(&mut self, deadline: Instant) -> Result<Option<Claim>, Error> {
        let count = self.claimers.len();
        let first = self.claimers[0].agree(&self.agreement, deadline).await;
        first.map_err(|failure| failure.error)?;
        let mut error = None;
        for _ in 0..count {
            self.turn = (self.turn + 1) % count;
            match self.claimers[self.turn].claim(deadline).await {
                Ok(Some(claim)) => return Ok(Some(claim)),
                Ok(None) => {}
                Err(failure) => error = error.or(Some(failure.error)),
            }
        }
        error.map_or(Ok(None), Err)
    }

    /// The shard that a claim is of, and its name there.
    fn of<'a>(&mut self, claim: &'a Claim) -> Option<(&mut Claimer, &'a str)> {
        let (place, bid) = claim.id.split_once('/')?;
        Some((self.claimers.get_mut(place.parse::<usize>().ok()?)?, bid))
    }
}

impl Drain for RedisDrain {
    fn claim(&mut self, deadline: Instant) -> Task<'_, Result<Option<Claim>, Error>> {
        Box::pin(self.claim_one(deadline))
    }

    fn next(&self) -> Instant {
        self.claimers.iter().map(Claimer::next).min().unwrap_or_else(Instant::now)
    }

    fn keep<'a>(&'a mut self, claim: &'a Claim) -> Task<'a, Result<(), Error>> {
        Box::pin(async move {
            let (claimer, bid) = self.of(claim).ok_or_else(|| foreign(claim))?;
            claimer.keep(bid, &claim.window).await
        })
    }

    fn plan<'a>(&'a mut self, claim: &'a Claim, datums: u32, fingerprint: u64) -> Task<'a, Result<Progress, Error>> {
        Box::pin(async move {
            let (claimer, bid) = self.of(claim).ok_or_else(|| foreign(claim))?;
            claimer.plan(bid, datums, fingerprint).await
        })
    }

    fn begin<'a>(
        &'a mut self,
        claim: &'a Claim,
        datums: Range<u32>,
        patience: Duration,
    ) -> Task<'a, Result<bool, Error>> {
        Box::pin(async move {
            let (claimer, bid) = self.of(claim).ok_or_else(|| foreign(claim))?;
            claimer.begin(bid, datums, patience).await
        })
    }

    fn end<'a>(&'a mut self, claim: &'a Claim, datums: Range<u32>, fate: Fate) -> Task<'a, Result<(), Error>> {
        let Some((claimer, bid)) = self.of(claim) else { return Box::pin(async move { Err(foreign(claim)) }) };
        // At once: that a request arrived must not be forgotten because nobody waits for this.
        claimer.end(bid, &datums, fate);
        Box::pin(claimer.note())
    }

    fn leave(&mut self, claim: Claim) -> Task<'_, ()> {
        if let Some((place, bid)) = claim.id.split_once('/')
            && let Some(claimer) = place.parse::<usize>().ok().and_then(|place| self.claimers.get_mut(place))
        {
            let bid = bid.to_owned();
            claimer.leave(bid, claim);
        }
        Box::pin(async {})
    }

    fn retire(&mut self, deadline: Instant) -> Task<'_, ()> {
        Box::pin(async move {
            for claimer in &mut self.claimers {
                claimer.retire(deadline).await;
            }
        })
    }

    fn health(&self) -> Health {
        let mut health = Health::default();
        for claimer in &self.claimers {
            claimer.add_to(&mut health);
        }
        health
    }
}

#[cold]
fn foreign(claim: &Claim) -> Error {
    Error::configuration(format!("the claim {:?} is not of this storage", claim.id))
}
