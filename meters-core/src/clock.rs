//! The clock: the processor's own counter where it can be trusted, the operating system's monotonic clock elsewhere.
//!
//! Nothing is calibrated on the caller's time. Until two milliseconds of the process are known to both clocks, moments come
//! from the monotonic clock; from then on a moment is one unserialised read of the counter, and every snapshot makes the
//! rate more exact, or gives the counter up for good where it did not run evenly.

mod counter;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use std::time::{Duration, Instant};

use crate::fork::{self, Lock};

/// Nanoseconds a tick, the bits of an `f64`. Zero while moments come from the monotonic clock.
static RATE: AtomicU64 = AtomicU64::new(0);

/// The rate that was last in force.
static LAST_RATE: AtomicU64 = AtomicU64::new(0);

/// Added to and taken from a number below 2^51, leaves the nearest whole number.
const WHOLE: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52

/// How long both clocks must have run before the counter is used: 2 ms against a reading error of ~50 ns is 25 ppm.
const SETTLE: Duration = Duration::from_millis(2);

/// Marks a moment of the monotonic clock: a moment is always measured with the clock that made it.
const MONOTONIC: u64 = 1 << 63;

/// Marks a moment that is none: it says how long something took that is not timed.
const STANDS: u64 = MONOTONIC | 1 << 62;

/// A moment in time; made by [`now`], good for [`Moment::nanoseconds`].
#[derive(Clone, Copy, Debug)]
pub struct Moment(u64);

/// This moment.
#[inline]
pub fn now() -> Moment {
    if RATE.load(Relaxed) != 0 { Moment(counter::read()) } else { monotonic() }
}

impl Moment {
    /// Whole nanoseconds since this moment, rounded; 0 where the clock went backwards.
    #[inline]
    pub fn nanoseconds(self) -> u64 {
        self.whole() as u64
    }

    /// As [`nanoseconds`](Self::nanoseconds), as the whole number that an `f64` holds exactly up to 104 days.
    #[inline]
    pub(crate) fn whole(self) -> f64 {
        // Asked first: what only stands for a duration does not pay for reading the counter.
        if self.0 >= MONOTONIC {
            return self.whole_slowly();
        }
        let end = counter::read();
        let rate = RATE.load(Relaxed);
        if rate == 0 {
            return self.whole_slowly();
        }
        // Off the critical path: nothing waits for a value, only for addresses.
        whole(end, self.0, f64::from_bits(rate))
    }

    /// Stands for a duration that is known already, in whole nanoseconds below 2^62.
    #[inline]
    pub(crate) fn standing(nanoseconds: f64) -> Self {
        Self(nanoseconds as u64 & !STANDS | STANDS)
    }

    /// Whether it is no moment, but stands for a duration.
    #[inline]
    pub(crate) fn stands(self) -> bool {
        self.0 >= STANDS
    }

    #[inline(never)]
    fn whole_slowly(self) -> f64 {
        if self.stands() {
            return (self.0 & !STANDS) as f64;
        }
        if self.0 >= MONOTONIC {
            return monotonic().0.saturating_sub(self.0) as f64;
        }
        // The counter was given up since: its last rate is the best there is.
        whole(counter::read(), self.0, f64::from_bits(LAST_RATE.load(Relaxed)))
    }
}

#[inline]
fn whole(end: u64, start: u64, rate: f64) -> f64 {
    let nanoseconds = (end.wrapping_sub(start) as i64 as f64 * rate + WHOLE) - WHOLE;
    if nanoseconds > 0.0 { nanoseconds } else { 0.0 }
}

#[cold]
#[inline(never)]
fn monotonic() -> Moment {
    let nanoseconds = calibration().start.elapsed().as_nanos() as u64;
    if nanoseconds >= SETTLE.as_nanos() as u64 {
        refine();
    }
    Moment(nanoseconds | MONOTONIC)
}

/// What is known of the two clocks.
struct Calibration {
    start: Instant,
    last: Lock<Last>,
}

struct Last {
    /// False where the processor has no counter to trust, or once it has been seen to run unevenly.
    trusted: bool,
    /// The rate in force stands on a stretch long enough to judge others by.
    sure: bool,
    first: Pair,
    latest: Pair,
}

/// Both clocks read together.
#[derive(Clone, Copy)]
struct Pair {
    nanoseconds: u64,
    ticks: u64,
}

fn calibration() -> &'static Calibration {
    static CALIBRATION: OnceLock<Calibration> = OnceLock::new();
    if let Some(known) = CALIBRATION.get() {
        return known;
    }
    let _inside = fork::enter();
    CALIBRATION.get_or_init(|| {
        let start = Instant::now();
        let trusted = counter::is_invariant();
        let first = if trusted { pair(start) } else { Pair { nanoseconds: 0, ticks: 0 } };
        Calibration { start, last: Lock::new(Last { trusted, sure: false, first, latest: first }) }
    })
}

/// The tightest of a few readings, so that being descheduled between the two clocks does no harm.
fn pair(start: Instant) -> Pair {
    let read = || {
        let before = start.elapsed().as_nanos() as u64;
        let ticks = counter::read();
        let after = start.elapsed().as_nanos() as u64;
        (after - before, Pair { nanoseconds: before.midpoint(after), ticks })
    };
    (0..5).map(|_| read()).min_by_key(|(width, _)| *width).map_or(Pair { nanoseconds: 0, ticks: 0 }, |(_, pair)| pair)
}

/// Takes the whole life of the process into the rate, and checks that the last stretch ran at it.
pub(crate) fn refine() {
    let calibration = calibration();
    let Some(mut last) = calibration.last.try_lock() else {
        return;
    };
    if !last.trusted {
        return;
    }
    let now = pair(calibration.start);
    let known = RATE.load(Relaxed);
    if now.nanoseconds < last.first.nanoseconds + SETTLE.as_nanos() as u64 {
        return;
    }
    let (Some(whole), Some(recent)) = (rate(last.first, now), rate(last.latest, now)) else {
        last.trusted = false;
        RATE.store(0, Relaxed);
        return;
    };
    // A stretch long enough to judge by must agree to a thousandth: a migrated machine or a frequency change does not.
    let judged = now.nanoseconds - last.latest.nanoseconds >= 100_000_000;
    if last.sure && judged && (recent / f64::from_bits(known) - 1.0).abs() > 1e-3 {
        last.trusted = false;
        RATE.store(0, Relaxed);
        return;
    }
    if judged || known == 0 {
        last.latest = now;
        last.sure |= judged;
    }
    LAST_RATE.store(whole.to_bits(), Relaxed);
    RATE.store(whole.to_bits(), Relaxed);
}

fn rate(from: Pair, to: Pair) -> Option<f64> {
    let ticks = to.ticks.checked_sub(from.ticks).filter(|ticks| *ticks > 0)?;
    let nanoseconds = to.nanoseconds.checked_sub(from.nanoseconds).filter(|nanoseconds| *nanoseconds > 0)?;
    Some(nanoseconds as f64 / ticks as f64)
}

/// Whether moments are read from the processor's counter by now.
///
/// ```
/// let fast = meters_core::clock::is_counter();
/// # let _ = fast;
/// ```
pub fn is_counter() -> bool {
    RATE.load(Relaxed) != 0
}

/// Gives the clock the time that it needs to settle, for benchmarks and the impatient: two milliseconds as a rule.
///
/// Says what [`is_counter`] says.
pub fn settle() -> bool {
    let start = Instant::now();
    while !is_counter() && start.elapsed() < 50 * SETTLE {
        let trusted = calibration().last.lock().trusted;
        if !trusted {
            break;
        }
        now();
        std::hint::spin_loop();
    }
    is_counter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_monotonic_clock() {
        settle();
        for _ in 0..20 {
            let (moment, instant) = (now(), Instant::now());
            while instant.elapsed() < Duration::from_micros(500) {
                std::hint::spin_loop();
            }
            let truth = instant.elapsed().as_nanos() as u64;
            let seen = moment.nanoseconds();
            // `seen` encloses `truth`, and may enclose a descheduled thread, but is never shorter.
            assert!(seen as f64 >= truth as f64 * 0.999, "{seen} {truth}");
        }
    }

    #[test]
    fn a_moment_of_the_old_clock_is_measured_with_the_old_clock() {
        let old = monotonic();
        settle();
        assert!(old.nanoseconds() < 60_000_000_000);
    }

    #[test]
    fn a_clock_that_stepped_back_reads_zero() {
        settle();
        let future = Moment(counter::read().saturating_add(1 << 60));
        assert_eq!(future.nanoseconds(), 0);
    }
}
