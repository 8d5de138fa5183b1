//! The static behind one place in the source, and the expression that reaches it.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::hygienic;
use crate::item::Function;
use crate::model::{Arguments, Dimension, Instrument, Resolution, Sigil, Value};
use crate::validate::IMPLIED;

/// `{ static … = CallSite::new(…); ….enter() }`
pub(super) fn of_call(function: &Function, arguments: &Arguments, method: &str) -> TokenStream {
    expression(function, arguments, "CallSite", "Duration", method)
}

/// `{ static … = MeterSite::new(…); ….mark() }`
pub(super) fn of_mark(function: &Function, arguments: &Arguments) -> TokenStream {
    expression(function, arguments, "MeterSite", "Calls", "mark")
}

/// `{ static … = CounterSite::new(…); ….at() }`
pub(super) fn of_instrument(instrument: Instrument, arguments: &Arguments) -> TokenStream {
    let new = constructed(instrument.site(), &name(arguments, ""), None, arguments);
    reached(instrument.site(), &new, arguments, "at")
}

fn expression(function: &Function, arguments: &Arguments, site: &str, unnamed: &str, method: &str) -> TokenStream {
    let implied = arguments.name.is_none().then(|| {
        let key = text(IMPLIED);
        let name = function.signature.ident.unraw().to_string();
        let name = text(&function.owner.as_ref().map_or(name.clone(), |owner| format!("{owner}::{name}")));
        let path = hygienic!(::core::concat!(::core::module_path!(), "::", #name));
        hygienic!((#key, ::core::option::Option::Some(#path)),)
    });
    let mut new = constructed(site, &name(arguments, unnamed), implied, arguments);
    // A meter derives no names, so it does not care who chose its own.
    if arguments.name.is_some() && site == "CallSite" {
        new.extend(hygienic!(.named()));
    }
    reached(site, &new, arguments, method)
}

fn name(arguments: &Arguments, unnamed: &str) -> Literal {
    match &arguments.name {
        Some(name) => text(&name.value()),
        None => text(unnamed),
    }
}

/// `C::__private::XSite::new("Name", &[…])`
fn constructed(site: &str, name: &Literal, implied: Option<TokenStream>, arguments: &Arguments) -> TokenStream {
    let krate = &arguments.krate;
    let site = Ident::new(site, Span::mixed_site());
    let dimensions = arguments.dimensions.iter().map(declared);
    hygienic!(#krate::__private::#site::new(#name, &[#implied #(#dimensions),*]))
}

fn declared(dimension: &Dimension) -> TokenStream {
    let key = text(&dimension.key);
    match &dimension.value {
        Value::Text(value, _) => {
            let value = text(value);
            hygienic!((#key, ::core::option::Option::Some(#value)))
        }
        _ => hygienic!((#key, ::core::option::Option::None)),
    }
}

fn reached(site: &str, new: &TokenStream, arguments: &Arguments, method: &str) -> TokenStream {
    let krate = &arguments.krate;
    let site = Ident::new(site, Span::mixed_site());
    let unit = arguments.unit.iter().map(|unit| hygienic!(.unit(#krate::Unit::#unit)));
    let resolution = arguments.resolution.iter().map(|resolution| match resolution {
        Resolution::High => hygienic!(.resolution(#krate::Resolution::High)),
        Resolution::Standard => hygienic!(.resolution(#krate::Resolution::Standard)),
    });
    let limit = arguments.limit.iter().map(|limit| {
        let limit = Literal::usize_unsuffixed(*limit);
        hygienic!(.limit(#limit))
    });
    let reach = match values(arguments) {
        None => {
            let method = Ident::new(method, Span::mixed_site());
            hygienic!(#method())
        }
        Some(values) => {
            let method = Ident::new(&format!("{method}_with"), Span::mixed_site());
            hygienic!(#method(#values))
        }
    };
    // Items have no hygiene: a plain name would hide a user's `SITE` from their own expressions.
    hygienic!({
        static __METERS_SITE: #krate::__private::#site = #new #(#unit)* #(#resolution)* #(#limit)*;
        __METERS_SITE.#reach
    })
}

/// `(&a, (&(b + c), ()))`, or nothing where all is known now.
///
/// All of it in the values' own spans, so that a type which is no `DimensionValue` is reported
/// at the value that has it; there is nothing in it that needs hygiene.
fn values(arguments: &Arguments) -> Option<TokenStream> {
    let mut values = None;
    for dimension in arguments.dimensions.iter().rev() {
        let (value, span) = match &dimension.value {
            Value::Text(..) => continue,
            Value::Named(name) => (name.to_token_stream(), name.span()),
            Value::Expression(value) => (operand(value), value.span()),
        };
        let value = match dimension.sigil {
            None => value,
            Some(sigil) => formatted(sigil, &value, span, &arguments.krate),
        };
        let rest = values.unwrap_or_else(|| quote_spanned!(span=> ()));
        values = Some(quote_spanned!(span=> (&#value, #rest)));
    }
    values
}

/// The value's text, made once a call.
fn formatted(sigil: Sigil, value: &TokenStream, at: Span, krate: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(at);
    let function = Ident::new(sigil.function(), span);
    quote_spanned!(span=> #krate::__private::#function(&#value))
}

/// What may stand after `&`: in parentheses only where that is needed, which no lint minds.
fn operand(value: &Expr) -> TokenStream {
    match value {
        // The compiler does not see the invisible group of an `$value:expr`.
        Expr::Group(group) => operand(&group.expr),
        Expr::Array(_)
        | Expr::Call(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Macro(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_)
        | Expr::Reference(_)
        | Expr::Unary(_) => value.to_token_stream(),
        _ => quote_spanned!(value.span()=> (#value)),
    }
}

fn text(text: &str) -> Literal {
    let mut literal = Literal::string(text);
    literal.set_span(Span::mixed_site());
    literal
}
