//! What a call came to that has no answer.

use meters_core::Error;

/// What is certain about a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Nothing was changed; the same may succeed later.
    Retry,
    /// Nothing was changed, and never will be until somebody mends the set-up.
    Configuration,
    /// It left, and no answer came: it was, will be or will not be carried out.
    Unknown,
}

/// A call that has no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) doubt: Doubt,
    pub(crate) error: Error,
}

impl Failure {
    pub(crate) fn retry(message: impl Into<String>) -> Self {
        Self { doubt: Doubt::Retry, error: Error::export(message) }
    }

    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self { doubt: Doubt::Retry, error: Error::timeout(message) }
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self { doubt: Doubt::Configuration, error: Error::configuration(message) }
    }

    pub(crate) fn unknown(error: Error) -> Self {
        Self { doubt: Doubt::Unknown, error }
    }
}

/// A setting that cannot be used, found on the way to the server.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { doubt: Doubt::Configuration, error }
    }
}
