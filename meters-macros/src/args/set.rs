//! The input of `set!`: `(crate path) Cache = "hit", Tier = tier`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Error, LitStr, Result, parenthesized};

use super::{comma_separated, crate_path, dimension};
use crate::model::{Dimension, Value};
use crate::validate::{self, Text};

/// What a slot is set to, and the slot.
pub(crate) struct Set {
    pub(crate) krate: TokenStream,
    pub(crate) values: Vec<(Ident, Dimension)>,
}

pub(crate) fn parse(input: TokenStream) -> Result<Set> {
    read.parse2(input)
}

fn read(input: ParseStream<'_>) -> Result<Set> {
    let path;
    parenthesized!(path in input);
    let krate = crate_path(&path)?;
    if input.is_empty() {
        return Err(Error::new(
            Span::call_site(),
            "`set!` names a slot and its value: `meters::set!(Cache = \"hit\")`",
        ));
    }
    let mut values = Vec::new();
    comma_separated(input, |input| {
        if input.peek(LitStr) {
            return Err(input.error("the slot's name stands without quotes, as in `dimensions(…)`: `Cache = \"hit\"`"));
        }
        let slot = input.fork().call(<Ident as syn::ext::IdentExt>::parse_any);
        let dimension = dimension::parse(input)?;
        match &dimension.value {
            Value::Named(name) => {
                return Err(Error::new(name.span(), format!("`{name}` needs a value: `meters::set!({name} = …)`")));
            }
            Value::Late(name, _) => {
                return Err(Error::new(
                    name.span(),
                    format!("`_` leaves `{name}` unset: give it a value, or say nothing"),
                ));
            }
            Value::Text(text, span) => validate::text(Text::DimensionValue, text, *span)?,
            Value::Expression(_) => {}
        }
        values.push((slot?, dimension));
        Ok(())
    })?;
    Ok(Set { krate, values })
}
