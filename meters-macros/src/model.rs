//! What the parsers produce and the expansions consume.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, LitStr};

/// Which of the two attributes is being expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    Monitored,
    Metered,
}

impl Preset {
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
    Gauge,
    Histogram,
    Meter,
}

impl Instrument {
    /// As the user writes it, for messages.
    pub(crate) fn written(self) -> &'static str {
        match self {
            Self::Counter => "counter!",
            Self::Gauge => "gauge!",
            Self::Histogram => "histogram!",
            Self::Meter => "meter!",
        }
    }

    /// The runtime type of its static.
    pub(crate) fn site(self) -> &'static str {
        match self {
            Self::Counter => "CounterSite",
            Self::Gauge => "GaugeSite",
            Self::Histogram => "HistogramSite",
            Self::Meter => "MeterSite",
        }
    }
}

/// What may be said about a metric, in an attribute or in a function-like macro.
pub(crate) struct Arguments {
    /// Path of the runtime crate.
    pub(crate) krate: TokenStream,
    pub(crate) name: Option<LitStr>,
    pub(crate) dimensions: Vec<Dimension>,
    /// One of CloudWatch's 27 units, in the user's token.
    pub(crate) unit: Option<Ident>,
    pub(crate) resolution: Option<Resolution>,
}

#[derive(Clone, Copy)]
pub(crate) enum Resolution {
    High,
    Standard,
}

pub(crate) struct Dimension {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    /// Known now: a literal.
    Text(String, Span),
    /// A bare identifier: the argument (or variable) of the dimension's name.
    Named(Ident),
    /// Evaluated once per call.
    Expression(Expr),
}
