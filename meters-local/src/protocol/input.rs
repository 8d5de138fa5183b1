//! Typed reading of a request's members, with the path of each for messages.

use super::{Protocol, Value, json};
use crate::error::AwsError;
use std::fmt;

/// Where a member lies, in the notation of AWS: `MetricData.member.3.Value`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    /// Counted from one, as AWS does.
    Element(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(parent, number) => write!(f, "{parent}.member.{number}"),
        }
    }
}

/// A structure of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    value: &'a Value,
    path: &'a Path<'a>,
    protocol: Protocol,
}

impl<'a> Input<'a> {
    /// The whole request.
    pub(crate) fn root(value: &'a Value, protocol: Protocol) -> Result<Self, AwsError> {
        Self::new(value, &Path::Root, protocol)
    }

    fn new(value: &'a Value, path: &'a Path<'a>, protocol: Protocol) -> Result<Self, AwsError> {
        match value {
            Value::Map(_) => Ok(Self { value, path, protocol }),
            _ => Err(AwsError::malformed(format_args!("A structure is expected at {path}."))),
        }
    }

    /// The structure that `value`, found at `path` below this one, is.
    pub(crate) fn below<'b>(&self, value: &'b Value, path: &'b Path<'b>) -> Result<Input<'b>, AwsError> {
        Input::new(value, path, self.protocol)
    }

    /// The path of the member `name`.
    pub(crate) fn path(&self, name: &'a str) -> Path<'a> {
        Path::Member(self.path, name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name)
    }

    fn read<T>(
        &self,
        name: &'a str,
        expected: &str,
        as_type: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, AwsError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        as_type(value).map(Some).ok_or_else(|| mismatch(&self.path(name), expected))
    }

    pub(crate) fn text(&self, name: &'a str) -> Result<Option<&'a str>, AwsError> {
        self.read(name, "A string", Value::as_text)
    }

    pub(crate) fn int(&self, name: &'a str) -> Result<Option<i64>, AwsError> {
        self.read(name, "An integer", |value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        })
    }

    pub(crate) fn bool(&self, name: &'a str) -> Result<Option<bool>, AwsError> {
        self.read(name, "A boolean", |value| match value {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        })
    }

    pub(crate) fn double(&self, name: &'a str) -> Result<Option<f64>, AwsError> {
        self.read(name, "A double", |value| self.as_double(value))
    }

    /// A timestamp in milliseconds since 1970.
    pub(crate) fn timestamp(&self, name: &'a str) -> Result<Option<i64>, AwsError> {
        let seconds = self.read(name, "A timestamp", |value| match (value, self.protocol) {
            (Value::Timestamp(seconds), _) | (Value::Double(seconds), Protocol::Json) => Some(*seconds),
            (Value::Int(seconds), Protocol::Json) => Some(*seconds as f64),
            // CBOR without tag 1 is a number, not a timestamp.
            _ => None,
        })?;
        match seconds {
            Some(seconds) if !seconds.is_finite() => Err(mismatch(&self.path(name), "A timestamp")),
            // The cast saturates, and the range check refuses what is that far off.
            seconds => Ok(seconds.map(|seconds| (seconds * 1000.0).round() as i64)),
        }
    }

    pub(crate) fn list(&self, name: &'a str) -> Result<Option<&'a [Value]>, AwsError> {
        self.read(name, "A list", |value| match value {
            Value::List(items) => Some(items.as_slice()),
            _ => None,
        })
    }

    /// A list of doubles.
    pub(crate) fn doubles(&self, name: &'a str) -> Result<Option<Vec<f64>>, AwsError> {
        let read = |(index, value): (usize, &'a Value)| {
            self.as_double(value).ok_or_else(|| mismatch(&Path::Element(&self.path(name), index + 1), "A double"))
        };
        self.list(name)?.map(|items| items.iter().enumerate().map(read).collect()).transpose()
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &'a str) -> Result<Option<Vec<&'a str>>, AwsError> {
        let read = |(index, value): (usize, &'a Value)| {
            value.as_text().ok_or_else(|| mismatch(&Path::Element(&self.path(name), index + 1), "A string"))
        };
        self.list(name)?.map(|items| items.iter().enumerate().map(read).collect()).transpose()
    }

    fn as_double(&self, value: &Value) -> Option<f64> {
        match value {
            Value::Double(number) => Some(*number),
            Value::Int(number) => Some(*number as f64),
            Value::Text(text) if self.protocol == Protocol::Json => json::special_double(text),
            _ => None,
        }
    }
}

fn mismatch(path: &Path<'_>, expected: &str) -> AwsError {
    AwsError::malformed(format_args!("{expected} is expected at {path}."))
}
