//! How long to wait before a request is made again.

use std::time::Duration;

/// How long to wait before a request is made again: at random up to a bound that doubles ("full jitter").
///
/// The method is that of
/// [Exponential backoff and jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    /// The bound after the first failure.
    pub(crate) first: Duration,
    /// The bound that is never passed.
    pub(crate) most: Duration,
}

impl Backoff {
    /// The wait after `failures` failures in a row, at least 1; `random` is in 0..1. What CloudWatch asked for is the
    /// least, and a little more: not all who were asked come back in the same moment.
    pub(crate) fn wait(&self, failures: u32, random: f64, asked: Option<Duration>) -> Duration {
        let doubled = 1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let bound = self.first.saturating_mul(doubled).min(self.most);
        match asked {
            Some(asked) => asked.saturating_add(self.first.mul_f64(random)).max(bound.mul_f64(random)),
            None => bound.mul_f64(random),
        }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(200), most: Duration::from_secs(5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_bound_and_is_drawn_from_all_of_it() {
        let backoff = Backoff::default();
        let wait = |failures, random| backoff.wait(failures, random, None).as_millis();
        let bounds: Vec<_> = (1..8).map(|failures| wait(failures, 1.0)).collect();
        assert_eq!(bounds, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        assert_eq!((wait(3, 0.0), wait(3, 0.5)), (0, 400));
        assert_eq!((wait(0, 1.0), wait(32, 1.0), wait(u32::MAX, 1.0)), (200, 5_000, 5_000));
        let asked = Duration::from_secs(9);
        assert_eq!(backoff.wait(7, 0.5, Some(asked)), asked + Duration::from_millis(100));
        assert_eq!(backoff.wait(1, 0.0, Some(asked)), asked);
        // Who says "at once" each time is asked less and less often all the same.
        assert_eq!(backoff.wait(4, 1.0, Some(Duration::ZERO)).as_millis(), 1_600);
    }
}
