//! `#[derive(Outcome)]`: which variants of an enum are errors.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Error, Fields, Item, ItemEnum, Result};

use super::hygienic;
use crate::args::outcome;

pub(super) fn expand(item: TokenStream) -> TokenStream {
    match syn::parse2(item) {
        Ok(item) => try_expand(&item).unwrap_or_else(|error| fallback(&item, &error)),
        Err(error) => error.to_compile_error(),
    }
}

/// The error and an implementation: uses of the type are not errors of their own.
fn fallback(item: &Item, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let (name, generics, attributes) = match item {
        Item::Enum(item) => (&item.ident, &item.generics, &item.attrs),
        Item::Struct(item) => (&item.ident, &item.generics, &item.attrs),
        Item::Union(item) => (&item.ident, &item.generics, &item.attrs),
        _ => return error,
    };
    let krate = outcome::on_enum(attributes).unwrap_or_else(|_| hygienic!(::meters));
    let (generics, arguments, bounds) = generics.split_for_impl();
    hygienic! {
        #error
        #[automatically_derived]
        impl #generics #krate::Outcome for #name #arguments #bounds {
            fn is_error(&self) -> ::core::primitive::bool { false }
        }
    }
}

fn try_expand(item: &Item) -> Result<TokenStream> {
    let item = enumeration(item)?;
    let krate = outcome::on_enum(&item.attrs)?;
    let mut arms = Vec::new();
    let mut errors = false;
    for variant in &item.variants {
        let error = outcome::on_variant(&variant.attrs)?;
        errors |= error;
        let name = &variant.ident;
        let fields = match &variant.fields {
            Fields::Unit => None,
            Fields::Named(_) => Some(hygienic!({ .. })),
            Fields::Unnamed(_) => Some(hygienic!((..))),
        };
        arms.push(hygienic!(Self::#name #fields => #error,));
    }
    if !errors {
        return Err(Error::new_spanned(
            &item.ident,
            format!(
                "no variant of `{}` is an error: write `#[outcome(error)]` on those that are, or do not derive `Outcome`",
                item.ident
            ),
        ));
    }
    let deprecated = item.variants.iter().any(|v| v.attrs.iter().any(|a| a.path().is_ident("deprecated")));
    let allow = deprecated.then(|| hygienic!(#[allow(deprecated)]));
    let name = &item.ident;
    let (generics, arguments, bounds) = item.generics.split_for_impl();
    Ok(hygienic! {
        #[automatically_derived]
        #allow
        impl #generics #krate::Outcome for #name #arguments #bounds {
            #[inline]
            fn is_error(&self) -> ::core::primitive::bool {
                match *self { #(#arms)* }
            }
        }
    })
}

fn enumeration(item: &Item) -> Result<&ItemEnum> {
    let (token, kind) = match item {
        Item::Enum(item) => return Ok(item),
        Item::Struct(item) => (item.struct_token.to_token_stream(), "a struct"),
        Item::Union(item) => (item.union_token.to_token_stream(), "a union"),
        _ => return Err(Error::new(Span::call_site(), "`Outcome` is derived for enums")),
    };
    Err(Error::new_spanned(
        token,
        format!(
            "`Outcome` is derived for an enum whose variants are errors or not, and this is {kind}: \
             implement `meters::Outcome` by hand"
        ),
    ))
}
