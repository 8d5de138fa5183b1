//! Time ranges cut into periods.
//!
//! The start is rounded down as the API reference of GetMetricData says, and periods are counted from there. A datum
//! of standard resolution belongs to its whole minute, and periods below a minute see high-resolution datums only.
//! Retention is not imitated: a datum is seen at every period for as long as it is held.

use crate::error::{AwsError, Kind};
use crate::protocol::input::Input;
use crate::statistics::Summary;
use crate::store::Stored;
use crate::validate::millis;
use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A time range, end exclusive, and a period; all in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    start: i64,
    end: i64,
    period: i64,
}

/// `StartTime` and `EndTime` in milliseconds. `kind` is the error of a start that is not before the end.
pub(super) fn range(input: &Input<'_>, kind: &'static Kind) -> Result<(i64, i64), AwsError> {
    let read = |name| input.timestamp(name)?.ok_or_else(|| AwsError::missing(name));
    let (start, end) = (read("StartTime")?, read("EndTime")?);
    if start >= end {
        let message = "The parameter StartTime must be less than the parameter EndTime.";
        return Err(AwsError::new(kind, message));
    }
    Ok((start, end))
}

/// The member `Period` in seconds.
pub(super) fn period<'a>(input: &Input<'a>) -> Result<i64, AwsError> {
    let period = input.int("Period")?.ok_or_else(|| AwsError::missing(input.path("Period")))?;
    if matches!(period, 1 | 5 | 10 | 20 | 30) || (period > 0 && period % 60 == 0) {
        return Ok(period);
    }
    let path = input.path("Period");
    Err(AwsError::value(format_args!("The parameter {path} must be 1, 5, 10, 20, 30 or a multiple of 60.")))
}

impl Window {
    /// The range cut into periods of `seconds`.
    pub(super) fn new((start, end): (i64, i64), seconds: i64, now: SystemTime) -> Self {
        let period = seconds.saturating_mul(1_000);
        let age = millis(now).saturating_sub(start);
        let grain = match age {
            _ if period < MINUTE => period,
            age if age > 63 * DAY => 60 * MINUTE,
            age if age >= 15 * DAY => 5 * MINUTE,
            _ => MINUTE,
        };
        Self { start: start - start.rem_euclid(grain), end, period }
    }

    /// How many datapoints the range can give.
    pub(super) fn datapoints(&self) -> u64 {
        u64::try_from(self.end.saturating_sub(self.start)).unwrap_or(0).div_ceil(self.period.unsigned_abs())
    }

    /// The start of the period that a datum belongs to.
    fn bucket(&self, datum: &Stored) -> Option<i64> {
        if self.period < MINUTE && datum.resolution != 1 {
            return None;
        }
        let at = millis(datum.timestamp);
        let at = if datum.resolution == 1 { at } else { at - at.rem_euclid(MINUTE) };
        let within = (self.start..self.end).contains(&at);
        within.then(|| at - (at - self.start).rem_euclid(self.period))
    }

    /// One summary for each period and unit that has datums, of the unit asked for if one is. Where `units` is false
    /// all units share one summary.
    pub(super) fn summaries(
        &self,
        datums: &VecDeque<Stored>,
        unit: Option<&'static str>,
        units: bool,
        percentiles: bool,
    ) -> BTreeMap<(i64, &'static str), Summary> {
        let mut summaries = BTreeMap::new();
        for datum in datums.iter().filter(|datum| unit.is_none_or(|unit| unit == datum.unit)) {
            if let Some(bucket) = self.bucket(datum) {
                let key = (bucket, if units { datum.unit } else { "" });
                summaries.entry(key).or_insert_with(|| Summary::new(percentiles)).add(&datum.value);
            }
        }
        summaries
    }
}
