//! `#[outcome(…)]` on an enum and on its variants.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Result};

use super::rename::each;
use super::{assigned, crate_path, key, once, unknown};

/// The path of the runtime crate.
pub(crate) fn on_enum(attributes: &[Attribute]) -> Result<TokenStream> {
    let mut krate = None;
    each("outcome", attributes, |input| {
        let key = key(input)?;
        if key == "crate" {
            let value = assigned(input, &key, "my_crate::meters", crate_path)?;
            return once(&mut krate, &key, value);
        }
        Err(unknown(&key, "`#[outcome]` on an enum", &["crate"], "; `error` stands on a variant"))
    })?;
    Ok(krate.unwrap_or_else(|| quote!(::meters)))
}

/// Whether the variant is an error.
pub(crate) fn on_variant(attributes: &[Attribute]) -> Result<bool> {
    let mut error = None;
    each("outcome", attributes, |input| {
        let key = key(input)?;
        if key == "error" {
            return once(&mut error, &key, ());
        }
        Err(unknown(&key, "`#[outcome]` on a variant", &["error"], "; all other variants are no errors"))
    })?;
    Ok(error.is_some())
}
