//! What one field of the hash says, or that it says nothing we know.

/// Which part of a metric a field holds, in the order in which Python sorts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    Value,
    Bucket,
    Count,
    Description,
    Sum,
    Type,
}

impl Part {
    fn of(letter: &str) -> Option<Self> {
        Some(match letter {
            "" => Self::Value,
            "b" => Self::Bucket,
            "c" => Self::Count,
            "d" => Self::Description,
            "s" => Self::Sum,
            "t" => Self::Type,
            _ => return None,
        })
    }
}

/// `name:part:labels`, taken apart at the first pair of colons between which a part stands and after which labels do: names
/// and values of labels may have colons, too.
pub(super) fn parse(field: &str) -> Option<(&str, Part, &str)> {
    field.match_indices(':').find_map(|(at, _)| {
        let (letter, labels) = field[at + 1..].split_once(':')?;
        let name = &field[..at];
        let sound = is_metric(name) && (labels.is_empty() || labelled(labels).is_some());
        sound.then_some(())?;
        Some((name, Part::of(letter)?, labels))
    })
}

/// <https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels>
fn is_metric(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

/// What follows `name="`, after the name.
fn labelled(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once("=\"")?;
    crate::instrumentor::label::is_name(name).then_some((name, rest))
}

/// The labels of a field with values that are escaped as they must be, or none where they cannot be told apart.
///
/// Python escapes nothing. A quote ends a value only where another label or nothing follows; a backslash that escapes nothing
/// stands for itself.
pub(super) fn labels(text: &str) -> Option<Vec<(String, String)>> {
    let mut labels = Vec::<(String, String)>::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, after) = labelled(rest)?;
        let (value, after) = value(after)?;
        if name.starts_with("__") || labels.iter().any(|(known, _)| known == name) {
            return None;
        }
        labels.push((name.to_owned(), value));
        rest = after;
    }
    Some(labels)
}

/// A value, and what follows its quote and comma.
fn value(text: &str) -> Option<(String, &str)> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\', '\n'])?;
        value.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = match &rest[at..=at] {
            "\n" => {
                value.push_str("\\n");
                after
            }
            "\\" => match after.chars().next() {
                // The last quote of all ends the value, whatever stands before it.
                Some('"') if after.len() == 1 => {
                    value.push_str("\\\\");
                    after
                }
                Some(c @ ('"' | '\\' | 'n')) => {
                    value.extend(['\\', c]);
                    &after[1..]
                }
                _ => {
                    value.push_str("\\\\");
                    after
                }
            },
            _ if after.is_empty() => return Some((value, after)),
            _ => match after.strip_prefix(',').filter(|more| labelled(more).is_some()) {
                Some(more) => return Some((value, more)),
                None => {
                    value.push_str("\\\"");
                    after
                }
            },
        };
    }
}

/// A description for one line: what Python wrote is not escaped, what we wrote is.
pub(super) fn help(text: &str) -> String {
    let mut help = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some(&next @ ('\\' | 'n'))) => {
                help.extend(['\\', next]);
                characters.next();
            }
            ('\\', _) => help.push_str("\\\\"),
            ('\n', _) => help.push_str("\\n"),
            _ => help.push(c),
        }
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_cut_at_the_right_colons() {
        let cases = [
            ("c::", Some(("c", Part::Value, ""))),
            ("c:t:", Some(("c", Part::Type, ""))),
            ("c::u=\"http://x:80/\"", Some(("c", Part::Value, "u=\"http://x:80/\""))),
            ("a:b::", Some(("a:b", Part::Value, ""))),
            ("a:c:d:", Some(("a:c", Part::Description, ""))),
            ("a::b:b:le=\"1\"", Some(("a::b", Part::Bucket, "le=\"1\""))),
            ("c::x=\"b:t:\"", Some(("c", Part::Value, "x=\"b:t:\""))),
            ("a:b::x=\":t:\",y=\"\"", Some(("a:b", Part::Value, "x=\":t:\",y=\"\""))),
            ("", None),
            ("c", None),
            ("c:t", None),
            ("c:z:", None),
            ("1c::", None),
            ("c c::", None),
            ("c::x", None),
            ("c::1=\"2\"", None),
        ];
        for (field, wanted) in cases {
            assert_eq!(parse(field), wanted, "{field}");
        }
    }

    #[test]
    fn labels_are_read_escaped_or_not() {
        let cases: [(&str, &[(&str, &str)]); 9] = [
            ("", &[]),
            (r#"a="1",b="2""#, &[("a", "1"), ("b", "2")]),
            ("a=\"q\"u\\o\nte\"", &[("a", r#"q\"u\\o\nte"#)]),
            (r#"a="q\"u\\o\nte""#, &[("a", r#"q\"u\\o\nte"#)]),
            (r#"a="C:\""#, &[("a", r"C:\\")]),
            (r#"a="",b="x,y="1",c="2""#, &[("a", ""), ("b", "x,y=\\\"1"), ("c", "2")]),
            (r#"a="{},",b="}""#, &[("a", "{},"), ("b", "}")]),
            (r#"a=""""#, &[("a", r#"\""#)]),
            (r#"a="\é""#, &[("a", r"\\é")]),
        ];
        for (text, wanted) in cases {
            let labels = labels(text).unwrap_or_else(|| panic!("{text}"));
            let labels: Vec<_> = labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(labels, wanted, "{text}");
        }
        for odd in ["a", "a=1", "a=\"", "a=\"1", "a=\"1\",", "a=\"1\",a=\"2\"", "__name__=\"x\"", "a=\"1\"x"] {
            assert_eq!(labels(odd), None, "{odd}");
        }
    }

    #[test]
    fn descriptions_are_read_escaped_or_not() {
        assert_eq!(help("a\\b\nc \"d\" \\"), r#"a\\b\nc "d" \\"#);
        assert_eq!(help(r"a\\b\nc"), r"a\\b\nc");
    }
}
