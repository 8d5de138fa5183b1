//! What to say when the attribute does not stand on a function with a body.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Error, Signature};

use crate::model::Preset;

/// By which token an item is known, what it is, and what to do instead.
const KINDS: [(&str, &str, &str); 10] = [
    ("mod", "a module", "annotate each function"),
    ("trait", "a trait", "annotate the methods where they are implemented"),
    ("extern", "an `extern` item", "annotate the functions that call it"),
    ("struct", "a struct", "annotate the methods in its `impl`"),
    ("enum", "an enum", "annotate the methods in its `impl`"),
    ("union", "a union", "annotate the methods in its `impl`"),
    ("macro_rules", "a macro", "write it inside, on the function that the macro makes"),
    ("|", "a closure", "make it a named function"),
    ("move", "a closure", "make it a named function"),
    ("let", "a statement", "make its value a named function"),
];

/// Words that may stand before the one that tells.
const QUALIFIERS: [&str; 6] = ["async", "auto", "default", "safe", "static", "unsafe"];

/// The item did not parse as a function: name what it is, or pass the parser's error on.
pub(super) fn explain(preset: Preset, head: &TokenStream, error: Error) -> Error {
    let attribute = preset.written();
    let Some(tree) = telling(head) else {
        return error;
    };
    let word = tree.to_string();
    if word == "fn" {
        return error;
    }
    let message = match KINDS.iter().find(|(token, ..)| *token == word) {
        Some((_, kind, advice)) => {
            format!("`{attribute}` cannot stand on {kind}: {advice}")
        }
        None => format!("`{attribute}` stands on functions and methods that have a body"),
    };
    Error::new_spanned(tree, message)
}

/// `impl …`, whatever stands before the word.
pub(super) fn is_block(head: &TokenStream) -> bool {
    telling(head).is_some_and(|tree| tree.to_string() == "impl")
}

pub(crate) fn is_closure(item: &TokenStream) -> bool {
    telling(item).is_some_and(|tree| matches!(tree.to_string().as_str(), "|" | "move"))
}

pub(crate) fn is_function(item: &TokenStream) -> bool {
    telling(item).is_some_and(|tree| matches!(tree.to_string().as_str(), "fn" | "impl"))
}

/// `fn f();` in a trait or in an `extern` block.
pub(super) fn without_body(preset: Preset, signature: &Signature) -> Error {
    let attribute = preset.written();
    let name = &signature.ident;
    Error::new_spanned(
        name,
        format!(
            "`{attribute}` needs a body to measure, and `{name}` has none here: \
             annotate it where it is implemented"
        ),
    )
}

/// The first token after attributes, visibility and qualifiers.
fn telling(item: &TokenStream) -> Option<TokenTree> {
    let mut skip_group = false;
    item.clone().into_iter().find(|tree| match tree {
        TokenTree::Punct(punct) if punct.as_char() == '#' => {
            skip_group = true;
            false
        }
        TokenTree::Ident(ident) if ident == "pub" => {
            skip_group = true;
            false
        }
        TokenTree::Group(_) if skip_group => {
            skip_group = false;
            false
        }
        tree => !QUALIFIERS.contains(&tree.to_string().as_str()),
    })
}
