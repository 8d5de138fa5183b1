//! `set!` and `timed!`: what stands in the body of a function.

use proc_macro2::{Ident, TokenStream};

use super::{call, hygienic, own, site};
use crate::model::Instrument;
use crate::{args, item};

/// The slot is a field, found by its name: one that no attribute has is no field.
pub(super) fn set(input: TokenStream) -> TokenStream {
    match args::set::parse(input) {
        Ok(set) => {
            let krate = &set.krate;
            let sets = set.values.iter().map(|(name, dimension)| {
                let slots = Ident::new("monitored_slots", name.span());
                call::set(krate, &hygienic!(#slots.#name), dimension)
            });
            hygienic!({ #(#sets)* })
        }
        Err(error) => {
            let error = error.to_compile_error();
            hygienic!({ #error })
        }
    }
}

/// The user's block stands as it is, so that `?`, `return`, `break` and `.await` mean what they meant.
pub(super) fn timed(input: TokenStream) -> TokenStream {
    match args::instrument::timed(input) {
        Ok((arguments, block)) => {
            // Braces of ours, which the compiler does not take for needless.
            let block = item::block(block.stream(), block.span());
            let timer = match &arguments.metric {
                Some(own) => own::applied("timer", own, &arguments),
                None => {
                    let histogram = site::of_instrument(Instrument::Timed, &arguments);
                    hygienic!(#histogram.start())
                }
            };
            hygienic!({ let __meters_timer = #timer; #block })
        }
        Err(error) => {
            let error = error.to_compile_error();
            hygienic!({ #error })
        }
    }
}
