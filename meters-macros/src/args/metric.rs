//! `metric = REQUESTS`: a metric of the user's own, and what cannot be said of it any more.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Error, LitStr, Result};

use super::assigned;
use crate::expand::written;
use crate::model::Own;

pub(super) fn parse(input: ParseStream<'_>, key: &Ident) -> Result<Own> {
    let metric = assigned(input, key, "REQUESTS", |input| {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            let name = literal.value();
            return Err(Error::new(
                literal.span(),
                format!("`metric` is a metric that there is, such as a `static`: to name one write `name = {name:?}`"),
            ));
        }
        input.parse()
    })?;
    Ok(Own { key: key.clone(), metric })
}

/// What is said where a metric is made.
const OF_METRIC: [&str; 9] =
    ["name", "unit", "resolution", "limit", "rollup", "description", "level", "internal", "buckets"];

/// The first of these that stands beside `metric`.
pub(super) fn alone(metric: Option<&Own>, keys: &[Ident]) -> Result<()> {
    let Some(own) = metric else { return Ok(()) };
    match keys.iter().find(|key| OF_METRIC.contains(&key.to_string().as_str())) {
        Some(key) => Err(contradicts(own, key)),
        None => Ok(()),
    }
}

pub(super) fn contradicts(own: &Own, key: &Ident) -> Error {
    let metric = written(&own.metric);
    Error::new(key.span(), format!("`{key}` is said where `{metric}` is made: remove it here, or remove `metric`"))
}

pub(super) fn is_of_metric(word: &str) -> bool {
    OF_METRIC.contains(&word)
}
