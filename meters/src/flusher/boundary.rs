//! When the next window ends: at whole multiples of the interval, so that a window of a minute is a minute of CloudWatch.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Waits for the end of a window, by what `now` tells. The timer beneath never steps, and stands still while the machine
/// sleeps: where the wall clock was set meanwhile, this window is longer or shorter, and the next one ends where it should.
pub(super) async fn reached(now: impl Fn() -> SystemTime, interval: Duration) {
    tokio::time::sleep(until(now(), interval)).await;
}

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

    const MINUTE: Duration = Duration::from_secs(60);
    const DAY: u32 = 24 * 60;

    /// Runs windows by the real timer, whose time is simulated, and a wall clock that `step` moves: after so many windows by
    /// so many seconds. Something is recorded every ten seconds. Returns the ends of windows by the wall clock, and what each
    /// of them holds.
    fn simulate(windows: u32, step: impl Fn(u32) -> f64) -> Vec<(SystemTime, u64)> {
        let registry = meters_core::Registry::new();
        let (mut reader, events) = (registry.reader(), registry.counter("Events").register());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let start = tokio::time::Instant::now();
            let base = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
            let stepped = std::cell::Cell::new(0.0);
            let now = || {
                let elapsed = start.elapsed().as_secs_f64() + stepped.get();
                if elapsed < 0.0 {
                    base - Duration::from_secs_f64(-elapsed)
                } else {
                    base + Duration::from_secs_f64(elapsed)
                }
            };
            let mut sealed = Vec::new();
            let mut next = tokio::time::interval(Duration::from_secs(10));
            for window in 0..windows {
                let mut end = std::pin::pin!(reached(now, MINUTE));
                let mut ticks = 0;
                loop {
                    tokio::select! {
                        biased;
                        () = &mut end => break,
                        _ = next.tick() => {
                            events.inc(1);
                            ticks += 1;
                            if ticks == 3 {
                                stepped.set(stepped.get() + step(window));
                            }
                        }
                    }
                }
                sealed.push((now(), reader.window().counter("Events")));
            }
            sealed
        })
    }

    fn is_full_minute(time: SystemTime) -> bool {
        let since = time.duration_since(UNIX_EPOCH).unwrap();
        // The timer counts milliseconds.
        let past = since.as_secs_f64() % 60.0;
        past.min(60.0 - past) < 0.002
    }

    #[test]
    fn twenty_four_hours_have_no_drift_no_gap_and_every_window_once() {
        let sealed = simulate(DAY, |_| 0.0);
        assert_eq!(sealed.len(), DAY as usize);
        for (place, (end, events)) in sealed.iter().enumerate() {
            let truth = UNIX_EPOCH + Duration::from_secs(1_800_000_000) + MINUTE * (place as u32 + 1);
            let off = end.duration_since(truth).unwrap_or_else(|early| early.duration());
            assert!(off < Duration::from_millis(2), "window {place} is off by {off:?}");
            // The tick that falls on a boundary may count here or there.
            assert!((5..=7).contains(events), "window {place} holds {events}");
        }
        assert_eq!(sealed.iter().map(|(_, events)| events).sum::<u64>(), u64::from(DAY) * 6);
    }

    /// An hour and 17 seconds back, ahead, asleep for three hours: each is a step of the wall clock in mid-window.
    #[test]
    fn after_a_clock_was_set_one_window_is_odd_and_nothing_is_lost_or_told_twice() {
        for step in [3617.0, -3617.0, 10_800.0, -1.0, 1.0, 30.0, -30.0, 86_400.0 * 30.0] {
            let sealed = simulate(200, |window| if window == 100 { step } else { 0.0 });
            let odd = sealed.iter().filter(|(end, _)| !is_full_minute(*end)).count();
            assert!(odd <= 1, "{odd} windows end where they should not after a step of {step} s");
            let events: u64 = sealed.iter().map(|(_, events)| events).sum();
            assert!((1195..=1205).contains(&events), "{events} after a step of {step} s");
            assert!(sealed.iter().all(|(_, events)| (2..=10).contains(events)), "after a step of {step} s");
        }
    }

    /// NTP moves clocks a little all the time.
    #[test]
    fn a_clock_that_is_slewed_does_not_split_windows() {
        let sealed = simulate(DAY, |window| if window % 2 == 0 { 0.0005 } else { -0.0005 });
        assert!(sealed.iter().all(|(end, events)| is_full_minute(*end) && (5..=7).contains(events)));
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
