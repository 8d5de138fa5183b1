//! Since when each claim waits until the server cannot forget it.

use std::collections::HashMap;
use std::time::Instant;

/// By claim: its term, and when it was first asked for.
#[derive(Debug, Default)]
pub(super) struct Waits(HashMap<String, (Vec<Vec<u8>>, Instant)>);

impl Waits {
    /// A claim that is taken again begins anew, though its name is the same: the term before tells nothing of this one.
    pub(super) fn since(&mut self, bid: &str, term: &[Vec<u8>], now: Instant) -> Instant {
        match self.0.get(bid) {
            Some((known, since)) if known == term => *since,
            _ => {
                self.0.insert(bid.to_owned(), (term.to_vec(), now));
                now
            }
        }
    }

    pub(super) fn end(&mut self, bid: &str) {
        self.0.remove(bid);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_claim_that_is_taken_again_waits_anew() {
        let (mut waits, began) = (Waits::default(), Instant::now());
        let (one, other) = ([b"1".to_vec()], [b"2".to_vec()]);
        let later = began + Duration::from_secs(9);
        assert_eq!(waits.since("a", &one, began), began);
        assert_eq!(waits.since("a", &one, later), began);
        assert_eq!(waits.since("a", &other, later), later);
        waits.end("a");
        assert_eq!(waits.since("a", &other, began), began);
    }
}
