//! All that may be said about one metric.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, LitStr, Pat};

use super::{Dimension, Sigil, Told};
use crate::validate::IMPLIED;

/// What may be said about a metric, in an attribute or in a function-like macro.
#[derive(Default)]
pub(crate) struct Arguments {
    /// Path of the runtime crate.
    pub(crate) krate: TokenStream,
    pub(crate) name: Option<LitStr>,
    /// In place of one that is made here.
    pub(crate) metric: Option<Own>,
    pub(crate) dimensions: Vec<Dimension>,
    /// One of CloudWatch's 27 units, in the user's token.
    pub(crate) unit: Option<Ident>,
    pub(crate) resolution: Option<Resolution>,
    /// At most so many series.
    pub(crate) limit: Option<usize>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) rollup: Option<Rollup>,
    pub(crate) told: Told,
    /// Of a gauge: a variant of `Across`, in the user's token.
    pub(crate) across: Option<Ident>,
    /// Of a histogram: the upper bounds of its buckets.
    pub(crate) buckets: Option<Vec<f64>>,
    /// Of a summary.
    pub(crate) quantiles: Option<Vec<f64>>,
    pub(crate) maximum: Option<f64>,
    pub(crate) errors: Option<Errors>,
    pub(crate) on_ok: Option<Late>,
    pub(crate) on_err: Option<Late>,
    pub(crate) record: Record,
    pub(crate) sample: Option<Sample>,
    pub(crate) when: Option<When>,
    /// Whether what is returned is a future, where its type does not say so.
    pub(crate) future: Option<(Ident, bool)>,
    /// Whether the documentation shall tell what is reported.
    pub(crate) doc: Option<bool>,
}

impl Arguments {
    /// Whether there is a dimension `Function`.
    pub(crate) fn implied(&self) -> bool {
        self.name.is_none() && self.metric.is_none()
    }

    /// The keys of all dimensions.
    pub(crate) fn keys(&self) -> Vec<String> {
        let implied = self.implied().then(|| IMPLIED.to_owned());
        let listed = self.dimensions.iter().chain(self.at_the_end()).map(|dimension| dimension.key.clone());
        implied.into_iter().chain(listed).collect()
    }

    /// The dimensions that are set while the call runs or when it ends: not those of `dimensions(…)`.
    pub(crate) fn at_the_end(&self) -> Vec<&Dimension> {
        let mut all: Vec<&Dimension> = Vec::new();
        for dimension in [&self.on_ok, &self.on_err].into_iter().flatten().flat_map(|late| &late.dimensions) {
            if all.iter().all(|earlier| earlier.key != dimension.key) {
                all.push(dimension);
            }
        }
        all
    }
}

/// A metric of the user's own.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) key: Ident,
    pub(crate) metric: Expr,
}

/// At most so many values of one dimension.
#[derive(Clone)]
pub(crate) struct Limit {
    pub(crate) key: String,
    pub(crate) span: Span,
    pub(crate) most: usize,
}

/// The sets of dimensions over which merged series are reported, too.
#[derive(Clone)]
pub(crate) struct Rollup {
    /// Each set with its place.
    pub(crate) sets: Vec<(Vec<(String, Span)>, Span)>,
    pub(crate) own: bool,
}

impl Rollup {
    /// Without sets of dimensions that are not there, and without that of all, which is the metric itself.
    pub(crate) fn retain_useful(&mut self, keys: &[String]) {
        self.sets.retain(|(set, _)| set.iter().all(|(key, _)| keys.contains(key)) && set.len() < keys.len());
    }
}

/// Dimensions from what was returned: `|pattern| Key = value, …`
#[derive(Clone)]
pub(crate) struct Late {
    pub(crate) key: Ident,
    pub(crate) pattern: Pat,
    pub(crate) dimensions: Vec<Dimension>,
    /// Said by the function's own attribute, not by that of its `impl` block.
    pub(crate) own: bool,
}

/// Metrics besides.
#[derive(Clone, Default)]
pub(crate) struct Record {
    pub(crate) in_flight: Option<Ident>,
    pub(crate) busy: Option<Ident>,
    pub(crate) polls: Option<Ident>,
    pub(crate) own: bool,
}

/// One call of so many is timed.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) key: Ident,
    pub(crate) of: u32,
}

/// Whether the call is to be recorded.
#[derive(Clone)]
pub(crate) struct When {
    pub(crate) key: Ident,
    pub(crate) condition: Expr,
}

/// Which returned values are errors, where the user says more than their type does.
#[derive(Clone)]
pub(crate) struct Errors {
    pub(crate) rules: Rules,
    /// The word, and what names the kind of an `Err`.
    pub(crate) kind: Option<(Ident, Kind)>,
    /// Said by the function's own attribute, not by that of its `impl` block.
    pub(crate) own: bool,
    pub(crate) key: Ident,
}

#[derive(Clone)]
pub(crate) enum Kind {
    /// A closure, or the path of a function.
    Function(Expr),
    /// `|error| %error`
    Formatted(Pat, Sigil, Expr),
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
