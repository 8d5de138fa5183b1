//! A bare name in `dimensions(…)` is an argument of the function.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Result};

use crate::item::{self, Function};
use crate::model::{Arguments, Dimension, Value};
use crate::suggest;

pub(super) fn exist<'a>(mut dimensions: impl Iterator<Item = &'a Dimension>, function: &Function) -> Result<()> {
    dimensions.try_for_each(|dimension| exists(dimension, function))
}

fn exists(dimension: &Dimension, function: &Function) -> Result<()> {
    let Value::Named(name) = &dimension.value else {
        return Ok(());
    };
    let bound = function.bindings();
    if bound.contains(&name) {
        return Ok(());
    }
    let known: Vec<String> = bound.iter().map(ToString::to_string).collect();
    let meant = suggest::did_you_mean(&name.to_string(), &known);
    let has = if known.is_empty() { "has none".to_owned() } else { format!("has {}", suggest::list(&known)) };
    let function = &function.signature.ident;
    Err(Error::new_spanned(
        name,
        format!(
            "`{name}` is not an argument of `{function}`, which {has}{meant}\n\
             for any other value write `Key = expression`"
        ),
    ))
}

/// A bare name in `on_ok(…)` or `on_err(…)` is one that its pattern binds.
pub(super) fn bound(arguments: &Arguments) -> Result<()> {
    for late in [&arguments.on_ok, &arguments.on_err].into_iter().flatten() {
        let bound = item::bindings(&late.pattern);
        for dimension in &late.dimensions {
            let Value::Named(name) = &dimension.value else { continue };
            if bound.contains(&name) {
                continue;
            }
            let key = &late.key;
            return Err(Error::new_spanned(
                name,
                format!(
                    "`{name}` is not named between the bars of `{key}`: write `{name} = …`, with the value's expression"
                ),
            ));
        }
    }
    Ok(())
}

/// A dimension of the block that some of its methods cannot have, with all of these methods.
pub(super) fn inherited(dimension: &Dimension, heirs: &[&Function]) -> Option<Error> {
    let (token, lacks) = match &dimension.value {
        Value::Named(name) => (name.clone(), "an argument"),
        Value::Expression(value) => (receiver(value.to_token_stream())?, "a receiver"),
        Value::Text(..) | Value::Late(..) => return None,
    };
    let without: Vec<String> = heirs
        .iter()
        .filter(|function| match &dimension.value {
            Value::Named(name) => !function.bindings().contains(&name),
            _ => function.signature.receiver().is_none(),
        })
        .map(|function| function.signature.ident.to_string())
        .collect();
    if without.is_empty() {
        return None;
    }
    let (methods, key) = (suggest::list(&without), &dimension.key);
    let they = if without.len() == 1 { "has" } else { "have" };
    Some(Error::new_spanned(
        &token,
        format!(
            "`{token}` is {lacks} that {methods} {they} not, and the dimension `{key}` is for all methods of the block\n\
             give the dimension another value there, `dimensions({} = …)`, or leave the method out with `skip`",
            written(key)
        ),
    ))
}

fn written(key: &str) -> String {
    if syn::parse_str::<Ident>(key).is_ok() { key.to_owned() } else { format!("{key:?}") }
}

/// The first `self`, at any depth.
fn receiver(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if ident == "self" => Some(ident),
        TokenTree::Group(group) => receiver(group.stream()),
        _ => None,
    })
}
