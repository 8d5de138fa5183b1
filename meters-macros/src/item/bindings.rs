//! The names that a function's parameters bind, destructured ones included.

use proc_macro2::Ident;
use syn::{FnArg, Pat, Signature};

pub(super) fn of(signature: &Signature) -> Vec<&Ident> {
    let mut names = Vec::new();
    for argument in &signature.inputs {
        if let FnArg::Typed(typed) = argument {
            collect(&typed.pat, &mut names);
        }
    }
    names
}

/// The names that a pattern binds.
pub(crate) fn of_pattern(pattern: &Pat) -> Vec<&Ident> {
    let mut names = Vec::new();
    collect(pattern, &mut names);
    names
}

fn collect<'a>(pattern: &'a Pat, names: &mut Vec<&'a Ident>) {
    match pattern {
        Pat::Ident(binding) => {
            names.push(&binding.ident);
            if let Some((_, inside)) = &binding.subpat {
                collect(inside, names);
            }
        }
        Pat::Paren(inside) => collect(&inside.pat, names),
        Pat::Reference(inside) => collect(&inside.pat, names),
        Pat::Type(inside) => collect(&inside.pat, names),
        Pat::Slice(inside) => inside.elems.iter().for_each(|p| collect(p, names)),
        Pat::Struct(inside) => inside.fields.iter().for_each(|f| collect(&f.pat, names)),
        Pat::Tuple(inside) => inside.elems.iter().for_each(|p| collect(p, names)),
        Pat::TupleStruct(inside) => inside.elems.iter().for_each(|p| collect(p, names)),
        // All alternatives bind the same names.
        Pat::Or(inside) => inside.cases.iter().take(1).for_each(|p| collect(p, names)),
        _ => {}
    }
}
