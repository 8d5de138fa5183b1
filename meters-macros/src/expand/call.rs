//! The statements that begin a call, and those between what it returned and its end.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{ended, hygienic, site, values};
use crate::item::Function;
use crate::model::{Arguments, Dimension, Kind, Late, UNSET, Value};

pub(super) struct Call {
    /// Binds `__meters_call`.
    pub(super) begin: TokenStream,
    /// Looks at `__meters_result`.
    pub(super) returned: TokenStream,
}

impl Call {
    /// What is not used costs nothing: only a call with extras carries more than its series and its start.
    pub(super) fn new(function: &Function, arguments: &Arguments, is_async: bool, ty: Option<&Type>) -> Self {
        let suffix = if is_async { "_async" } else { "" };
        if !full(arguments) {
            let sampled = if arguments.sample.is_some() { "_sampled" } else { "" };
            let enter = site::of_call(function, arguments, &format!("enter{suffix}{sampled}"));
            return Self { begin: hygienic!(let __meters_call = #enter;), returned: TokenStream::new() };
        }
        let krate = &arguments.krate;
        let (slots, begin) = slots(arguments);
        let enter = site::of_full_call(function, arguments, &format!("enter_full{suffix}"), &slots);
        let enter = match condition(arguments) {
            None => hygienic!(let __meters_call = #enter;),
            Some(condition) => {
                let off = match &arguments.metric {
                    None => hygienic!(#krate::__private::FullCall::off()),
                    Some(_) => hygienic!(#krate::__private::off()),
                };
                hygienic! {
                    let __meters_when: ::core::primitive::bool = #condition;
                    let __meters_call = if __meters_when { #enter } else { #off };
                }
            }
        };
        Self { begin: hygienic!(#begin #enter), returned: returned(arguments, ty) }
    }
}

/// What must hold for a call to be told: that its level is on, and what the user asks for.
fn condition(arguments: &Arguments) -> Option<TokenStream> {
    let when = arguments.when.as_ref().map(|when| when.condition.to_token_stream());
    let krate = &arguments.krate;
    let on = arguments.told.level.as_ref().map(|level| hygienic!(#krate::__private::is_on(#krate::Level::#level)));
    match (on, when) {
        (Some(on), Some(when)) => Some(hygienic!(#on && (#when))),
        (on, when) => on.or(when),
    }
}

/// Whether the call is more than what the plain one can do.
pub(super) fn full(arguments: &Arguments) -> bool {
    let record = &arguments.record;
    record.in_flight.is_some()
        || record.busy.is_some()
        || record.polls.is_some()
        || arguments.on_ok.is_some()
        || arguments.on_err.is_some()
        || arguments.when.is_some()
        // A call that is off reads no clock.
        || arguments.told.level.is_some() && arguments.sample.is_none()
        || arguments.errors.as_ref().is_some_and(|errors| errors.kind.is_some())
        || late(arguments).next().is_some()
}

/// The slots, and what they hold until they are set.
pub(super) fn late(arguments: &Arguments) -> impl Iterator<Item = (&Ident, &str)> {
    arguments.dimensions.iter().filter_map(|dimension| match &dimension.value {
        Value::Late(name, default) => Some((name, default.as_ref().map_or(UNSET, |(text, _)| text))),
        _ => None,
    })
}

/// All that become known late, in the order of their slots.
pub(super) fn slot_keys(arguments: &Arguments) -> impl Iterator<Item = &Dimension> {
    let listed = arguments.dimensions.iter().filter(|dimension| matches!(dimension.value, Value::Late(..)));
    listed.chain(arguments.at_the_end())
}

/// A site knows what its slots hold from the beginning; a metric of the user's own does not.
fn new_slot(arguments: &Arguments, key: &str, unset: &str) -> TokenStream {
    let (krate, key, unset) = (&arguments.krate, site::text(key), site::text(unset));
    match &arguments.metric {
        None => hygienic!(#krate::__private::Slot::new(#key)),
        Some(_) => hygienic!(#krate::__private::Slot::preset(#key, #unset)),
    }
}

/// `&[…]` of all slots, and the statements that make them.
fn slots(arguments: &Arguments) -> (TokenStream, TokenStream) {
    let krate = &arguments.krate;
    let (names, unset): (Vec<&Ident>, Vec<&str>) = late(arguments).unzip();
    let ends: Vec<Ident> = (0..arguments.at_the_end().len()).map(slot).collect();
    if names.is_empty() && ends.is_empty() {
        return (hygienic!(&[]), TokenStream::new());
    }
    let mut begin = TokenStream::new();
    let mut all = Vec::new();
    if let Some(first) = names.first() {
        // Not hygienic: found from the user's body, by `set!`.
        let slots = Ident::new("monitored_slots", first.span());
        let new = names.iter().zip(unset).map(|(name, unset)| new_slot(arguments, &name.unraw().to_string(), unset));
        all.extend(names.iter().map(|name| hygienic!(&#slots.#name)));
        begin = hygienic! {
            #[allow(unused_variables)]
            let #slots = &{
                #[allow(non_snake_case)]
                struct __MetersSlots { #(#names: #krate::__private::Slot),* }
                __MetersSlots { #(#names: #new),* }
            };
        };
    }
    for (slot, dimension) in ends.iter().zip(arguments.at_the_end()) {
        let new = new_slot(arguments, &dimension.key, UNSET);
        begin.extend(hygienic!(let #slot = #new;));
        all.push(hygienic!(&#slot));
    }
    begin.extend(hygienic!(let __meters_slots = [#(#all),*];));
    (hygienic!(&__meters_slots), begin)
}

fn slot(index: usize) -> Ident {
    Ident::new(&format!("__meters_slot_{index}"), Span::mixed_site())
}

/// `on_ok`, `on_err` and `errors(kind = …)`
fn returned(arguments: &Arguments, ty: Option<&Type>) -> TokenStream {
    let result = ended::ends_in(ty, "Result") || arguments.on_err.is_some();
    let mut statements = TokenStream::new();
    let sides = [(&arguments.on_ok, "Ok"), (&arguments.on_err, "Err")];
    for (late, side) in sides {
        let Some(late) = late else { continue };
        let (pattern, sets) = (&late.pattern, sets(late, arguments));
        let pattern = if result {
            let side = Ident::new(side, Span::mixed_site());
            // By reference as a whole, so that the pattern may be `&value`.
            hygienic!(::core::result::Result::#side(#pattern) = ::core::result::Result::as_ref(&__meters_result))
        } else {
            hygienic!(#pattern = &__meters_result)
        };
        statements.extend(hygienic! {
            #[allow(irrefutable_let_patterns)]
            if let #pattern { #sets }
        });
    }
    if let Some((_, kind)) = arguments.errors.as_ref().and_then(|errors| errors.kind.as_ref()) {
        let closure = match kind {
            Kind::Function(closure) => closure.to_token_stream(),
            Kind::Formatted(pattern, sigil, value) => {
                let text = values::formatted(*sigil, &values::operand(value), value.span(), &arguments.krate);
                hygienic!(|#pattern| #text)
            }
        };
        statements.extend(hygienic!(__meters_call.kind(&__meters_result, #closure);));
    }
    statements
}

fn sets(late: &Late, arguments: &Arguments) -> TokenStream {
    let all = arguments.at_the_end();
    let index = |dimension: &Dimension| all.iter().position(|other| other.key == dimension.key).unwrap_or_default();
    late.dimensions
        .iter()
        .map(|dimension| set(&arguments.krate, &slot(index(dimension)).to_token_stream(), dimension))
        .collect()
}

/// `slot.set(&value);`
pub(super) fn set(krate: &TokenStream, slot: &TokenStream, dimension: &Dimension) -> TokenStream {
    match values::value(dimension, krate) {
        Err(text) => hygienic!(#slot.set_text(#text);),
        Ok((value, span)) => {
            let set = Ident::new("set", Span::mixed_site().located_at(span));
            quote_spanned!(span=> #slot.#set(&#value);)
        }
    }
}
