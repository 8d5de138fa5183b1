//! Why an entry is left out.

use std::fmt;

/// What is wrong with some bytes.
pub(super) type Flaw = &'static str;

/// An entry that is no delta batch: nothing of it was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    why: Why,
    /// The metric in which it came to light.
    metric: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Flaw(Flaw),
    Version(u8),
    Lattice(u8),
    Crowded,
}

impl Damaged {
    pub(super) fn version(version: u8) -> Self {
        Self { why: Why::Version(version), metric: None }
    }

    pub(super) fn lattice(lattice: u8) -> Self {
        Self { why: Why::Lattice(lattice), metric: None }
    }

    pub(super) const CROWDED: Self = Self { why: Why::Crowded, metric: None };

    /// With the metric's name, if it is not known yet.
    #[cold]
    pub(super) fn of(self, metric: &str) -> Self {
        Self { metric: self.metric.or_else(|| Some(metric.into())), ..self }
    }

    /// The metric in which it came to light: who tells of it, tells of each once.
    pub fn metric(&self) -> Option<&str> {
        self.metric.as_deref()
    }
}

impl From<Flaw> for Damaged {
    fn from(flaw: Flaw) -> Self {
        Self { why: Why::Flaw(flaw), metric: None }
    }
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Why::Flaw(flaw) => write!(f, "an entry is no delta batch: {flaw}")?,
            Why::Version(version) => {
                write!(f, "an entry has format {version}, and this process knows {}: update it", super::VERSION)?;
            }
            Why::Lattice(lattice) => {
                write!(f, "an entry has lattice {lattice}, and this process knows {}: update it", super::LATTICE)?;
            }
            Why::Crowded => f.write_str(
                "more series or metrics of other processes than one process can merge: use more shards, or fewer dimensions",
            )?,
        }
        match &self.metric {
            Some(metric) => write!(f, " (metric {metric:?})"),
            None => Ok(()),
        }
    }
}
