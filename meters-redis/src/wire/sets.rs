//! Bounds of buckets, each set of them once an entry: of a thousand series, most have the same.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;
use meters_core::{Buckets, Identity, Kind, Shape, Value, Window};

use super::bytes::{Reader, put_number, put_varint};
use super::damaged::Flaw;

/// The most sets in an entry: as many as a process may have.
pub(super) const MOST: usize = 1024;

/// The sets that the series of a window refer to, in the order in which they first appear.
#[derive(Default)]
pub(super) struct Sets<'w> {
    all: Vec<&'w [f64]>,
    last: usize,
}

impl<'w> Sets<'w> {
    pub(super) fn of(window: &'w Window) -> Self {
        let (mut sets, mut known) = (Self::default(), HashSet::<usize, RandomState>::default());
        for (series, value) in window.iter() {
            let distribution = match value {
                Value::Histogram(distribution) => distribution,
                Value::Calls(calls) => &calls.duration,
                _ => continue,
            };
            if let Some((bounds, _)) = distribution.explicit() {
                sets.add(bounds);
            }
            // Of a thousand series what is said is asked for once.
            let metric = Identity::of(series);
            if series.kind() == Kind::Histogram && known.insert(metric.address()) {
                for (_, said) in metric.said() {
                    if let Some(Shape::Buckets(bounds)) = said.shape {
                        sets.add(bounds);
                    }
                }
            }
        }
        sets
    }

    fn add(&mut self, bounds: &'w [f64]) {
        match self.number(bounds) {
            Some(known) => self.last = known,
            // What is more, or none, is left out where it is referred to.
            None if self.all.len() < MOST && Buckets::are_bounds(bounds) => {
                self.last = self.all.len();
                self.all.push(bounds);
            }
            None => {}
        }
    }

    /// Which one it is.
    pub(super) fn number(&self, bounds: &[f64]) -> Option<usize> {
        // As a rule that of the series before, in the same place.
        let last = self.all.get(self.last).filter(|last| std::ptr::eq(**last, bounds) || ***last == *bounds);
        if last.is_some() { Some(self.last) } else { self.all.iter().position(|known| *known == bounds) }
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.all.len() as u64);
        for bounds in &self.all {
            put_varint(out, bounds.len() as u64);
            bounds.iter().for_each(|bound| put_number(out, *bound));
        }
    }
}

/// Reads the sets of an entry, and checks them.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vec<Arc<[f64]>>, Flaw> {
    let count = reader.count()?;
    if count > MOST {
        return Err("more sets of buckets than a process has");
    }
    let mut sets = Vec::with_capacity(count);
    for _ in 0..count {
        let bounds = reader.count()?;
        if bounds > Buckets::MOST {
            return Err("more buckets than a histogram has");
        }
        let bounds = (0..bounds).map(|_| reader.number()).collect::<Result<Arc<[f64]>, _>>()?;
        if !Buckets::are_bounds(&bounds) {
            return Err("bounds of buckets that are none");
        }
        sets.push(bounds);
    }
    Ok(sets)
}
