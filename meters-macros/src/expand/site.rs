//! The static behind one place in the source, and the expression that reaches it.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use syn::ext::IdentExt;

use super::values::{value, values};
use super::{call, doc, hygienic, own, rename};
use crate::item::Function;
use crate::model::{Arguments, Dimension, Instrument, Resolution, UNSET};
use crate::validate::IMPLIED;

/// `{ static … = CallSite::new(…); ….enter() }`
pub(super) fn of_call(function: &Function, arguments: &Arguments, method: &str) -> TokenStream {
    if let Some(own) = &arguments.metric {
        return own::of_call(own, arguments, method);
    }
    let new = constructed("CallSite", &name(arguments, "Duration"), implied(function, arguments), arguments);
    let new = described(new, function, arguments);
    reached("CallSite", &new, arguments, dimensions(arguments), arguments.implied(), &called(arguments, method))
}

/// `{ static … = CallSite::new(…); ….enter_full(values, slots) }`
pub(super) fn of_full_call(
    function: &Function,
    arguments: &Arguments,
    method: &str,
    slots: &TokenStream,
) -> TokenStream {
    if let Some(own) = &arguments.metric {
        return own::of_full_call(own, arguments, method, slots);
    }
    let new = constructed("CallSite", &name(arguments, "Duration"), implied(function, arguments), arguments);
    let new = described(new, function, arguments);
    let method = Ident::new(method, Span::mixed_site());
    let values = values(arguments).unwrap_or_else(|| hygienic!(()));
    reached(
        "CallSite",
        &new,
        arguments,
        dimensions(arguments),
        arguments.implied(),
        &hygienic!(#method(#values, #slots)),
    )
}

/// `{ static … = MeterSite::new(…); ….mark() }`
pub(super) fn of_mark(function: &Function, arguments: &Arguments) -> TokenStream {
    if let Some(own) = &arguments.metric {
        return own::applied("count", own, arguments);
    }
    let new = constructed("MeterSite", &name(arguments, "Calls"), implied(function, arguments), arguments);
    let new = described(new, function, arguments);
    reached("MeterSite", &new, arguments, dimensions(arguments), arguments.implied(), &called(arguments, "mark"))
}

/// `{ static … = CounterSite::new(…); ….at() }`
pub(super) fn of_instrument(instrument: Instrument, arguments: &Arguments) -> TokenStream {
    let new = constructed(instrument.site(), &name(arguments, ""), None, arguments);
    reached(instrument.site(), &new, arguments, dimensions(arguments), false, &called(arguments, "at"))
}

/// `{ static … = OwnSite::new(&[…]); ….enter_full(metric, slots) }`
pub(super) fn of_own(arguments: &Arguments, reach: &TokenStream) -> TokenStream {
    let krate = &arguments.krate;
    let keys = call::slot_keys(arguments).map(|dimension| text(&dimension.key));
    let new = hygienic!(#krate::__private::OwnSite::new(&[#(#keys),*]));
    reached("OwnSite", &new, arguments, call::slot_keys(arguments), false, reach)
}

fn described(new: TokenStream, function: &Function, arguments: &Arguments) -> TokenStream {
    match doc::summary(function, arguments).map(|summary| text(&summary)) {
        Some(summary) => hygienic!(#new.doc(#summary)),
        None => new,
    }
}

/// The value of the dimension `Function`: `module::function`
fn implied(function: &Function, arguments: &Arguments) -> Option<TokenStream> {
    if !arguments.implied() {
        return None;
    }
    let name = function.signature.ident.unraw().to_string();
    let name = text(&function.owner.as_ref().map_or(name.clone(), |owner| format!("{owner}::{name}")));
    Some(hygienic!(::core::concat!(::core::module_path!(), "::", #name)))
}

/// `method()` or `method_with(values)`
fn called(arguments: &Arguments, method: &str) -> TokenStream {
    match values(arguments) {
        None => {
            let method = Ident::new(method, Span::mixed_site());
            hygienic!(#method())
        }
        Some(values) => {
            let method = Ident::new(&format!("{method}_with"), Span::mixed_site());
            hygienic!(#method(#values))
        }
    }
}

fn name(arguments: &Arguments, unnamed: &str) -> Literal {
    match &arguments.name {
        Some(name) => text(&name.value()),
        None => text(unnamed),
    }
}

/// `C::__private::XSite::new("Name", &[…])`; of a call without further dimensions `C::__private::CallSite::of(function)`,
/// which costs the compiler less.
fn constructed(site: &str, name: &Literal, implied: Option<TokenStream>, arguments: &Arguments) -> TokenStream {
    let krate = &arguments.krate;
    let implied = match implied {
        Some(path) if site == "CallSite" && arguments.keys().len() == 1 => {
            return hygienic!(#krate::__private::CallSite::of(#path));
        }
        implied => implied.map(|path| {
            let key = text(IMPLIED);
            hygienic!((#key, ::core::option::Option::Some(#path)),)
        }),
    };
    // Of the others nothing derives a name, so that they do not care who chose their own.
    let named = (arguments.name.is_some() && site == "CallSite").then(|| hygienic!(.named()));
    let site = Ident::new(site, Span::mixed_site());
    let late = arguments.at_the_end().into_iter().map(|dimension| {
        let (key, unset) = (text(&dimension.key), text(UNSET));
        hygienic!((#key, ::core::option::Option::Some(#unset)))
    });
    let dimensions = arguments.dimensions.iter().map(|dimension| declared(dimension, krate)).chain(late);
    hygienic!(#krate::__private::#site::new(#name, &[#implied #(#dimensions),*]) #named)
}

fn declared(dimension: &Dimension, krate: &TokenStream) -> TokenStream {
    let key = text(&dimension.key);
    match value(dimension, krate) {
        Err(value) => hygienic!((#key, ::core::option::Option::Some(#value))),
        Ok(_) => hygienic!((#key, ::core::option::Option::None)),
    }
}

/// All that may be spelt otherwise, in the order of the site.
fn dimensions(arguments: &Arguments) -> impl Iterator<Item = &Dimension> {
    arguments.dimensions.iter().chain(arguments.at_the_end())
}

fn reached<'d>(
    site: &str,
    new: &TokenStream,
    arguments: &Arguments,
    dimensions: impl Iterator<Item = &'d Dimension>,
    implied: bool,
    reach: &TokenStream,
) -> TokenStream {
    let krate = &arguments.krate;
    let site = Ident::new(site, Span::mixed_site());
    let told = told(arguments);
    let (import, renamed) = rename::of_site(krate, dimensions, implied).unzip();
    let allow = renamed.is_some().then(|| hygienic!(#[allow(unused_imports)]));
    // Items have no hygiene: a plain name would hide a user's `SITE` from their own expressions.
    hygienic!({
        #import
        #allow
        static __METERS_SITE: #krate::__private::#site = #new #told #renamed;
        __METERS_SITE.#reach
    })
}

/// What is said about the metric beside its name and its dimensions.
fn told(arguments: &Arguments) -> TokenStream {
    let krate = &arguments.krate;
    let mut told = TokenStream::new();
    if let Some(unit) = &arguments.unit {
        told.extend(hygienic!(.unit(#krate::Unit::#unit)));
    }
    told.extend(arguments.resolution.map(|resolution| match resolution {
        Resolution::High => hygienic!(.resolution(#krate::Resolution::High)),
        Resolution::Standard => hygienic!(.resolution(#krate::Resolution::Standard)),
    }));
    if let Some(limit) = arguments.limit {
        let limit = Literal::usize_unsuffixed(limit);
        told.extend(hygienic!(.limit(#limit)));
    }
    if !arguments.limits.is_empty() {
        let limits = arguments.limits.iter().map(|limit| {
            let (key, most) = (text(&limit.key), Literal::usize_unsuffixed(limit.most));
            hygienic!((#key, #most))
        });
        told.extend(hygienic!(.limits(&[#(#limits),*])));
    }
    if let Some(rollup) = arguments.rollup.as_ref().filter(|rollup| !rollup.sets.is_empty()) {
        let sets = rollup.sets.iter().map(|(set, _)| {
            let keys = set.iter().map(|(key, _)| text(key));
            hygienic!(&[#(#keys),*])
        });
        told.extend(hygienic!(.rollups(&[#(#sets),*])));
    }
    told.extend(of_what(arguments));
    if let Some(across) = &arguments.across {
        told.extend(hygienic!(.across(#krate::Across::#across)));
    }
    let lists = [("buckets", &arguments.buckets), ("quantiles", &arguments.quantiles)];
    for (method, numbers) in lists {
        if let Some(numbers) = numbers {
            let method = Ident::new(method, Span::mixed_site());
            let numbers = numbers.iter().map(|number| Literal::f64_unsuffixed(*number));
            told.extend(hygienic!(.#method(&[#(#numbers),*])));
        }
    }
    if let Some(most) = arguments.maximum {
        let most = Literal::f64_unsuffixed(most);
        told.extend(hygienic!(.maximum(#most)));
    }
    if let Some(sample) = &arguments.sample {
        let of = Literal::u32_unsuffixed(sample.of);
        told.extend(hygienic!(.sample(#of)));
    }
    let record = &arguments.record;
    for (is, method) in [(&record.in_flight, "in_flight"), (&record.busy, "busy"), (&record.polls, "polls")] {
        if is.is_some() {
            let method = Ident::new(method, Span::mixed_site());
            told.extend(hygienic!(.#method()));
        }
    }
    told
}

/// What the metric is, and for whom.
fn of_what(arguments: &Arguments) -> TokenStream {
    let krate = &arguments.krate;
    let description = arguments.told.description.as_ref().map(|description| {
        let description = text(&description.value());
        hygienic!(.description(#description))
    });
    let level = arguments.told.level.as_ref().map(|level| hygienic!(.level(#krate::Level::#level)));
    let internal = arguments.told.internal.as_ref().map(|_| hygienic!(.internal()));
    hygienic!(#description #level #internal)
}

pub(super) fn text(text: &str) -> Literal {
    let mut literal = Literal::string(text);
    literal.set_span(Span::mixed_site());
    literal
}
