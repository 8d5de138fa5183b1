//! What the parsers produce and the expansions consume.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, LitStr, Pat};

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
    /// At most so many series.
    pub(crate) limit: Option<usize>,
    pub(crate) errors: Option<Errors>,
}

/// Which returned values are errors, where the user says more than their type does.
#[derive(Clone)]
pub(crate) struct Errors {
    pub(crate) rules: Rules,
    /// Said by the function's own attribute, not by that of its `impl` block.
    pub(crate) own: bool,
    pub(crate) key: Ident,
}

#[derive(Clone)]
pub(crate) enum Rules {
    /// A closure of the returned value decides alone.
    If(Box<Expr>),
    Listed {
        /// `None` is an error.
        none: bool,
        /// An `Err` of this pattern is none.
        ignore: Option<Pat>,
    },
}

#[derive(Clone, Copy)]
pub(crate) enum Resolution {
    High,
    Standard,
}

#[derive(Clone)]
pub(crate) struct Dimension {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Value,
    /// How the value becomes a text, if it is none by its type.
    pub(crate) sigil: Option<Sigil>,
}

/// What may stand before a value; the only forms that allocate.
#[derive(Clone, Copy)]
pub(crate) enum Sigil {
    /// `%value`, by `Display`
    Display,
    /// `?value`, by `Debug`
    Debug,
}

impl Sigil {
    /// The runtime function that applies it.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Debug => "debug",
        }
    }
}

#[derive(Clone)]
pub(crate) enum Value {
    /// Known now: a literal.
    Text(String, Span),
    /// A bare identifier: the argument (or variable) of the dimension's name.
    Named(Ident),
    /// Evaluated once per call.
    Expression(Expr),
}
