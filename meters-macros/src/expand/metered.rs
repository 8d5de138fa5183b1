//! `#[metered]`: one mark at the start, the body untouched.

use proc_macro2::TokenStream;

use super::{doc, hygienic, site};
use crate::item::Function;
use crate::model::Arguments;

pub(super) fn expand(function: &Function, arguments: &Arguments) -> TokenStream {
    let mark = site::of_mark(function, arguments);
    let mark = match &arguments.when {
        None => hygienic!(#mark;),
        Some(when) => {
            let condition = &when.condition;
            hygienic! {
                let __meters_when: ::core::primitive::bool = #condition;
                if __meters_when { #mark; }
            }
        }
    };
    let body = function.block();
    function.with(doc::of_mark(function, arguments), hygienic!(#mark #body))
}
