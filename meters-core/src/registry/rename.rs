//! How the keys that a site writes as identifiers are spelt: `meters::defaults!`.

use std::borrow::Cow;

/// A way to spell keys, named as `serde` names them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rename {
    /// As they stand in the source.
    AsWritten,
    /// `TypeOfRequest`
    Pascal,
    /// `typeOfRequest`
    Camel,
    /// `type_of_request`
    Snake,
    /// `TYPE_OF_REQUEST`
    ScreamingSnake,
    /// `type-of-request`
    Kebab,
    /// `typeofrequest`, where it was written `TypeOfRequest`; what stands between words stays.
    Lower,
    /// The same in capitals.
    Upper,
}

/// What a site says of the spelling of its keys.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    pub(super) rename: Rename,
    /// Which of the dimensions have an identifier for a key.
    pub(super) identifiers: &'static [bool],
}

/// Keys as they are written, each with what it is told as, where that is something else.
#[derive(Clone, Copy)]
pub(super) struct Told(&'static [(&'static str, &'static str)]);

impl Spelling {
    pub(super) const AS_WRITTEN: Self = Self { rename: Rename::AsWritten, identifiers: &[] };

    /// Kept for the life of the process, as sites are.
    pub(super) fn told<V>(self, dimensions: &[(&'static str, V)]) -> Told {
        let written: Vec<&'static str> = dimensions.iter().map(|(name, _)| *name).collect();
        let keys = written.iter().copied().zip(keys(self.rename, self.identifiers, &written));
        let changed = keys.filter(|(written, told)| written != told);
        let changed: Vec<_> = changed.map(|(written, told)| (written, &*told.into_owned().leak())).collect();
        Told(changed.leak())
    }
}

impl Told {
    pub(super) const AS_WRITTEN: Self = Self(&[]);

    pub(super) fn of(self, written: &'static str) -> &'static str {
        self.0.iter().find(|(known, _)| *known == written).map_or(written, |(_, told)| told)
    }
}

impl Rename {
    /// The key in this spelling, written in snake case, in Pascal case or between them.
    pub(super) fn apply(self, key: &str) -> Cow<'_, str> {
        match self {
            Self::AsWritten => Cow::Borrowed(key),
            Self::Pascal => words(key).into_iter().map(capital).collect(),
            Self::Camel => {
                let mut words = words(key).into_iter();
                let first = words.next().map(lower).into_iter();
                first.chain(words.map(capital)).collect()
            }
            Self::Snake => words(key).join("_").to_ascii_lowercase().into(),
            Self::ScreamingSnake => words(key).join("_").to_ascii_uppercase().into(),
            Self::Kebab => words(key).join("-").to_ascii_lowercase().into(),
            Self::Lower => key.to_ascii_lowercase().into(),
            Self::Upper => key.to_ascii_uppercase().into(),
        }
    }
}

/// A key never takes a name that another one has, or had in the source: it then stays as it was written.
fn keys(rename: Rename, identifiers: &[bool], written: &[&'static str]) -> Vec<Cow<'static, str>> {
    let mut keys: Vec<Cow<'static, str>> = Vec::with_capacity(written.len());
    for (nth, &key) in written.iter().enumerate() {
        let is_identifier = identifiers.get(nth).is_some_and(|&is| is);
        let spelt =
            if is_identifier && key.contains(|char| char != '_') { rename.apply(key) } else { Cow::Borrowed(key) };
        let taken = written.iter().enumerate().any(|(other, name)| other != nth && *name == spelt);
        let free = !taken && !keys.contains(&spelt);
        keys.push(if free { spelt } else { Cow::Borrowed(key) });
    }
    keys
}

/// Apart at `_`, before each capital that follows a small letter, and before the last of several capitals.
fn words(key: &str) -> Vec<&str> {
    let bytes = key.as_bytes();
    let starts = |at: usize| {
        let before = bytes[at - 1];
        let next = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        bytes[at].is_ascii_uppercase() && (!before.is_ascii_uppercase() || next)
    };
    let mut words = Vec::new();
    let mut from = 0;
    for at in 1..=bytes.len() {
        if at == bytes.len() || (key.is_char_boundary(at) && starts(at)) {
            words.extend(key[from..at].split('_').filter(|word| !word.is_empty()));
            from = at;
        }
    }
    words
}

fn capital(word: &str) -> String {
    with_first(word, char::to_ascii_uppercase)
}

/// Of `HTTPStatus` all of `HTTP`.
fn lower(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return word.to_ascii_lowercase();
    }
    with_first(word, char::to_ascii_lowercase)
}

fn with_first(word: &str, spelt: impl Fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| spelt(&first)).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::Rename::{AsWritten, Camel, Kebab, Lower, Pascal, ScreamingSnake, Snake, Upper};
    use super::keys;

    #[test]
    fn each_spelling_of_each_writing() {
        let spelt = |key| {
            [AsWritten, Pascal, Camel, Snake, ScreamingSnake, Kebab, Lower, Upper].map(|r| r.apply(key).into_owned())
        };
        let both = ["TypeOfRequest", "typeOfRequest", "type_of_request", "TYPE_OF_REQUEST", "type-of-request"];
        assert_eq!(spelt("type_of_request")[1..6], both);
        assert_eq!(spelt("TypeOfRequest")[1..6], both);
        assert_eq!(spelt("TypeOfRequest")[6..], ["typeofrequest", "TYPEOFREQUEST"]);
        assert_eq!(
            spelt("HTTPStatus_2"),
            [
                "HTTPStatus_2",
                "HTTPStatus2",
                "httpStatus2",
                "http_status_2",
                "HTTP_STATUS_2",
                "http-status-2",
                "httpstatus_2",
                "HTTPSTATUS_2"
            ]
        );
        assert_eq!(spelt("TenantID")[3], "tenant_id");
        assert_eq!(spelt("x")[1..3], ["X", "x"]);
    }

    #[test]
    fn only_identifiers_and_never_twice() {
        assert_eq!(
            keys(Pascal, &[false, true, false], &["Function", "route", "any key"]),
            ["Function", "Route", "any key"]
        );
        assert_eq!(keys(Pascal, &[false, true], &["Function", "function"]), ["Function", "function"]);
        assert_eq!(keys(Pascal, &[true, true], &["tier", "Tier"]), ["tier", "Tier"]);
        assert_eq!(keys(Lower, &[true, true], &["TIER", "Tier"]), ["tier", "Tier"]);
        assert_eq!(keys(Pascal, &[], &["route"]), ["route"]);
    }
}
