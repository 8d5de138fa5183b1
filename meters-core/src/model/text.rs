//! The text that CloudWatch takes, and what every checked piece of text can do.

/// Whether `text` has 1 to `limit` printable ASCII characters, not all of them spaces.
pub(super) const fn is_printable(text: &str, limit: usize) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() > limit {
        return false;
    }
    let mut blank = true;
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], b' '..=b'~') {
            return false;
        }
        blank = blank && bytes[at] == b' ';
        at += 1;
    }
    !blank
}

/// Whether `text` begins with `prefix`; `str::starts_with` is no `const fn`.
pub(super) const fn begins_with(text: &str, prefix: &str) -> bool {
    matches!(text.as_bytes().split_at_checked(prefix.len()), Some((head, _)) if equal(head, prefix.as_bytes()))
}

const fn equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// `text` as an error shows it: quoted, escaped, and no longer than a line.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 48;
    match text.char_indices().nth(SHOWN) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}… ({} bytes)", &text[..end], text.len()),
    }
}

/// Implements what a newtype of `Arc<str>` with a fallible `new` shares with its likes.
macro_rules! checked_text {
    ($type:ident) => {
        impl $type {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = crate::error::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = crate::error::Error;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = crate::error::Error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }
    };
}
pub(super) use checked_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_inclusive() {
        for limit in [255, 1024] {
            for (length, valid) in [(1, true), (limit - 1, true), (limit, true), (limit + 1, false)] {
                assert_eq!(is_printable(&"x".repeat(length), limit), valid, "{length} of {limit}");
            }
        }
    }

    #[test]
    fn each_ascii_character_alone() {
        for byte in 0..=0x7f_u8 {
            let text = char::from(byte).to_string();
            assert_eq!(is_printable(&text, 255), byte.is_ascii_graphic(), "{text:?}");
        }
    }

    #[test]
    fn blank_empty_and_beyond_ascii() {
        for text in ["", " ", "   ", "é", "a\u{a0}b", "日本"] {
            assert!(!is_printable(text, 255), "{text:?}");
        }
        assert!(is_printable(" a ", 255));
    }

    #[test]
    fn prefixes() {
        assert!(begins_with("AWS/EC2", "AWS/"));
        assert!(begins_with("AWS/", "AWS/"));
        assert!(!begins_with("AWS", "AWS/"));
        assert!(!begins_with("aws/EC2", "AWS/"));
        assert!(!begins_with("", ":"));
    }

    #[test]
    fn long_text_is_shown_in_part() {
        assert_eq!(quoted("a\tb"), r#""a\tb""#);
        assert_eq!(quoted(&"é".repeat(300)), format!("\"{}\"… (600 bytes)", "é".repeat(48)));
    }
}
