//! A datum that CloudWatch does not take.

use std::fmt;

use super::datum::Datum;

/// A datum that was not sent, or that CloudWatch refused: which one, and why.
///
/// It was taken out of its request alone; what stood beside it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    metric: String,
    dimensions: Vec<(String, String)>,
    reason: String,
}

impl Refused {
    pub(super) fn new<'a>(
        metric: &str,
        dimensions: impl Iterator<Item = (&'a str, &'a str)>,
        reason: impl Into<String>,
    ) -> Self {
        let dimensions = dimensions.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { metric: metric.to_owned(), dimensions, reason: reason.into() }
    }

    pub(super) fn datum(datum: &Datum, reason: impl Into<String>) -> Self {
        Self::new(&datum.name, datum.dimensions.iter(), reason)
    }

    /// The name of the metric.
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// (name, value) of each dimension.
    pub fn dimensions(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Why it was refused; CloudWatch's own words where it was CloudWatch.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// Name and reason, but no values of dimensions, which may be nobody's business.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a datum of {:?} was refused: {}", self.metric, self.reason)
    }
}
