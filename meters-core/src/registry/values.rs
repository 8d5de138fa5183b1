//! The values that a call site hands over at run time: a list of references, `(&a, (&b, ()))`.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use super::front::Short;
use crate::model::DimensionValue;

/// How large the product of closed sets may be and still be an array.
const MOST_PLACES: usize = 1024;

/// The values of a site's dynamic dimensions, in the order in which the site names them. Made by macros.
pub trait Values {
    /// How many combinations there are, where all types know their values and an array of them is not too large.
    const PLACES: Option<usize>;

    /// How many values these are.
    const COUNT: usize;

    /// Which of these combinations this is; `usize::MAX` where it is none of them.
    fn place(&self) -> usize;

    /// Shows the first value.
    fn first<R>(&self, show: impl FnOnce(&str) -> R) -> R;

    /// The hash of all values, from `seed` on.
    fn hash(&self, seed: u64) -> u64;

    /// What is left of `text` after the `nth` value, if it begins with it.
    fn strip<'t>(&self, nth: usize, text: &'t [u8]) -> Option<&'t [u8]>;

    /// Copies all values.
    fn copy_to(&self, into: &mut Vec<String>);
}

impl Values for () {
    const PLACES: Option<usize> = Some(1);
    const COUNT: usize = 0;

    #[inline]
    fn place(&self) -> usize {
        0
    }

    #[inline]
    fn first<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        show("")
    }

    #[inline]
    fn hash(&self, seed: u64) -> u64 {
        seed
    }

    #[inline]
    fn strip<'t>(&self, _: usize, _: &'t [u8]) -> Option<&'t [u8]> {
        None
    }

    #[inline]
    fn copy_to(&self, _: &mut Vec<String>) {}
}

impl<V: DimensionValue + ?Sized, Rest: Values> Values for (&V, Rest) {
    const PLACES: Option<usize> = match (V::VALUES.len(), Rest::PLACES) {
        (0, _) | (_, None) => None,
        (ours, Some(rest)) if ours * rest > MOST_PLACES => None,
        (ours, Some(rest)) => Some(ours * rest),
    };
    const COUNT: usize = 1 + Rest::COUNT;

    #[inline]
    fn place(&self) -> usize {
        // An `index()` beyond its own `VALUES` must not be taken for another combination: it is none.
        let (ours, rest) = (self.0.index(), self.1.place());
        let within = ours < V::VALUES.len() && rest != usize::MAX;
        if within { ours + V::VALUES.len() * rest } else { usize::MAX }
    }

    #[inline]
    fn first<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        self.0.with_str(show)
    }

    #[inline]
    fn hash(&self, seed: u64) -> u64 {
        self.1.hash(self.0.with_str(|value| hash_one(value.as_bytes(), seed)))
    }

    #[inline]
    fn strip<'t>(&self, nth: usize, text: &'t [u8]) -> Option<&'t [u8]> {
        match nth.checked_sub(1) {
            None => self.0.with_str(|value| {
                let (first, rest) = text.split_at_checked(value.len())?;
                same(first, value.as_bytes()).then_some(rest)
            }),
            Some(nth) => self.1.strip(nth, text),
        }
    }

    fn copy_to(&self, into: &mut Vec<String>) {
        self.0.with_str(|value| into.push(value.to_owned()));
        self.1.copy_to(into);
    }
}

/// Values of one type, as a family is asked for them.
pub(super) struct Row<'v, V, const N: usize>(pub(super) &'v [V; N]);

impl<V: DimensionValue, const N: usize> Values for Row<'_, V, N> {
    const PLACES: Option<usize> = None;
    const COUNT: usize = N;

    #[inline]
    fn place(&self) -> usize {
        usize::MAX
    }

    #[inline]
    fn first<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        match self.0.first() {
            Some(value) => value.with_str(show),
            None => show(""),
        }
    }

    #[inline]
    fn hash(&self, seed: u64) -> u64 {
        self.0.iter().fold(seed, |seed, value| value.with_str(|value| hash_one(value.as_bytes(), seed)))
    }

    #[inline]
    fn strip<'t>(&self, nth: usize, text: &'t [u8]) -> Option<&'t [u8]> {
        self.0.get(nth)?.with_str(|value| {
            let (first, rest) = text.split_at_checked(value.len())?;
            same(first, value.as_bytes()).then_some(rest)
        })
    }

    fn copy_to(&self, into: &mut Vec<String>) {
        into.extend(self.0.iter().map(|value| value.with_str(str::to_owned)));
    }
}

/// Two overlapping words that, with the length, are all of a text of up to 16 bytes.
#[inline]
fn words(text: &[u8]) -> Option<(u64, u64)> {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (text.len() <= 16).then(|| (u64::from_le_bytes(*first), u64::from_le_bytes(*last)));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return Some((u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into()));
    }
    Some(match text {
        [] => (0, 0),
        [first, .., last] => (u64::from(*first) << 8 | u64::from(text[text.len() / 2]), u64::from(*last)),
        [only] => (u64::from(*only), 0),
    })
}

/// Whether two texts of the same length are the same; short ones without a call.
#[inline]
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    match (words(one), words(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// A text of up to 16 bytes as words that tell it apart from all others.
#[inline]
pub(super) fn short(text: &[u8]) -> Option<Short> {
    words(text).map(|(first, last)| Short { first, last, length: text.len() })
}

/// The hash of a short text: a folded multiplication.
#[inline]
pub(super) fn hash_short(text: Short, seed: u64) -> u64 {
    fold(text.first ^ seed ^ text.length as u64, text.last ^ 0x9e37_79b9_7f4a_7c15)
}

/// One value's part of the hash of all.
#[inline]
pub(super) fn hash_one(text: &[u8], seed: u64) -> u64 {
    match short(text) {
        Some(text) => hash_short(text, seed),
        None => hash_long(text, seed),
    }
}

#[cold]
#[inline(never)]
fn hash_long(text: &[u8], seed: u64) -> u64 {
    let mut hasher = FixedState::with_seed(seed).build_hasher();
    hasher.write(text);
    hasher.finish()
}

#[inline]
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_tell_all_short_texts_apart(one in "[ab]{0,18}", change in any::<Option<u8>>()) {
            let mut other = one.clone().into_bytes();
            if let (Some(at), false) = (change, one.is_empty()) {
                let at = usize::from(at) % one.len();
                other[at] ^= b'a' ^ b'b';
            }
            let other = String::from_utf8(other).unwrap();
            prop_assert_eq!(same(one.as_bytes(), other.as_bytes()), one == other);
        }
    }
}
