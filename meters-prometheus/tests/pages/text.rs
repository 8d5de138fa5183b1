//! A strict reader of both text formats: it takes what the formats say, and not a space more.

use std::collections::BTreeMap;

use crate::read::{Family, Sample, ends};

/// What stands on a page.
pub(crate) fn read(page: &str, open_metrics: bool, utf8: bool) -> Vec<Family> {
    let mut lines: Vec<&str> = page.split('\n').collect();
    assert_eq!(lines.pop(), Some(""), "the last line ends");
    if open_metrics {
        assert_eq!(lines.pop(), Some("# EOF"));
    }
    let mut families: Vec<Family> = Vec::new();
    for line in lines {
        if let Some(rest) = line.strip_prefix("# ") {
            let (what, rest) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            let mut rest = Cursor { rest, utf8 };
            let name = rest.metadata_name();
            rest.skip(" ");
            metadata(&mut families, what, name, rest.rest, open_metrics);
        } else {
            let family = families.last_mut().unwrap_or_else(|| panic!("a sample before TYPE: {line}"));
            let sample = sample(line, utf8);
            let bare = bare(family, open_metrics);
            let end = sample.name.strip_prefix(&bare).unwrap_or_else(|| panic!("{line} in {bare}"));
            assert!(ends(&family.kind).contains(&end) && (open_metrics || end != "_created"), "{line}");
            family.samples.push(sample);
        }
    }
    for family in &mut families {
        if open_metrics && family.kind == "counter" {
            family.name += "_total";
        }
    }
    families
}

/// The name before the ends of samples.
fn bare(family: &Family, open_metrics: bool) -> String {
    match family.kind.as_str() {
        "counter" if !open_metrics => family.name.strip_suffix("_total").expect("counters end in _total").to_owned(),
        _ => family.name.clone(),
    }
}

fn metadata(families: &mut Vec<Family>, what: &str, name: String, text: &str, open_metrics: bool) {
    let is_open = |family: &&mut Family| family.name == name && family.samples.is_empty();
    let family = match families.last_mut().filter(is_open) {
        Some(family) => family,
        None => {
            assert!(families.iter().all(|family| family.name != name), "{name} comes again");
            let (kind, samples) = (String::new(), Vec::new());
            families.push(Family { name, kind, help: None, unit: None, samples });
            families.last_mut().unwrap()
        }
    };
    match what {
        "HELP" => assert_eq!(family.help.replace(unescaped(text, open_metrics)), None),
        "TYPE" => assert_eq!(std::mem::replace(&mut family.kind, text.to_owned()), ""),
        "UNIT" => {
            assert!(open_metrics && family.name.ends_with(&format!("_{text}")), "{} {text}", family.name);
            assert_eq!(family.unit.replace(text.to_owned()), None);
        }
        other => panic!("{other}"),
    }
}

fn unescaped(text: &str, quotes: bool) -> String {
    let (mut plain, mut characters) = (String::new(), text.chars());
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('\\') => '\\',
                Some('"') if quotes => '"',
                other => panic!("\\{other:?} in {text}"),
            },
            '"' if quotes => panic!("a quote that is not escaped in {text}"),
            other => other,
        });
    }
    plain
}

fn sample(line: &str, utf8: bool) -> Sample {
    let mut cursor = Cursor { rest: line, utf8 };
    let mut labels = BTreeMap::new();
    let mut name = None;
    if !cursor.rest.starts_with('{') {
        name = Some(cursor.plain(|byte| byte == b':'));
    }
    if cursor.take("{") {
        loop {
            let quoted = cursor.rest.starts_with('"');
            let key = if quoted { cursor.quoted() } else { cursor.plain(|_| false) };
            if quoted && name.is_none() {
                name = Some(key);
            } else {
                cursor.skip("=");
                let value = cursor.quoted_value();
                assert_eq!(labels.insert(key, value), None, "{line}");
            }
            if !cursor.take(",") {
                break;
            }
        }
        cursor.skip("}");
    }
    cursor.skip(" ");
    Sample::new(name.expect("a name"), labels, number(cursor.rest))
}

fn number(text: &str) -> f64 {
    match text {
        "NaN" => f64::NAN,
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        _ => {
            assert!(text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.e".contains(&byte)), "{text}");
            text.parse().unwrap_or_else(|_| panic!("{text}"))
        }
    }
}

struct Cursor<'a> {
    rest: &'a str,
    utf8: bool,
}

impl Cursor<'_> {
    fn take(&mut self, what: &str) -> bool {
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip(&mut self, what: &str) {
        assert!(self.take(what), "no {what:?} at {}", self.rest);
    }

    fn metadata_name(&mut self) -> String {
        if self.rest.starts_with('"') { self.quoted() } else { self.plain(|byte| byte == b':') }
    }

    fn plain(&mut self, more: fn(u8) -> bool) -> String {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || more(byte);
        let end = self.rest.bytes().position(|byte| !fits(byte)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        assert!(!name.is_empty() && !name.as_bytes()[0].is_ascii_digit(), "no name at {}", self.rest);
        self.rest = rest;
        name.to_owned()
    }

    /// A name in quotes, where there may be any.
    fn quoted(&mut self) -> String {
        assert!(self.utf8, "quotes at {}", self.rest);
        self.quoted_value()
    }

    fn quoted_value(&mut self) -> String {
        self.skip("\"");
        let mut escaped = false;
        let end = self.rest.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let (text, rest) = self.rest.split_at(end.expect("a closing quote"));
        self.rest = &rest[1..];
        unescaped(text, true)
    }
}
