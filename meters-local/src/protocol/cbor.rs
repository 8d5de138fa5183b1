//! CBOR, as far as Smithy RPC v2 uses it (RFC 8949).
//!
//! Doubles are written as 64-bit floats and timestamps as tag 1 around one: SDKs take nothing else.

use super::Value;

/// Deepest nesting read. The deepest request of CloudWatch has seven levels.
const MAX_DEPTH: usize = 32;

/// Most elements reserved on the word of a length prefix; what truly follows may be more.
const MAX_RESERVED: usize = 256;

/// Reads one item and nothing after it.
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, &'static str> {
    let mut decoder = Decoder { rest: bytes };
    let value = decoder.item(0)?;
    if decoder.rest.is_empty() { Ok(value) } else { Err("bytes follow the CBOR item") }
}

struct Decoder<'a> {
    rest: &'a [u8],
}

/// The argument of an item's head.
enum Argument {
    Number(u64),
    Indefinite,
}

impl<'a> Decoder<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], &'static str> {
        let count = usize::try_from(count).map_err(|_| "a CBOR length is beyond the end")?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("a CBOR item is cut short")?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, width: u64) -> Result<u64, &'static str> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Major type, low five bits and argument of the next item.
    fn head(&mut self) -> Result<(u8, u8, Argument), &'static str> {
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = match info {
            0..=23 => Argument::Number(info.into()),
            24..=27 => Argument::Number(self.number(1 << (info - 24))?),
            31 => Argument::Indefinite,
            _ => return Err("a CBOR head is reserved"),
        };
        Ok((major, info, argument))
    }

    /// Consumes a break, if one comes next.
    fn at_break(&mut self) -> bool {
        let found = self.rest.first() == Some(&0xff);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn item(&mut self, depth: usize) -> Result<Value, &'static str> {
        if depth > MAX_DEPTH {
            return Err("the CBOR is nested too deeply");
        }
        let (major, info, argument) = self.head()?;
        match (major, argument) {
            (0, Argument::Number(number)) => Ok(i64::try_from(number).map_or(Value::Double(number as f64), Value::Int)),
            (1, Argument::Number(number)) => {
                Ok(i64::try_from(number).map_or(Value::Double(-1.0 - number as f64), |number| Value::Int(-1 - number)))
            }
            (2, _) => Err("a byte string stands where CloudWatch has none"),
            (3, argument) => self.text(argument).map(Value::Text),
            (4, argument) => self.list(argument, depth),
            (5, argument) => self.map(argument, depth),
            (6, Argument::Number(tag)) => self.tagged(tag, depth),
            (7, Argument::Number(bits)) => simple(info, bits),
            _ => Err("a CBOR item has a length that it cannot have"),
        }
    }

    fn text(&mut self, argument: Argument) -> Result<String, &'static str> {
        let mut text = String::new();
        match argument {
            Argument::Number(length) => text.push_str(utf8(self.take(length)?)?),
            Argument::Indefinite => {
                while !self.at_break() {
                    let (3, _, Argument::Number(length)) = self.head()? else {
                        return Err("a text chunk is no text");
                    };
                    text.push_str(utf8(self.take(length)?)?);
                }
            }
        }
        Ok(text)
    }

    /// Whether another element follows, of `left` declared or until a break.
    fn more(&mut self, left: &mut Argument) -> bool {
        match left {
            Argument::Indefinite => !self.at_break(),
            Argument::Number(0) => false,
            Argument::Number(count) => {
                *count -= 1;
                true
            }
        }
    }

    fn list(&mut self, mut left: Argument, depth: usize) -> Result<Value, &'static str> {
        let mut items = Vec::with_capacity(reserved(&left));
        while self.more(&mut left) {
            items.push(self.item(depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, mut left: Argument, depth: usize) -> Result<Value, &'static str> {
        let mut members = Vec::with_capacity(reserved(&left));
        while self.more(&mut left) {
            let (3, _, length) = self.head()? else {
                return Err("a map key is no text");
            };
            let key = self.text(length)?;
            members.push((key, self.item(depth + 1)?));
        }
        Ok(Value::Map(members))
    }

    fn tagged(&mut self, tag: u64, depth: usize) -> Result<Value, &'static str> {
        match (tag, self.item(depth + 1)?) {
            (1, Value::Int(seconds)) => Ok(Value::Timestamp(seconds as f64)),
            (1, Value::Double(seconds)) => Ok(Value::Timestamp(seconds)),
            (1, _) => Err("a timestamp is no number"),
            // A tag that means nothing to CloudWatch changes nothing.
            (_, value) => Ok(value),
        }
    }
}

fn reserved(length: &Argument) -> usize {
    match length {
        Argument::Number(length) => usize::try_from(*length).unwrap_or(MAX_RESERVED).min(MAX_RESERVED),
        Argument::Indefinite => 0,
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8")
}

fn simple(info: u8, bits: u64) -> Result<Value, &'static str> {
    Ok(match info {
        20 => Value::Bool(false),
        21 => Value::Bool(true),
        22 | 23 => Value::Null,
        25 => Value::Double(half(bits as u16)),
        26 => Value::Double(f32::from_bits(bits as u32).into()),
        27 => Value::Double(f64::from_bits(bits)),
        _ => return Err("a CBOR simple value is unknown"),
    })
}

/// A 16-bit float (RFC 8949, appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = ((bits >> 10) & 0x1f, f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// Writes one item.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(truth) => out.push(0xf4 + u8::from(*truth)),
        Value::Int(number) if *number < 0 => head(1, (-1 - *number) as u64, out),
        Value::Int(number) => head(0, *number as u64, out),
        Value::Double(number) => double(*number, out),
        Value::Timestamp(seconds) => {
            out.push(0xc1);
            double(*seconds, out);
        }
        Value::Text(text) => string(text, out),
        Value::List(items) => {
            head(4, items.len() as u64, out);
            items.iter().for_each(|item| write(item, out));
        }
        Value::Map(members) => {
            head(5, members.len() as u64, out);
            for (key, value) in members {
                string(key, out);
                write(value, out);
            }
        }
    }
}

fn double(number: f64, out: &mut Vec<u8>) {
    out.push(0xfb);
    out.extend_from_slice(&number.to_be_bytes());
}

fn string(text: &str, out: &mut Vec<u8>) {
    head(3, text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let bytes = argument.to_be_bytes();
    let (info, width) = match argument {
        0..=23 => (argument as u8, 0),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    out.push(major << 5 | info);
    out.extend_from_slice(&bytes[8 - width..]);
}
