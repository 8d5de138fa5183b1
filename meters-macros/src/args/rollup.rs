//! `rollup([], [Route], [Function, Route])`

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::token::{Bracket, Paren};
use syn::{Error, LitStr, Result, bracketed, parenthesized};

use super::comma_separated;
use crate::model::Rollup;

pub(super) fn parse(input: ParseStream<'_>, key: &Ident) -> Result<Rollup> {
    let lacking = |span| {
        Error::new(
            span,
            "`rollup` is followed by lists of dimensions: `rollup([], [Route])` reports the sum of all, and one per `Route`, too",
        )
    };
    if !input.peek(Paren) {
        return Err(lacking(key.span()));
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(lacking(key.span()));
    }
    let mut sets = Vec::new();
    comma_separated(&content, |input| {
        if !input.peek(Bracket) {
            return Err(lacking(input.span()));
        }
        let inside;
        let bracket = bracketed!(inside in input);
        let mut set = Vec::new();
        comma_separated(&inside, |input| {
            set.push(name(input)?);
            Ok(())
        })?;
        sets.push((set, bracket.span.span()));
        Ok(())
    })?;
    Ok(Rollup { sets, own: true })
}

/// A dimension as in `dimensions(…)`, without its value.
pub(super) fn name(input: ParseStream<'_>) -> Result<(String, Span)> {
    if input.peek(LitStr) {
        let key: LitStr = input.parse()?;
        return Ok((key.value(), key.span()));
    }
    let key = input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), "here stands the name of a dimension, as in `dimensions(…)`"))?;
    Ok((key.unraw().to_string(), key.span()))
}
