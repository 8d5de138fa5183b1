//! How often windows are sealed: a `Duration`, or a text such as `"30s"`.

use std::time::Duration;

use meters_core::Error;

const SHORTEST: Duration = Duration::from_millis(10);
/// CloudWatch takes no value older than two weeks
/// ([MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html)).
const LONGEST: Duration = Duration::from_secs(14 * 24 * 3600);

/// The units of a text; those that end in another come first.
const UNITS: [(&str, f64); 5] = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0)];

/// What can say how often: a `Duration`, or a number with `ms`, `s`, `m`, `h` or `d` behind it; from 10 ms to 14 days.
///
/// ```
/// use meters::Interval;
/// use std::time::Duration;
/// assert_eq!("500ms".interval()?, Duration::from_millis(500));
/// assert_eq!("1.5 h".interval()?, Duration::from_secs(5400));
/// assert!("5 parsecs".interval().is_err());
/// # Ok::<(), meters::Error>(())
/// ```
pub trait Interval {
    /// The interval that is meant.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] for what is no duration, and for one out of range.
    fn interval(self) -> Result<Duration, Error>;
}

impl Interval for Duration {
    fn interval(self) -> Result<Duration, Error> {
        if (SHORTEST..=LONGEST).contains(&self) {
            return Ok(self);
        }
        Err(out_of_range(&format!("{self:?}")))
    }
}

fn out_of_range(given: &str) -> Error {
    Error::invalid_input(format!("an interval lies between 10 ms and 14 days, and {given} does not"))
}

impl Interval for &str {
    fn interval(self) -> Result<Duration, Error> {
        let wrong = || {
            let hint = "write a number and ms, s, m, h or d, such as \"30s\" or \"500ms\"";
            Error::invalid_input(format!("{self:?} is no interval: {hint}"))
        };
        let text = self.trim();
        let (number, unit) =
            UNITS.iter().find_map(|(name, seconds)| Some((text.strip_suffix(name)?, seconds))).ok_or_else(wrong)?;
        let number: f64 = number.trim_end().parse().map_err(|_| wrong())?;
        let interval = Duration::try_from_secs_f64(number * unit).map_err(|_| wrong())?;
        interval.interval().map_err(|_| out_of_range(text))
    }
}

impl Interval for String {
    fn interval(self) -> Result<Duration, Error> {
        self.as_str().interval()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_that_are_promised() {
        let seconds = |text: &str| text.interval().unwrap().as_secs_f64();
        assert_eq!(seconds("30s"), 30.0);
        assert_eq!(seconds("500ms"), 0.5);
        assert_eq!(seconds("5m"), 300.0);
        assert_eq!(seconds("1h"), 3600.0);
        assert_eq!(seconds("2d"), 172_800.0);
    }

    #[test]
    fn what_is_none() {
        for text in ["", "s", "ten s", "-1s", "NaNs", "infs", "1e400s", "5", "5 min", "1w", "0s"] {
            let error = text.interval().unwrap_err();
            assert!(error.is_invalid_input(), "{text}");
        }
    }

    #[test]
    fn limits() {
        assert!(SHORTEST.interval().is_ok());
        assert!((SHORTEST - Duration::from_nanos(1)).interval().is_err());
        assert!(LONGEST.interval().is_ok());
        assert!((LONGEST + Duration::from_nanos(1)).interval().is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,20}") {
            _ = text.interval();
        }
    }
}
