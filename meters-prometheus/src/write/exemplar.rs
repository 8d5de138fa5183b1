//! Exemplars, each in the bucket that its value lies in.

use std::time::UNIX_EPOCH;

use meters_core::Exemplar;

use super::labels::value_escaped;
use super::message::{bytes, double, message, uint};
use crate::base::Base;
use crate::number::{decimal, float};

/// One that has not found its bucket yet.
pub(crate) struct Pending<'a> {
    exemplar: Option<&'a Exemplar>,
    base: Base,
}

impl<'a> Pending<'a> {
    pub(crate) fn new(exemplar: Option<&'a Exemplar>, base: Base) -> Self {
        Self { exemplar, base }
    }

    /// Takes it out where it lies up to this bound, as the bounds rise.
    pub(crate) fn up_to(&mut self, bound: f64) -> Option<Found<'a>> {
        let value = self.base.convert(self.exemplar?.value());
        if value > bound {
            return None;
        }
        self.exemplar.take().map(|exemplar| Found { exemplar, value })
    }
}

/// One, and its value in the base unit.
pub(crate) struct Found<'a> {
    exemplar: &'a Exemplar,
    value: f64,
}

impl Found<'_> {
    /// After the value of its bucket.
    pub(crate) fn text(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b" # {");
        for (place, (name, value)) in self.exemplar.labels().enumerate() {
            out.extend_from_slice(if place == 0 { b"" } else { b"," });
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            value_escaped(out, value);
            out.push(b'"');
        }
        out.extend_from_slice(b"} ");
        float(out, self.value);
        if let Ok(since) = self.exemplar.at().duration_since(UNIX_EPOCH) {
            out.push(b' ');
            decimal(out, since.as_millis(), 3);
        }
    }

    /// As this field of a message.
    pub(crate) fn field(&self, out: &mut Vec<u8>, field: u32) {
        message(out, field, |out| {
            for (name, value) in self.exemplar.labels() {
                message(out, 1, |out| {
                    bytes(out, 1, name.as_bytes());
                    bytes(out, 2, value.as_bytes());
                });
            }
            double(out, 2, self.value);
            if let Ok(since) = self.exemplar.at().duration_since(UNIX_EPOCH) {
                message(out, 3, |out| {
                    uint(out, 1, since.as_secs());
                    uint(out, 2, u64::from(since.subsec_nanos()));
                });
            }
        });
    }
}
