//! The arguments of `#[monitored(…)]` and `#[metered(…)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::token::Paren;
use syn::{Error, LitStr, Result, parenthesized};

use super::{assigned, comma_separated, crate_path, dimension, key, once, resolution, string, unit};
use crate::args::unit::Measure;
use crate::model::{Arguments, Dimension, Preset};
use crate::validate::{self, Text};

pub(crate) fn parse(preset: Preset, arguments: TokenStream) -> Result<Arguments> {
    let parser = |input: ParseStream<'_>| read(preset, input);
    parser.parse2(arguments)
}

fn read(preset: Preset, input: ParseStream<'_>) -> Result<Arguments> {
    let (mut krate, mut name, mut dimensions) = (None, None, None);
    let (mut unit, mut resolution) = (None, None);
    comma_separated(input, |input| {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            let text = literal.value();
            return Err(Error::new(literal.span(), format!("a name needs its keyword: write `name = \"{text}\"`")));
        }
        let key = key(input)?;
        match key.to_string().as_str() {
            "name" => {
                let value = assigned(input, &key, "\"Checkout\"", |i| string(i, "`name`"))?;
                once(&mut name, &key, value)
            }
            "dimensions" => {
                let listed = listed(input, &key)?;
                once(&mut dimensions, &key, listed)
            }
            "unit" if preset == Preset::Metered => {
                Err(Error::new(key.span(), "`#[metered]` takes no `unit`: calls per second are always in Count/Second"))
            }
            "unit" => {
                let time = |input: ParseStream<'_>| unit::parse(input, Measure::Time);
                let value = assigned(input, &key, "Milliseconds", time)?;
                once(&mut unit, &key, value)
            }
            "resolution" => {
                let value = assigned(input, &key, "1", self::resolution)?;
                once(&mut resolution, &key, value)
            }
            "crate" => {
                let value = assigned(input, &key, "my_crate::meters", crate_path)?;
                once(&mut krate, &key, value)
            }
            _ => Err(unknown(preset, &key)),
        }
    })?;
    let text = match preset {
        Preset::Monitored => Text::CallName,
        Preset::Metered => Text::MetricName,
    };
    if let Some(name) = &name {
        validate::text(text, &name.value(), name.span())?;
    }
    let dimensions = dimensions.unwrap_or_default();
    validate::dimensions(&dimensions, name.is_none())?;
    let krate = krate.unwrap_or_else(|| quote!(::meters));
    Ok(Arguments { krate, name, dimensions, unit, resolution })
}

fn listed(input: ParseStream<'_>, key: &proc_macro2::Ident) -> Result<Vec<Dimension>> {
    if !input.peek(Paren) {
        return Err(Error::new(
            key.span(),
            "`dimensions` is followed by a list: `dimensions(Route = \"checkout\", tier)`",
        ));
    }
    let content;
    parenthesized!(content in input);
    let mut listed = Vec::new();
    comma_separated(&content, |input| {
        listed.push(dimension::parse(input)?);
        Ok(())
    })?;
    Ok(listed)
}

fn unknown(preset: Preset, key: &proc_macro2::Ident) -> Error {
    let known: &[&str] = match preset {
        Preset::Monitored => &["name", "dimensions", "unit", "resolution", "crate"],
        Preset::Metered => &["name", "dimensions", "resolution", "crate"],
    };
    let subject = format!("`{}`", preset.written());
    super::unknown(key, &subject, known, "; a dimension stands in `dimensions(…)`")
}
