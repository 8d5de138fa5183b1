//! What a metric is: name, type, description, labels, buckets.

/// The types that the format knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
    /// Python reads it, and never writes it.
    Summary,
}

impl Kind {
    pub(super) fn of(letter: &str) -> Option<Self> {
        [Self::Counter, Self::Gauge, Self::Histogram, Self::Summary].into_iter().find(|kind| kind.letter() == letter)
    }

    pub(super) fn letter(self) -> &'static str {
        &self.word()[..1]
    }

    /// As in Prometheus.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}
