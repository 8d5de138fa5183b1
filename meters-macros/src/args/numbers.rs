//! `buckets = [0.1, 0.5]`, `linear(0.5, 0.5, 10)`, `quantiles = [0.5, 0.99]`, `maximum = 60`: numbers that are known now.

use proc_macro2::{Ident, Span};
use syn::parse::ParseStream;
use syn::token::{Bracket, Paren};
use syn::{Error, Lit, Result, Token, bracketed, parenthesized};

use super::{assigned, comma_separated};
use crate::suggest;

/// As many bounds as `meters::Buckets` takes.
const MOST_BUCKETS: usize = 1000;
/// As many quantiles as a summary takes.
const MOST_QUANTILES: usize = 100;
const FORMS: [&str; 2] = ["linear", "exponential"];

/// Upper bounds that rise: written out, or so many from a start on.
pub(super) fn buckets(input: ParseStream<'_>, key: &Ident, hint: &str) -> Result<Vec<f64>> {
    let lacking = |span| {
        let message = format!(
            "`buckets` are their upper bounds, known here: `buckets = [0.1, 0.5, 1.0]`, `linear(start, width, count)` \
             or `exponential(start, factor, count)`{hint}"
        );
        Error::new(span, message)
    };
    assigned(input, key, "[0.1, 0.5, 1.0]", |input| {
        if input.peek(Bracket) {
            let bounds = listed(input)?;
            rising(&bounds, key, "bounds", MOST_BUCKETS)?;
            return Ok(bounds.into_iter().map(|(bound, _)| bound).collect());
        }
        let form: Ident = input.parse().map_err(|_| lacking(input.span()))?;
        if !input.peek(Paren) || !FORMS.contains(&form.to_string().as_str()) {
            let meant = suggest::did_you_mean(&form.to_string(), &FORMS);
            let why = if meant.is_empty() { String::new() } else { format!("there are no `{form}` buckets{meant}\n") };
            return Err(Error::new(form.span(), format!("{why}{}", lacking(form.span()))));
        }
        series(input, &form)
    })
}

/// `linear(start, width, count)` or `exponential(start, factor, count)`
fn series(input: ParseStream<'_>, form: &Ident) -> Result<Vec<f64>> {
    let content;
    parenthesized!(content in input);
    let mut numbers = Vec::new();
    comma_separated(&content, |input| {
        numbers.push(number(input)?);
        Ok(())
    })?;
    let is_linear = form == "linear";
    let step = if is_linear { "width" } else { "factor" };
    let &[(start, at_start), (by, at_step), (count, at_count)] = numbers.as_slice() else {
        return Err(Error::new(form.span(), format!("`{form}` takes three numbers: `{form}(start, {step}, count)`")));
    };
    if count.fract() != 0.0 || !(1.0..=MOST_BUCKETS as f64).contains(&count) {
        return Err(Error::new(at_count, format!("the number of buckets is a whole number from 1 to {MOST_BUCKETS}")));
    }
    if is_linear && by <= 0.0 {
        return Err(Error::new(at_step, "linear buckets have a width above 0"));
    }
    if !is_linear && start <= 0.0 {
        return Err(Error::new(at_start, "exponential buckets start above 0"));
    }
    if !is_linear && by <= 1.0 {
        return Err(Error::new(at_step, "exponential buckets grow by a factor above 1"));
    }
    // As `meters::Buckets` reckons them.
    let bounds: Vec<f64> = if is_linear {
        (0..count as usize).map(|nth| start + by * nth as f64).collect()
    } else {
        std::iter::successors(Some(start), |bound| Some(bound * by)).take(count as usize).collect()
    };
    if !bounds.is_sorted_by(|one, next| one < next) || bounds.iter().any(|bound| !bound.is_finite()) {
        return Err(Error::new(
            form.span(),
            "so many of them are too large for a number, or too close to be told apart",
        ));
    }
    Ok(bounds)
}

/// Numbers from 0 to 1 that rise.
pub(super) fn quantiles(input: ParseStream<'_>, key: &Ident, hint: &str) -> Result<Vec<f64>> {
    assigned(input, key, "[0.5, 0.99]", |input| {
        if !input.peek(Bracket) {
            return Err(input.error(format!("`quantiles` are listed: `quantiles = [0.5, 0.99]`{hint}")));
        }
        let quantiles = listed(input)?;
        if let Some((_, span)) = quantiles.iter().find(|(quantile, _)| *quantile > 1.0) {
            return Err(Error::new(*span, "a quantile is a number from 0 to 1: 0.99 is the 99th percentile"));
        }
        rising(&quantiles, key, "quantiles", MOST_QUANTILES)?;
        Ok(quantiles.into_iter().map(|(quantile, _)| quantile).collect())
    })
}

pub(super) fn maximum(input: ParseStream<'_>, key: &Ident, hint: &str) -> Result<f64> {
    assigned(input, key, "60", |input| {
        let (most, span) = number(input).map_err(|error| Error::new(error.span(), format!("{error}{hint}")))?;
        if most > 2f64.powi(360) {
            return Err(Error::new(span, "the maximum of a summary is a number from 0 to 2^360"));
        }
        Ok(most)
    })
}

fn listed(input: ParseStream<'_>) -> Result<Vec<(f64, Span)>> {
    let content;
    bracketed!(content in input);
    let mut numbers = Vec::new();
    comma_separated(&content, |input| {
        numbers.push(number(input)?);
        Ok(())
    })?;
    Ok(numbers)
}

fn rising(numbers: &[(f64, Span)], key: &Ident, what: &str, most: usize) -> Result<()> {
    if numbers.is_empty() {
        return Err(Error::new(key.span(), format!("`{key}` lists none: name one at least, or leave it out")));
    }
    if let Some((_, span)) = numbers.get(most) {
        let found = numbers.len();
        return Err(Error::new(*span, format!("too many {what}: at most {most} are taken, and here are {found}")));
    }
    let mut pairs = numbers.iter().zip(&numbers[1..]);
    match pairs.find(|((one, _), (next, _))| one >= next) {
        Some(((one, _), (next, span))) => {
            Err(Error::new(*span, format!("{what} rise, and {next} comes after {one}: sort them, each once")))
        }
        None => Ok(()),
    }
}

/// A literal, finite and not negative: what is observed is no less.
fn number(input: ParseStream<'_>) -> Result<(f64, Span)> {
    if input.peek(Token![-]) {
        return Err(input.error("it cannot be negative: what is observed is 0 or more"));
    }
    let literal: Lit = input
        .parse()
        .map_err(|error| Error::new(error.span(), "a number is wanted, such as 0.5: it is checked here"))?;
    let parsed = match &literal {
        Lit::Int(int) => int.base10_parse::<u64>().ok().map(|int| int as f64),
        Lit::Float(float) => float.base10_parse::<f64>().ok(),
        _ => None,
    };
    match parsed.filter(|number| number.is_finite()) {
        Some(number) => Ok((number, literal.span())),
        None => Err(Error::new(literal.span(), "a number is wanted, such as 0.5, and one that is finite")),
    }
}
