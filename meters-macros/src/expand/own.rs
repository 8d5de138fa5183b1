//! `metric = …`: the calls of a function are told to a metric that was made elsewhere.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::{call, hygienic, site, values};
use crate::model::{Arguments, Dimension, Own, Value};

/// What is told of the calls. A type that is none is reported at the metric.
pub(super) fn handle(own: &Own, arguments: &Arguments) -> TokenStream {
    let handle = applied("handle", own, arguments);
    match asks(arguments) {
        None => handle,
        // One that is told durations alone is reported at the argument that asks for more.
        Some(span) => {
            let krate = &arguments.krate;
            let span = Span::mixed_site().located_at(span);
            let with_outcomes = quote_spanned!(span=> #krate::__private::with_outcomes(__meters_metric));
            hygienic!({ let __meters_metric = #handle; #with_outcomes })
        }
    }
}

/// `__private::function(&metric)`
///
/// All of it in the metric's own span, so that a type which is none is reported there, once; there is nothing in it that needs
/// hygiene.
pub(super) fn applied(function: &str, own: &Own, arguments: &Arguments) -> TokenStream {
    let span = own.metric.span();
    let krate = located(&arguments.krate, span);
    let function = Ident::new(function, span);
    let metric = member(own, arguments).unwrap_or_else(|| values::operand(&own.metric));
    quote_spanned!(span=> #krate::__private::#function(&#metric))
}

/// Of a family, the one that has the values of these dimensions. What is no family is reported at the first of them.
fn member(own: &Own, arguments: &Arguments) -> Option<TokenStream> {
    let known = |dimension: &&Dimension| !matches!(dimension.value, Value::Late(..));
    let dimensions: Vec<&Dimension> = arguments.dimensions.iter().filter(known).collect();
    let span = place(&arguments.krate, dimensions.first()?.key_span);
    let krate = located(&arguments.krate, span);
    let keys = dimensions.iter().map(|dimension| site::text(&dimension.key));
    let mut all = hygienic!(());
    for dimension in dimensions.iter().rev() {
        all = match values::value(dimension, &arguments.krate) {
            Ok((value, span)) => quote_spanned!(span=> (&#value, #all)),
            Err(text) => hygienic!((#text, #all)),
        };
    }
    let found = values::operand(&own.metric);
    let metric = Ident::new("__meters_family", span);
    let site = hygienic!({
        static __METERS_MEMBER: #krate::__private::MemberSite = #krate::__private::MemberSite::new(&[#(#keys),*]);
        &__METERS_MEMBER
    });
    let member = quote_spanned!(span=> #krate::__private::member(#metric, #site, #all));
    Some(hygienic!({ let #metric = &#found; #member }))
}

/// The first argument that asks how calls end, or is for monitors for another reason.
fn asks(arguments: &Arguments) -> Option<Span> {
    let record = &arguments.record;
    let record = [&record.in_flight, &record.busy, &record.polls].into_iter().flatten().map(Ident::span);
    let late = [&arguments.on_ok, &arguments.on_err].into_iter().flatten().map(|late| late.key.span());
    let errors = arguments.errors.iter().filter(|errors| errors.own).map(|errors| errors.key.span());
    let sample = arguments.sample.iter().map(|sample| sample.key.span());
    let slots = call::late(arguments).map(|(name, _)| name.span());
    errors.chain(late).chain(record).chain(sample).chain(slots).next()
}

/// Reached by a method of a site that makes a metric of its own elsewhere.
pub(super) fn of_call(own: &Own, arguments: &Arguments, method: &str) -> TokenStream {
    let (krate, handle) = (&arguments.krate, handle(own, arguments));
    let enter = Ident::new(method, Span::mixed_site());
    match method {
        "at" => handle,
        "enter" | "enter_async" => entered(own, krate, method, &handle),
        _ => site::of_own(arguments, &hygienic!(#enter(#handle))),
    }
}

/// The same with slots and the like.
pub(super) fn of_full_call(own: &Own, arguments: &Arguments, method: &str, slots: &TokenStream) -> TokenStream {
    let (krate, handle) = (&arguments.krate, handle(own, arguments));
    let enter = Ident::new(method, Span::mixed_site());
    match asks(arguments) {
        // `when` alone, which any metric may have.
        None => entered(own, krate, method, &handle),
        Some(_) => site::of_own(arguments, &hygienic!(#enter(#handle, #slots))),
    }
}

/// The path of the runtime crate at `span`: two mistakes at one place are told as one. Of `$crate` the span says which.
fn located(krate: &TokenStream, span: Span) -> TokenStream {
    let span = place(krate, span);
    let located = krate.clone().into_iter().map(|mut tree| {
        tree.set_span(span);
        tree
    });
    located.collect()
}

fn place(krate: &TokenStream, span: Span) -> Span {
    let relative = krate.clone().into_iter().find(|tree| tree.to_string() == "$crate");
    relative.map_or(span, |tree| tree.span().located_at(span))
}

fn entered(own: &Own, krate: &TokenStream, method: &str, handle: &TokenStream) -> TokenStream {
    let span = own.metric.span();
    let krate = located(krate, span);
    let method = Ident::new(method, span);
    quote_spanned!(span=> #krate::__private::Handle::#method(#handle))
}

/// As it stands in the source, but for its spaces.
pub(crate) fn written(metric: &Expr) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '"';
    let mut written = String::new();
    for part in metric.to_token_stream().to_string().split_whitespace() {
        if written.ends_with(is_word) && part.starts_with(is_word) {
            written.push(' ');
        }
        written.push_str(part);
    }
    written
}
