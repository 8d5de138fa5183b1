//! `limit(Tenant = 200)`, `record(in_flight, busy)`, `sample = 1/64`, `doc = false`.

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Error, LitBool, LitInt, LitStr, Result, Token, parenthesized};

use super::{assigned, comma_separated, key, once, rollup, unknown};
use crate::model::{Limit, Record, Sample};

/// At least one series.
pub(super) fn limit(input: ParseStream<'_>) -> Result<usize> {
    let found: TokenTree = input.parse()?;
    at_least(&found, 1).map(|number| number as usize).ok_or_else(|| {
        Error::new(
            found.span(),
            format!("`limit` is a whole number from 1 on, such as `limit = 200`, and here is `{found}`: so many series the metric may have"),
        )
    })
}

fn at_least(found: &TokenTree, least: u32) -> Option<u32> {
    let number = syn::parse2::<LitInt>(found.to_token_stream()).and_then(|literal| literal.base10_parse::<u32>());
    number.ok().filter(|number| *number >= least)
}

/// `(Tenant = 200, Route = 50)`
pub(super) fn limits(input: ParseStream<'_>, word: &Ident) -> Result<Vec<Limit>> {
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(Error::new(
            word.span(),
            "`limit` names dimensions: `limit(Tenant = 200)`, or all of it: `limit = 200`",
        ));
    }
    let mut limits: Vec<Limit> = Vec::new();
    comma_separated(&content, |input| {
        let (key, span) = rollup::name(input)?;
        if !input.peek(Token![=]) {
            return Err(Error::new(span, format!("`{key}` needs a number: `limit({key} = 200)`")));
        }
        input.parse::<Token![=]>()?;
        let most = limit(input)?;
        if limits.iter().any(|earlier| earlier.key == key) {
            return Err(Error::new(span, format!("the limit of `{key}` is given twice: keep one")));
        }
        limits.push(Limit { key, span, most });
        Ok(())
    })?;
    Ok(limits)
}

const RECORDS: [&str; 3] = ["in_flight", "busy", "polls"];

pub(super) fn record(input: ParseStream<'_>, word: &Ident) -> Result<Record> {
    let lacking = || {
        Err(Error::new(word.span(), "`record` is followed by what to record besides: `record(in_flight, busy, polls)`"))
    };
    if !input.peek(syn::token::Paren) {
        return lacking();
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return lacking();
    }
    let mut record = Record { own: true, ..Record::default() };
    comma_separated(&content, |input| {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            let text = literal.value();
            return Err(Error::new(literal.span(), format!("here stands a name without quotes: `record({text})`")));
        }
        let key = key(input)?;
        let slot = match key.to_string().as_str() {
            "in_flight" => &mut record.in_flight,
            "busy" => &mut record.busy,
            "polls" => &mut record.polls,
            _ => return Err(unknown(&key, "`record`", &RECORDS, "")),
        };
        once(slot, &key, key.clone())
    })?;
    Ok(record)
}

/// `1/64`
pub(super) fn sample(input: ParseStream<'_>, key: &Ident) -> Result<Sample> {
    let first: TokenTree = input.parse()?;
    let of = match (first.to_string().as_str(), input.peek(Token![/])) {
        ("1", true) => {
            input.parse::<Token![/]>()?;
            if input.is_empty() { None } else { at_least(&input.parse()?, 2) }
        }
        _ => None,
    };
    of.map(|of| Sample { key: key.clone(), of }).ok_or_else(|| {
        Error::new(
            first.span(),
            "`sample` is one call of so many, `1/N` with a whole number N from 2 on, such as `sample = 1/64`",
        )
    })
}

/// `future = true`, `doc = false`
pub(super) fn flag(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<bool> {
    assigned(input, word, example, |input| {
        input
            .parse::<LitBool>()
            .map(|flag| flag.value)
            .map_err(|error| Error::new(error.span(), format!("`{word}` is `true` or `false`: `{word} = {example}`")))
    })
}
