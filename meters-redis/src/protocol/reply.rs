//! Reads what scripts answer: arrays of numbers, texts, and arrays.

use redis::Value;

/// An answer that no script of this version gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strange;

/// Takes an answer apart, from the front.
pub(crate) struct Reply(std::vec::IntoIter<Value>);

impl Reply {
    pub(crate) fn new(value: Value) -> Result<Self, Strange> {
        match value {
            Value::Array(parts) => Ok(Self(parts.into_iter())),
            _ => Err(Strange),
        }
    }

    /// A number, or a text that is one.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, Strange> {
        let number = match self.0.next() {
            Some(Value::Int(number)) => number,
            Some(Value::BulkString(bytes)) => {
                std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok()).ok_or(Strange)?
            }
            _ => return Err(Strange),
        };
        T::try_from(number).map_err(|_| Strange)
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Result<String, Strange> {
        match self.0.next() {
            Some(Value::BulkString(bytes)) => String::from_utf8(bytes).map_err(|_| Strange),
            Some(Value::SimpleString(text)) => Ok(text),
            _ => Err(Strange),
        }
    }

    /// An array.
    pub(crate) fn list(&mut self) -> Result<Reply, Strange> {
        Self::new(self.0.next().ok_or(Strange)?)
    }

    /// Whether all is read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.len() == 0
    }
}
