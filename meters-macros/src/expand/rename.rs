//! How dimension keys written as identifiers are spelt: `defaults!`, and what a site sees of it.

use proc_macro2::{Ident, Span, TokenStream};

use super::hygienic;
use crate::args::defaults;
use crate::model::Dimension;

/// At the root of the crate, where every site looks.
pub(super) fn defaults(input: TokenStream) -> TokenStream {
    let defaults = match defaults::parse(input) {
        Ok(defaults) => defaults,
        Err(error) => return error.to_compile_error(),
    };
    let krate = defaults.krate;
    let case = Ident::new(defaults.case.variant(), Span::mixed_site());
    hygienic! {
        #[doc(hidden)]
        #[allow(dead_code)]
        pub(crate) const METERS_DEFAULTS: #krate::__private::Rename = #krate::__private::Rename::#case;
        const _: () = ::core::assert!(
            #krate::__private::is_root(::core::module_path!()),
            "`meters::defaults!` is for the whole crate: write it in `lib.rs` or `main.rs`, outside of modules",
        );
    }
}

/// Where a key may be spelt otherwise: the import beside the static, and `.renamed(…)`.
pub(super) fn of_site<'d>(
    krate: &TokenStream,
    dimensions: impl Iterator<Item = &'d Dimension>,
    implied: bool,
) -> Option<(TokenStream, TokenStream)> {
    let all: Vec<&Dimension> = dimensions.collect();
    if all.iter().all(|dimension| !dimension.ident) {
        return None;
    }
    let implied = implied.then_some(false);
    let idents = implied.into_iter().chain(all.iter().map(|dimension| dimension.ident));
    let import = hygienic! {
        #[allow(unused_imports)]
        use #krate::__private::METERS_DEFAULTS;
    };
    // The nearer name wins: that of the crate's root, if it has one. A glob is no error where it finds none.
    let renamed = hygienic!(.renamed({ use crate::*; METERS_DEFAULTS }, &[#(#idents),*]));
    Some((import, renamed))
}
