//! The text formats.

use meters_core::{Calls, Distribution, Series, Value};

use super::exemplar::Pending;
use super::labels::{Labels, escaped, quoted};
use super::{Sheet, help};
use crate::base::Base;
use crate::bounds::explicit;
use crate::name::{Part, is_metric};
use crate::number::{canonical, decimal, float, whole};
use crate::order::{Family, Run};
use crate::view::distribution;

/// A family that is being written as text.
pub(crate) struct Text<'a> {
    sheet: Sheet<'a>,
    family: &'a Family,
    /// Without `_total`.
    name: &'a str,
    /// The name stands in quotes, and in the braces.
    quoted: bool,
    base: Base,
    labels: Labels,
    scratch: Vec<u8>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(sheet: Sheet<'a>, family: &'a Family) -> Self {
        let name = if sheet.format.has_utf8_names() { &family.name.raw } else { &family.name.escaped };
        let quoted = !is_metric(name);
        let name = if counts(family.part) { name.strip_suffix("_total").unwrap_or(name) } else { name };
        let base = sheet.group(family).who.base();
        Self { sheet, family, name, quoted, base, labels: Labels::default(), scratch: Vec::new() }
    }

    /// From here on series are of this run.
    pub(crate) fn turn(&mut self, run: &Run) {
        self.labels = Labels::of(&self.sheet, run);
    }

    /// HELP, TYPE and UNIT.
    pub(crate) fn head(&self, out: &mut Vec<u8>) {
        let open_metrics = self.sheet.is_open_metrics();
        let end = if counts(self.family.part) && !open_metrics { "_total" } else { "" };
        let line = |out: &mut Vec<u8>, what: &str| {
            out.extend_from_slice(what.as_bytes());
            if self.quoted {
                quoted(out, &format!("{}{end}", self.name));
            } else {
                out.extend_from_slice(self.name.as_bytes());
                out.extend_from_slice(end.as_bytes());
            }
            out.push(b' ');
        };
        if let Some(help) = help(&self.sheet, self.family) {
            line(out, "# HELP ");
            escaped(out, &help, |byte| matches!(byte, b'\\' | b'\n') || (open_metrics && byte == b'"'));
            out.push(b'\n');
        }
        line(out, "# TYPE ");
        out.extend_from_slice(match self.family.part {
            Part::Counter | Part::Errors | Part::Panics | Part::Cancelled => b"counter\n",
            Part::Gauge | Part::Minimum | Part::Maximum => b"gauge\n",
            Part::Histogram => b"histogram\n",
            Part::Summary | Part::Sum => b"summary\n",
        });
        let unit = if self.family.part.is_outcome() { "" } else { self.base.name };
        // A unit that the escaped name does not end in would be refused.
        let bare = self.name.strip_suffix(unit);
        if open_metrics && !unit.is_empty() && bare.is_some_and(|bare| bare.ends_with('_')) {
            line(out, "# UNIT ");
            out.extend_from_slice(unit.as_bytes());
            out.push(b'\n');
        }
    }

    /// The samples of the series at one place of the group.
    pub(crate) fn samples(&mut self, out: &mut Vec<u8>, at: usize) {
        let (series, value) = self.sheet.item(self.sheet.group(self.family), at);
        match (self.family.part, value) {
            (Part::Counter, Value::Counter(total) | Value::Meter(total)) => {
                let (digits, places) = self.base.exact(*total);
                self.one(out, series, "_total", |out| decimal(out, digits, places));
                self.created(out, series);
            }
            (Part::Counter, Value::FloatCounter(total)) => {
                let total = self.base.convert(*total);
                // What is no total would make a parser refuse all of the page.
                if total >= 0.0 || !self.sheet.is_open_metrics() {
                    self.one(out, series, "_total", |out| float(out, total));
                    self.created(out, series);
                }
            }
            (Part::Gauge, Value::Gauge(level)) => {
                let level = self.base.convert(*level);
                self.one(out, series, "", |out| float(out, level));
            }
            (Part::Histogram, value) => {
                if let Some(distribution) = distribution(value) {
                    self.histogram(out, series, distribution);
                }
            }
            (Part::Summary, Value::Histogram(distribution)) => {
                self.scratch.clear();
                self.labels.write(&mut self.scratch, series);
                for (quantile, value) in self.sheet.quantiles(self.family, at) {
                    self.more(out, "", "quantile", &canonical(quantile));
                    float(out, self.base.convert(value));
                    out.push(b'\n');
                }
                self.count_and_sum(out, series, distribution.count(), distribution.sum());
            }
            (Part::Sum, value) => {
                let (count, sum, _) = crate::extremes::of(value);
                self.sum_of_any(out, series, count, sum);
            }
            (Part::Minimum | Part::Maximum, value) => {
                if let (_, _, Some((minimum, maximum))) = crate::extremes::of(value) {
                    let level = if self.family.part == Part::Minimum { minimum } else { maximum };
                    let level = self.base.convert(level);
                    self.one(out, series, "", |out| float(out, level));
                }
            }
            (part, Value::Calls(calls)) => {
                self.one(out, series, "_total", |out| whole(out, outcome(part, calls)));
                self.created(out, series);
            }
            _ => {}
        }
    }

    fn histogram(&mut self, out: &mut Vec<u8>, series: &Series, distribution: &Distribution) {
        self.scratch.clear();
        self.labels.write(&mut self.scratch, series);
        let shown = self.sheet.is_open_metrics().then(|| self.sheet.snapshot.exemplar(series)).flatten();
        let mut pending = Pending::new(shown, self.base);
        let mut bucket = |out: &mut Vec<u8>, le: &str, bound: f64, count: u64| {
            self.more(out, "_bucket", "le", le);
            whole(out, count);
            if let Some(exemplar) = pending.up_to(bound) {
                exemplar.text(out);
            }
            out.push(b'\n');
        };
        let origin = self.base.convert(distribution.origin());
        if let Some(own) = explicit(distribution, self.base) {
            own.for_each(|(bound, below)| bucket(out, &canonical(bound), bound, below));
        } else if let Some(bounds) = self.sheet.bounds(self.family, origin) {
            for (place, count) in bounds.ladder.counts(distribution) {
                bucket(out, &bounds.texts[place], bounds.ladder.bound(place, origin), count);
            }
        }
        bucket(out, "+Inf", f64::INFINITY, distribution.count());
        self.count_and_sum(out, series, distribution.count(), distribution.sum());
    }

    fn count_and_sum(&self, out: &mut Vec<u8>, series: &Series, count: u64, sum: f64) {
        let sum = self.base.convert(sum);
        self.one(out, series, "_sum", |out| float(out, sum));
        self.one(out, series, "_count", |out| whole(out, count));
        self.created(out, series);
    }

    /// Count and sum of values that may be negative, which OpenMetrics does not allow a sum to be.
    fn sum_of_any(&self, out: &mut Vec<u8>, series: &Series, count: u64, sum: f64) {
        if sum >= 0.0 || !self.sheet.is_open_metrics() {
            return self.count_and_sum(out, series, count, sum);
        }
        self.one(out, series, "_count", |out| whole(out, count));
        self.created(out, series);
    }

    fn created(&self, out: &mut Vec<u8>, series: &Series) {
        let Some((seconds, nanoseconds)) = self.sheet.created.filter(|_| self.sheet.is_open_metrics()) else { return };
        let milliseconds = u128::from(seconds) * 1000 + u128::from(nanoseconds / 1_000_000);
        self.one(out, series, "_created", |out| decimal(out, milliseconds, 3));
    }

    /// A sample with the labels of its series and no other.
    fn one(&self, out: &mut Vec<u8>, series: &Series, end: &str, value: impl FnOnce(&mut Vec<u8>)) {
        let labels = !self.labels.is_empty();
        self.open(out, end, labels);
        self.labels.write(out, series);
        out.extend_from_slice(if labels || self.quoted { b"} " } else { b" " });
        value(out);
        out.push(b'\n');
    }

    /// A sample, up to its value, with the labels in `scratch` and one more.
    fn more(&self, out: &mut Vec<u8>, end: &str, label: &str, value: &str) {
        self.open(out, end, true);
        out.extend_from_slice(&self.scratch);
        out.extend_from_slice(if self.scratch.is_empty() { b"" } else { b"," });
        out.extend_from_slice(label.as_bytes());
        out.extend_from_slice(b"=\"");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\"} ");
    }

    /// The name, and the brace where labels follow.
    fn open(&self, out: &mut Vec<u8>, end: &str, labels: bool) {
        if self.quoted {
            out.extend_from_slice(b"{\"");
            escaped(out, self.name, |byte| matches!(byte, b'\\' | b'"' | b'\n'));
            out.extend_from_slice(end.as_bytes());
            out.extend_from_slice(if labels { b"\"," } else { b"\"" });
        } else {
            out.extend_from_slice(self.name.as_bytes());
            out.extend_from_slice(end.as_bytes());
            out.extend_from_slice(if labels { b"{" } else { b"" });
        }
    }
}

/// Whether its samples end in `_total`.
fn counts(part: Part) -> bool {
    part == Part::Counter || part.is_outcome()
}

/// How many calls ended so.
pub(crate) fn outcome(part: Part, calls: &Calls) -> u64 {
    match part {
        Part::Errors => calls.errors,
        Part::Panics => calls.panics,
        _ => calls.cancelled,
    }
}
