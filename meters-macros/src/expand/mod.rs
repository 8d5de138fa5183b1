//! From the model to tokens; on error the user's item and one `compile_error!`.

mod block;
mod call;
mod derive;
mod doc;
mod ended;
mod erased;
mod extras;
mod future;
mod metered;
mod monitored;
mod names;
mod outcome;
mod own;
mod rename;
mod returns;
mod set;
mod site;
mod values;
mod wrap;

use proc_macro2::TokenStream;
use syn::{Error, Result};

use crate::item::{Annotated, Function};
use crate::model::{Arguments, Instrument, Preset};
use crate::{args, item};

/// Quotes with `mixed_site` spans: our locals and the user's never meet.
macro_rules! hygienic {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}
use hygienic;

pub(crate) use own::written;

pub(crate) fn attribute(preset: Preset, arguments: TokenStream, item: TokenStream) -> TokenStream {
    try_attribute(preset, arguments, item.clone()).unwrap_or_else(|error| keep(item, &error))
}

fn try_attribute(preset: Preset, arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function = match item::parse(preset, item)? {
        Annotated::Function(function) => function,
        Annotated::Block(block) => return Ok(block::expand(preset, arguments, &block)),
    };
    let written = args::attribute::parse(preset, arguments)?;
    args::attribute::on_function(preset, &written)?;
    let arguments = written.complete(preset)?;
    names::exist(arguments.dimensions.iter(), &function)?;
    names::bound(&arguments)?;
    instrumented(preset, &function, arguments)
}

fn instrumented(preset: Preset, function: &Function, arguments: Arguments) -> Result<TokenStream> {
    match preset {
        Preset::Monitored => monitored::expand(function, arguments),
        Preset::Metered => Ok(metered::expand(function, &arguments)),
    }
}

pub(crate) fn instrument(instrument: Instrument, input: TokenStream) -> TokenStream {
    match args::instrument::parse(instrument, input) {
        Ok(arguments) => site::of_instrument(instrument, &arguments),
        Err(error) => {
            let error = error.to_compile_error();
            hygienic!({ #error })
        }
    }
}

pub(crate) fn timed(input: TokenStream) -> TokenStream {
    set::timed(input)
}

pub(crate) fn set(input: TokenStream) -> TokenStream {
    set::set(input)
}

pub(crate) fn defaults(input: TokenStream) -> TokenStream {
    rename::defaults(input)
}

pub(crate) fn dimension(item: TokenStream) -> TokenStream {
    derive::expand(item)
}

pub(crate) fn outcome(item: TokenStream) -> TokenStream {
    outcome::expand(item)
}

/// The item as it was, and the error beside it; around an expression there is no beside.
fn keep(item: TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    if item::is_closure(&item) {
        return hygienic!({ #error #item });
    }
    // An argument that only the attribute reads is used.
    let allow = item::is_function(&item).then(|| hygienic!(#[allow(unused_variables)]));
    hygienic!(#allow #item #error)
}
