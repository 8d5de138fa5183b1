//! The input of `counter!` and its like: `(crate path) "Name", Kind = kind, unit = Bytes`.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Result, Token, parenthesized};

use super::{assigned, comma_separated, crate_path, dimension, key, limit, once, resolution, string, unit};
use crate::args::unit::Measure;
use crate::model::{Arguments, Instrument};
use crate::validate::{self, Text};

pub(crate) fn parse(instrument: Instrument, input: TokenStream) -> Result<Arguments> {
    let parser = |input: ParseStream<'_>| read(instrument, input);
    parser.parse2(input)
}

fn read(instrument: Instrument, input: ParseStream<'_>) -> Result<Arguments> {
    let path;
    parenthesized!(path in input);
    let krate = crate_path(&path)?;
    let written = instrument.written();
    let name = string(input, &format!("the name, the first argument of `{written}`,"))?;
    validate::text(Text::MetricName, &name.value(), name.span())?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    let (mut dimensions, mut unit, mut resolution) = (Vec::new(), None, None);
    let mut limit = None;
    comma_separated(input, |input| {
        if input.peek(LitStr) || input.peek(Token![self]) {
            dimensions.push(dimension::parse(input)?);
            return Ok(());
        }
        let ahead = input.fork();
        let option = key(&ahead).map(|key| key.to_string()).unwrap_or_default();
        match option.as_str() {
            "unit" => {
                let key = key(input)?;
                let (measure, example) = match instrument {
                    Instrument::Meter => (Measure::Rate, "BytesPerSecond"),
                    _ => (Measure::Anything, "Bytes"),
                };
                let value = assigned(input, &key, example, |i| unit::parse(i, measure))?;
                once(&mut unit, &key, value)
            }
            "resolution" => {
                let key = key(input)?;
                let value = assigned(input, &key, "1", self::resolution)?;
                once(&mut resolution, &key, value)
            }
            "limit" => {
                let key = key(input)?;
                let value = assigned(input, &key, "200", self::limit)?;
                once(&mut limit, &key, value)
            }
            _ => {
                dimensions.push(dimension::parse(input)?);
                Ok(())
            }
        }
    })?;
    validate::dimensions(&dimensions, false)?;
    Ok(Arguments { krate, name: Some(name), dimensions, unit, resolution, limit, errors: None })
}
