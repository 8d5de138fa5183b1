//! A delta batch as bytes: what one process recorded in one period, versioned and self-describing.
//!
//! ```text
//! entry    = "mt" version:u8 lattice:u8 crc32(rest):u32 end:varint(ms of the Unix epoch) sets metrics series*
//! sets     = n:varint (bounds:n:varint number*n)*n
//! metrics  = n:varint (identity:text said:text)*n
//! identity = kind:u8 unit:u8 flags:u8 name:text keys:n:varint text*n
//! said     = nothing | n:varint (function:text parts:u8 [rollups] [description:text] [level:u8] [buckets] [quantiles])*n
//! rollups  = n:varint (kept:n:varint key:u8*n)*n
//! buckets  = set:varint
//! quantiles = n:varint number*n
//! series   = of each metric, in their order: [length:varint] n:varint (values:text value)*n
//! text     = length:varint bytes
//! ```
//!
//! The length is that of the rest, and stands before the series of kinds from 7 on: whoever does not know one goes on behind it.
//!
//! Varints are LEB128 in their shortest form, other numbers little-endian. A number that may have a fraction is `varint(n + 1)`
//! where it is a whole `n` below 2^53, else 0 and its 8 bytes. What values look like, `value` and `buckets` say. Lattice 1 is
//! that of [`meters_core::lattice`]; its origin follows from kind and unit of the metric.

mod body;
mod buckets;
mod bytes;
mod damaged;
mod encode;
mod levels;
mod merge;
mod metric;
mod said;
mod sets;
mod value;
mod warn;

#[cfg(test)]
mod tests;

pub(crate) use body::end;
pub use damaged::Damaged;
pub use encode::encode;
pub use merge::Merge;

const MAGIC: [u8; 2] = *b"mt";
const VERSION: u8 = 1;
const LATTICE: u8 = 1;

/// Magic, version, lattice and checksum.
const HEADER: usize = 8;

/// `body` behind its header.
pub fn sealed(mut entry: Vec<u8>) -> Vec<u8> {
    if let Some((header, body)) = entry.split_first_chunk_mut::<HEADER>() {
        let [a, b, c, d] = crc32fast::hash(body).to_le_bytes();
        *header = [MAGIC[0], MAGIC[1], VERSION, LATTICE, a, b, c, d];
    }
    entry
}
