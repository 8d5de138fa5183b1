//! Distributions as bytes.
//!
//! ```text
//! flags:u8 lengths:u8*2 min max high first [low:8 bytes] [zero:varint] [scale:i8] [n - 7:varint] [explicit] bucket*n
//! explicit = set:varint count:varint*(bounds of the set)
//! bucket = gap and count in a nibble each [gap - 15:varint] [count - 16:varint]
//! ```
//! The lengths of the first four are nibbles, the lower one first: 0 to 7 bytes of a whole number, 8 of any other, 9 is for a
//! maximum that is the minimum. `first` is the index of the first bucket, in zigzag. Of a bucket, in the high nibble is the gap to the bucket before, in the low one the count less one; 15 says that there is more.

use std::sync::Arc;

use meters_core::{Bucket, Distribution, Parts, lattice::RECORD_SCALE};

use super::bytes::{Reader, put_packed, put_packed_whole, put_varint};
use super::damaged::Flaw;
use super::sets::Sets;

const LOW: u8 = 1;
const ZERO: u8 = 2;
const SCALE: u8 = 4;
/// For who has this distribution.
pub(super) const MORE: u8 = 8;
/// Values are also counted by bounds of one of the entry's sets.
const EXPLICIT: u8 = 16;
/// The length of a maximum that is the minimum.
const SAME: u8 = 9;
/// How far up the number of buckets lies, if it is below `MANY`.
const BUCKETS: u32 = 5;
const MANY: u64 = 7;
const FULL: u64 = 15;

const BEYOND: Flaw = "a bucket beyond the lattice";
const TOO_MANY: Flaw = "more values than can be counted";

/// `more` goes into the flags.
pub(super) fn put(out: &mut Vec<u8>, distribution: &Distribution, sets: &Sets<'_>, more: bool) {
    let Parts { scale, zero, sum: [high, low], min, max, .. } = mended(distribution);
    let buckets = distribution.buckets();
    let is = |flag, is: bool| if is { flag } else { 0 };
    let explicit = explicit(distribution, sets);
    let flags = is(LOW, low.to_bits() != 0)
        | is(ZERO, zero > 0)
        | is(SCALE, scale != RECORD_SCALE)
        | is(EXPLICIT, explicit.is_some());
    let count = buckets.len() as u64;
    let start = out.len();
    out.extend([flags | is(MORE, more) | (count.min(MANY) as u8) << BUCKETS, 0, 0]);
    let least = put_packed(out, min);
    let most = if min.to_bits() == max.to_bits() { SAME } else { put_packed(out, max) };
    let sum = put_packed(out, high);
    let first = buckets.first().map_or(0, |first| first.index);
    let first_length = put_packed_whole(out, (first << 1 ^ first >> 31) as u32 as u64);
    out[start + 1] = least | most << 4;
    out[start + 2] = sum | first_length << 4;
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
    if let Some((set, counts)) = explicit {
        put_varint(out, set as u64);
        counts.iter().for_each(|count| put_varint(out, *count));
    }
    let mut next = i64::from(first);
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

/// Counts by bounds, and by which; nothing where a reader would take them for damage.
fn explicit<'d>(distribution: &'d Distribution, sets: &Sets<'_>) -> Option<(usize, &'d [u64])> {
    let (bounds, counts) = distribution.explicit()?;
    let within = counts.iter().try_fold(0, |sum: u64, count| sum.checked_add(*count))? <= distribution.count();
    within.then_some((sets.number(bounds)?, counts))
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
    /// Counts by the bounds of a set.
    pub(super) explicit: Option<(usize, Vec<u64>)>,
    buckets: u64,
    first: i32,
}

impl Head {
    #[inline]
    pub(super) fn read(reader: &mut Reader<'_>, origin: f64, sets: &[Arc<[f64]>]) -> Result<Self, Flaw> {
        let (flags, extremes, rest) = (reader.byte()?, reader.byte()?, reader.byte()?);
        let min = reader.packed(extremes & 15)?;
        let max = if extremes >> 4 == SAME { min } else { reader.packed(extremes >> 4)? };
        let high = reader.packed(rest & 15)?;
        let first = u32::try_from(reader.packed_whole(rest >> 4)?).map_err(|_| BEYOND)?;
        let first = (first >> 1) as i32 ^ -((first & 1) as i32);
        let low = if flags & LOW == 0 { 0.0 } else { reader.float()? };
        let zero = if flags & ZERO == 0 { 0 } else { reader.varint()? };
        let scale = if flags & SCALE == 0 { RECORD_SCALE } else { reader.byte()? as i8 };
        let buckets = match u64::from(flags >> BUCKETS) {
            MANY => MANY.saturating_add(reader.varint()?),
            few => few,
        };
        let parts = Parts { scale, origin, zero, sum: [high, low], min, max };
        let explicit = if flags & EXPLICIT == 0 { None } else { Some(read_explicit(reader, sets)?) };
        Ok(Self { parts, more: flags & MORE != 0, explicit, buckets, first })
    }

    /// Reads the buckets and checks all of it. Returns the count.
    #[inline]
    pub(super) fn check(&self, reader: &mut Reader<'_>) -> Result<u64, Flaw> {
        let (mut count, mut next) = (self.parts.zero, i64::from(self.first));
        for _ in 0..self.buckets {
            let bucket = bucket(reader, &mut next)?;
            count = count.checked_add(bucket).ok_or(TOO_MANY)?;
        }
        let last = i32::try_from(next - 1).map_err(|_| BEYOND)?;
        let outer = (self.buckets > 0).then_some((self.first, last));
        self.parts.check(count, outer)?;
        let (_, counts) = self.explicit.as_ref().map_or((0, &[][..]), |(set, counts)| (*set, &**counts));
        let told = counts.iter().try_fold(0, |sum: u64, count| sum.checked_add(*count));
        if told.is_none_or(|told| told > count) {
            return Err("more values in buckets than there are");
        }
        Ok(count)
    }

    /// The buckets, of what was checked before.
    #[inline]
    pub(super) fn buckets<'r, 'a>(&self, reader: &'r mut Reader<'a>) -> Buckets<'r, 'a> {
        Buckets { reader, left: self.buckets, next: self.first.into() }
    }
}

#[cold]
fn read_explicit(reader: &mut Reader<'_>, sets: &[Arc<[f64]>]) -> Result<(usize, Vec<u64>), Flaw> {
    let set = usize::try_from(reader.varint()?).unwrap_or(usize::MAX);
    let bounds = sets.get(set).ok_or("buckets of a set that is none")?;
    let counts = bounds.iter().map(|_| reader.varint()).collect::<Result<_, _>>()?;
    Ok((set, counts))
}

/// The count of a bucket; `next` is the lowest index that it can have, and then that of the one behind it.
#[inline]
fn bucket(reader: &mut Reader<'_>, next: &mut i64) -> Result<u64, Flaw> {
    let both = u64::from(reader.byte()?);
    let (mut gap, mut count) = (both >> 4, both & FULL);
    if gap == FULL {
        let more = reader.varint()?;
        if more > u64::from(u32::MAX) {
            return Err(BEYOND);
        }
        gap += more;
    }
    if count == FULL {
        count = FULL.checked_add(reader.varint()?).ok_or(TOO_MANY)?;
    }
    // Far from the ends of `i64`: each gap took a byte of an entry, and is below 2^33.
    *next += gap as i64 + 1;
    count.checked_add(1).ok_or(TOO_MANY)
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
