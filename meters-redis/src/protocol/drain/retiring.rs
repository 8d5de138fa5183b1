//! The end of a drain in peace: what it has goes to whoever asks next, at once.

use super::super::call::Call;
use super::super::scripts;
use super::{Drain, Flight};

impl Drain {
    /// What is left to do before this process goes: it notes what became of requests, gives claims back, and then the lease.
    /// None: nothing is. A claim of whose requests one may still arrive is left to its time.
    pub(crate) fn retire(&mut self) -> Option<Call> {
        if let Some(call) = self.owed() {
            return Some(call);
        }
        self.held.retain(|_, held| held.may_be_given_back());
        if let Some((bid, held)) = self.held.first_key_value() {
            let args = [self.owner.clone().into_bytes(), held.at.clone().into_bytes()];
            self.flight = Some(Flight::Free { bid: bid.clone() });
            return Some(Call::new(&scripts::FREE, [self.keys.claim(bid), self.keys.epoch()], args));
        }
        if !self.leading {
            return None;
        }
        self.flight = Some(Flight::Resign);
        Some(Call::new(&scripts::RESIGN, [self.keys.lease()], [self.owner.clone().into_bytes()]))
    }

    /// A claim was given back, or was another's by then.
    pub(super) fn freed(&mut self, bid: &str) {
        self.held.remove(bid);
    }
}
