//! Messages of `io.prometheus.client.MetricFamily`.
//!
//! The numbers of the fields are those of
//! [metrics.proto](https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto).

use meters_core::{Distribution, Exemplar, Series, Value};

use super::exemplar::Pending;
use super::message::{bytes, double, message, sint, uint, varint, varint_len, zigzag};
use super::text::outcome;
use super::{Sheet, help};
use crate::base::Base;
use crate::bounds::explicit;
use crate::name::Part;
use crate::native::Native;
use crate::order::{Family, Run};
use crate::view::distribution;

/// A family that is being written as a message.
pub(crate) struct Protobuf<'a> {
    sheet: Sheet<'a>,
    family: &'a Family,
    base: Base,
    /// Labels that stand on every series, whole.
    standing: Vec<u8>,
    /// The field of the name of each other.
    names: Vec<Vec<u8>>,
}

impl<'a> Protobuf<'a> {
    pub(crate) fn new(sheet: Sheet<'a>, family: &'a Family) -> Self {
        let mut standing = Vec::new();
        for (name, raw, value) in sheet.config.standing() {
            let name = if sheet.format.has_utf8_names() { raw } else { &name };
            message(&mut standing, 1, |out| {
                bytes(out, 1, name.as_bytes());
                bytes(out, 2, value.as_bytes());
            });
        }
        let base = sheet.group(family).who.base();
        Self { sheet, family, base, standing, names: Vec::new() }
    }

    /// From here on series are of this run.
    pub(crate) fn turn(&mut self, run: &Run) {
        let utf8 = self.sheet.format.has_utf8_names();
        let field = |name: &crate::order::Name| {
            let mut text = Vec::new();
            bytes(&mut text, 1, if utf8 { &name.raw } else { &name.escaped }.as_bytes());
            text
        };
        self.names = run.labels.iter().map(field).collect();
    }

    /// The length of the whole message, and what stands in it before the series, which take so many bytes.
    pub(crate) fn head(&self, out: &mut Vec<u8>, series: usize) {
        let name = if self.sheet.format.has_utf8_names() { &self.family.name.raw } else { &self.family.name.escaped };
        let mut head = Vec::new();
        bytes(&mut head, 1, name.as_bytes());
        if let Some(help) = help(&self.sheet, self.family) {
            bytes(&mut head, 2, help.as_bytes());
        }
        let kind = match self.family.part {
            Part::Counter | Part::Errors | Part::Panics | Part::Cancelled => 0,
            Part::Gauge | Part::Minimum | Part::Maximum => 1,
            Part::Summary | Part::Sum => 2,
            Part::Histogram => 4,
        };
        uint(&mut head, 3, kind);
        let unit = self.unit();
        varint(out, (head.len() + series + unit.len()) as u64);
        out.extend_from_slice(&head);
        out.extend_from_slice(&unit);
    }

    fn unit(&self) -> Vec<u8> {
        let mut unit = Vec::new();
        if !self.base.name.is_empty() && !self.family.part.is_outcome() {
            bytes(&mut unit, 5, self.base.name.as_bytes());
        }
        unit
    }

    /// The series at one place of the group.
    pub(crate) fn samples(&self, out: &mut Vec<u8>, at: usize) {
        let (series, value) = self.sheet.item(self.sheet.group(self.family), at);
        message(out, 4, |out| {
            out.extend_from_slice(&self.standing);
            for (name, value) in self.names.iter().zip(series.packed().split('\u{1f}')) {
                let length = name.len() + 1 + varint_len(value.len() as u64) + value.len();
                out.push(1 << 3 | 2);
                varint(out, length as u64);
                out.extend_from_slice(name);
                bytes(out, 2, value.as_bytes());
            }
            self.value(out, series, value, at);
        });
    }

    fn value(&self, out: &mut Vec<u8>, series: &Series, value: &Value, at: usize) {
        let counter = |out: &mut Vec<u8>, total: f64| {
            message(out, 3, |out| {
                double(out, 1, total);
                self.created(out, 3);
            });
        };
        match (self.family.part, value) {
            (Part::Counter, Value::Counter(total) | Value::Meter(total)) => {
                let (digits, places) = self.base.exact(*total);
                counter(out, digits as f64 / 10f64.powi(places as i32));
            }
            (Part::Counter, Value::FloatCounter(total)) => counter(out, self.base.convert(*total)),
            (Part::Gauge, Value::Gauge(level)) => self.gauge(out, *level),
            (Part::Histogram, value) => {
                if let Some(distribution) = distribution(value) {
                    let exemplar = self.sheet.snapshot.exemplar(series);
                    message(out, 7, |out| self.histogram(out, distribution, exemplar));
                }
            }
            (Part::Summary, Value::Histogram(distribution)) => {
                let quantiles = self.sheet.quantiles(self.family, at);
                self.summary(out, distribution.count(), distribution.sum(), quantiles);
            }
            (Part::Sum, value) => {
                let (count, sum, _) = crate::extremes::of(value);
                self.summary(out, count, sum, std::iter::empty());
            }
            (Part::Minimum | Part::Maximum, value) => {
                if let (_, _, Some((minimum, maximum))) = crate::extremes::of(value) {
                    self.gauge(out, if self.family.part == Part::Minimum { minimum } else { maximum });
                }
            }
            (part, Value::Calls(calls)) => counter(out, outcome(part, calls) as f64),
            _ => {}
        }
    }

    fn gauge(&self, out: &mut Vec<u8>, level: f64) {
        message(out, 2, |out| double(out, 1, self.base.convert(level)));
    }

    fn summary(&self, out: &mut Vec<u8>, count: u64, sum: f64, quantiles: impl Iterator<Item = (f64, f64)>) {
        message(out, 4, |out| {
            uint(out, 1, count);
            double(out, 2, self.base.convert(sum));
            for (quantile, value) in quantiles {
                message(out, 3, |out| {
                    double(out, 1, quantile);
                    double(out, 2, self.base.convert(value));
                });
            }
            self.created(out, 4);
        });
    }

    fn histogram(&self, out: &mut Vec<u8>, distribution: &Distribution, exemplar: Option<&Exemplar>) {
        uint(out, 1, distribution.count());
        double(out, 2, self.base.convert(distribution.sum()));
        let mut pending = Pending::new(exemplar, self.base);
        let mut bucket = |out: &mut Vec<u8>, bound: f64, count: u64| {
            message(out, 3, |out| {
                uint(out, 1, count);
                double(out, 2, bound);
                if let Some(exemplar) = pending.up_to(bound) {
                    exemplar.field(out, 3);
                }
            });
        };
        let origin = self.base.convert(distribution.origin());
        if let Some(own) = explicit(distribution, self.base) {
            own.for_each(|(bound, below)| bucket(out, bound, below));
        } else if let Some(bounds) = self.sheet.bounds(self.family, origin) {
            for (place, count) in bounds.ladder.counts(distribution) {
                bucket(out, bounds.ladder.bound(place, origin), count);
            }
        }
        if let Some(native) = self.native(distribution, origin) {
            sint(out, 5, i64::from(native.schema));
            double(out, 6, native.zero_threshold);
            uint(out, 7, native.zero_count);
            for (offset, length) in &native.spans {
                message(out, 12, |out| {
                    sint(out, 1, i64::from(*offset));
                    uint(out, 2, u64::from(*length));
                });
            }
            // One packed field, as its decoders also take it.
            if !native.deltas.is_empty() {
                message(out, 13, |out| native.deltas.iter().for_each(|delta| varint(out, zigzag(*delta))));
            }
            if let Some(exemplar) = Pending::new(exemplar, self.base).up_to(f64::INFINITY) {
                exemplar.field(out, 16);
            }
        }
        self.created(out, 15);
    }

    fn native(&self, distribution: &Distribution, origin: f64) -> Option<Native> {
        let most = self.sheet.config.native_buckets;
        if most == 0 { None } else { Native::of(distribution, origin, most) }
    }

    /// A `google.protobuf.Timestamp`.
    fn created(&self, out: &mut Vec<u8>, field: u32) {
        if let Some((seconds, nanoseconds)) = self.sheet.created {
            message(out, field, |out| {
                uint(out, 1, seconds);
                uint(out, 2, u64::from(nanoseconds));
            });
        }
    }
}
