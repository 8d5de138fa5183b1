//! The arguments of `#[monitored(…)]` and `#[metered(…)]`.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::token::Paren;
use syn::{Error, LitStr, Result, parenthesized};

pub(crate) use super::block::{on_block, on_function, on_method};
pub(crate) use super::written::Written;
use super::{assigned, comma_separated, crate_path, dimension, errors, key, limit, once, resolution, string, unit};
use crate::args::unit::Measure;
use crate::model::{Dimension, Preset};

pub(crate) fn parse(preset: Preset, arguments: TokenStream) -> Result<Written> {
    let parser = |input: ParseStream<'_>| read(preset, input);
    parser.parse2(arguments)
}

fn read(preset: Preset, input: ParseStream<'_>) -> Result<Written> {
    let mut written = Written::default();
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
                once(&mut written.name, &key, value)
            }
            "dimensions" => {
                let listed = listed(input, &key)?;
                once(&mut written.dimensions, &key, listed)
            }
            "unit" if preset == Preset::Metered => {
                Err(Error::new(key.span(), "`#[metered]` takes no `unit`: calls per second are always in Count/Second"))
            }
            "unit" => {
                let time = |input: ParseStream<'_>| unit::parse(input, Measure::Time);
                let value = assigned(input, &key, "Milliseconds", time)?;
                once(&mut written.unit, &key, value)
            }
            "resolution" => {
                let value = assigned(input, &key, "1", self::resolution)?;
                once(&mut written.resolution, &key, value)
            }
            "limit" => {
                let value = assigned(input, &key, "200", self::limit)?;
                once(&mut written.limit, &key, value)
            }
            "errors" if preset == Preset::Metered => Err(Error::new(
                key.span(),
                "`#[metered]` counts calls and does not ask how they end: write `#[monitored(errors(…))]`",
            )),
            "errors" => {
                let rules = errors::parse(input, &key)?;
                once(&mut written.errors, &key, rules)
            }
            "prefix" => {
                let value = assigned(input, &key, "\"Store\"", |i| string(i, "`prefix`"))?;
                once(&mut written.prefix, &key, (key.clone(), value))
            }
            "skip" => once(&mut written.skip, &key, key.clone()),
            "crate" => {
                let value = assigned(input, &key, "my_crate::meters", crate_path)?;
                once(&mut written.krate, &key, value)
            }
            _ => Err(unknown(preset, &key)),
        }
    })?;
    Ok(written)
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
        Preset::Monitored => &["name", "dimensions", "unit", "resolution", "limit", "errors", "crate"],
        Preset::Metered => &["name", "dimensions", "resolution", "limit", "crate"],
    };
    let subject = format!("`{}`", preset.written());
    super::unknown(key, &subject, known, "; a dimension stands in `dimensions(…)`")
}
