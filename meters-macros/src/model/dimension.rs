//! One dimension: its key, and where its value comes from.

use proc_macro2::{Ident, Span};
use syn::Expr;

/// The value of a late dimension that nobody has set.
pub(crate) const UNSET: &str = "_unset";

#[derive(Clone)]
pub(crate) struct Dimension {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    /// Written as an identifier: `meters::defaults!` may say how it is spelt.
    pub(crate) ident: bool,
    /// Said by the function's own attribute, not by that of its `impl` block.
    pub(crate) own: bool,
    pub(crate) value: Value,
    /// How the value becomes a text, if it is none by its type.
    pub(crate) sigil: Option<Sigil>,
}

#[derive(Clone)]
pub(crate) enum Value {
    /// Known now: a literal.
    Text(String, Span),
    /// A bare identifier: the argument (or variable) of the dimension's name.
    Named(Ident),
    /// Evaluated once per call.
    Expression(Expr),
    /// Set while the call runs, by `meters::set!` under this name; until then the default.
    Late(Ident, Option<(String, Span)>),
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
