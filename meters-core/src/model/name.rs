//! The name of a metric.

use std::sync::Arc;

use super::text::{checked_text, is_printable, quoted};
use crate::error::Error;

/// The name of a metric: 1 to 255 printable ASCII characters, not all of them spaces, checked.
///
/// Case counts. A clone shares the text.
///
/// The rule is that of `MetricName` in
/// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
///
/// ```
/// use meters_core::MetricName;
///
/// let name: MetricName = "Checkout.Errors".parse()?;
/// assert_eq!(name.as_str(), "Checkout.Errors");
/// assert!(MetricName::new("a\nb").is_err());
/// # Ok::<(), meters_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricName(Arc<str>);

impl MetricName {
    /// The most characters that a name may have.
    ///
    /// ```
    /// assert_eq!(meters_core::MetricName::MAX_LEN, 255);
    /// ```
    pub const MAX_LEN: usize = 255;

    /// Checks `text` and keeps it.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] where [`MetricName::is_valid`] says no.
    ///
    /// ```
    /// use meters_core::MetricName;
    ///
    /// assert_eq!(MetricName::new("Calls")?.to_string(), "Calls");
    /// assert!(MetricName::new("").unwrap_err().is_invalid_input());
    /// # Ok::<(), meters_core::Error>(())
    /// ```
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if Self::is_valid(&text) {
            return Ok(Self(text.into()));
        }
        Err(Error::invalid_input(format!(
            "invalid metric name {}: use 1 to 255 printable ASCII characters, not only spaces",
            quoted(&text)
        )))
    }

    /// Whether [`MetricName::new`] takes `text`; also at compile time.
    ///
    /// ```
    /// const _: () = assert!(meters_core::MetricName::is_valid("Checkout"));
    /// assert!(!meters_core::MetricName::is_valid(" "));
    /// ```
    pub const fn is_valid(text: &str) -> bool {
        is_printable(text, Self::MAX_LEN)
    }
}

checked_text!(MetricName);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn length() {
        for (length, valid) in [(0, false), (1, true), (254, true), (255, true), (256, false)] {
            assert_eq!(MetricName::new("n".repeat(length)).is_ok(), valid, "{length}");
        }
    }

    #[test]
    fn a_name_may_begin_as_no_namespace_may() {
        assert!(MetricName::new(":p99").is_ok());
        assert!(MetricName::new("AWS/p99").is_ok());
    }

    #[test]
    fn a_clone_shares_the_text() {
        let name = MetricName::new("Calls").unwrap();
        assert!(std::ptr::eq(name.as_str(), name.clone().as_str()));
    }

    proptest! {
        #[test]
        fn printable_ascii_is_taken(text in "[!-~][ -~]{0,254}") {
            let name = MetricName::new(text.clone()).unwrap();
            prop_assert_eq!(name.as_ref(), text);
        }

        #[test]
        fn anything_else_is_refused(before in "[ -~]{0,9}", odd in "[^ -~]", after in "[ -~]{0,9}") {
            prop_assert!(MetricName::new(before + &odd + &after).is_err());
        }
    }
}
