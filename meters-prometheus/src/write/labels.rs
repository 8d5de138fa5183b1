//! Labels as text.

use meters_core::Series;

use super::Sheet;
use crate::name::is_label;
use crate::order::Run;

/// Labels whose names are written once for all series of a run.
#[derive(Default)]
pub(crate) struct Labels {
    /// Those that stand on every series, whole.
    standing: Vec<u8>,
    /// `,name="` of each other; the first has no comma where nothing stands before it.
    names: Vec<Vec<u8>>,
}

impl Labels {
    pub(crate) fn of(sheet: &Sheet<'_>, run: &Run) -> Self {
        let utf8 = sheet.format.has_utf8_names();
        let mut standing = Vec::new();
        for (name, raw, value) in sheet.config.standing() {
            begin(&mut standing, if utf8 { raw } else { &name });
            value_escaped(&mut standing, value);
            standing.push(b'"');
        }
        let mut names = Vec::with_capacity(run.labels.len());
        for name in &run.labels {
            let mut text = Vec::new();
            if !(standing.is_empty() && names.is_empty()) {
                text.push(b',');
            }
            begin(&mut text, if utf8 { &name.raw } else { &name.escaped });
            names.push(text);
        }
        Self { standing, names }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.standing.is_empty() && self.names.is_empty()
    }

    /// The labels of a series, with commas between them.
    pub(crate) fn write(&self, out: &mut Vec<u8>, series: &Series) {
        out.extend_from_slice(&self.standing);
        let mut values = series.packed().split('\u{1f}');
        for name in &self.names {
            out.extend_from_slice(name);
            value_escaped(out, values.next().unwrap_or_default());
            out.push(b'"');
        }
    }
}

fn begin(out: &mut Vec<u8>, name: &str) {
    if !out.is_empty() && !out.ends_with(b",") {
        out.push(b',');
    }
    if is_label(name) {
        out.extend_from_slice(name.as_bytes());
    } else {
        quoted(out, name);
    }
    out.extend_from_slice(b"=\"");
}

/// A name in quotes.
pub(crate) fn quoted(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    value_escaped(out, name);
    out.push(b'"');
}

/// What stands between quotes: `\`, `"` and the end of a line are escaped.
pub(crate) fn value_escaped(out: &mut Vec<u8>, value: &str) {
    escaped(out, value, |byte| matches!(byte, b'\\' | b'"' | b'\n'));
}

/// `value` with a backslash before what `special` says.
pub(crate) fn escaped(out: &mut Vec<u8>, value: &str, special: impl Fn(u8) -> bool) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest.iter().position(|byte| special(*byte)) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', if rest[at] == b'\n' { b'n' } else { rest[at] }]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}
