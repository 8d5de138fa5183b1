//! `#[derive(Dimension)]`: a closed set of values, one per variant.

use proc_macro2::{Literal, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Error, Fields, Item, ItemEnum, Result, Variant};

use super::hygienic;
use crate::args::rename::{self, Case};
use crate::validate::{self, Text};

pub(super) fn expand(item: TokenStream) -> TokenStream {
    match syn::parse2(item) {
        Ok(item) => try_expand(&item).unwrap_or_else(|error| fallback(&item, &error)),
        Err(error) => error.to_compile_error(),
    }
}

/// The error and an empty implementation: uses of the type are not errors of their own.
fn fallback(item: &Item, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let (name, generics, attributes) = match item {
        Item::Enum(item) => (&item.ident, &item.generics, &item.attrs),
        Item::Struct(item) => (&item.ident, &item.generics, &item.attrs),
        Item::Union(item) => (&item.ident, &item.generics, &item.attrs),
        _ => return error,
    };
    let krate = rename::on_enum(attributes).map_or_else(|_| hygienic!(::meters), |e| e.krate);
    let (generics, arguments, bounds) = generics.split_for_impl();
    let with_str = with_str(&hygienic!(""));
    hygienic! {
        #error
        #[automatically_derived]
        impl #generics #krate::DimensionValue for #name #arguments #bounds { #with_str }
    }
}

fn with_str(text: &TokenStream) -> TokenStream {
    hygienic! {
        fn with_str<__R>(
            &self,
            __f: impl ::core::ops::FnOnce(&::core::primitive::str) -> __R,
        ) -> __R {
            __f(#text)
        }
    }
}

fn try_expand(item: &Item) -> Result<TokenStream> {
    let item = enumeration(item)?;
    let on_enum = rename::on_enum(&item.attrs)?;
    let texts = texts(item, on_enum.case)?;

    let krate = on_enum.krate;
    let name = &item.ident;
    let (generics, arguments, bounds) = item.generics.split_for_impl();
    let values = texts.iter().map(|text| Literal::string(text));
    let arms = item.variants.iter().enumerate().map(|(index, variant)| {
        let name = &variant.ident;
        let fields = &variant.fields;
        let index = Literal::usize_suffixed(index);
        hygienic!(Self::#name #fields => #index,)
    });
    let deprecated = item.variants.iter().any(|v| has(&v.attrs, "deprecated"));
    let allow = deprecated.then(|| hygienic!(#[allow(deprecated)]));
    let with_str = with_str(&hygienic! {
        <Self as #krate::DimensionValue>::VALUES[#krate::DimensionValue::index(self)]
    });
    Ok(hygienic! {
        #[automatically_derived]
        #allow
        impl #generics #krate::DimensionValue for #name #arguments #bounds {
            const VALUES: &'static [&'static ::core::primitive::str] = &[#(#values),*];

            fn index(&self) -> ::core::primitive::usize {
                match *self { #(#arms)* }
            }

            #with_str
        }
    })
}

fn enumeration(item: &Item) -> Result<&ItemEnum> {
    let refused = |token: &dyn ToTokens, kind| {
        Err(Error::new_spanned(
            token.to_token_stream(),
            format!(
                "`Dimension` is derived for an enum without fields, and this is {kind}: \
                 implement `meters::DimensionValue` by hand"
            ),
        ))
    };
    let item = match item {
        Item::Enum(item) => item,
        Item::Struct(item) => return refused(&item.struct_token, "a struct"),
        Item::Union(item) => return refused(&item.union_token, "a union"),
        _ => {
            return Err(Error::new(Span::call_site(), "`Dimension` is derived for enums"));
        }
    };
    if item.variants.is_empty() {
        return Err(Error::new_spanned(
            &item.ident,
            "an enum without variants has no values: give it one variant per value",
        ));
    }
    Ok(item)
}

/// The text of each variant: valid, and no two the same.
fn texts(item: &ItemEnum, case: Option<Case>) -> Result<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    for variant in &item.variants {
        let (text, span) = text(variant, case)?;
        validate::text(Text::DimensionValue, &text, span)?;
        if let Some(at) = texts.iter().position(|earlier| *earlier == text) {
            let earlier = &item.variants[at].ident;
            return Err(Error::new(
                span,
                format!(
                    "`{}` and `{earlier}` have the same text \"{text}\": give one another name \
                     with `#[dimension(rename = \"…\")]`",
                    variant.ident
                ),
            ));
        }
        texts.push(text);
    }
    Ok(texts)
}

fn text(variant: &Variant, case: Option<Case>) -> Result<(String, Span)> {
    if !matches!(variant.fields, Fields::Unit) && !variant.fields.is_empty() {
        return Err(Error::new_spanned(
            &variant.fields,
            format!(
                "`{}` has fields, and the values of a dimension are a closed set: remove them, \
                 or implement `meters::DimensionValue` by hand",
                variant.ident
            ),
        ));
    }
    if let Some(name) = rename::on_variant(&variant.attrs)? {
        return Ok((name.value(), name.span()));
    }
    let name = variant.ident.unraw().to_string();
    let text = case.map_or(name.clone(), |case| case.apply(&name));
    Ok((text, variant.ident.span()))
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|a| a.path().is_ident(name))
}
