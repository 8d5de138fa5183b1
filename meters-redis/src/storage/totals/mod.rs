//! What was reported of an application in all, for those who show it: a page of Prometheus wants totals, and a Redis has deltas.

mod keeper;
mod shown;

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use foldhash::fast::RandomState;
use meters_core::{Kind, Series, Value, Window};

pub(crate) use self::keeper::{Keep, Keeper};
pub use self::shown::SharedTotals;
use crate::protocol::drain::Stored;
use crate::wire::{self, Damaged, Merge, encode};

/// A series that nobody recorded for one to two times as long is shown no longer.
const IDLE: Duration = Duration::from_secs(86_400);

/// All that was ever reported of one shard, but what nobody recorded for long. Gauges are those of the newest period.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    /// One more with each claim.
    number: u64,
    began: SystemTime,
    version: String,
    /// Recorded since the parts were last turned; and its end is that of the newest period.
    young: Part,
    /// Recorded before that alone; and its end is when that was.
    old: Part,
}

#[derive(Clone, Debug)]
struct Part {
    items: Vec<(Series, Value)>,
    places: HashMap<Series, usize, RandomState>,
    end: SystemTime,
}

impl Part {
    fn new(items: Vec<(Series, Value)>, end: SystemTime) -> Self {
        let places = items.iter().enumerate().map(|(place, (series, _))| (series.clone(), place)).collect();
        Self { items, places, end }
    }

    fn parse(entry: &[u8]) -> Result<Self, Damaged> {
        let mut merge = Merge::default();
        merge.add(b"", 1, entry)?;
        Ok(Self::new(merge.finish(), UNIX_EPOCH + Duration::from_millis(wire::end(entry)?)))
    }

    fn bytes(&self) -> Vec<u8> {
        encode(&Window::from_parts(self.end, self.end, Duration::ZERO, self.items.clone()))
    }

    fn get(&mut self, series: &Series) -> Option<&mut Value> {
        self.places.get(series).map(|place| &mut self.items[*place].1)
    }

    fn push(&mut self, series: Series, value: Value) {
        self.places.insert(series.clone(), self.items.len());
        self.items.push((series, value));
    }

    fn remove(&mut self, series: &Series) -> Option<Value> {
        let place = self.places.remove(series)?;
        let (_, value) = self.items.swap_remove(place);
        if let Some((moved, _)) = self.items.get(place) {
            self.places.insert(moved.clone(), place);
        }
        Some(value)
    }
}

impl Totals {
    /// Nothing yet, from `began` on.
    fn new(began: SystemTime) -> Self {
        let part = |end| Part::new(Vec::new(), end);
        Self { number: 0, began, version: String::new(), young: part(UNIX_EPOCH), old: part(began) }
    }

    /// What the server has; none where there is nothing yet.
    fn parse(stored: &Stored) -> Result<Option<Self>, Damaged> {
        let mut numbers = stored.version.splitn(3, '-');
        let mut number = || numbers.next().and_then(|number| number.parse().ok());
        let (Some(number), Some(began)) = (number(), number()) else { return Ok(None) };
        let [young, old] = &stored.parts;
        let (young, old) = (Part::parse(young)?, Part::parse(old)?);
        let began = UNIX_EPOCH + Duration::from_millis(began);
        Ok(Some(Self { number, began, version: stored.version.clone(), young, old }))
    }

    fn stored(&self) -> Stored {
        Stored { version: self.version.clone(), parts: [self.young.bytes(), self.old.bytes()] }
    }

    /// Whether these are as new as the others: those of a server that went back in time are not.
    fn is_as_new_as(&self, other: &Totals) -> bool {
        (self.young.end, self.number) >= (other.young.end, other.number)
    }

    /// These and what was reported of a period, as `owner` has them.
    fn with(&self, window: &Window, owner: &str) -> Self {
        let mut next = self.clone();
        next.number += 1;
        let began = next.began.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        next.version = format!("{}-{began}-{owner}", next.number);
        let newest = window.end() >= next.young.end;
        if newest {
            // A process that is gone has no level.
            let items = std::mem::take(&mut next.young.items);
            let items = items.into_iter().filter(|(series, _)| series.kind() != Kind::Gauge).collect();
            next.young = Part::new(items, window.end());
        }
        if window.end().duration_since(next.old.end).is_ok_and(|passed| passed >= IDLE) {
            let empty = Part::new(Vec::new(), window.end());
            let turned = std::mem::replace(&mut next.young, empty);
            next.old = Part { end: window.end(), ..turned };
        }
        for (series, value) in window.iter() {
            if series.kind() == Kind::Gauge && !newest {
                continue;
            }
            match next.young.get(series) {
                Some(total) => total.merge(value),
                None => {
                    let total = next.old.remove(series).map(|mut total| {
                        total.merge(value);
                        total
                    });
                    next.young.push(series.clone(), total.unwrap_or_else(|| value.clone()));
                }
            }
        }
        next
    }
}
