//! The namespace: the container that CloudWatch keeps metrics in.

use std::sync::Arc;

use super::text::{begins_with, checked_text, is_printable, quoted};
use crate::error::Error;

/// A CloudWatch namespace: 1 to 255 printable ASCII characters, checked.
///
/// Not all of the characters are spaces, the first is not `:`, and the text does not begin with `AWS/`, which is
/// kept for AWS itself. Case counts. A clone shares the text.
///
/// The rule is that of `Namespace` in
/// [PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html).
///
/// ```
/// use meters_core::Namespace;
///
/// let namespace: Namespace = "Shop/Checkout".parse()?;
/// assert_eq!(namespace.as_str(), "Shop/Checkout");
/// assert!(Namespace::new("AWS/Shop").is_err());
/// # Ok::<(), meters_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(Arc<str>);

impl Namespace {
    /// The most characters that a namespace may have.
    ///
    /// ```
    /// assert_eq!(meters_core::Namespace::MAX_LEN, 255);
    /// ```
    pub const MAX_LEN: usize = 255;

    /// Checks `text` and keeps it.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] where [`Namespace::is_valid`] says no.
    ///
    /// ```
    /// use meters_core::Namespace;
    ///
    /// assert_eq!(Namespace::new("Shop")?, Namespace::new(String::from("Shop"))?);
    /// assert!(Namespace::new(":Shop").unwrap_err().is_invalid_input());
    /// # Ok::<(), meters_core::Error>(())
    /// ```
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if Self::is_valid(&text) {
            return Ok(Self(text.into()));
        }
        Err(Error::invalid_input(format!(
            "invalid namespace {}: use 1 to 255 printable ASCII characters, not only spaces, \
             that begin with neither \":\" nor \"AWS/\"",
            quoted(&text)
        )))
    }

    /// Whether [`Namespace::new`] takes `text`; also at compile time.
    ///
    /// ```
    /// const _: () = assert!(meters_core::Namespace::is_valid("Shop"));
    /// assert!(!meters_core::Namespace::is_valid("AWS/Shop"));
    /// ```
    pub const fn is_valid(text: &str) -> bool {
        is_printable(text, Self::MAX_LEN) && !begins_with(text, ":") && !begins_with(text, "AWS/")
    }
}

checked_text!(Namespace);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn length() {
        for (length, valid) in [(0, false), (1, true), (254, true), (255, true), (256, false)] {
            assert_eq!(Namespace::new("n".repeat(length)).is_ok(), valid, "{length}");
        }
    }

    #[test]
    fn beginnings() {
        for (text, valid) in [
            (":", false),
            (":Shop", false),
            ("Shop:", true),
            ("AWS/", false),
            ("AWS/Shop", false),
            ("AWS", true),
            ("AWSShop", true),
            ("aws/Shop", true),
            (" ", false),
            ("Shop\n", false),
            ("Café", false),
        ] {
            assert_eq!(Namespace::new(text).is_ok(), valid, "{text:?}");
        }
    }

    #[test]
    fn the_error_shows_the_text_and_the_rule() {
        assert_eq!(
            Namespace::new("AWS/x").unwrap_err().to_string(),
            "invalid namespace \"AWS/x\": use 1 to 255 printable ASCII characters, not only spaces, \
             that begin with neither \":\" nor \"AWS/\""
        );
    }

    proptest! {
        #[test]
        fn every_way_in_agrees(text in any::<String>()) {
            let valid = Namespace::is_valid(&text);
            prop_assert_eq!(Namespace::try_from(text.as_str()).is_ok(), valid);
            prop_assert_eq!(text.parse::<Namespace>().is_ok(), valid);
            match Namespace::try_from(text.clone()) {
                Ok(namespace) => prop_assert_eq!(namespace.to_string(), text),
                Err(error) => prop_assert!(!valid && error.is_invalid_input()),
            }
        }
    }
}
