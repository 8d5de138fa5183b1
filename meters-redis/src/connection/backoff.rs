//! How long to leave a server in peace that did not answer: full jitter, so that a fleet does not come back at once.

use std::time::{Duration, Instant, SystemTime};

const FIRST: Duration = Duration::from_millis(100);
/// The longest pause, where nothing is shorter than that.
pub(crate) const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Backoff {
    longest: Duration,
    failures: u32,
    until: Option<Instant>,
    dice: fastrand::Rng,
}

impl Backoff {
    pub(crate) fn new(longest: Duration) -> Self {
        // Dice of the standard kind fall alike in all children of a fork, who would come all at once.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seed = fastrand::u64(..) ^ u64::from(std::process::id()).rotate_left(32) ^ now.as_nanos() as u64;
        Self { longest, failures: 0, until: None, dice: fastrand::Rng::with_seed(seed) }
    }

    pub(crate) fn failed(&mut self, now: Instant) {
        let most = FIRST.saturating_mul(1 << self.failures.min(10)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + most.mul_f64(self.dice.f64()));
    }

    pub(crate) fn succeeded(&mut self) {
        (self.failures, self.until) = (0, None);
    }

    /// When the next attempt may start; none where it may at once.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_end_with_success() {
        let (now, mut backoff) = (Instant::now(), Backoff::new(LONGEST));
        let mut longest = [Duration::ZERO; 40];
        for _ in 0..200 {
            for longest in &mut longest {
                backoff.failed(now);
                *longest = (backoff.until().unwrap() - now).max(*longest);
            }
            backoff.succeeded();
            assert_eq!(backoff.until(), None);
        }
        assert!(longest[0] <= FIRST && longest[1] <= 2 * FIRST && longest[39] <= LONGEST);
        assert!(longest[39] > 10 * FIRST, "grows: {longest:?}");
        let mut brief = Backoff::new(FIRST);
        for _ in 0..200 {
            brief.failed(now);
            assert!(brief.until().unwrap() - now <= FIRST);
        }
    }
}
