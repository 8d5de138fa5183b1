//! Leaves CloudWatch alone after it took nothing: across exports, so that one that is away for hours is not asked anew by
//! each window of each process.

use std::time::{Duration, Instant};

use super::backoff::Backoff;

/// Whose wish an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The clock's: it waits for the end of a pause.
    Interval,
    /// The program's, which gets an answer, and waits for it until its deadline.
    Asked,
    /// The program's as well, and nothing comes after it.
    Last,
}

/// How long nothing is sent, unless the program asks for it.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    /// Exports in a row that sent nothing.
    failures: u32,
    until: Option<Instant>,
}

impl Pause {
    /// Whether an export of that cause has to wait for another time.
    pub(crate) fn holds(&self, cause: Cause, now: Instant) -> bool {
        cause == Cause::Interval && self.until.is_some_and(|until| now < until)
    }

    /// When an export that nobody asked for may be made again.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Whether the last export sent nothing: the next one begins with a single request.
    pub(crate) fn is_probing(&self) -> bool {
        self.failures > 0
    }

    /// An export failed, and CloudWatch `asked` to be left alone, or did not; `random` is in 0..1.
    pub(crate) fn fail(&mut self, sent: bool, backoff: &Backoff, now: Instant, random: f64, asked: Option<Duration>) {
        self.failures = if sent { 0 } else { self.failures.saturating_add(1) };
        let wait = (!sent || asked.is_some()).then(|| backoff.wait(self.failures, random, asked));
        self.until = wait.and_then(|wait| now.checked_add(wait));
    }

    /// An export found CloudWatch as it should be.
    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(300) };

    #[test]
    fn it_grows_from_export_to_export_and_ends_with_success() {
        let (now, mut pause) = (Instant::now(), Pause::default());
        assert!(!pause.holds(Cause::Interval, now) && !pause.is_probing());
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            pause.fail(false, &BACKOFF, now, 1.0, None);
            let end = now + Duration::from_secs(seconds);
            assert!(pause.holds(Cause::Interval, end - Duration::from_millis(1)), "{seconds}");
            assert!(!pause.holds(Cause::Interval, end), "{seconds}");
            assert!(!pause.holds(Cause::Asked, now) && pause.is_probing());
        }
        pause.end();
        assert!(!pause.holds(Cause::Interval, now) && !pause.is_probing());
    }

    #[test]
    fn what_cloudwatch_asks_for_holds_also_where_something_was_sent() {
        let (now, mut pause) = (Instant::now(), Pause::default());
        pause.fail(true, &BACKOFF, now, 1.0, None);
        assert!(!pause.holds(Cause::Interval, now));
        pause.fail(true, &BACKOFF, now, 0.0, Some(Duration::from_secs(60)));
        assert!(pause.holds(Cause::Interval, now + Duration::from_secs(59)) && !pause.is_probing());
        assert!(!pause.holds(Cause::Interval, now + Duration::from_secs(60)));
    }
}
