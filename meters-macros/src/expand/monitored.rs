//! `#[monitored]`: a call entered before the body and finished with what the body returned.

use proc_macro2::{Group, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Result, Type};

use super::returns::{self, Returns};
use super::{ended, future, hygienic, site};
use crate::item::Function;
use crate::model::Arguments;

pub(super) fn expand(function: &Function, arguments: &Arguments) -> Result<TokenStream> {
    let returns = returns::of(&function.signature);
    if !matches!(returns, Returns::Future(_)) || function.signature.asyncness.is_some() {
        ended::useful(function, arguments, &returns)?;
    }
    let returns = ended::looked_at(returns, arguments);
    let body = function.block();
    let statements = if function.signature.asyncness.is_some() {
        let enter = site::of_call(function, arguments, "enter_async");
        in_async(&enter, &hygienic!(move), &body, &returns, arguments)
    } else {
        match &returns {
            Returns::Future(output) => future::expand(function, arguments, output.as_ref())?,
            Returns::Checked(ty) => {
                let enter = site::of_call(function, arguments, "enter");
                checked(&enter, &body, ty, arguments)
            }
            _ => {
                let enter = site::of_call(function, arguments, "enter");
                hygienic!(let __meters_call = #enter; #body)
            }
        }
    };
    Ok(function.with_body(statements))
}

/// The body in a closure, so that `?` and `return` end it and not the function.
fn checked(enter: &TokenStream, body: &Group, ty: &Type, arguments: &Arguments) -> TokenStream {
    let (krate, ended) = (&arguments.krate, ended::of(arguments, Some(ty)));
    let ty = returns::erased(ty);
    // Through a function that wants `FnOnce`: alone, the closure could not return its `&mut` captures.
    hygienic! {
        let __meters_call = #enter;
        let __meters_result = #krate::__private::call(move || -> #ty #body);
        __meters_call.finish(#ended);
        __meters_result
    }
}

/// The body in an async block that is polled through the call: dropped while it waits, it is cancelled, and only a panic
/// from within is its own.
pub(super) fn in_async(
    enter: &TokenStream,
    captured: &TokenStream,
    body: &Group,
    returns: &Returns,
    arguments: &Arguments,
) -> TokenStream {
    let krate = &arguments.krate;
    let ended = match returns {
        Returns::Never => return hygienic!(let __meters_call = #enter; #body),
        Returns::Unit | Returns::Plain(_) => hygienic!(#krate::__private::Ended::Ok),
        Returns::Checked(ty) | Returns::Future(Some(ty)) => ended::of(arguments, Some(ty)),
        Returns::Future(None) => ended::of(arguments, None),
    };
    let edge = edge(returns);
    hygienic! {
        let __meters_call = #enter;
        let mut __meters_body = ::core::pin::pin!(async #captured { #edge #body });
        let __meters_result = ::core::future::poll_fn(|__meters_context| {
            __meters_call.poll(__meters_body.as_mut(), __meters_context)
        })
        .await;
        __meters_call.finish(#ended);
        __meters_result
    }
}

/// An unreachable `return` of the declared type: the body is inferred as without the attribute,
/// and a wrong value is reported at the value.
fn edge(returns: &Returns) -> TokenStream {
    let ty = match returns {
        Returns::Unit => {
            return hygienic!(if false {
                return;
            });
        }
        Returns::Plain(ty) | Returns::Checked(ty) | Returns::Future(Some(ty)) => ty,
        Returns::Never | Returns::Future(None) => return TokenStream::new(),
    };
    let Some(ty) = returns::annotation(ty) else {
        return TokenStream::new();
    };
    let span = Span::mixed_site().located_at(ty.span());
    quote_spanned! {span=>
        #[allow(unreachable_code)]
        if false {
            let __meters_edge: #ty = loop {};
            return __meters_edge;
        }
    }
}
