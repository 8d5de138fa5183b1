//! `#[metered]`: one mark at the start, the body untouched.

use proc_macro2::TokenStream;

use super::{hygienic, site};
use crate::item::Function;
use crate::model::Arguments;

pub(super) fn expand(function: &Function, arguments: &Arguments) -> TokenStream {
    let mark = site::of_mark(function, arguments);
    let body = function.block();
    function.with_body(hygienic!(#mark; #body))
}
