//! From a window to an entry.

use std::collections::HashMap;
use std::time::UNIX_EPOCH;

use foldhash::fast::RandomState;
use meters_core::{Identity, Series, Value, Window};

use super::bytes::{put_text, put_varint};
use super::sets::Sets;
use super::{HEADER, metric, sealed, value};

/// What was recorded in `window`, whose series carry all their dimensions. The same window gives the same bytes.
///
/// What no window of a registry holds (a value that is not of its series' kind, a lattice that stands elsewhere than its unit
/// has it, a name that CloudWatch refuses) is left out, with a warning: others would take the whole entry for damaged.
pub fn encode(window: &Window) -> Vec<u8> {
    let sets = Sets::of(window);
    let metrics = Metrics::of(window, &sets);
    let mut out = Vec::with_capacity(HEADER + 64 * window.iter().len() + 64 * metrics.all.len());
    out.resize(HEADER, 0);
    let end = window.end().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    put_varint(&mut out, u64::try_from(end).unwrap_or(u64::MAX));
    sets.put(&mut out);
    put_varint(&mut out, metrics.all.len() as u64);
    out.extend_from_slice(&metrics.table);
    let mut group = Vec::new();
    let mut left = metrics.series.as_slice();
    for (place, metric) in metrics.all.iter().enumerate() {
        let (own, rest) = left.split_at(left.partition_point(|(of, ..)| *of <= place));
        left = rest;
        let (keys, origin) = (metric.keys().len(), metric.origin());
        let (mut count, mut unfit) = (0, 0u64);
        group.clear();
        for (_, series, value) in own {
            let start = group.len();
            put_text(&mut group, series.packed());
            if Identity::are_values(series.packed().as_bytes(), keys)
                && value::put(&mut group, series, origin, value, &sets)
            {
                count += 1;
            } else {
                group.truncate(start);
                unfit += 1;
            }
        }
        if metric::tells_length(metric.kind()) {
            let mut length = Vec::new();
            put_varint(&mut length, count);
            put_varint(&mut out, (length.len() + group.len()) as u64);
        }
        put_varint(&mut out, count);
        out.append(&mut group);
        if unfit > 0 {
            left_out(metric.name(), unfit);
        }
    }
    sealed(out)
}

#[cold]
fn left_out(metric: &str, series: u64) {
    tracing::warn!(metric, series, "what no process could read is left out of what this one shares");
}

/// The metrics of a window as they first appear, and its series by metric and values: whoever reads several entries then
/// finds the series in the same order.
#[derive(Default)]
struct Metrics<'w> {
    all: Vec<Identity>,
    table: Vec<u8>,
    series: Vec<(usize, &'w Series, &'w Value)>,
}

impl<'w> Metrics<'w> {
    fn of(window: &'w Window, sets: &Sets<'_>) -> Self {
        let mut metrics = Self { series: Vec::with_capacity(window.iter().len()), ..Self::default() };
        let mut places: HashMap<usize, Option<usize>, RandomState> = HashMap::default();
        let (mut last, mut scratch) = (None, Vec::new());
        for (series, value) in window.iter().filter(|(_, value)| !value.is_empty()) {
            let metric = Identity::of(series);
            let place = match last {
                Some((address, place)) if address == metric.address() => place,
                _ => *places.entry(metric.address()).or_insert_with(|| metrics.put(metric, sets, &mut scratch)),
            };
            last = Some((metric.address(), place));
            if let Some(place) = place {
                metrics.series.push((place, series, value));
            }
        }
        metrics
            .series
            .sort_unstable_by(|(place, one, _), (other, two, _)| (place, one.packed()).cmp(&(other, two.packed())));
        metrics
    }

    fn put(&mut self, metric: Identity, sets: &Sets<'_>, scratch: &mut Vec<u8>) -> Option<usize> {
        if metric::put(&mut self.table, metric, sets, scratch) {
            self.all.push(metric);
            return Some(self.all.len() - 1);
        }
        left_out(metric.name(), 0);
        None
    }
}
