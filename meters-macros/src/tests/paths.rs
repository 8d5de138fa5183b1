//! Nothing in an expansion depends on what the user has in scope.

use proc_macro2::{Spacing, TokenStream, TokenTree};

use super::{counter, dimension, metered, monitored};

/// Names that a prelude would have to give.
const PRELUDE: [&str; 14] = [
    "Ok", "Err", "Some", "None", "Result", "Option", "String", "Vec", "Box", "Fn", "FnOnce", "FnMut", "Default", "drop",
];

/// Words after which an absolute path may start, and the one that needs no scope.
const WORDS: [&str; 5] = ["Self", "as", "for", "impl", "static"];

/// Identifiers that stand at the start of a path or alone although they need one.
fn relative(tokens: TokenStream, found: &mut Vec<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    // `use crate::*` finds the crate's defaults, `clippy::…` is no path of the program.
    let known = |name: &str| ["use", "crate", "clippy"].contains(&name);
    let colons = |at: usize| match (trees.get(at), trees.get(at + 1)) {
        (Some(TokenTree::Punct(one)), Some(TokenTree::Punct(two))) => {
            one.as_char() == ':' && two.as_char() == ':' && one.spacing() == Spacing::Joint
        }
        _ => false,
    };
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => relative(group.stream(), found),
            TokenTree::Ident(ident) => {
                let inside_a_path = at >= 2 && colons(at - 2);
                let name = ident.to_string();
                let starts_a_path = colons(at + 1) && !WORDS.contains(&name.as_str());
                if !inside_a_path && !known(&name) && (starts_a_path || PRELUDE.contains(&name.as_str())) {
                    found.push(name);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_path_is_absolute() {
    // Of the user's own, these hold no path and no prelude name.
    let dims = "dimensions(K = \"v\", a, N = b)";
    let named = format!("name = \"N\", resolution = 1, {dims}");
    let expansions = [
        monitored("", "fn f() {}"),
        monitored(dims, "fn f(a: u8) -> u8 { a }"),
        monitored(&named, "fn f(a: u8) -> T { a }"),
        monitored(&format!("unit = Seconds, {named}"), "async fn f(a: u8) -> T { a }"),
        monitored("", "async fn f() {}"),
        monitored("", "async fn f() -> u8 { 1 }"),
        monitored("", "fn f() -> BoxFuture<T> { async move {} }"),
        metered(&named, "fn f(a: u8) {}"),
        metered("", "async fn f() {}"),
        metered("metric = a, when = b", "fn f() {}"),
        monitored("metric = a.b, dimensions(K = \"v\", c)", "async fn f(c: u8) -> T { c }"),
        monitored("metric = A, dimensions(L = _), on_ok(|v| M = v), sample = 1/2, when = b", "fn f() -> T { a }"),
        monitored("name = \"N\", description = \"D\", level = Debug, internal", "/// Doc.\nfn f() {}"),
        counter("\"N\", unit = None, resolution = 60, K = 1, L = a"),
        dimension("#[derive(Copy)] enum E { A, #[deprecated] B }"),
        // Errors too.
        monitored("unit = Bytes", "fn f() {}"),
        metered("", "struct S;"),
        counter("\"\""),
        dimension("struct S;"),
    ];
    for expansion in expansions {
        let mut found = Vec::new();
        relative(expansion.clone(), &mut found);
        assert!(found.is_empty(), "{found:?} in {expansion}");
    }
}

#[test]
fn the_check_itself_finds_relative_paths() {
    let mut found = Vec::new();
    relative(super::tokens("let a: ::x::Y = core::z(Some(1), ::core::option::Option::None);"), &mut found);
    assert_eq!(found, ["core", "Some"]);
}
