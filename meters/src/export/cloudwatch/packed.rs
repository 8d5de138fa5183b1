//! Datums that wait: written one behind the other and compressed, which takes a tenth of the memory and less.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::datum::{Datum, block};
use cursor::Cursor;

pub(crate) mod cursor;
mod datum;

/// More than a request can be, and so than any batch is.
const MOST_RAW: usize = 4 << 20;

/// The datums of one batch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Packed {
    bytes: Box<[u8]>,
    count: usize,
}

impl Packed {
    pub(crate) fn of(datums: &[Datum]) -> Self {
        let mut raw = Vec::new();
        datums.iter().for_each(|one| datum::write(&mut raw, one));
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        // Writing to memory does not fail; what came out otherwise would not be read back, which is looked at.
        let bytes = encoder.write_all(&raw).and_then(|()| encoder.finish()).unwrap_or_default();
        Self { bytes: bytes.into(), count: datums.len() }
    }

    /// What claims to be `count` datums.
    pub(crate) fn claimed(bytes: &[u8], count: usize) -> Self {
        Self { bytes: bytes.into(), count }
    }

    /// Appends what one datum is, before it is packed.
    pub(crate) fn write(raw: &mut Vec<u8>, one: &Datum) {
        datum::write(raw, one);
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of memory behind it.
    pub(crate) fn heap(&self) -> usize {
        block(self.bytes.len())
    }

    /// The datums; `None` where it claims to be what it is not.
    pub(crate) fn datums(&self) -> Option<Vec<Datum>> {
        self.within(MOST_RAW).map(|(datums, _)| datums)
    }

    /// The datums, and how many bytes they are unpacked; `None` also for more than `most` of those.
    pub(crate) fn within(&self, most: usize) -> Option<(Vec<Datum>, usize)> {
        let mut raw = Vec::new();
        let most = most.min(MOST_RAW);
        DeflateDecoder::new(&*self.bytes).take(most as u64 + 1).read_to_end(&mut raw).ok()?;
        let mut cursor = Cursor::new(&raw);
        let mut datums = Vec::new();
        for _ in 0..self.count {
            datums.push(datum::read(&mut cursor)?);
        }
        datums.shrink_to_fit();
        (cursor.is_empty() && raw.len() <= most).then_some((datums, raw.len()))
    }
}
