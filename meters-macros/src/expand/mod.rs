//! From the model to tokens; on error the user's item and one `compile_error!`.

mod derive;
mod future;
mod metered;
mod monitored;
mod returns;
mod site;

use proc_macro2::TokenStream;
use syn::{Error, Result};

use crate::model::{Arguments, Instrument, Preset, Value};
use crate::{args, item, suggest};

/// Quotes with `mixed_site` spans: our locals and the user's never meet.
macro_rules! hygienic {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}
use hygienic;

pub(crate) fn attribute(preset: Preset, arguments: TokenStream, item: TokenStream) -> TokenStream {
    try_attribute(preset, arguments, item.clone()).unwrap_or_else(|error| keep(item, &error))
}

fn try_attribute(preset: Preset, arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function = item::parse(preset, item)?;
    let arguments = args::attribute::parse(preset, arguments)?;
    named_arguments_exist(&arguments, &function)?;
    match preset {
        Preset::Monitored => monitored::expand(&function, &arguments),
        Preset::Metered => Ok(metered::expand(&function, &arguments)),
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

pub(crate) fn dimension(item: TokenStream) -> TokenStream {
    derive::expand(item)
}

/// A bare name in `dimensions(…)` is an argument of the function.
fn named_arguments_exist(arguments: &Arguments, function: &item::Function) -> Result<()> {
    let bound = function.bindings();
    for dimension in &arguments.dimensions {
        let Value::Named(name) = &dimension.value else {
            continue;
        };
        if bound.contains(&name) {
            continue;
        }
        let known: Vec<String> = bound.iter().map(ToString::to_string).collect();
        let meant = suggest::did_you_mean(&name.to_string(), &known);
        let has = if known.is_empty() { "has none".to_owned() } else { format!("has {}", suggest::list(&known)) };
        let function = &function.signature.ident;
        return Err(Error::new_spanned(
            name,
            format!(
                "`{name}` is not an argument of `{function}`, which {has}{meant}\n\
                 for any other value write `Key = expression`"
            ),
        ));
    }
    Ok(())
}

/// The item as it was, and the error beside it; around an expression there is no beside.
fn keep(item: TokenStream, error: &Error) -> TokenStream {
    let expression = item::is_closure(&item);
    let error = error.to_compile_error();
    if expression { hygienic!({ #error #item }) } else { hygienic!(#item #error) }
}
