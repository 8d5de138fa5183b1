//! What stands in a file of the spool: a head, then blocks, each with its progress, its length and its checksum.
//!
//! Numbers are little-endian, texts are UTF-8 behind their length.
//!
//! ```text
//! head      "mtrspool" · version u32 · blocks u32 · length of the file u64 · datums u64 · new datums u64
//!           · namespace (u16, text) · CRC-32 of the head
//! block     progress · datums u32 · length u32 · CRC-32 of these two and the datums · datums, compressed
//! progress  done u32 · begun u32 · CRC-32 of block's number, done and begun · zero u32
//! ```
//! The progress alone is written again while the datums are sent: how many from the first on are done with, and how many
//! behind these are in a request whose end is not known.

use meters_core::Namespace;

use super::super::packed::Packed;
use super::super::packed::cursor::{self, Cursor};

#[cfg(test)]
mod tests;

const MAGIC: &[u8; 8] = b"mtrspool";
const VERSION: u32 = 1;
/// Bytes of a block before its datums.
const BLOCK_HEAD: usize = 28;
/// How many times its size a file may be when it is unpacked; what metrics come to is a tenth of it.
const MOST_RATIO: usize = 256;

/// A file that was read.
#[derive(Debug, PartialEq)]
pub(crate) struct Contents {
    pub(crate) namespace: Namespace,
    pub(crate) blocks: Vec<Block>,
}

/// What was one batch.
#[derive(Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) place: Place,
    /// Datums from the first on that are done with.
    pub(crate) done: u32,
    /// Datums behind them that may have been counted.
    pub(crate) begun: u32,
    pub(crate) packed: Packed,
}

impl Block {
    /// How many datums are not done with.
    pub(crate) fn left(&self) -> u64 {
        (self.packed.len() as u64).saturating_sub(self.done.into())
    }
}

/// Where the progress of a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) number: u32,
    pub(crate) offset: u64,
}

/// Why a file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A later version of this crate wrote it.
    Later(u32),
    /// It is damaged, and with it so many datums, as far as that can be told.
    Damaged { what: &'static str, datums: Option<u64> },
}

/// Writes the head of a file whose blocks hold `payload` bytes and `datums` datums, of which `new` are in no other file.
pub(crate) fn head(namespace: &Namespace, blocks: usize, payload: usize, datums: u64, new: u64) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend(VERSION.to_le_bytes());
    head.extend(wide(blocks).to_le_bytes());
    let length = head.len() + 3 * 8 + 2 + namespace.as_str().len() + 4 + blocks * BLOCK_HEAD + payload;
    for number in [length as u64, datums, new] {
        head.extend(number.to_le_bytes());
    }
    cursor::text(&mut head, namespace.as_str());
    let sum = crc32fast::hash(&head);
    head.extend(sum.to_le_bytes());
    head
}

/// Writes a block of which `begun` datums from the first on may have been counted.
pub(crate) fn block(number: u32, begun: u32, packed: &Packed) -> Vec<u8> {
    let mut block = progress(number, 0, begun).to_vec();
    block.extend(wide(packed.len()).to_le_bytes());
    block.extend(wide(packed.bytes().len()).to_le_bytes());
    let sum = checksum(&block[16..24], packed.bytes());
    block.extend(sum.to_le_bytes());
    block.extend(packed.bytes());
    block
}

/// The progress of a block.
pub(crate) fn progress(number: u32, done: u32, begun: u32) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&done.to_le_bytes());
    bytes[4..8].copy_from_slice(&begun.to_le_bytes());
    let sum = checksum(&number.to_le_bytes(), &bytes[..8]);
    bytes[8..12].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Reads a file; whatever the bytes are, this takes no more time and memory than their number allows.
pub(crate) fn read(bytes: &[u8]) -> Result<Contents, Unreadable> {
    let mut cursor = Cursor::new(bytes);
    let Head { namespace, blocks: count, length, datums, .. } = read_head(&mut cursor)?;
    let mut left = datums;
    if length != bytes.len() as u64 {
        let what = if length > bytes.len() as u64 { "it ends early" } else { "something stands behind its end" };
        return Err(Unreadable::Damaged { what, datums: Some(left) });
    }
    let (mut blocks, mut room) = (Vec::new(), bytes.len().saturating_mul(MOST_RATIO));
    for number in 0..count {
        let offset = cursor.position() as u64;
        let damaged = |what| Unreadable::Damaged { what, datums: Some(left) };
        let block = read_block(&mut cursor, Place { number, offset }, &mut room).map_err(damaged)?;
        left = left.checked_sub(block.done.into()).ok_or(damaged("its datums are miscounted"))?;
        blocks.push(block);
    }
    match cursor.is_empty() && blocks.iter().map(Block::left).sum::<u64>() == left {
        true => Ok(Contents { namespace, blocks }),
        false => Err(Unreadable::Damaged { what: "its datums are miscounted", datums: Some(left) }),
    }
}

/// Writes a file with these contents.
pub(crate) fn again(contents: &Contents) -> Vec<u8> {
    let payload = contents.blocks.iter().map(|block| block.packed.bytes().len()).sum();
    let left = contents.blocks.iter().map(Block::left).sum();
    let mut bytes = head(&contents.namespace, contents.blocks.len(), payload, left, left);
    for Block { place, done, begun, packed } in &contents.blocks {
        bytes.extend(progress(place.number, *done, *begun));
        bytes.extend(&block(place.number, 0, packed)[16..]);
    }
    bytes
}

/// How many datums were lost with a file whose writing did not come to its end, as far as that can be told.
pub(crate) fn lost(bytes: &[u8]) -> Option<u64> {
    read_head(&mut Cursor::new(bytes)).ok().map(|head| head.new)
}

struct Head {
    namespace: Namespace,
    blocks: u32,
    length: u64,
    datums: u64,
    new: u64,
}

fn read_head(cursor: &mut Cursor<'_>) -> Result<Head, Unreadable> {
    let damaged = Unreadable::Damaged { what: "its head is damaged", datums: None };
    if cursor.take(MAGIC.len()) != Some(MAGIC) {
        return Err(Unreadable::Damaged { what: "it is no spool", datums: None });
    }
    let version = cursor.u32().ok_or(damaged)?;
    if version > VERSION {
        return Err(Unreadable::Later(version));
    }
    let mut numbers = || Some((cursor.u32()?, cursor.u64()?, cursor.u64()?, cursor.u64()?, cursor.text()?));
    let (blocks, length, datums, new, namespace) = numbers().ok_or(damaged)?;
    let sum = crc32fast::hash(cursor.before());
    if cursor.u32() != Some(sum) {
        return Err(damaged);
    }
    let namespace = Namespace::new(namespace).map_err(|_| damaged)?;
    Ok(Head { namespace, blocks, length, datums, new })
}

fn read_block(cursor: &mut Cursor<'_>, place: Place, room: &mut usize) -> Result<Block, &'static str> {
    let mut numbers = || Some((cursor.u32()?, cursor.u32()?, cursor.u32()?, cursor.u32()?));
    let (done, begun, sum, _) = numbers().ok_or("it ends early")?;
    let known = sum.to_le_bytes() == progress(place.number, done, begun)[8..12];
    let start = cursor.position();
    let mut numbers = || Some((cursor.u32()?, cursor.u32()?, cursor.u32()?));
    let (count, length, sum) = numbers().ok_or("it ends early")?;
    let counted = cursor.since(start);
    let payload = cursor.take(length as usize).ok_or("a block ends early")?;
    if checksum(&counted[..8], payload) != sum {
        return Err("a block is damaged");
    }
    // What was in the middle of being written says nothing: all of it may have been sent.
    let valid = known && u64::from(done) + u64::from(begun) <= u64::from(count);
    let (done, begun) = if valid { (done, begun) } else { (0, count) };
    // Not kept: packed, it waits in less memory.
    let packed = Packed::claimed(payload, count as usize);
    let (_, raw) = packed.within(*room).ok_or("a datum is damaged")?;
    *room -= raw;
    Ok(Block { place, done, begun, packed })
}

/// Of two parts that do not lie side by side.
fn checksum(one: &[u8], other: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(one);
    hasher.update(other);
    hasher.finalize()
}

/// A number that no queue within memory brings beyond 32 bits.
fn wide(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
