//! Numbers as Python has them and writes them.

use std::fmt;

/// A whole number or one that is not. Python keeps the two apart, and so does what it writes: `1` and `1.0`.
///
/// ```
/// use meters_redis::instrumentor::Number;
///
/// assert_eq!(Number::from(5).to_string(), "5");
/// assert_eq!(Number::from(5.0).to_string(), "5.0");
/// assert_eq!(Number::from(1e-5).to_string(), "1e-05");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Python's `int`, as far as a hash of Redis holds it.
    Int(i64),
    /// Python's `float`.
    Float(f64),
}

impl Number {
    pub(super) const ZERO: Self = Self::Int(0);

    /// Its value.
    pub fn value(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }

    /// Whole as long as both are, and the sum is one that a hash of Redis holds.
    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) if a.checked_add(b).is_some() => Self::Int(a + b),
            _ => Self::Float(self.value() + other.value()),
        }
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Int(int) if int != i64::MIN => Self::Int(-int),
            other => Self::Float(-other.value()),
        }
    }
}

macro_rules! whole {
    ($($from:ty),*) => {
        $(impl From<$from> for Number {
            fn from(value: $from) -> Self {
                i64::try_from(value).map_or(Self::Float(value as f64), Self::Int)
            }
        })*
    };
}

whole!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<f32> for Number {
    fn from(value: f32) -> Self {
        Self::Float(value.into())
    }
}

/// What Python's `str` gives.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let float = match self {
            Self::Int(int) => return write!(f, "{int}"),
            Self::Float(float) if float.is_nan() => return f.write_str("nan"),
            Self::Float(float) => float,
        };
        // The digits and the bounds of exponents are those of Python's `repr`; exponents it writes with sign and two digits.
        let text = format!("{float:?}");
        match text.split_once('e') {
            None => f.write_str(&text),
            Some((digits, exponent)) => {
                let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
                write!(f, "{digits}e{sign}{exponent:0>2}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_those_of_python() {
        let golden = include_str!("../../../tests/golden/python_float_text.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        assert_eq!(golden.as_array().unwrap().len(), 21);
        for case in golden.as_array().unwrap() {
            let bits = u64::from_str_radix(case["bits"].as_str().unwrap(), 16).unwrap();
            assert_eq!(Number::from(f64::from_bits(bits)).to_string(), case["text"].as_str().unwrap());
        }
    }

    #[test]
    fn sums_stay_whole_as_long_as_they_can() {
        let sum = |a: Number, b: Number| a.plus(b).to_string();
        assert_eq!(sum(1.into(), 2.into()), "3");
        assert_eq!(sum(1.into(), 0.5.into()), "1.5");
        assert_eq!(sum(i64::MAX.into(), 1.into()), "9.223372036854776e+18");
        assert_eq!(Number::from(u64::MAX), Number::Float(u64::MAX as f64));
        assert_eq!(
            (Number::from(3).negated(), Number::from(i64::MIN).negated()),
            (Number::Int(-3), 9.223_372_036_854_776e18.into())
        );
    }
}
