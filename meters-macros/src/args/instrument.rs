//! The input of `counter!` and its like: `(crate path) "Name", Kind = kind, unit = Bytes`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::token::Paren;
use syn::{Error, LitStr, Result, Token, parenthesized};

use super::unit::{self, Measure};
use super::{
    across, assigned, comma_separated, crate_path, dimension, extra, key, metric, numbers, once, resolution, string,
    told,
};
use crate::model::{Arguments, Instrument, Own, Told, Value};
use crate::validate::{self, Text};

pub(crate) fn parse(instrument: Instrument, input: TokenStream) -> Result<Arguments> {
    let parser = |input: ParseStream<'_>| read(instrument, input);
    parser.parse2(input)
}

/// The input of `timed!`: the same, and a block behind it.
pub(crate) fn timed(input: TokenStream) -> Result<(Arguments, Group)> {
    let mut trees: Vec<TokenTree> = input.into_iter().collect();
    let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',');
    trees.pop_if(|last| is_comma(last));
    let at = trees.last().map_or_else(Span::call_site, TokenTree::span);
    let block = match (trees.pop(), trees.last()) {
        (Some(tree), Some(before)) if is_comma(before) => block(tree),
        _ => None,
    };
    let block = block.ok_or_else(|| {
        Error::new(at, "`timed!` ends with the block that it times: `meters::timed!(\"parse\", { … })`")
    })?;
    Ok((parse(Instrument::Timed, trees.into_iter().collect())?, block))
}

/// Also where it came as a `$body:block`.
fn block(tree: TokenTree) -> Option<Group> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let mut inside = group.stream().into_iter();
            inside.next().filter(|_| inside.next().is_none()).and_then(block)
        }
        _ => None,
    }
}

/// `metric = LATENCY`, which `timed!` may begin with.
fn own(instrument: Instrument, input: ParseStream<'_>) -> Result<Option<Own>> {
    let ahead = input.fork();
    let begins = key(&ahead).is_ok_and(|key| key == "metric") && ahead.peek(Token![=]);
    if instrument != Instrument::Timed || !begins {
        return Ok(None);
    }
    let key = key(input)?;
    metric::parse(input, &key).map(Some)
}

fn name(instrument: Instrument, input: ParseStream<'_>) -> Result<LitStr> {
    let written = instrument.written();
    let name = string(input, &format!("the name, the first argument of `{written}`,"))?;
    let text = if instrument == Instrument::Monitor { Text::CallName } else { Text::MetricName };
    validate::text(text, &name.value(), name.span())?;
    Ok(name)
}

fn read(instrument: Instrument, input: ParseStream<'_>) -> Result<Arguments> {
    let path;
    parenthesized!(path in input);
    let krate = crate_path(&path)?;
    let metric = own(instrument, input)?;
    let name = if metric.is_none() { Some(name(instrument, input)?) } else { None };
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    let (mut dimensions, mut unit, mut resolution) = (Vec::new(), None, None);
    let (mut limit, mut limits, mut across, mut told) = (None, None, None, Told::default());
    let (mut buckets, mut quantiles, mut maximum) = (None, None, None);
    comma_separated(input, |input| {
        if input.peek(LitStr) || input.peek(Token![self]) {
            dimensions.push(dimension::parse(input)?);
            return Ok(());
        }
        let ahead = input.fork();
        let option = key(&ahead).map(|key| key.to_string()).unwrap_or_default();
        let hint = || format!("; a dimension of this name is written `\"{option}\" = …`");
        match option.as_str() {
            word if metric::is_of_metric(word)
                && let Some(own) = &metric =>
            {
                Err(metric::contradicts(own, &key(input)?))
            }
            "unit" => {
                let key = key(input)?;
                let (measure, example) = match instrument {
                    Instrument::Meter => (Measure::Rate, "BytesPerSecond"),
                    Instrument::Monitor | Instrument::Timed => (Measure::Time, "Milliseconds"),
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
            "across" if instrument == Instrument::Gauge => {
                let key = key(input)?;
                let value = assigned(input, &key, "Sum", across::parse)?;
                once(&mut across, &key, value)
            }
            word if told::KEYS.contains(&word) => told::parse(input, &key(input)?, &mut told, &hint()),
            "buckets" if matches!(instrument, Instrument::Histogram | Instrument::Timed) => {
                let key = key(input)?;
                let value = numbers::buckets(input, &key, &hint())?;
                once(&mut buckets, &key, value)
            }
            "quantiles" if instrument == Instrument::Summary => {
                let key = key(input)?;
                let value = numbers::quantiles(input, &key, &hint())?;
                once(&mut quantiles, &key, value)
            }
            "maximum" if instrument == Instrument::Summary => {
                let key = key(input)?;
                let value = numbers::maximum(input, &key, &hint())?;
                once(&mut maximum, &key, value)
            }
            "limit" => {
                let key = key(input)?;
                if input.peek(Paren) {
                    let value = extra::limits(input, &key)?;
                    return once(&mut limits, &key, value);
                }
                let value = assigned(input, &key, "200", extra::limit)?;
                once(&mut limit, &key, value)
            }
            _ => {
                dimensions.push(dimension::parse(input)?);
                Ok(())
            }
        }
    })?;
    if let Some(slot) = dimensions.iter().find(|dimension| matches!(dimension.value, Value::Late(..))) {
        let key = &slot.key;
        return Err(Error::new(
            slot.key_span,
            format!(
                "`{key} = _` waits for a `meters::set!`, which is for `#[monitored]` functions: give `{key}` a value"
            ),
        ));
    }
    if instrument == Instrument::Summary {
        quantiles = quantiles.or_else(|| Some(vec![0.5, 0.95, 0.99]));
    }
    if instrument == Instrument::Timed && metric.is_none() {
        unit = unit.or_else(|| Some(Ident::new("Microseconds", Span::mixed_site())));
    }
    let limits = limits.unwrap_or_default();
    let arguments = Arguments {
        krate,
        name,
        metric,
        dimensions,
        unit,
        resolution,
        limit,
        limits,
        across,
        buckets,
        quantiles,
        maximum,
        told,
        ..Arguments::default()
    };
    validate::dimensions(&arguments)?;
    validate::limits(&arguments.limits, &arguments.keys())?;
    Ok(arguments)
}
