//! `errors(none, ignore(PATTERN), kind = |error| …)` or `errors(if = |returned| …)`.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Error, Pat, Result, parenthesized};

use super::{assigned, comma_separated, key, once, unknown};
use crate::model::{Errors, Rules};

pub(super) fn parse(input: ParseStream<'_>, errors: &Ident) -> Result<Errors> {
    if !input.peek(Paren) {
        return Err(Error::new(
            errors.span(),
            "`errors` is followed by its rules: `errors(none)`, `errors(ignore(Error::NotFound))`, \
             `errors(if = |returned| returned.is_empty())` or `errors(kind = |error| error.reason())`",
        ));
    }
    let content;
    parenthesized!(content in input);
    let (mut none, mut ignore, mut decides, mut kind) = (None, None, None, None);
    comma_separated(&content, |input| {
        let rule = key(input)?;
        match rule.to_string().as_str() {
            "none" => once(&mut none, &rule, ()),
            "ignore" => {
                let pattern = pattern(input, &rule)?;
                once(&mut ignore, &rule, pattern)
            }
            "if" => {
                let closure = assigned(input, &rule, "|returned| returned.is_empty()", |i| i.parse())?;
                once(&mut decides, &rule, (rule.clone(), closure))
            }
            "kind" => {
                let closure = assigned(input, &rule, "|error| error.reason()", |i| i.parse())?;
                once(&mut kind, &rule, (rule.clone(), closure))
            }
            _ => Err(unknown(&rule, "`errors`", &["none", "ignore", "if", "kind"], "")),
        }
    })?;
    let rules = match decides {
        Some((rule, _)) if none.is_some() || ignore.is_some() => {
            return Err(Error::new(
                rule.span(),
                "`if` decides alone: put the other rules into its closure, or remove it",
            ));
        }
        Some((_, closure)) => Rules::If(closure),
        None => Rules::Listed { none: none.is_some(), ignore },
    };
    Ok(Errors { rules, kind, own: true, key: errors.clone() })
}

fn pattern(input: ParseStream<'_>, rule: &Ident) -> Result<Pat> {
    let lacking = || {
        Err(Error::new(
            rule.span(),
            "`ignore` is followed by a pattern of the error: `ignore(Error::NotFound | Error::Gone)`",
        ))
    };
    if !input.peek(Paren) {
        return lacking();
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return lacking();
    }
    let pattern = content.call(Pat::parse_multi_with_leading_vert)?;
    if content.is_empty() {
        return Ok(pattern);
    }
    Err(content
        .error("here the pattern has ended: alternatives stand with `|`, and guards belong into `errors(if = …)`"))
}
