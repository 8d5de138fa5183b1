//! What was taken out.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use meters_core::{Series, Value, Window};

use super::calls::Taken;
use super::field::series;

/// No rate over no time at all.
const SHORTEST: Duration = Duration::from_millis(1);

/// Counts that were taken out, this process's to report until they are acknowledged, given back, or `until` is over.
#[derive(Debug)]
#[non_exhaustive]
pub struct Drained {
    /// The meters, all of [`Kind::Meter`](meters_core::Kind::Meter), in a fixed order. Its elapsed time is that since
    /// `periodstart`, which with the count makes the rate. Its end is the timestamp to report them at, also when another
    /// process takes them over.
    pub window: Window,
    /// Fields that CloudWatch would not take, or that are none of ss-instrumentation's, with what they held. They are gone
    /// once the rest is acknowledged.
    pub refused: Vec<(String, String)>,
    /// Another process had them before, and may have reported them.
    pub again: bool,
    /// From then on another process may take them over: do not begin to send what may arrive later.
    pub until: Instant,
    pub(super) id: String,
}

impl Drained {
    pub(super) fn new(id: String, mut taken: Taken) -> Self {
        taken.counts.sort_unstable();
        let (mut items, mut places, mut refused) = (Vec::<(Series, Value)>::new(), HashMap::new(), Vec::new());
        for (field, count) in taken.counts {
            let events = std::str::from_utf8(&count).ok().and_then(|text| text.parse::<u64>().ok());
            let (Ok(series), Some(events)) = (series(&field), events) else {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                refused.push((text(&field), text(&count)));
                continue;
            };
            // A number and the text of it are two fields, and one series.
            let place = *places.entry(series.clone()).or_insert(items.len());
            match items.get_mut(place) {
                Some((_, value)) => value.merge(&Value::Meter(events)),
                None => items.push((series, Value::Meter(events))),
            }
        }
        let elapsed = taken.end.duration_since(taken.start).unwrap_or_default().max(SHORTEST);
        let window = Window::from_parts(taken.start, taken.end, elapsed, items);
        Self { window, refused, again: taken.attempt > 1, until: taken.until, id }
    }
}
