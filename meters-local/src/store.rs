//! The datums held, by series and in order of arrival, within a bound of bytes.

use crate::datum::{Datum, DatumValue, Series};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::time::SystemTime;

/// A datum without what its series says already.
#[derive(Debug)]
pub(crate) struct Stored {
    arrival: u64,
    pub(crate) timestamp: SystemTime,
    pub(crate) unit: &'static str,
    pub(crate) resolution: u32,
    pub(crate) value: DatumValue,
}

/// A series with its datums, oldest arrival first.
#[derive(Debug)]
struct Entry {
    /// Number in order of first arrival, by which ListMetrics pages.
    id: u64,
    datums: VecDeque<Stored>,
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: BTreeMap<Arc<Series>, Entry>,
    by_id: BTreeMap<u64, Arc<Series>>,
    /// The series of each datum held, in order of arrival.
    order: VecDeque<Arc<Series>>,
    bytes: usize,
    max_bytes: usize,
    next: u64,
    dropped: u64,
}

impl Store {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, ..Self::default() }
    }

    /// Adds datums and drops the oldest beyond the bound.
    pub(crate) fn put(&mut self, datums: Vec<Datum>) {
        for datum in datums {
            self.push(datum);
        }
        while self.bytes > self.max_bytes {
            self.drop_oldest();
        }
    }

    fn push(&mut self, datum: Datum) {
        let Datum { namespace, name, dimensions, timestamp, unit, resolution, value } = datum;
        let series = Series { namespace, name, dimensions };
        let arrival = self.next;
        self.next += 1;
        let series = match self.entries.get_key_value(&series) {
            Some((series, _)) => Arc::clone(series),
            None => {
                self.bytes += series_bytes(&series);
                let series = Arc::new(series);
                self.by_id.insert(arrival, Arc::clone(&series));
                self.entries.insert(Arc::clone(&series), Entry { id: arrival, datums: VecDeque::new() });
                series
            }
        };
        let stored = Stored { arrival, timestamp, unit, resolution, value };
        self.bytes += datum_bytes(&stored);
        if let Some(entry) = self.entries.get_mut(&series) {
            entry.datums.push_back(stored);
        }
        self.order.push_back(series);
    }

    fn drop_oldest(&mut self) {
        let Some(series) = self.order.pop_front() else {
            return;
        };
        let Some(entry) = self.entries.get_mut(&series) else {
            return;
        };
        if let Some(stored) = entry.datums.pop_front() {
            self.bytes -= datum_bytes(&stored);
            self.dropped += 1;
        }
        if entry.datums.is_empty() {
            self.bytes -= series_bytes(&series);
            self.by_id.remove(&entry.id);
            self.entries.remove(&series);
        }
    }

    /// Forgets the datums and the count of those dropped.
    pub(crate) fn clear(&mut self) {
        *self = Self { max_bytes: self.max_bytes, next: self.next, ..Self::default() };
    }

    /// Datums dropped for want of room.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many datums are held.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// All series, sorted, with their datums.
    pub(crate) fn series(&self) -> impl Iterator<Item = (&Series, &VecDeque<Stored>)> {
        self.entries.iter().map(|(series, entry)| (&**series, &entry.datums))
    }

    /// The datums of exactly this series.
    pub(crate) fn get(&self, series: &Series) -> Option<&VecDeque<Stored>> {
        self.entries.get(series).map(|entry| &entry.datums)
    }

    /// Series in order of first arrival, after the one numbered `after`, with their numbers.
    pub(crate) fn after(&self, after: Option<u64>) -> impl Iterator<Item = (u64, &Series, &VecDeque<Stored>)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let known = self.by_id.range((from, Bound::Unbounded));
        known.filter_map(|(id, series)| self.get(series).map(|datums| (*id, &**series, datums)))
    }

    /// The datums of the series that `wanted` selects, in order of arrival.
    pub(crate) fn datums(&self, wanted: impl Fn(&Series) -> bool) -> Vec<Datum> {
        let selected = self.series().filter(|(series, _)| wanted(series));
        let mut found: Vec<_> = selected.flat_map(|(series, datums)| datums.iter().map(move |d| (series, d))).collect();
        found.sort_unstable_by_key(|(_, stored)| stored.arrival);
        found.into_iter().map(|(series, stored)| stored.to_datum(series)).collect()
    }
}

impl Stored {
    fn to_datum(&self, series: &Series) -> Datum {
        Datum {
            namespace: series.namespace.clone(),
            name: series.name.clone(),
            dimensions: series.dimensions.clone(),
            timestamp: self.timestamp,
            unit: self.unit,
            resolution: self.resolution,
            value: self.value.clone(),
        }
    }
}

fn datum_bytes(stored: &Stored) -> usize {
    let arrays = match &stored.value {
        DatumValue::Values { values, counts } => (values.len() + counts.len()) * size_of::<f64>(),
        DatumValue::Value(_) | DatumValue::Statistics { .. } => 0,
    };
    size_of::<Stored>() + size_of::<Arc<Series>>() + arrays
}

/// What the maps and the first allocation of a deque take for a series, roughly.
const SERIES_OVERHEAD: usize = 4 * size_of::<Stored>() + 128;

fn series_bytes(series: &Series) -> usize {
    let dimension = |(name, value): &(String, String)| size_of::<(String, String)>() + name.len() + value.len();
    let texts = series.namespace.len() + series.name.len();
    SERIES_OVERHEAD
        + size_of::<Series>()
        + size_of::<Entry>()
        + texts
        + series.dimensions.iter().map(dimension).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datum(name: &str, value: f64) -> Datum {
        Datum {
            namespace: "N".to_owned(),
            name: name.to_owned(),
            dimensions: vec![("D".to_owned(), "v".to_owned())],
            timestamp: SystemTime::UNIX_EPOCH,
            unit: "None",
            resolution: 60,
            value: DatumValue::Value(value),
        }
    }

    fn values(store: &Store) -> Vec<(String, f64)> {
        let read = |datum: Datum| match datum.value {
            DatumValue::Value(value) => (datum.name, value),
            other => panic!("{other:?} was never stored"),
        };
        store.datums(|_| true).into_iter().map(read).collect()
    }

    #[test]
    fn datums_keep_their_order_of_arrival_across_series() {
        let mut store = Store::new(usize::MAX);
        store.put(vec![datum("b", 1.0), datum("a", 2.0)]);
        store.put(vec![datum("b", 3.0)]);
        let expected = [("b", 1.0), ("a", 2.0), ("b", 3.0)];
        assert_eq!(values(&store), expected.map(|(name, value)| (name.to_owned(), value)));
        let ids: Vec<_> = store.after(None).map(|(_, series, _)| series.name.clone()).collect();
        assert_eq!(ids, ["b", "a"]);
    }

    #[test]
    fn the_oldest_goes_first_and_a_series_goes_with_its_last_datum() {
        let mut room = Store::new(usize::MAX);
        room.put(vec![datum("a", 1.0), datum("b", 2.0)]);
        let mut store = Store::new(room.bytes());
        store.put(vec![datum("a", 1.0), datum("b", 2.0)]);
        assert_eq!((store.len(), store.dropped()), (2, 0));
        store.put(vec![datum("b", 3.0)]);
        assert_eq!(values(&store), [("b".to_owned(), 2.0), ("b".to_owned(), 3.0)]);
        assert_eq!((store.series().count(), store.after(None).count(), store.dropped()), (1, 1, 1));
    }

    #[test]
    fn what_is_dropped_gives_all_its_bytes_back() {
        let mut store = Store::new(1);
        let values = DatumValue::Values { values: vec![1.0; 150], counts: vec![1.0; 150] };
        store.put(vec![Datum { value: values, ..datum("a", 0.0) }, datum("b", 1.0)]);
        assert_eq!((store.bytes(), store.len(), store.dropped()), (0, 0, 2));
        assert!(store.by_id.is_empty() && store.entries.is_empty());
        store.clear();
        assert_eq!(store.dropped(), 0);
    }
}
