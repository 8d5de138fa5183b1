//! The one error of the product: opaque, one pointer wide, and each message says what to do.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;

/// What went wrong, in one sentence that says what to do about it.
///
/// The causes are behind [`source`](StdError::source). `Debug` prints the sentence and its causes, since that is
/// what a `main` that returns this error shows. Which kind it is, the `is_*` questions answer.
///
/// ```
/// # use meters_core as meters;
/// let error = meters::Dimension::new(":Route", "cart").unwrap_err();
/// assert!(error.is_invalid_input());
/// assert!(error.to_string().starts_with("invalid dimension name \":Route\": use "));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    message: Box<str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    InvalidInput,
    Configuration,
    Export,
    Timeout,
}

impl Error {
    /// Whether a name, dimension or value breaks a rule of CloudWatch: the caller must pass another one.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert!(meters::Dimension::new("", "cart").unwrap_err().is_invalid_input());
    /// ```
    pub fn is_invalid_input(&self) -> bool {
        self.0.kind == Kind::InvalidInput
    }

    /// Whether the set-up is wrong: a builder option, credentials or the environment must change.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert!(!meters::Dimension::new("", "cart").unwrap_err().is_configuration());
    /// ```
    pub fn is_configuration(&self) -> bool {
        self.0.kind == Kind::Configuration
    }

    /// Whether an exporter could not hand over what it had; nothing is wrong with what was recorded.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert!(!meters::Dimension::new("", "cart").unwrap_err().is_export());
    /// ```
    pub fn is_export(&self) -> bool {
        self.0.kind == Kind::Export
    }

    /// Whether the time allowed ran out; a later attempt, or more time, may succeed.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert!(!meters::Dimension::new("", "cart").unwrap_err().is_timeout());
    /// ```
    pub fn is_timeout(&self) -> bool {
        self.0.kind == Kind::Timeout
    }

    /// A name, dimension or value that breaks a rule.
    #[cold]
    #[doc(hidden)]
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidInput, message.into())
    }

    /// A set-up that cannot work.
    #[cold]
    #[doc(hidden)]
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, message.into())
    }

    /// An export that failed.
    #[cold]
    #[doc(hidden)]
    pub fn export(message: impl Into<String>) -> Self {
        Self::new(Kind::Export, message.into())
    }

    /// A wait that ended before its aim was reached.
    #[cold]
    #[doc(hidden)]
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(Kind::Timeout, message.into())
    }

    /// The same error with its cause.
    #[cold]
    #[doc(hidden)]
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    #[cold]
    fn new(kind: Kind, message: String) -> Self {
        Self(Box::new(Inner { kind, message: message.into_boxed_str(), source: None }))
    }
}

/// Lets a conversion that cannot fail stand where one that can is expected.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, "\n  because: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(error: &Error) -> [bool; 4] {
        [error.is_invalid_input(), error.is_configuration(), error.is_export(), error.is_timeout()]
    }

    #[test]
    fn exactly_one_question_is_answered_with_yes() {
        let kinds = [Error::invalid_input("a"), Error::configuration("b"), Error::export("c"), Error::timeout("d")];
        for (position, error) in kinds.iter().enumerate() {
            let expected: [bool; 4] = std::array::from_fn(|question| question == position);
            assert_eq!(answers(error), expected, "{error}");
        }
    }

    #[test]
    fn causes_are_kept_in_order() {
        let inner = Error::timeout("wait longer").with_source("socket closed");
        let outer = Error::export("check the network").with_source(inner);
        assert_eq!(outer.to_string(), "check the network");
        assert_eq!(outer.source().unwrap().to_string(), "wait longer");
        assert_eq!(format!("{outer:?}"), "check the network\n  because: wait longer\n  because: socket closed");
    }

    #[test]
    fn it_is_small_and_crosses_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }
}
