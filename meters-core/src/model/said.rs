//! What is said of a metric, as other processes that share it hear it.

use super::{Level, Shape};

/// What call sites and registrations say of a metric beside what it is, of which a process that reports it has perhaps none.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said<'a> {
    /// The dimensions that each roll-up keeps.
    pub rollups: &'a [&'a [&'a str]],
    /// What it is, in words.
    pub description: Option<&'a str>,
    /// How a distribution is shown.
    pub shape: Option<&'a Shape>,
    /// For whom it is recorded.
    pub level: Option<Level>,
    /// No exporter sends it.
    pub internal: bool,
}

impl Said<'_> {
    /// Nothing.
    pub const NOTHING: Self = Self { rollups: &[], description: None, shape: None, level: None, internal: false };

    /// Whether nothing is said.
    pub fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }

    /// Without what was said before.
    pub(super) fn beyond(self, known: &Said<'_>) -> Self {
        Self {
            rollups: if known.rollups.is_empty() { self.rollups } else { &[] },
            description: self.description.filter(|_| known.description.is_none()),
            shape: self.shape.filter(|_| known.shape.is_none()),
            level: self.level.filter(|_| known.level.is_none()),
            internal: self.internal && !known.internal,
        }
    }

    /// Bytes that keeping it takes.
    pub(super) fn size(&self) -> usize {
        let rollups: usize =
            self.rollups.iter().map(|kept| 16 + kept.iter().map(|key| 16 + key.len()).sum::<usize>()).sum();
        let numbers = match self.shape {
            Some(Shape::Buckets(numbers) | Shape::Quantiles(numbers)) => 64 + 8 * numbers.len(),
            None => 0,
        };
        rollups + numbers + self.description.map_or(0, |text| 48 + text.len())
    }
}
