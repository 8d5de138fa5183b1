//! An `impl` block: each method as if it were annotated itself, with what the block says.

use proc_macro2::TokenStream;
use syn::{Error, Result};

use super::{hygienic, instrumented, names};
use crate::args::attribute::{self, Written};
use crate::item::{Block, Function, Method, Part};
use crate::model::{Arguments, Preset};

pub(super) fn expand(preset: Preset, arguments: TokenStream, block: &Block) -> TokenStream {
    match try_expand(preset, arguments, block) {
        Ok(items) => block.with(items),
        Err(errors) => {
            let (plain, errors) = (block.plain(), errors.to_compile_error());
            hygienic!(#plain #errors)
        }
    }
}

fn try_expand(preset: Preset, arguments: TokenStream, block: &Block) -> Result<TokenStream> {
    let all = attribute::parse(preset, arguments)?;
    attribute::on_block(preset, &all)?;
    let mut errors = Errors::default();
    let mut heirs = Vec::new();
    for method in block.methods() {
        if let Some(own) = errors.keep(own(preset, method)).filter(|own| own.skip.is_none()) {
            heirs.push((&method.function, own));
        }
    }
    for dimension in all.dimensions.iter().flatten() {
        let overridden = |own: &Written| own.dimensions.iter().flatten().any(|d| d.key == dimension.key);
        let heirs: Vec<&Function> = heirs.iter().filter(|(_, own)| !overridden(own)).map(|(f, _)| *f).collect();
        errors.add(names::inherited(dimension, &heirs));
    }

    let mut heirs = heirs.into_iter().peekable();
    let mut items = TokenStream::new();
    for part in &block.parts {
        items.extend(match part {
            Part::Other(tokens) => tokens.clone(),
            Part::Method(method) => match heirs.next_if(|(heir, _)| std::ptr::eq(*heir, &method.function)) {
                Some((function, own)) => errors.keep(heir(preset, function, own, &all)).unwrap_or_default(),
                None => method.plain(),
            },
        });
    }
    errors.none()?;
    Ok(items)
}

/// What the method's own attribute says.
fn own(preset: Preset, method: &Method) -> Result<Written> {
    let Some(own) = &method.own else {
        return Ok(Written::default());
    };
    let own = attribute::parse(preset, own.clone())?;
    attribute::on_method(preset, &own)?;
    Ok(own)
}

fn heir(preset: Preset, function: &Function, own: Written, block: &Written) -> Result<TokenStream> {
    names::exist(own.dimensions.iter().flatten(), function)?;
    let arguments: Arguments = own.under(block).complete(preset)?;
    names::bound(&arguments)?;
    match &block.prefix {
        Some((_, prefix)) => instrumented(preset, &function.owned_by(prefix.value()), arguments),
        None => instrumented(preset, function, arguments),
    }
}

/// Each mistake once, though many methods may meet it.
#[derive(Default)]
struct Errors {
    all: Option<Error>,
    seen: Vec<(String, String)>,
}

impl Errors {
    fn add(&mut self, error: Option<Error>) {
        let Some(error) = error else { return };
        let seen = (error.to_string(), format!("{:?}", error.span()));
        if self.seen.contains(&seen) {
            return;
        }
        self.seen.push(seen);
        match &mut self.all {
            Some(all) => all.combine(error),
            None => self.all = Some(error),
        }
    }

    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add(Some(error))).ok()
    }

    fn none(&mut self) -> Result<()> {
        self.all.take().map_or(Ok(()), Err)
    }
}
