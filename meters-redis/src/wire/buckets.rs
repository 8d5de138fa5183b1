//! Distributions as bytes.
//!
//! ```text
//! flags:u8 min:number [max:number] high:number [low:8 bytes] [zero:varint] [scale:i8] [n - 7:varint] [first:zigzag] bucket*n
//! bucket = gap and count in a nibble each [gap - 15:varint] [count - 16:varint]
//! ```
//! In the high nibble is the gap to the bucket before, in the low one the count less one; 15 says that there is more.

use meters_core::{Bucket, Distribution, Parts, lattice::RECORD_SCALE};

use super::bytes::{Reader, put_number, put_varint};
use super::damaged::Flaw;

const LOW: u8 = 1;
const ZERO: u8 = 2;
const SCALE: u8 = 4;
const ONE_VALUE: u8 = 8;
/// For who has this distribution.
pub(super) const MORE: u8 = 16;
/// How far up the number of buckets lies, if it is below `MANY`.
const BUCKETS: u32 = 5;
const MANY: u64 = 7;
const FULL: u64 = 15;

/// `more` goes into the flags.
pub(super) fn put(out: &mut Vec<u8>, distribution: &Distribution, more: bool) {
    let Parts { scale, zero, sum: [high, low], min, max, .. } = mended(distribution);
    let buckets = distribution.buckets();
    let is = |flag, is: bool| if is { flag } else { 0 };
    let flags = is(LOW, low.to_bits() != 0) | is(ZERO, zero > 0) | is(SCALE, scale != RECORD_SCALE);
    let flags = flags | is(ONE_VALUE, min.to_bits() == max.to_bits()) | is(MORE, more);
    let count = buckets.len() as u64;
    out.push(flags | (count.min(MANY) as u8) << BUCKETS);
    put_number(out, min);
    if flags & ONE_VALUE == 0 {
        put_number(out, max);
    }
    put_number(out, high);
    if flags & LOW != 0 {
        out.extend_from_slice(&low.to_le_bytes());
    }
    if flags & ZERO != 0 {
        put_varint(out, zero);
    }
    if flags & SCALE != 0 {
        out.push(scale as u8);
    }
    if count >= MANY {
        put_varint(out, count - MANY);
    }
    let Some(first) = buckets.first() else { return };
    put_varint(out, (i64::from(first.index) << 1 ^ i64::from(first.index) >> 63) as u64);
    let mut next = i64::from(first.index);
    for bucket in buckets {
        let (gap, count) = ((i64::from(bucket.index) - next) as u64, bucket.count - 1);
        out.push((gap.min(FULL) << 4 | count.min(FULL)) as u8);
        if gap >= FULL {
            put_varint(out, gap - FULL);
        }
        if count >= FULL {
            put_varint(out, count - FULL);
        }
        next = i64::from(bucket.index) + 1;
    }
}

/// A thread that stood still in the middle of a record may have told its value and not yet its extremes.
fn mended(distribution: &Distribution) -> Parts {
    let mut parts = distribution.parts();
    if parts.check(distribution.count(), None).is_err() {
        let mut bounds = distribution.bounds();
        let first = bounds.next();
        let last = bounds.last().or(first);
        parts.min = if parts.zero > 0 { 0.0 } else { first.map_or(0.0, |(lower, ..)| lower) };
        parts.max = last.map_or(0.0, |(_, upper, _)| upper).max(parts.min);
    }
    parts
}

/// All but the buckets, which come next.
pub(super) struct Head {
    pub(super) parts: Parts,
    pub(super) more: bool,
    buckets: u64,
    first: i64,
}

impl Head {
    #[inline]
    pub(super) fn read(reader: &mut Reader<'_>, origin: f64) -> Result<Self, Flaw> {
        let flags = reader.byte()?;
        let min = reader.number()?;
        let max = if flags & ONE_VALUE == 0 { reader.number()? } else { min };
        let high = reader.number()?;
        let low = if flags & LOW == 0 { 0.0 } else { reader.float()? };
        let zero = if flags & ZERO == 0 { 0 } else { reader.varint()? };
        let scale = if flags & SCALE == 0 { RECORD_SCALE } else { reader.byte()? as i8 };
        let buckets = match u64::from(flags >> BUCKETS) {
            MANY => MANY.saturating_add(reader.varint()?),
            few => few,
        };
        let first = if buckets == 0 { 0 } else { reader.varint()? };
        let first = (first >> 1) as i64 ^ -((first & 1) as i64);
        let parts = Parts { scale, origin, zero, sum: [high, low], min, max };
        Ok(Self { parts, more: flags & MORE != 0, buckets, first })
    }

    /// Reads the buckets and checks all of it. Returns the count.
    #[inline]
    pub(super) fn check(&self, reader: &mut Reader<'_>) -> Result<u64, Flaw> {
        let (mut count, mut next) = (self.parts.zero, self.first);
        for _ in 0..self.buckets {
            let bucket = bucket(reader, &mut next)?;
            count = count.checked_add(bucket).ok_or("more values than can be counted")?;
        }
        let beyond = "a bucket beyond the lattice";
        let outer = match self.buckets {
            0 => None,
            _ => Some((
                i32::try_from(self.first).map_err(|_| beyond)?,
                i32::try_from(next.saturating_sub(1)).map_err(|_| beyond)?,
            )),
        };
        self.parts.check(count, outer)?;
        Ok(count)
    }

    /// The buckets, of what was checked before.
    #[inline]
    pub(super) fn buckets<'r, 'a>(&self, reader: &'r mut Reader<'a>) -> Buckets<'r, 'a> {
        Buckets { reader, left: self.buckets, next: self.first }
    }
}

/// The count of a bucket; `next` is the lowest index that it can have, and then that of the one behind it.
#[inline]
fn bucket(reader: &mut Reader<'_>, next: &mut i64) -> Result<u64, Flaw> {
    let both = u64::from(reader.byte()?);
    let (mut gap, mut count) = (both >> 4, both & FULL);
    if gap == FULL {
        gap = gap.saturating_add(reader.varint()?);
    }
    if count == FULL {
        count = count.saturating_add(reader.varint()?);
    }
    // Whatever is beyond all lattices stays there.
    *next = next.saturating_add(i64::try_from(gap).unwrap_or(i64::MAX)).saturating_add(1);
    count.checked_add(1).ok_or("more values than can be counted")
}

pub(super) struct Buckets<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: u64,
    next: i64,
}

impl Iterator for Buckets<'_, '_> {
    type Item = Bucket;

    #[inline]
    fn next(&mut self) -> Option<Bucket> {
        self.left = self.left.checked_sub(1)?;
        let count = bucket(self.reader, &mut self.next).ok()?;
        Some(Bucket { index: (self.next - 1) as i32, count })
    }
}
