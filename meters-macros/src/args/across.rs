//! `across = Sum`: what the levels of a gauge in several processes come to.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, LitStr, Result};

use crate::suggest;

const MODES: [&str; 4] = ["Last", "Sum", "Min", "Max"];

/// One of the variants of `meters::Across`.
pub(super) fn parse(input: ParseStream<'_>) -> Result<Ident> {
    if input.peek(LitStr) {
        let literal: LitStr = input.parse()?;
        return Err(refused(&literal.value(), literal.span()));
    }
    let mode = input.call(Ident::parse_any).map_err(|error| {
        Error::new(error.span(), "`across` is what the levels of several processes come to, such as `across = Sum`")
    })?;
    if MODES.contains(&mode.to_string().as_str()) {
        return Ok(mode);
    }
    Err(refused(&mode.to_string(), mode.span()))
}

fn refused(written: &str, span: Span) -> Error {
    if MODES.contains(&written) {
        return Error::new(span, format!("`across` is a name: write `{written}`, without quotes"));
    }
    let (meant, known) = (suggest::did_you_mean(written, &MODES), suggest::list(&MODES));
    Error::new(span, format!("levels of several processes do not come to `{written}`{meant}\n`across` knows {known}"))
}
