//! The input of `defaults!`: `(crate path) rename_all = "PascalCase"`.

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Result, parenthesized};

use super::rename::{self, Case};
use super::{assigned, comma_separated, crate_path, key, once, unknown};

pub(crate) struct Defaults {
    pub(crate) krate: TokenStream,
    pub(crate) case: Case,
}

pub(crate) fn parse(input: TokenStream) -> Result<Defaults> {
    read.parse2(input)
}

fn read(input: ParseStream<'_>) -> Result<Defaults> {
    let path;
    parenthesized!(path in input);
    let krate = crate_path(&path)?;
    let mut case = None;
    comma_separated(input, |input| {
        let key = key(input)?;
        if key != "rename_all" {
            return Err(unknown(&key, "`defaults!`", &["rename_all"], ""));
        }
        let value = assigned(input, &key, "\"PascalCase\"", rename::case)?;
        once(&mut case, &key, value)
    })?;
    let case = case.ok_or_else(|| {
        Error::new(Span::call_site(), "`defaults!` says nothing: write `rename_all = \"PascalCase\"`")
    })?;
    Ok(Defaults { krate, case })
}
