//! CloudWatch's rules, checked at the user's token.

mod rollup;

pub(crate) use self::rollup::{rollup, sets_differ, sets_exist};

use proc_macro2::Span;
use syn::{Error, Result};

use crate::model::{Arguments, Dimension, Limit, Value};
use crate::suggest;

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
pub(crate) fn dimensions(arguments: &Arguments) -> Result<()> {
    let implied = arguments.implied();
    let most = DIMENSIONS - usize::from(implied);
    let late = [&arguments.on_ok, &arguments.on_err];
    // One key may stand in both: they set the same dimension.
    late.into_iter().flatten().try_for_each(|late| distinct(&late.dimensions))?;
    let late = arguments.at_the_end();
    let all: Vec<&Dimension> = arguments.dimensions.iter().chain(late.iter().copied()).collect();
    for (position, dimension) in all.iter().enumerate() {
        let (key, span) = (&dimension.key, dimension.key_span);
        text(Text::DimensionName, key, span)?;
        if let Value::Text(value, span) | Value::Late(_, Some((value, span))) = &dimension.value {
            text(Text::DimensionValue, value, *span)?;
        }
        if implied && key == IMPLIED {
            return Err(Error::new(
                span,
                "the dimension `Function` is already there: it is implied unless the metric has \
                 a `name = \"…\"`\nchoose another key, or name the metric",
            ));
        }
        if all[..position].iter().any(|earlier| earlier.key == *key) {
            return Err(twice(key, span));
        }
        if position >= most {
            let counted = if implied { "29 beside the implied `Function`" } else { "30" };
            let found = all.len();
            return Err(Error::new(
                span,
                format!("too many dimensions: CloudWatch takes {counted}, and here are {found}"),
            ));
        }
    }
    Ok(())
}

fn distinct(dimensions: &[Dimension]) -> Result<()> {
    for (position, dimension) in dimensions.iter().enumerate() {
        if dimensions[..position].iter().any(|earlier| earlier.key == dimension.key) {
            return Err(twice(&dimension.key, dimension.key_span));
        }
        if let Value::Text(value, span) = &dimension.value {
            text(Text::DimensionValue, value, *span)?;
        }
    }
    Ok(())
}

fn twice(key: &str, span: Span) -> Error {
    Error::new(span, format!("the dimension `{key}` is given twice: keep one"))
}

/// Those who are limited are there.
pub(crate) fn limits<'a>(limits: impl IntoIterator<Item = &'a Limit>, keys: &[String]) -> Result<()> {
    limits.into_iter().try_for_each(|limit| exists("`limit`", &limit.key, limit.span, keys))
}

fn exists(who: &str, key: &str, span: Span, keys: &[String]) -> Result<()> {
    if keys.iter().any(|known| known == key) {
        return Ok(());
    }
    let meant = suggest::did_you_mean(key, keys);
    let has = match keys {
        [] => "there is none".to_owned(),
        [one] => format!("there is `{one}`"),
        several => format!("there are {}", suggest::list(several)),
    };
    Err(Error::new(
        span,
        format!("{who} names the dimension `{key}`, and {has}{meant}\nlist it with the dimensions, or remove it here"),
    ))
}
