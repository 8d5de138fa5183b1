//! Streams, and futures that were made elsewhere: what the function makes is polled through a monitor.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{ReturnType, Type};

use super::returns::{Returns, Wrap};
use super::{ended, erased, hygienic, site};
use crate::item::Function;
use crate::model::Arguments;

pub(super) fn expand(
    runtime: &str,
    function: &Function,
    arguments: &Arguments,
    returns: &Returns,
    wrap: Wrap,
) -> TokenStream {
    let krate = &arguments.krate;
    let monitor = site::of_call(function, arguments, "at");
    let body = function.block();
    let ReturnType::Type(_, declared) = &function.signature.output else {
        return hygienic!(#body);
    };
    let ty = match &**declared {
        // Nothing to say beside what is inferred.
        Type::ImplTrait(_) => None,
        ty => Some(erased::erased(ty)),
    };
    let made = match ty {
        Some(ty) => hygienic!(move || -> #ty #body),
        None => hygienic!(move || #body),
    };
    let rule = match returns {
        Returns::Unit | Returns::Never | Returns::Plain(_) => hygienic!(|_| #krate::__private::Ended::Ok),
        _ => {
            let ended = ended::of(arguments, returns.ty(), &hygienic!(__meters_output));
            hygienic!(move |__meters_output| #ended)
        }
    };
    // Where the type is no box after all, the mismatch is reported at the type.
    let span = Span::mixed_site().located_at(declared.span());
    let runtime = Ident::new(runtime, Span::mixed_site());
    let polled = hygienic!(#krate::__private::#runtime(__meters_made, __meters_monitor, #rule));
    let polled = match wrap {
        Wrap::Bare => polled,
        Wrap::Pinned => quote_spanned!(span=> ::std::boxed::Box::pin(#polled)),
        Wrap::Boxed => quote_spanned!(span=> ::std::boxed::Box::new(::std::boxed::Box::pin(#polled))),
    };
    hygienic! {
        let __meters_monitor = #monitor;
        let __meters_made = #krate::__private::call(#made);
        #polled
    }
}
