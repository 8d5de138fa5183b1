//! What the parsers produce and the expansions consume.

mod arguments;
mod dimension;
mod told;

pub(crate) use self::arguments::{
    Arguments, Errors, Kind, Late, Limit, Own, Record, Resolution, Rollup, Rules, Sample, When,
};
pub(crate) use self::dimension::{Dimension, Sigil, UNSET, Value};
pub(crate) use self::told::Told;

/// Which of the two attributes is being expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    Monitored,
    Metered,
}

impl Preset {
    /// The attribute's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Monitored => "monitored",
            Self::Metered => "metered",
        }
    }

    /// As the user writes it, for messages.
    pub(crate) fn written(self) -> &'static str {
        match self {
            Self::Monitored => "#[monitored]",
            Self::Metered => "#[metered]",
        }
    }
}

/// Which of the function-like macros is being expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instrument {
    Counter,
    FloatCounter,
    Gauge,
    Histogram,
    Summary,
    Meter,
    Monitor,
    /// The histogram of `timed!`, which wants a block besides.
    Timed,
}

impl Instrument {
    /// As the user writes it, for messages.
    pub(crate) fn written(self) -> &'static str {
        match self {
            Self::Counter => "counter!",
            Self::FloatCounter => "float_counter!",
            Self::Gauge => "gauge!",
            Self::Histogram => "histogram!",
            Self::Summary => "summary!",
            Self::Meter => "meter!",
            Self::Monitor => "monitor!",
            Self::Timed => "timed!",
        }
    }

    /// The runtime type of its static.
    pub(crate) fn site(self) -> &'static str {
        match self {
            Self::Counter => "CounterSite",
            Self::FloatCounter => "FloatCounterSite",
            Self::Gauge => "GaugeSite",
            Self::Histogram | Self::Timed => "HistogramSite",
            Self::Summary => "SummarySite",
            Self::Meter => "MeterSite",
            Self::Monitor => "CallSite",
        }
    }
}
