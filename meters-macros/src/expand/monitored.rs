//! `#[monitored]`: a call entered before the body and finished with what the body returned.

use proc_macro2::{Group, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Result, Type};

use super::call::{self, Call};
use super::returns::{self, Returns};
use super::{doc, ended, erased, extras, future, hygienic, wrap};
use crate::item::Function;
use crate::model::Arguments;

pub(super) fn expand(function: &Function, mut arguments: Arguments) -> Result<TokenStream> {
    extras::future(function, &arguments)?;
    let told = arguments.future.as_ref().map(|(_, told)| *told);
    let is_async = function.signature.asyncness.is_some();
    let returns = returns::of(&function.signature, told);
    let (shape, returns) = match returns {
        _ if is_async => (Shape::Async, returns),
        Returns::Future(output, wrap) => {
            let returns = output.map_or(Returns::Future(None, wrap), |output| returns::of_type(&output));
            let (ends, late) = (future::at_the_end(function), future::reads_too_late(function, &arguments));
            if ends && late && call::full(&arguments) {
                return Err(future::too_late(function, &arguments));
            }
            // Where it needs no body, it is polled through a monitor, and its dimensions are read first.
            let tail = ends && !late;
            (if tail { Shape::Tail } else { Shape::Future(wrap) }, returns)
        }
        Returns::Stream(item, wrap) => {
            let returns = item.map_or(Returns::Stream(None, wrap), |item| returns::of_type(&item));
            (Shape::Stream(wrap), returns)
        }
        returns => (Shape::Plain, returns),
    };
    extras::fit(function, &mut arguments, shape, &returns)?;
    ended::useful(function, &arguments, &returns)?;
    let returns = ended::looked_at(returns, &arguments);

    let body = function.block();
    let statements = match (shape, &returns) {
        (Shape::Async, _) => {
            let call = Call::new(function, &arguments, true, returns.ty());
            in_async(&call, &hygienic!(move), &body, &returns, &arguments)
        }
        (Shape::Tail, _) => {
            let call = Call::new(function, &arguments, true, returns.ty());
            future::expand(function, &|captured, body| in_async(&call, captured, body, &returns, &arguments))
        }
        (Shape::Future(wrap), _) => wrap::expand("future", function, &arguments, &returns, wrap),
        (Shape::Stream(wrap), _) => wrap::expand("stream", function, &arguments, &returns, wrap),
        (Shape::Plain, Returns::Checked(ty)) => {
            checked(&Call::new(function, &arguments, false, Some(ty)), &body, ty, &arguments)
        }
        (Shape::Plain, _) => {
            let begin = Call::new(function, &arguments, false, None).begin;
            hygienic!(#begin #body)
        }
    };
    Ok(function.with(doc::of_call(function, &arguments, shape), statements))
}

/// How a function comes to its end.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Plain,
    Async,
    /// Its body ends in an async block.
    Tail,
    /// A future that was made elsewhere.
    Future(returns::Wrap),
    Stream(returns::Wrap),
}

/// The body in a closure, so that `?` and `return` end it and not the function.
fn checked(call: &Call, body: &Group, ty: &Type, arguments: &Arguments) -> TokenStream {
    let (krate, ended) = (&arguments.krate, ended::of_plain(arguments, ty, &hygienic!(&__meters_result)));
    let ty = erased::erased(ty);
    let Call { begin, returned } = call;
    // Through a function that wants `FnOnce`: alone, the closure could not return its `&mut` captures.
    hygienic! {
        #begin
        let __meters_result = #krate::__private::call(move || -> #ty #body);
        #returned
        __meters_call.finish(#ended);
        __meters_result
    }
}

/// The body in an async block that is polled through the call: dropped while it waits, it is cancelled, and only a panic
/// from within is its own.
fn in_async(
    call: &Call,
    captured: &TokenStream,
    body: &Group,
    returns: &Returns,
    arguments: &Arguments,
) -> TokenStream {
    let krate = &arguments.krate;
    let Call { begin, returned } = call;
    let ended = match returns {
        Returns::Never => {
            let edge = edge(&Returns::Checked(never(krate)));
            return hygienic!(#begin __meters_call.run(async #captured { #edge #body }).await);
        }
        Returns::Unit | Returns::Plain(_) => hygienic!(#krate::__private::Ended::Ok),
        _ => ended::of(arguments, returns.ty(), &hygienic!(&__meters_result)),
    };
    let edge = edge(returns);
    hygienic! {
        #begin
        let __meters_result = __meters_call.run(async #captured { #edge #body }).await;
        #returned
        __meters_call.finish(#ended);
        __meters_result
    }
}

/// `!` where it may not be written.
fn never(krate: &TokenStream) -> Type {
    Type::Verbatim(hygienic!(<fn() -> ! as #krate::__private::Returning>::Output))
}

/// An unreachable `return` of the declared type: the body is inferred as without the attribute,
/// and a wrong value is reported at the value.
fn edge(returns: &Returns) -> TokenStream {
    if matches!(returns, Returns::Unit) {
        return hygienic!(if false {
            return;
        });
    }
    let Some(ty) = returns.ty().and_then(erased::annotation) else {
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
