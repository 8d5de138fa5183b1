//! The macros as functions from tokens to tokens.

mod blocks;
mod errors;
mod expansions;
mod extras;
mod macros;
mod numbers;
mod own;
mod paths;
mod told;

use proc_macro2::TokenStream;

use crate::expand;
use crate::model::{Instrument, Preset};

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap()
}

fn monitored(arguments: &str, item: &str) -> TokenStream {
    expand::attribute(Preset::Monitored, tokens(arguments), tokens(item))
}

fn metered(arguments: &str, item: &str) -> TokenStream {
    expand::attribute(Preset::Metered, tokens(arguments), tokens(item))
}

fn counter(input: &str) -> TokenStream {
    expand::instrument(Instrument::Counter, tokens(&format!("(::meters) {input}")))
}

fn outcome(item: &str) -> TokenStream {
    expand::outcome(tokens(item))
}

fn dimension(item: &str) -> TokenStream {
    expand::dimension(tokens(item))
}

/// Without the spaces that `TokenStream` puts everywhere, apart from those that keep words apart.
fn compact(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '\'' || c == '"';
    let mut out = String::new();
    for part in text.split_whitespace() {
        let apart = out.chars().last().is_some_and(word) && part.starts_with(word);
        if apart {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

/// The same without our documentation, in which `$` stands for `::meters::__private`, `Some` for its path, and `@` for
/// how keys are spelt.
fn short(tokens: &TokenStream) -> String {
    let text = compact(tokens).replace("::meters::__private", "$").replace("::core::option::Option::", "");
    let text = text.replace("#[allow(unused_imports)]use$::METERS_DEFAULTS;#[allow(unused_imports)]", "");
    without_reports(text.replace("{use crate::*;METERS_DEFAULTS}", "@"))
}

fn without_reports(text: String) -> String {
    let Some((before, after)) = text.split_once("**Reports**") else {
        return text;
    };
    let before = before.rfind("#[doc=").map_or(before, |at| &before[..at]);
    let after = after.split_once(".\"]").map_or(after, |(_, after)| after);
    without_reports(format!("{before}{after}"))
}
