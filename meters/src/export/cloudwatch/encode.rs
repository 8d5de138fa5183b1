//! From a window to datums: a pure function.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use meters_core::{Series, Window};

use super::datum::Datum;
use super::idle::Busy;
use super::refused::Refused;
use super::standing::Standing;

mod parts;
#[cfg(test)]
mod tests;

use parts::Told;

/// A window shorter than this has the rate of one that long: nothing is divided by zero.
const SHORTEST: f64 = 1e-3;
/// How far before its end a window's timestamp lies at most; see [`timestamp`].
const MINUTE: Duration = Duration::from_secs(60);

/// What a window came to.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) datums: Vec<Datum>,
    pub(crate) refused: Vec<Refused>,
    /// For the next window.
    pub(crate) busy: Busy,
}

/// The datums of `window` and of its roll-ups, and one zero for each series of `last`, the window before, that counted then and does not now.
pub(crate) fn encode(window: &Window, standing: &Standing, last: &Busy) -> Encoded {
    let timestamp = timestamp(window.start(), window.end());
    let seconds = window.elapsed().as_secs_f64().max(SHORTEST);
    let (mut encoded, mut busy) = (Encoded::default(), Busy::default());
    let parents = window.rolled_up();
    // What was recorded under the identity of a parent is part of it.
    let within: HashSet<&Series> = parents.iter().map(|(parent, _)| parent).collect();
    let recorded = window.iter().filter(|(series, _)| within.is_empty() || !within.contains(series));
    encoded.datums.reserve((window.iter().len() + parents.len()) * 2);
    for (series, value) in recorded.chain(parents.iter().map(|(parent, value)| (parent, value))) {
        encoded.add(series, parts::of(series, value, seconds, &mut busy), standing, timestamp);
    }
    for (series, part) in last.silent_in(&busy) {
        encoded.add(series, vec![parts::silent(series, *part, seconds)], standing, timestamp);
    }
    Encoded { busy, ..encoded }
}

/// When a window was: the later of its start and a minute before its end.
///
/// CloudWatch puts a datum into the period that its timestamp lies in, so that a window that is aligned to a minute must
/// be stamped with its start to count for that minute; with its end, it would count for the next. A window longer than a
/// minute counts for its last. A clock that was set back puts the start behind the end: the end is what it is now.
fn timestamp(start: SystemTime, end: SystemTime) -> SystemTime {
    let minute_before = end.checked_sub(MINUTE).unwrap_or(end);
    start.max(minute_before).min(end)
}

impl Encoded {
    /// Gives the datums of a series what they have in common, and refuses what CloudWatch would.
    fn add(&mut self, series: &Series, parts: Vec<Told>, standing: &Standing, timestamp: SystemTime) {
        if parts.is_empty() {
            return;
        }
        let (resolution, dimensions) = (series.resolution(), standing.of(series));
        for Told { name, unit, value } in parts {
            let refused = match (&dimensions, value) {
                (Ok(dimensions), Ok(value)) => match value.unsendable() {
                    None => {
                        let dimensions = dimensions.clone();
                        self.datums.push(Datum { name, dimensions, unit, resolution, timestamp, value });
                        continue;
                    }
                    Some(number) => out_of_range(number),
                },
                (Err(error), _) => error.to_string(),
                (_, Err(error)) => error.to_string(),
            };
            self.refused.push(Refused::new(&name, series.dimensions(), refused));
        }
    }
}

/// Why CloudWatch would refuse `number`.
pub(super) fn out_of_range(number: f64) -> String {
    format!("{number:e} is no number between 2^-360 and 2^360 in magnitude, which is what CloudWatch takes")
}
