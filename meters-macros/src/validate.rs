//! CloudWatch's rules, checked at the user's token.

use proc_macro2::Span;
use syn::{Error, Result};

use crate::model::{Dimension, Value};

/// CloudWatch takes at most this many dimensions per metric.
const DIMENSIONS: usize = 30;

/// The key of the dimension that an unnamed attribute adds.
pub(crate) const IMPLIED: &str = "Function";

/// A text that CloudWatch restricts.
#[derive(Clone, Copy)]
pub(crate) enum Text {
    MetricName,
    /// A name from which `.Errors` and `.Cancelled` are derived, which must fit too.
    CallName,
    DimensionName,
    DimensionValue,
}

impl Text {
    fn words(self) -> &'static str {
        match self {
            Self::MetricName | Self::CallName => "metric name",
            Self::DimensionName => "dimension name",
            Self::DimensionValue => "dimension value",
        }
    }

    fn longest(self) -> usize {
        match self {
            Self::MetricName | Self::DimensionName => 255,
            Self::CallName => 255 - ".Cancelled".len(),
            Self::DimensionValue => 1024,
        }
    }
}

/// Printable ASCII, neither empty nor blank, of bounded length.
pub(crate) fn text(kind: Text, text: &str, span: Span) -> Result<()> {
    let (words, longest) = (kind.words(), kind.longest());
    let error = |message: String| Err(Error::new(span, message));
    if text.is_empty() {
        return error(format!("a {words} cannot be empty: it has 1 to {longest} printable ASCII characters"));
    }
    if let Some(bad) = text.chars().find(|c| !matches!(c, ' '..='~')) {
        let bad = bad.escape_debug();
        return error(format!("`{bad}` cannot stand in a {words}: CloudWatch takes printable ASCII characters only"));
    }
    if text.trim().is_empty() {
        return error(format!(
            "a {words} cannot be blank: CloudWatch wants at least one character that is not a space"
        ));
    }
    if text.len() > longest {
        let found = text.len();
        let why = match kind {
            Text::CallName => " (255 less the `.Cancelled` that is appended)",
            _ => "",
        };
        return error(format!("this {words} has {found} characters: at most {longest} fit{why}"));
    }
    if matches!(kind, Text::DimensionName) && text.starts_with(':') {
        return error("a dimension name cannot start with `:`: CloudWatch reserves it".into());
    }
    Ok(())
}

/// Keys and literal values; no key twice; not more than 30, the implied one included.
pub(crate) fn dimensions(dimensions: &[Dimension], implied: bool) -> Result<()> {
    let most = DIMENSIONS - usize::from(implied);
    for (position, dimension) in dimensions.iter().enumerate() {
        let (key, span) = (&dimension.key, dimension.key_span);
        text(Text::DimensionName, key, span)?;
        if let Value::Text(value, span) = &dimension.value {
            text(Text::DimensionValue, value, *span)?;
        }
        if implied && key == IMPLIED {
            return Err(Error::new(
                span,
                "the dimension `Function` is already there: it is implied unless the metric has \
                 a `name = \"…\"`\nchoose another key, or name the metric",
            ));
        }
        if dimensions[..position].iter().any(|d| d.key == *key) {
            return Err(Error::new(span, format!("the dimension `{key}` is given twice: keep one")));
        }
        if position >= most {
            let counted = if implied { "29 beside the implied `Function`" } else { "30" };
            let found = dimensions.len();
            return Err(Error::new(
                span,
                format!("too many dimensions: CloudWatch takes {counted}, and here are {found}"),
            ));
        }
    }
    Ok(())
}
