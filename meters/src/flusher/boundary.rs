//! When the next window ends: at whole multiples of the interval, so that a window of a minute is a minute of CloudWatch.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long after `now` the next multiple of `interval` lies that is at least half an interval away.
///
/// A timer that fires a little early would otherwise seal a window of next to nothing.
pub(super) fn until(now: SystemTime, interval: Duration) -> Duration {
    let interval = interval.as_nanos().max(1);
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mut left = interval - since % interval;
    if left < interval / 2 {
        left += interval;
    }
    Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_minute_ends_at_a_full_minute() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs_f64(seconds);
        let minute = Duration::from_secs(60);
        assert_eq!(until(at(120.0), minute), minute);
        assert_eq!(until(at(130.0), minute), Duration::from_secs(50));
        // Fired half a millisecond early: not again in half a millisecond.
        assert_eq!(until(at(179.9995), minute), Duration::from_micros(60_000_500));
    }

    proptest! {
        #[test]
        fn always_a_multiple_and_never_soon(now in 0u64..4_000_000_000_000, interval in 10u64..1_300_000_000) {
            let interval = Duration::from_millis(interval);
            let now = UNIX_EPOCH + Duration::from_millis(now);
            let left = until(now, interval);
            prop_assert!(left >= interval / 2 && left <= interval + interval / 2);
            let end = (now + left).duration_since(UNIX_EPOCH).unwrap();
            prop_assert_eq!(end.as_nanos() % interval.as_nanos(), 0);
        }
    }
}
