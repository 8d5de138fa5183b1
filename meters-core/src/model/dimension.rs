//! A dimension: one name and value that tell a series from its siblings.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::text::{begins_with, is_printable, quoted};
use crate::error::Error;

/// One dimension of a metric: a name and a value, both checked.
///
/// The name has 1 to 255 printable ASCII characters and does not begin with `:`; the value has 1 to 1024. Neither
/// consists of spaces alone. A clone shares both texts. The order is by name, then by value.
///
/// The rule is that of
/// [Dimension](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html).
///
/// ```
/// # use meters_core as meters;
/// use meters::Dimension;
///
/// let dimension = Dimension::new("Route", "checkout")?;
/// assert_eq!((dimension.name(), dimension.value()), ("Route", "checkout"));
/// assert!(Dimension::new(":Route", "checkout").is_err());
/// # Ok::<(), meters::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dimension {
    name: Arc<str>,
    value: Arc<str>,
}

impl Dimension {
    /// The most characters that a name may have.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Dimension::MAX_NAME_LEN, 255);
    /// ```
    pub const MAX_NAME_LEN: usize = 255;

    /// The most characters that a value may have.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Dimension::MAX_VALUE_LEN, 1024);
    /// ```
    pub const MAX_VALUE_LEN: usize = 1024;

    /// Checks both texts and keeps them.
    ///
    /// A value that is known only at run time goes through [`Dimension::cleaned_value`] first.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] where [`Dimension::is_valid_name`] or [`Dimension::is_valid_value`] says no.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Dimension;
    ///
    /// assert!(Dimension::new("User", "").unwrap_err().is_invalid_input());
    /// assert!(Dimension::new("User", Dimension::cleaned_value("")).is_ok());
    /// ```
    pub fn new(name: impl AsRef<str>, value: impl AsRef<str>) -> Result<Self, Error> {
        let (name, value) = (name.as_ref(), value.as_ref());
        if !Self::is_valid_name(name) {
            return Err(Error::invalid_input(format!(
                "invalid dimension name {}: use 1 to 255 printable ASCII characters, not only spaces, \
                 that do not begin with \":\"",
                quoted(name)
            )));
        }
        if !Self::is_valid_value(value) {
            return Err(Error::invalid_input(format!(
                "invalid value {} of dimension {name:?}: use 1 to 1024 printable ASCII characters, not only spaces",
                quoted(value)
            )));
        }
        Ok(Self { name: name.into(), value: value.into() })
    }

    /// The name.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Dimension::new("Env", "prod")?.name(), "Env");
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Dimension::new("Env", "prod")?.value(), "prod");
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether [`Dimension::new`] takes `text` as a name; also at compile time.
    ///
    /// ```
    /// # use meters_core as meters;
    /// const _: () = assert!(meters::Dimension::is_valid_name("Route"));
    /// assert!(!meters::Dimension::is_valid_name(":Route"));
    /// ```
    pub const fn is_valid_name(text: &str) -> bool {
        is_printable(text, Self::MAX_NAME_LEN) && !begins_with(text, ":")
    }

    /// Whether [`Dimension::new`] takes `text` as a value; also at compile time.
    ///
    /// ```
    /// # use meters_core as meters;
    /// const _: () = assert!(meters::Dimension::is_valid_value("checkout"));
    /// assert!(!meters::Dimension::is_valid_value("Zürich"));
    /// ```
    pub const fn is_valid_value(text: &str) -> bool {
        is_printable(text, Self::MAX_VALUE_LEN)
    }

    /// `text` made into a valid value: the one rule for values that are known only at run time.
    ///
    /// Each character outside printable ASCII (0x20 to 0x7E) becomes `_`, what lies past the 1024th is cut, and a
    /// text that is then empty or all spaces becomes `_`. A valid text is handed back as it is, without allocation.
    /// Different texts can become one value.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Dimension;
    ///
    /// assert_eq!(Dimension::cleaned_value("checkout"), "checkout");
    /// assert_eq!(Dimension::cleaned_value("Zürich\n"), "Z_rich_");
    /// assert_eq!(Dimension::cleaned_value("  "), "_");
    /// ```
    pub fn cleaned_value(text: &str) -> Cow<'_, str> {
        if Self::is_valid_value(text) {
            return Cow::Borrowed(text);
        }
        let clean: String = text
            .chars()
            .take(Self::MAX_VALUE_LEN)
            .map(|character| if matches!(character, ' '..='~') { character } else { '_' })
            .collect();
        if Self::is_valid_value(&clean) { Cow::Owned(clean) } else { Cow::Borrowed("_") }
    }

    /// `text` made into a valid name, by the same rule; colons at its beginning are left out.
    pub(crate) fn cleaned_name(text: &str) -> Cow<'_, str> {
        if Self::is_valid_name(text) {
            return Cow::Borrowed(text);
        }
        let clean: String =
            Self::cleaned_value(text.trim_start_matches(':')).chars().take(Self::MAX_NAME_LEN).collect();
        if Self::is_valid_name(&clean) { Cow::Owned(clean) } else { Cow::Borrowed("_") }
    }
}

/// As [`Dimension::new`] does it.
impl<N: AsRef<str>, V: AsRef<str>> TryFrom<(N, V)> for Dimension {
    type Error = Error;

    fn try_from((name, value): (N, V)) -> Result<Self, Error> {
        Self::new(name, value)
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths() {
        for (length, valid) in [(0, false), (1, true), (254, true), (255, true), (256, false)] {
            assert_eq!(Dimension::new("n".repeat(length), "v").is_ok(), valid, "name of {length}");
        }
        for (length, valid) in [(0, false), (1, true), (1023, true), (1024, true), (1025, false)] {
            assert_eq!(Dimension::new("n", "v".repeat(length)).is_ok(), valid, "value of {length}");
        }
    }

    #[test]
    fn only_a_name_may_not_begin_with_a_colon() {
        assert!(Dimension::new(":n", "v").is_err());
        assert!(Dimension::new("n:", ":v").is_ok());
    }

    #[test]
    fn the_error_names_the_faulty_half() {
        let of = |name, value| Dimension::new(name, value).unwrap_err().to_string();
        assert!(of("é", "v").starts_with("invalid dimension name \"é\": use "));
        assert!(of("City", "Zürich").starts_with("invalid value \"Zürich\" of dimension \"City\": use "));
    }

    #[test]
    fn cleaning_at_its_limits() {
        let of = |length| Dimension::cleaned_value(&"v".repeat(length)).len();
        assert_eq!([of(0), of(1), of(1023), of(1024), of(1025)], [1, 1, 1023, 1024, 1024]);
        // Characters are replaced before the cut: two bytes of UTF-8 make one underscore.
        assert_eq!(Dimension::cleaned_value(&"é".repeat(1025)), "_".repeat(1024));
        // What the cut leaves can be blank although the whole was not.
        assert_eq!(Dimension::cleaned_value(&(" ".repeat(1024) + "v")), "_");
        assert_eq!(Dimension::cleaned_value("\u{7f}"), "_");
    }

    proptest! {
        #[test]
        fn what_is_cleaned_is_valid(text in any::<String>()) {
            let clean = Dimension::cleaned_value(&text);
            prop_assert!(Dimension::new("n", &clean).is_ok());
            prop_assert_eq!(Dimension::cleaned_value(&clean), clean.as_ref());
        }

        #[test]
        fn what_is_valid_is_not_touched(text in "[!-~][ -~]{0,40}") {
            prop_assert!(matches!(Dimension::cleaned_value(&text), Cow::Borrowed(same) if same == text));
        }
    }
}
