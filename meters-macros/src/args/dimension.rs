//! `Key = value`, `"any key" = value`, or the bare name of an argument.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, LitStr, Result, Token, UnOp};

use crate::model::{Dimension, Sigil, Value};

pub(super) fn parse(input: ParseStream<'_>) -> Result<Dimension> {
    if input.peek(LitStr) {
        let key: LitStr = input.parse()?;
        return with_value(input, key.value(), key.span(), None);
    }
    let sigil = sigil(input)?;
    if input.peek(Token![self]) {
        return Err(input.error("a value of `self` needs a key: write `Shard = self.shard`, with the dimension's name"));
    }
    let key = input.call(Ident::parse_any).map_err(|error| {
        Error::new(error.span(), "a dimension is `Key = value`, `\"any key\" = value`, or the name of an argument")
    })?;
    if input.is_empty() || input.peek(Token![,]) {
        let (text, key_span) = (key.unraw().to_string(), key.span());
        return Ok(Dimension { key: text, key_span, ident: true, own: true, value: Value::Named(key), sigil });
    }
    if sigil.is_some() {
        let key = key.unraw();
        return Err(input.error(format!(
            "only the bare name of an argument needs no key: write `{key} = %…` or `{key} = ?…`, with the value's \
             expression"
        )));
    }
    with_value(input, key.unraw().to_string(), key.span(), Some(key))
}

/// A key that has been read, and what follows it: `= value`.
fn with_value(input: ParseStream<'_>, key: String, key_span: Span, name: Option<Ident>) -> Result<Dimension> {
    let lacking = |span| {
        let message = format!(
            "the dimension `{key}` needs a value: a literal, an argument or an expression, \
             as in `Route = \"checkout\"`"
        );
        Err(Error::new(span, message))
    };
    if let Some(name) = name.as_ref().filter(|_| input.peek(Token![.])) {
        let name = name.unraw();
        return Err(Error::new(
            key_span,
            format!("a value of `{name}` needs a key: write `Id = {name}.id`, with the dimension's name"),
        ));
    }
    if input.peek(Token![=>]) {
        return lacking(input.span());
    }
    if !input.peek(Token![=]) {
        return lacking(if input.is_empty() { key_span } else { input.span() });
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return lacking(key_span);
    }
    let ident = name.is_some();
    if input.peek(Token![_]) {
        let value = late(input, &key, key_span, name)?;
        return Ok(Dimension { key, key_span, ident, own: true, value, sigil: None });
    }
    let sigil = sigil(input)?;
    let expr = input.parse()?;
    let value = if sigil.is_some() { Value::Expression(expr) } else { value(expr)? };
    Ok(Dimension { key, key_span, ident, own: true, value, sigil })
}

/// `_` or `_ "default"`
fn late(input: ParseStream<'_>, key: &str, key_span: Span, name: Option<Ident>) -> Result<Value> {
    input.parse::<Token![_]>()?;
    let Some(name) = name else {
        return Err(Error::new(
            key_span,
            format!("`{key}` is set by `meters::set!`, and so its key is an identifier: write it without quotes"),
        ));
    };
    if syn::parse_str::<Ident>(&name.to_string()).is_err() {
        return Err(Error::new(
            key_span,
            format!("`{key}` is set by `meters::set!`, and so its key is an identifier: write `r#{key}`, or another"),
        ));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Value::Late(name, None));
    }
    let default: LitStr = input.parse().map_err(|error| {
        let name = name.unraw();
        Error::new(error.span(), format!("after `_` stands the value until it is set, a text: `{name} = _ \"none\"`"))
    })?;
    Ok(Value::Late(name, Some((default.value(), default.span()))))
}

/// `%` or `?`, and after it a value.
pub(super) fn sigil(input: ParseStream<'_>) -> Result<Option<Sigil>> {
    let (sigil, mark) = match () {
        () if input.peek(Token![%]) => (Sigil::Display, input.parse::<Token![%]>()?.span),
        () if input.peek(Token![?]) => (Sigil::Debug, input.parse::<Token![?]>()?.span),
        () => return Ok(None),
    };
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(
            mark,
            "this mark stands before the value that it formats: `%` (Display) or `?` (Debug), as in `Tenant = %order.tenant` or `?mode`",
        ));
    }
    Ok(Some(sigil))
}

/// Literals become text now, the rest is evaluated at run time.
fn value(expr: Expr) -> Result<Value> {
    let span = expr.span();
    let text = match bare(&expr) {
        Expr::Lit(literal) => literal_text(&literal.lit)?,
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match bare(&unary.expr) {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(int) => Some(format!("-{}", int.base10_digits())),
                Lit::Float(float) => Some(format!("-{}", float.base10_digits())),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    Ok(match text {
        Some(text) => Value::Text(text, span),
        None => Value::Expression(expr),
    })
}

/// Without parentheses, and without the invisible ones that `macro_rules` puts around fragments.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => bare(&group.expr),
        Expr::Paren(paren) => bare(&paren.expr),
        _ => expr,
    }
}

fn literal_text(literal: &Lit) -> Result<Option<String>> {
    Ok(Some(match literal {
        Lit::Str(text) => text.value(),
        Lit::Char(char) => char.value().to_string(),
        Lit::Int(int) => int.base10_digits().to_owned(),
        Lit::Float(float) => float.base10_digits().to_owned(),
        Lit::Bool(bool) => bool.value().to_string(),
        Lit::ByteStr(_) | Lit::CStr(_) | Lit::Byte(_) => {
            return Err(Error::new(
                literal.span(),
                "a dimension's value is text: write a string, number, bool or char literal",
            ));
        }
        _ => return Ok(None),
    }))
}
