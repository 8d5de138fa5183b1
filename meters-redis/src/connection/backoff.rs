//! How long to leave a server in peace that did not answer: full jitter, so that a fleet does not come back at once.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    pub(crate) fn failed(&mut self, now: Instant) {
        let most = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + most.mul_f64(fastrand::f64()));
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
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
        let (now, mut backoff) = (Instant::now(), Backoff::default());
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
    }
}
