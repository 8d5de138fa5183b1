//! The number of a field: as it was written, and what it is worth.

use crate::instrumentor::Number;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) text: String,
    pub(super) number: Number,
}

impl Figure {
    /// None where it is no number, or NaN, which nothing can be added to.
    pub(super) fn read(text: &str) -> Option<Self> {
        let number = match text.parse::<i64>() {
            Ok(int) => Number::Int(int),
            Err(_) => Number::Float(text.parse::<f64>().ok().filter(|float| !float.is_nan())?),
        };
        // Go refuses digits that are worth more than it holds, and knows the word.
        let endless = number.value().is_infinite() && text.contains(|c: char| c.is_ascii_digit());
        let text = if !endless {
            text
        } else if number.value() > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        Some(Self { text: text.to_owned(), number })
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.number = self.number.plus(other.number);
        self.text = self.number.to_string();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_redis_and_of_python() {
        for text in ["1", "-3", "2.5", "3.8300000000000003", "1e-05", "inf", "-inf", "18446744073709551616"] {
            assert_eq!(Figure::read(text).map(|figure| figure.text).as_deref(), Some(text));
        }
        assert_eq!(Figure::read("-1e999").unwrap().text, "-Inf");
        for odd in ["", "x", "nan", "NaN", "1_0", " 1", "1 ", "0x1", "1,5", "1\n2"] {
            assert_eq!(Figure::read(odd), None, "{odd}");
        }
    }
}
