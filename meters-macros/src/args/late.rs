//! `on_ok(|value| Kind = value.kind(), …)` and `on_err(|error| …)`.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Error, Pat, Result, Token, parenthesized};

use super::{comma_separated, dimension};
use crate::model::{Late, Value};

pub(super) fn parse(input: ParseStream<'_>, key: &Ident) -> Result<Late> {
    let lacking = |span| {
        let (what, example) = if key == "on_ok" { ("value", "value.kind()") } else { ("error", "error.reason()") };
        Err(Error::new(
            span,
            format!("`{key}` names the {what} and then dimensions: `{key}(|{what}| Kind = {example})`"),
        ))
    };
    if !input.peek(Paren) {
        return lacking(key.span());
    }
    let content;
    parenthesized!(content in input);
    if !content.peek(Token![|]) {
        return lacking(if content.is_empty() { key.span() } else { content.span() });
    }
    content.parse::<Token![|]>()?;
    let pattern = content.call(Pat::parse_single)?;
    if content.peek(Token![:]) {
        return Err(content.error("its type is that of what the function returns: leave it out, as in `|value| …`"));
    }
    content.parse::<Token![|]>()?;
    if content.is_empty() {
        return lacking(key.span());
    }
    let mut dimensions = Vec::new();
    comma_separated(&content, |input| {
        let dimension = dimension::parse(input)?;
        if let Value::Late(slot, _) = &dimension.value {
            return Err(Error::new(
                slot.span(),
                format!("`{slot} = _` stands in `dimensions(…)`: `{key}` gives each of its dimensions a value"),
            ));
        }
        dimensions.push(dimension);
        Ok(())
    })?;
    Ok(Late { key: key.clone(), pattern, dimensions, own: true })
}
