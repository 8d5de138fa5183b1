//! The text that stands for a meter: what `json.dumps([name, sorted(dims.items())])` gives in Python, byte for byte.

use std::collections::BTreeMap;
use std::fmt::Write;

use meters_core::{Dimensions, Error, Kind, MetricName, Resolution, Series, Unit};
use serde_json::Value;

/// Of dimensions with the same name, the last one counts.
pub(super) fn field(name: &str, dimensions: &[(&str, &str)]) -> String {
    // By bytes, which is by code points, as Python sorts.
    let sorted: BTreeMap<&str, &str> = dimensions.iter().copied().collect();
    let mut text = String::with_capacity(16 + name.len());
    text.push('[');
    quote(&mut text, name);
    text.push_str(", [");
    for (place, (name, value)) in sorted.into_iter().enumerate() {
        text.push_str(if place == 0 { "[" } else { ", [" });
        quote(&mut text, name);
        text.push_str(", ");
        quote(&mut text, value);
        text.push(']');
    }
    text.push_str("]]");
    text
}

/// Python leaves printable ASCII as it is, and nothing else.
fn quote(text: &mut String, part: &str) {
    text.push('"');
    for c in part.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            ' '..='~' => text.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(text, "\\u{unit:04x}")),
        }
    }
    text.push('"');
}

/// The series that a field stands for. A value that is no text is what Python's `str` makes of it.
pub(super) fn series(field: &[u8]) -> Result<Series, Error> {
    let strange = |_| Error::invalid_input("not what ss-instrumentation writes");
    let (name, pairs): (String, Vec<(String, Value)>) = serde_json::from_slice(field).map_err(strange)?;
    let pairs: Vec<(String, String)> = pairs.into_iter().map(|(name, value)| (name, text(value))).collect();
    let dimensions = Dimensions::try_from_iter(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    Ok(Series::new(&MetricName::new(name)?, Kind::Meter, Unit::CountPerSecond, Resolution::Standard, &dimensions))
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_what_python_writes() {
        assert_eq!(field("e", &[]), r#"["e", []]"#);
        assert_eq!(field("e", &[("b", "1"), ("a", "x"), ("b", "2")]), r#"["e", [["a", "x"], ["b", "2"]]]"#);
        assert_eq!(field("é\u{7f}😀\u{1}/", &[]), r#"["\u00e9\u007f\ud83d\ude00\u0001/", []]"#);
    }

    #[test]
    fn a_field_is_read_as_it_was_written() {
        let series = |text: &str| super::series(text.as_bytes());
        let one = series(&field("Signups", &[("Plan", "\"pro\""), ("Env", "p")])).unwrap();
        assert_eq!((one.name(), one.kind(), one.unit()), ("Signups", Kind::Meter, Unit::CountPerSecond));
        assert_eq!(one.dimensions().collect::<Vec<_>>(), [("Env", "p"), ("Plan", "\"pro\"")]);
        let typed = series(r#"["ints", [["f", 1.5], ["n", 5], ["t", true], ["z", null]]]"#).unwrap();
        assert_eq!(typed.dimensions().collect::<Vec<_>>(), [("f", "1.5"), ("n", "5"), ("t", "True"), ("z", "None")]);
    }

    #[test]
    fn what_cannot_be_sent_is_none() {
        let odd: [&[u8]; 7] = [
            b"",
            b"x",
            br#"["e"]"#,
            br#"["e", [["a"]]]"#,
            br#"["\ud83d", []]"#,
            br#"["e", [["a", ""]]]"#,
            b"[\"\xff\", []]",
        ];
        for field in odd {
            assert!(series(field).is_err(), "{}", String::from_utf8_lossy(field));
        }
    }
}
