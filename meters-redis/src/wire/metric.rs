//! What the series of a metric share.

use meters_core::{Dimensions, Foreign, Identity, Kind, Resolution, Unit};

use super::bytes::{Reader, put_slice, put_text, put_varint};
use super::damaged::Flaw;
use super::said;
use super::sets::Sets;

/// By their numbers on the wire, which stay as they are.
const KINDS: [Kind; 8] = [
    Kind::Counter,
    Kind::Gauge,
    Kind::Meter,
    Kind::Histogram,
    Kind::Calls,
    Kind::Values,
    Kind::Statistic,
    Kind::FloatCounter,
];

/// From here on the series of a kind tell their length.
const LENGTHS: usize = 7;

/// Whether the series of this metric tell their length.
pub(super) fn tells_length(kind: Kind) -> bool {
    KINDS.iter().position(|known| *known == kind).is_none_or(|number| number >= LENGTHS)
}

/// Of a kind that processes have which are newer than this one.
pub(super) fn is_newer(identity: &[u8]) -> bool {
    identity.first().is_some_and(|kind| usize::from(*kind) >= KINDS.len())
}

/// The name of a metric of whatever kind.
pub(super) fn name(identity: &[u8]) -> &str {
    identity.get(3..).and_then(|name| Reader(name).text().ok()).unwrap_or("")
}

const HIGH_RESOLUTION: u8 = 1;
const NAMED: u8 = 2;

/// Identity and what is said of it; false, and nothing, where nobody could read them.
pub(super) fn put(out: &mut Vec<u8>, metric: Identity, sets: &Sets<'_>, scratch: &mut Vec<u8>) -> bool {
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
    said::put(scratch, metric, &keys, sets);
    put_slice(out, scratch);
    true
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
