//! What the series of a metric share, and how they are rolled up.

use meters_core::{Dimensions, Foreign, Identity, Kind, Resolution, Unit};

use super::bytes::{Reader, put_text, put_varint};
use super::damaged::Flaw;

/// By their numbers on the wire, which stay as they are.
const KINDS: [Kind; 7] =
    [Kind::Counter, Kind::Gauge, Kind::Meter, Kind::Histogram, Kind::Calls, Kind::Values, Kind::Statistic];

const HIGH_RESOLUTION: u8 = 1;
const NAMED: u8 = 2;

/// Identity and roll-ups; false, and nothing, where nobody could read them.
pub(super) fn put(out: &mut Vec<u8>, metric: Identity, scratch: &mut Vec<u8>) -> bool {
    let Some(kind) = KINDS.iter().position(|kind| *kind == metric.kind()) else {
        return false;
    };
    let keys: Vec<&str> = metric.keys().collect();
    let (name, unit, resolution, named) = (metric.name(), metric.unit(), metric.resolution(), metric.named());
    if (Foreign { name, kind: metric.kind(), unit, resolution, named, keys: &keys }).check().is_err() {
        return false;
    }
    scratch.clear();
    let high = if resolution == Resolution::High { HIGH_RESOLUTION } else { 0 };
    scratch.extend([kind as u8, unit as u8, high | if named { NAMED } else { 0 }]);
    put_text(scratch, name);
    put_varint(scratch, keys.len() as u64);
    keys.iter().for_each(|key| put_text(scratch, key));
    put_slice(out, scratch);
    scratch.clear();
    put_rollups(scratch, metric, &keys);
    put_slice(out, scratch);
    true
}

fn put_slice(out: &mut Vec<u8>, slice: &[u8]) {
    put_varint(out, slice.len() as u64);
    out.extend_from_slice(slice);
}

fn put_rollups(out: &mut Vec<u8>, metric: Identity, keys: &[&str]) {
    let all = metric.rollups();
    if all.is_empty() {
        return;
    }
    put_varint(out, all.len() as u64);
    for (function, sets) in all {
        put_text(out, &function);
        // A set with a dimension that the metric has not says nothing of it.
        let place = |key: &&str| keys.iter().position(|own| own == key).map(|place| place as u8);
        let sets: Vec<Vec<u8>> = sets.iter().filter_map(|kept| kept.iter().map(place).collect()).collect();
        put_varint(out, sets.len() as u64);
        for set in sets {
            put_slice(out, &set);
        }
    }
}

/// A metric of an entry.
pub(super) struct Told<'a> {
    foreign: (&'a str, Kind, Unit, Resolution, bool),
    keys: Vec<&'a str>,
}

impl<'a> Told<'a> {
    /// Reads and checks an identity.
    pub(super) fn read(identity: &'a [u8]) -> Result<Self, Flaw> {
        let mut reader = Reader(identity);
        let kind = *KINDS.get(usize::from(reader.byte()?)).ok_or("a kind that nobody knows")?;
        let unit = *Unit::ALL.get(usize::from(reader.byte()?)).ok_or("a unit that nobody knows")?;
        let flags = reader.byte()?;
        if flags & !(HIGH_RESOLUTION | NAMED) != 0 {
            return Err("a flag that nobody knows");
        }
        let resolution = if flags & HIGH_RESOLUTION == 0 { Resolution::Standard } else { Resolution::High };
        let name = reader.text()?;
        let count = reader.count()?;
        if count > Dimensions::MAX {
            return Err("more dimensions than a metric has");
        }
        let keys = (0..count).map(|_| reader.text()).collect::<Result<_, _>>()?;
        reader.end()?;
        let told = Self { foreign: (name, kind, unit, resolution, flags & NAMED != 0), keys };
        told.foreign().check()?;
        Ok(told)
    }

    pub(super) fn foreign(&self) -> Foreign<'_> {
        let (name, kind, unit, resolution, named) = self.foreign;
        Foreign { name, kind, unit, resolution, named, keys: &self.keys }
    }
}

/// Calls `each` with function and sets; of them nothing is kept here.
pub(super) fn rollups<'a>(
    bytes: &'a [u8],
    keys: &[&'a str],
    mut each: impl FnMut(&'a str, &[&[&'a str]]) -> Result<(), Flaw>,
) -> Result<(), Flaw> {
    let mut reader = Reader(bytes);
    if bytes.is_empty() {
        return Ok(());
    }
    for _ in 0..reader.count()? {
        let function = reader.text()?;
        let mut sets = Vec::new();
        for _ in 0..reader.count()? {
            let key = |place: &u8| keys.get(usize::from(*place)).copied().ok_or("a roll-up by what is no dimension");
            let kept = reader.slice()?;
            if kept.len() > keys.len() {
                return Err("a roll-up by more than the dimensions");
            }
            sets.push(kept.iter().map(key).collect::<Result<Vec<_>, _>>()?);
        }
        let sets: Vec<&[&str]> = sets.iter().map(Vec::as_slice).collect();
        each(function, &sets)?;
    }
    reader.end()
}
