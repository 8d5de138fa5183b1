//! Reading what stands in the parentheses: one list, one duplicate check, for every macro.

mod across;
pub(crate) mod attribute;
mod block;
pub(crate) mod defaults;
mod dimension;
mod errors;
mod extra;
pub(crate) mod instrument;
mod late;
mod metric;
mod numbers;
pub(crate) mod outcome;
pub(crate) mod rename;
mod rollup;
pub(crate) mod set;
mod told;
mod unit;
mod written;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, LitStr, Path, Result, Token};

use crate::model::Resolution;
use crate::suggest;

/// Reads `item, item, …` to the end, a trailing comma allowed.
fn comma_separated(input: ParseStream<'_>, mut item: impl FnMut(ParseStream<'_>) -> Result<()>) -> Result<()> {
    while !input.is_empty() {
        item(input)?;
        if input.is_empty() {
            break;
        }
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

/// Any identifier, keywords such as `crate` and `type` included.
fn key(input: ParseStream<'_>) -> Result<Ident> {
    input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), "an argument starts with its name"))
}

/// Fills a slot that may be filled once.
fn once<T>(slot: &mut Option<T>, key: &Ident, value: T) -> Result<()> {
    if slot.replace(value).is_some() {
        return Err(Error::new(key.span(), format!("`{key}` is given twice: keep one")));
    }
    Ok(())
}

/// `= value`, with the way to write it when something else stands there.
fn assigned<T>(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    value: impl FnOnce(ParseStream<'_>) -> Result<T>,
) -> Result<T> {
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), format!("`{key}` needs a value: `{key} = {example}`")));
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(key.span(), format!("`{key} =` lacks its value: `{key} = {example}`")));
    }
    value(input)
}

/// An argument that nobody knows; `hint` may add a line.
fn unknown(key: &Ident, subject: &str, known: &[&str], hint: &str) -> Error {
    let meant = suggest::did_you_mean(&key.to_string(), known);
    let known = suggest::list(known);
    Error::new(key.span(), format!("unknown argument `{key}`{meant}\n{subject} knows {known}{hint}"))
}

/// A string literal; anything else is answered with why and how.
fn string(input: ParseStream<'_>, what: &str) -> Result<LitStr> {
    input.parse().map_err(|error| {
        Error::new(
            error.span(),
            format!("{what} is a string literal, such as \"Checkout\": it is fixed at compile time"),
        )
    })
}

/// `1` or `60`, the two periods that CloudWatch stores.
fn resolution(input: ParseStream<'_>) -> Result<Resolution> {
    let found: TokenTree = input.parse()?;
    match found.to_string().as_str() {
        "1" => Ok(Resolution::High),
        "60" => Ok(Resolution::Standard),
        written => Err(Error::new(
            found.span(),
            format!(
                "CloudWatch has no resolution `{written}`: write 1 (second, high resolution) \
                 or 60 (seconds, the default)"
            ),
        )),
    }
}

/// The path of the runtime crate, as tokens to put before `::__private`.
fn crate_path(input: ParseStream<'_>) -> Result<TokenStream> {
    let path = input.call(Path::parse_mod_style).map_err(|error| {
        Error::new(error.span(), "`crate` is a path without quotes, such as `crate = my_crate::meters`")
    })?;
    Ok(path.into_token_stream())
}
