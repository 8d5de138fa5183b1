//! What an entry consists of.

use meters_core::Kind;

use super::bytes::Reader;
use super::damaged::{Damaged, Flaw};
use super::{HEADER, LATTICE, MAGIC, VERSION, metric};

/// The longest entry: half of what a value of Redis may be.
const LONGEST: usize = 256 << 20;

/// An entry that was checked: the end of its window, and what comes from its metrics on.
#[derive(Clone, Copy)]
pub(super) struct Body<'a> {
    pub(super) end: u64,
    pub(super) rest: Reader<'a>,
}

/// Where series tell their length: what is behind them, and `reader` is left with them alone.
pub(super) fn behind<'a>(reader: &mut Reader<'a>, kind: Kind) -> Result<Option<Reader<'a>>, Flaw> {
    if !metric::tells_length(kind) {
        return Ok(None);
    }
    let own = reader.slice()?;
    Ok(Some(std::mem::replace(reader, Reader(own))))
}

/// What is behind the header, if it is one of ours.
pub(super) fn of(entry: &[u8]) -> Result<Reader<'_>, Damaged> {
    if entry.len() > LONGEST {
        return Err(Damaged::from("it is too long"));
    }
    let Some((&[first, second, version, lattice, a, b, c, d], body)) = entry.split_first_chunk::<HEADER>() else {
        return Err(Damaged::from("it ends too early"));
    };
    if [first, second] != MAGIC {
        return Err(Damaged::from("it begins as none"));
    }
    if version != VERSION {
        return Err(Damaged::version(version));
    }
    if lattice != LATTICE {
        return Err(Damaged::lattice(lattice));
    }
    if crc32fast::hash(body) != u32::from_le_bytes([a, b, c, d]) {
        return Err(Damaged::from("its checksum is another"));
    }
    Ok(Reader(body))
}

/// When an entry's period ended, in milliseconds of the Unix epoch.
///
/// # Errors
/// Where the entry is no delta batch.
pub(crate) fn end(entry: &[u8]) -> Result<u64, Damaged> {
    Ok(of(entry)?.varint()?)
}
