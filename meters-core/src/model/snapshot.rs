//! The values of all series at one moment, and the difference between two moments.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use crate::model::{Exemplar, Series, Value};

/// The values of all series of a registry at one moment, cumulative since it began. Plain data: taking one changes nothing.
///
/// ```
/// # use meters_core as meters;
/// let registry = meters::Registry::new();
/// let orders = registry.counter("Orders").register();
/// orders.inc(2);
/// let before = registry.snapshot();
/// orders.inc(3);
/// let window = registry.snapshot().since(&before);
/// assert_eq!(window.counter("Orders"), 3);
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) taken: SystemTime,
    /// Time since the registry began, by a clock that never steps.
    pub(crate) age: Duration,
    pub(crate) items: Vec<(Series, Value)>,
    /// What is not shown, as it was idle for long. Kept, for it may be back in the next snapshot, and then only what was
    /// recorded meanwhile is new.
    pub(crate) expired: Vec<(Series, Value)>,
    /// Of those histograms that were given any.
    pub(crate) exemplars: HashMap<Series, Exemplar>,
}

impl Snapshot {
    /// A snapshot made of parts, as storage that shares values between processes needs it.
    pub fn from_parts(taken: SystemTime, age: Duration, items: Vec<(Series, Value)>) -> Self {
        Self { taken, age, items, expired: Vec::new(), exemplars: HashMap::new() }
    }

    /// When it was taken.
    pub fn taken(&self) -> SystemTime {
        self.taken
    }

    /// How long the registry had been recording by then, by a clock that never steps.
    pub fn age(&self) -> Duration {
        self.age
    }

    /// The last exemplar of a histogram; see
    /// [`observe_with_exemplar`](crate::Histogram::observe_with_exemplar).
    pub fn exemplar(&self, series: &Series) -> Option<&Exemplar> {
        if self.exemplars.is_empty() { None } else { self.exemplars.get(series) }
    }

    /// What [`iter`](Self::iter) tells, by place.
    #[doc(hidden)]
    pub fn items(&self) -> &[(Series, Value)] {
        &self.items
    }

    /// All series with their values, in the order in which they first appeared; without those that
    /// [expired](crate::Registry::expire_after).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Series, &Value)> {
        self.items.iter().map(|(series, value)| (series, value))
    }

    /// What was recorded after `previous`, an earlier snapshot of the same registry: only series that moved, and gauges.
    /// Series that expired or came back between the two are told as all others.
    ///
    /// Counts, sums and buckets are exact; for minimum and maximum see [`Distribution::since`](crate::Distribution::since).
    /// Of [`put_statistic`](crate::Registry::put_statistic) the sum is a difference of plain sums, and the extremes are those
    /// of all time; the windows of a [reader](crate::Registry::reader) have exact ones.
    pub fn since(&self, previous: &Snapshot) -> Window {
        let mut places = None;
        let mut items = Vec::new();
        for (now, then) in [(&self.items, &previous.items), (&self.expired, &previous.expired)] {
            for (place, (series, value)) in now.iter().enumerate() {
                // Series are only ever added at the end, so that an earlier snapshot of this registry has them at the same
                // place, unless some expired or came back between the two.
                let then = match then.get(place) {
                    Some((known, then)) if known == series => Some(then),
                    _ => places.get_or_insert_with(|| previous.all()).get(series).copied(),
                };
                if let Some(gained) = value.since(then) {
                    items.push((series.clone(), gained));
                }
            }
        }
        Window { start: previous.taken, end: self.taken, elapsed: self.age.saturating_sub(previous.age), items }
    }

    /// Shown or not.
    fn all(&self) -> HashMap<&Series, &Value> {
        self.items.iter().chain(&self.expired).map(|(series, value)| (series, value)).collect()
    }

    /// Adds what another process holds: counters and distributions add up, a gauge takes the level of the later snapshot. A
    /// series is expired here where it is so in both, or unknown to the other.
    pub fn merge(&mut self, other: &Snapshot) {
        let later = other.taken >= self.taken;
        if !self.expired.is_empty() || !other.expired.is_empty() {
            let shown: HashSet<_> = self.items.iter().chain(&other.items).map(|(series, _)| series.clone()).collect();
            self.items.append(&mut self.expired);
            merge(&mut self.items, &other.expired, later);
            merge(&mut self.items, &other.items, later);
            (self.items, self.expired) =
                std::mem::take(&mut self.items).into_iter().partition(|(series, _)| shown.contains(series));
        } else {
            merge(&mut self.items, &other.items, later);
        }
        for (series, theirs) in &other.exemplars {
            let known = self.exemplars.entry(series.clone()).or_insert_with(|| theirs.clone());
            if known.at() < theirs.at() {
                known.clone_from(theirs);
            }
        }
        self.taken = self.taken.max(other.taken);
        self.age = self.age.max(other.age);
    }
}

/// The sealed difference between two snapshots, with its start and end.
#[derive(Clone, Debug)]
pub struct Window {
    pub(crate) start: SystemTime,
    pub(crate) end: SystemTime,
    pub(crate) elapsed: Duration,
    pub(crate) items: Vec<(Series, Value)>,
}

impl Window {
    /// A window made of parts.
    pub fn from_parts(start: SystemTime, end: SystemTime, elapsed: Duration, items: Vec<(Series, Value)>) -> Self {
        Self { start, end, elapsed, items }
    }

    /// Wall-clock time of its start.
    pub fn start(&self) -> SystemTime {
        self.start
    }

    /// Wall-clock time of its end.
    pub fn end(&self) -> SystemTime {
        self.end
    }

    /// Its length, by a clock that never steps.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// All series that moved, and gauges.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Series, &Value)> {
        self.items.iter().map(|(series, value)| (series, value))
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds a later window of the same registry.
    pub fn append(&mut self, later: &Window) {
        merge(&mut self.items, &later.items, true);
        self.elapsed += later.elapsed;
        self.start = self.start.min(later.start);
        self.end = later.end;
    }

    /// Adds the same period's window of another process: the time that passed is that of the period, not of each process.
    pub fn merge(&mut self, other: &Window) {
        merge(&mut self.items, &other.items, other.end >= self.end);
        self.elapsed = self.elapsed.max(other.elapsed);
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
    }
}

fn merge(items: &mut Vec<(Series, Value)>, others: &[(Series, Value)], later: bool) {
    let places: HashMap<Series, usize> =
        items.iter().enumerate().map(|(place, (series, _))| (series.clone(), place)).collect();
    for (series, value) in others {
        match places.get(series) {
            Some(&place) if later || !matches!(value, Value::Gauge(_)) => items[place].1.merge(value),
            Some(_) => {}
            None => items.push((series.clone(), value.clone())),
        }
    }
}
