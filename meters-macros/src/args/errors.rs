//! `errors(none, ignore(PATTERN), kind = |error| …)` or `errors(if = |returned| …)`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::token::Paren;
use syn::{Error, Pat, Result, Token, parenthesized};

use super::{assigned, comma_separated, dimension, key, once, unknown};
use crate::model::{Errors, Kind, Rules};

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
                let closure = assigned(input, &rule, "|error| error.reason()", named)?;
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

/// A closure, a function, or `|error| %error`.
fn named(input: ParseStream<'_>) -> Result<Kind> {
    let ahead = input.fork();
    if let Ok(pattern) = bars(&ahead)
        && (ahead.peek(Token![%]) || ahead.peek(Token![?]))
        && let Some(sigil) = dimension::sigil(&ahead)?
    {
        input.advance_to(&ahead);
        return Ok(Kind::Formatted(pattern, sigil, input.parse()?));
    }
    input.parse().map(Kind::Function)
}

/// `|error|`
fn bars(input: ParseStream<'_>) -> Result<Pat> {
    input.parse::<Token![|]>()?;
    let pattern = input.call(Pat::parse_single)?;
    input.parse::<Token![|]>()?;
    Ok(pattern)
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
    if content.peek(Token![,])
        && let Ok(rest) = content.fork().parse::<TokenStream>()
    {
        let rest = rest.into_iter().filter(|tree| !matches!(tree, TokenTree::Punct(mark) if mark.as_char() == ','));
        let only_names = rest.clone().all(|tree| matches!(tree, TokenTree::Ident(_)));
        if let (Pat::Ident(first), true) = (&pattern, only_names) {
            let all = rest.fold(first.ident.to_string(), |all, name| format!("{all} | {name}"));
            return Err(content.error(format!("alternatives stand with `|`: write `ignore({all})`")));
        }
        return Err(content.error("alternatives stand with `|`: write `ignore(Error::NotFound | Error::Gone)`"));
    }
    Err(content
        .error("here the pattern has ended: alternatives stand with `|`, and guards belong into `errors(if = …)`"))
}
