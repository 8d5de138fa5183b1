//! Numbers and texts as bytes, and back.

use super::damaged::Flaw;

const TRUNCATED: Flaw = "it ends too early";

/// Whole numbers below are told without their bits.
const WHOLE: u64 = 1 << 53;

pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_slice(out: &mut Vec<u8>, slice: &[u8]) {
    put_varint(out, slice.len() as u64);
    out.extend_from_slice(slice);
}

pub(super) fn put_number(out: &mut Vec<u8>, number: f64) {
    let whole = number as u64;
    if whole < WHOLE && (whole as f64).to_bits() == number.to_bits() {
        return put_varint(out, whole + 1);
    }
    out.push(0);
    out.extend_from_slice(&number.to_le_bytes());
}

/// Appends a number whose length is told apart, and returns that: 0 to 7 bytes of a whole one, or 8 of any other.
pub(super) fn put_packed(out: &mut Vec<u8>, number: f64) -> u8 {
    let whole = number as u64;
    if whole < WHOLE && (whole as f64).to_bits() == number.to_bits() {
        return put_packed_whole(out, whole);
    }
    out.extend_from_slice(&number.to_le_bytes());
    8
}

/// The same of a number that is whole in any case.
pub(super) fn put_packed_whole(out: &mut Vec<u8>, whole: u64) -> u8 {
    let length = (64 - whole.leading_zeros()).div_ceil(8);
    out.extend(&whole.to_le_bytes()[..length as usize]);
    length as u8
}

/// So many bytes of a word.
const MASKS: [u64; 9] =
    [0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffff, 0xff_ffff_ffff, (1 << 48) - 1, (1 << 56) - 1, u64::MAX];

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, Flaw> {
        let (first, rest) = self.0.split_first().ok_or(TRUNCATED)?;
        self.0 = rest;
        Ok(*first)
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, Flaw> {
        match *self.0 {
            [first, ref rest @ ..] if first < 0x80 => {
                self.0 = rest;
                Ok(first.into())
            }
            [first, second @ 1..0x80, ref rest @ ..] => {
                self.0 = rest;
                Ok(u64::from(first & 0x7f) | u64::from(second) << 7)
            }
            [b0, b1, b2, b3, b4, b5, b6, b7, ..] => {
                let word = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
                self.word(word)
            }
            _ => self.long(),
        }
    }

    /// A number of up to 8 bytes, without a branch for each.
    #[inline]
    fn word(&mut self, word: u64) -> Result<u64, Flaw> {
        let ends = !word & 0x8080_8080_8080_8080;
        let length = ends.trailing_zeros() as usize / 8 + 1;
        if ends == 0 || self.0[length - 1] == 0 {
            return self.long();
        }
        self.0 = &self.0[length..];
        let bits = word & (u64::MAX >> (64 - 8 * length)) & 0x7f7f_7f7f_7f7f_7f7f;
        let bits = (bits & 0x007f_007f_007f_007f) | (bits & 0x7f00_7f00_7f00_7f00) >> 1;
        let bits = (bits & 0x0000_3fff_0000_3fff) | (bits & 0x3fff_0000_3fff_0000) >> 2;
        Ok((bits & 0x0fff_ffff) | (bits & 0x0fff_ffff_0000_0000) >> 4)
    }

    #[cold]
    fn long(&mut self) -> Result<u64, Flaw> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err("a number that is too large");
            }
            number |= part << shift;
            if byte < 0x80 {
                // One number has one form, so that what is the same has the same bytes.
                return if byte == 0 { Err("a number in a longer form than it needs") } else { Ok(number) };
            }
            shift += 7;
            if shift > 63 {
                return Err("a number that is too large");
            }
        }
    }

    /// A number of things that take a byte each at least.
    #[inline]
    pub(super) fn count(&mut self) -> Result<usize, Flaw> {
        let count = self.varint()?;
        if count > self.0.len() as u64 { Err(TRUNCATED) } else { Ok(count as usize) }
    }

    #[inline]
    pub(super) fn slice(&mut self) -> Result<&'a [u8], Flaw> {
        let length = self.count()?;
        let (slice, rest) = self.0.split_at_checked(length).ok_or(TRUNCATED)?;
        self.0 = rest;
        Ok(slice)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Flaw> {
        str::from_utf8(self.slice()?).map_err(|_| "a text that is none")
    }

    #[inline]
    pub(super) fn float(&mut self) -> Result<f64, Flaw> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(TRUNCATED)?;
        self.0 = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<f64, Flaw> {
        match self.varint()? {
            0 => self.float(),
            whole if whole <= WHOLE => Ok((whole - 1) as f64),
            _ => Err("a number that is too large"),
        }
    }

    /// Of [`put_packed_whole`].
    #[inline]
    pub(super) fn packed_whole(&mut self, length: u8) -> Result<u64, Flaw> {
        let mask = MASKS.get(usize::from(length)).ok_or("a number that is too large")?;
        let length = usize::from(length);
        let word = match self.0.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => self.last_word(),
        };
        self.0 = self.0.get(length..).ok_or(TRUNCATED)?;
        Ok(word & mask)
    }

    /// Of [`put_packed`].
    #[inline]
    pub(super) fn packed(&mut self, length: u8) -> Result<f64, Flaw> {
        let word = self.packed_whole(length)?;
        Ok(if length == 8 { f64::from_bits(word) } else { word as i64 as f64 })
    }

    /// The last bytes, of which there are fewer than 8.
    #[cold]
    fn last_word(&self) -> u64 {
        self.0.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
    }

    pub(super) fn end(&self) -> Result<(), Flaw> {
        if self.0.is_empty() { Ok(()) } else { Err("something is behind its end") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_is_read(
            number in prop_oneof![any::<u64>(), 0..300u64, any::<u8>().prop_map(|bits| 1u64.checked_shl(bits.into()).unwrap_or(0))],
            float in prop_oneof![any::<f64>(), (0..1u64 << 54).prop_map(|whole| whole as f64), Just(-0.0)],
            text in ".{0,200}",
            behind in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut out = Vec::new();
            put_varint(&mut out, number);
            put_number(&mut out, float);
            put_text(&mut out, &text);
            let packed = [put_packed_whole(&mut out, number), put_packed(&mut out, float)];
            let length = out.len();
            out.extend(&behind);
            let mut reader = Reader(&out);
            prop_assert_eq!(reader.varint().unwrap(), number);
            prop_assert_eq!(reader.number().unwrap().to_bits(), float.to_bits());
            prop_assert_eq!(reader.text().unwrap(), text);
            prop_assert_eq!(reader.packed_whole(packed[0]).unwrap(), number);
            prop_assert_eq!(reader.packed(packed[1]).unwrap().to_bits(), float.to_bits());
            prop_assert_eq!(reader.0, &behind);
            prop_assert_eq!(reader.end().is_ok(), behind.is_empty());
            // Cut anywhere, something of it is missing.
            let mut cut = Reader(&out[..length - 1]);
            let texts = cut.varint().and_then(|_| cut.number()).and_then(|_| cut.text());
            let all = texts.and_then(|_| cut.packed(packed[0])).and_then(|_| cut.packed(packed[1]));
            prop_assert!(all.is_err());
        }

        #[test]
        fn each_number_has_one_form(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let mut reader = Reader(&bytes);
            if let Ok(number) = reader.varint() {
                let mut out = Vec::new();
                put_varint(&mut out, number);
                prop_assert_eq!(&out[..], &bytes[..bytes.len() - reader.0.len()]);
            }
        }
    }
}
