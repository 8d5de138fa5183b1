//! The arguments of `#[monitored(…)]` and `#[metered(…)]`.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::token::Paren;
use syn::{Error, Ident, LitStr, Result, parenthesized};

pub(crate) use super::block::{on_block, on_function, on_method};
use super::unit::{self, Measure};
pub(crate) use super::written::Written;
use super::{
    assigned, comma_separated, crate_path, dimension, errors, extra, key, late, metric, once, resolution, rollup,
    string, told,
};
use crate::model::{Dimension, Preset, When};

pub(crate) fn parse(preset: Preset, arguments: TokenStream) -> Result<Written> {
    let parser = |input: ParseStream<'_>| read(preset, input);
    parser.parse2(arguments)
}

fn read(preset: Preset, input: ParseStream<'_>) -> Result<Written> {
    let mut written = Written::default();
    let mut keys = Vec::new();
    comma_separated(input, |input| {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            let text = literal.value();
            return Err(Error::new(literal.span(), format!("a name needs its keyword: write `name = \"{text}\"`")));
        }
        let key = key(input)?;
        keys.push(key.clone());
        match key.to_string().as_str() {
            "name" => {
                let value = assigned(input, &key, "\"Checkout\"", |i| string(i, "`name`"))?;
                once(&mut written.name, &key, value)
            }
            "metric" => {
                let metric = metric::parse(input, &key)?;
                once(&mut written.metric, &key, metric)
            }
            "dimensions" => {
                let listed = listed(input, &key)?;
                once(&mut written.dimensions, &key, listed)
            }
            word if preset == Preset::Metered && MONITORED_ONLY.contains(&word) => Err(not_metered(&key)),
            "unit" => {
                let time = |input: ParseStream<'_>| unit::parse(input, Measure::Time);
                let value = assigned(input, &key, "Milliseconds", time)?;
                once(&mut written.unit, &key, value)
            }
            "resolution" => {
                let value = assigned(input, &key, "1", self::resolution)?;
                once(&mut written.resolution, &key, value)
            }
            "limit" if input.peek(Paren) => {
                let limits = extra::limits(input, &key)?;
                once(&mut written.limits, &key, limits)
            }
            "limit" => {
                let value = assigned(input, &key, "200", extra::limit)?;
                once(&mut written.limit, &key, value)
            }
            "rollup" => {
                let rollup = rollup::parse(input, &key)?;
                once(&mut written.rollup, &key, rollup)
            }
            word if told::KEYS.contains(&word) => told::parse(input, &key, &mut written.told, ""),
            "errors" => {
                let rules = errors::parse(input, &key)?;
                once(&mut written.errors, &key, rules)
            }
            "on_ok" => {
                let late = late::parse(input, &key)?;
                once(&mut written.on_ok, &key, late)
            }
            "on_err" => {
                let late = late::parse(input, &key)?;
                once(&mut written.on_err, &key, late)
            }
            "record" => {
                let record = extra::record(input, &key)?;
                once(&mut written.record, &key, record)
            }
            "sample" => {
                let sample = assigned(input, &key, "1/64", |i| extra::sample(i, &key))?;
                once(&mut written.sample, &key, sample)
            }
            "when" => {
                let condition = assigned(input, &key, "order.is_paid()", |i| i.parse())?;
                once(&mut written.when, &key, When { key: key.clone(), condition })
            }
            "future" => {
                let flag = extra::flag(input, &key, "true")?;
                once(&mut written.future, &key, (key.clone(), flag))
            }
            "doc" => {
                let flag = extra::flag(input, &key, "false")?;
                once(&mut written.doc, &key, flag)
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
    metric::alone(written.metric.as_ref(), &keys)?;
    Ok(written)
}

fn listed(input: ParseStream<'_>, key: &Ident) -> Result<Vec<Dimension>> {
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

/// What only `#[monitored]` takes.
const MONITORED_ONLY: [&str; 7] = ["unit", "errors", "on_ok", "on_err", "record", "sample", "future"];

fn not_metered(key: &Ident) -> Error {
    let message = match key.to_string().as_str() {
        "unit" => "`#[metered]` takes no `unit`: calls per second are always in Count/Second".to_owned(),
        "record" | "sample" => {
            format!("`#[metered]` times nothing, so it takes no `{key}`: write `#[monitored({key} …)]`")
        }
        "future" => "`#[metered]` counts a call when it is made, whatever it returns: remove `future`".to_owned(),
        _ => format!("`#[metered]` counts calls and does not ask how they end: write `#[monitored({key}(…))]`"),
    };
    Error::new(key.span(), message)
}

fn unknown(preset: Preset, key: &Ident) -> Error {
    const MONITORED: [&str; 19] = [
        "name",
        "metric",
        "dimensions",
        "unit",
        "resolution",
        "limit",
        "description",
        "level",
        "internal",
        "errors",
        "on_ok",
        "on_err",
        "rollup",
        "record",
        "sample",
        "when",
        "future",
        "doc",
        "crate",
    ];
    const METERED: [&str; 12] = [
        "name",
        "metric",
        "dimensions",
        "resolution",
        "limit",
        "description",
        "level",
        "internal",
        "rollup",
        "when",
        "doc",
        "crate",
    ];
    let known: &[&str] = match preset {
        Preset::Monitored => &MONITORED,
        Preset::Metered => &METERED,
    };
    let subject = format!("`{}`", preset.written());
    if key == "labels" {
        return Error::new(key.span(), "labels are dimensions here: write `dimensions(Code = code)`");
    }
    super::unknown(key, &subject, known, "; a dimension stands in `dimensions(…)`")
}
