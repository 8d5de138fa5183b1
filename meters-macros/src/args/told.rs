//! `description = "…"`, `level = Debug`, `internal`: what a metric is, and for whom.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, LitStr, Result, Token};

use super::{assigned, once};
use crate::model::Told;
use crate::suggest;

pub(super) const KEYS: [&str; 3] = ["description", "level", "internal"];

/// One of the three; `hint` says where else the word may stand.
pub(super) fn parse(input: ParseStream<'_>, key: &Ident, told: &mut Told, hint: &str) -> Result<()> {
    match key.to_string().as_str() {
        "description" => {
            let text = assigned(input, key, "\"Orders that were paid\"", |i| description(i, hint))?;
            once(&mut told.description, key, text)
        }
        "level" => {
            let level = assigned(input, key, "Debug", |i| level(i, hint))?;
            once(&mut told.level, key, level)
        }
        _ if input.peek(Token![=]) => {
            Err(Error::new(key.span(), format!("`internal` stands alone, it takes no value{hint}")))
        }
        _ => once(&mut told.internal, key, key.clone()),
    }
}

fn description(input: ParseStream<'_>, hint: &str) -> Result<LitStr> {
    let text: LitStr = input.parse().map_err(|error| {
        Error::new(error.span(), format!("`description` is a string literal: it is fixed at compile time{hint}"))
    })?;
    if text.value().trim().is_empty() {
        return Err(Error::new(text.span(), "a description cannot be empty: say what is counted or measured"));
    }
    Ok(text)
}

const LEVELS: [&str; 3] = ["Runtime", "Debug", "Disabled"];

/// One of the variants of `meters::Level`.
fn level(input: ParseStream<'_>, hint: &str) -> Result<Ident> {
    if input.peek(LitStr) {
        let literal: LitStr = input.parse()?;
        return Err(refused(&literal.value(), literal.span(), hint));
    }
    let level = input.call(Ident::parse_any).map_err(|error| {
        Error::new(error.span(), format!("`level` says for whom it is recorded, such as `level = Debug`{hint}"))
    })?;
    let name = level.to_string();
    if LEVELS.contains(&name.as_str()) { Ok(level) } else { Err(refused(&name, level.span(), hint)) }
}

fn refused(written: &str, span: Span, hint: &str) -> Error {
    if LEVELS.contains(&written) {
        return Error::new(span, format!("a level is a name: write `{written}`, without quotes"));
    }
    let (meant, known) = (suggest::did_you_mean(written, &LEVELS), suggest::list(&LEVELS));
    Error::new(span, format!("there is no level `{written}`{meant}\nlevels are {known}{hint}"))
}
