//! What a return type, as written, says about the outcome of a call.

use proc_macro2::Span;
use syn::{
    AngleBracketedGenericArguments, GenericArgument, Path, PathArguments, ReturnType, Signature, Token, Type,
    TypeInfer, TypeParamBound,
};

pub(super) enum Returns {
    /// Nothing.
    Unit,
    /// It does not return.
    Never,
    /// A value that cannot be an error.
    Plain(Type),
    /// A value that may be an error, to be looked at.
    Checked(Type),
    /// A future; its output, where that is written.
    Future(Option<Type>),
}

/// Types of the standard library that are never an error.
const PLAIN: [&str; 20] = [
    "bool", "char", "str", "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "Vec", "Option",
];

/// Names under which futures are returned by type.
const FUTURES: [&str; 3] = ["Future", "BoxFuture", "LocalBoxFuture"];

pub(super) fn of(signature: &Signature) -> Returns {
    match &signature.output {
        ReturnType::Default => Returns::Unit,
        ReturnType::Type(_, ty) if signature.asyncness.is_some() => of_type(ty),
        ReturnType::Type(_, ty) => future(ty).unwrap_or_else(|| match &**ty {
            // Outside an async fn the bounds guide the inference of the body: leave it alone.
            Type::ImplTrait(_) => Returns::Plain((**ty).clone()),
            _ => of_type(ty),
        }),
    }
}

/// An output as it may be written in `let x: R`; `None` for what can only be inferred.
pub(super) fn annotation(ty: &Type) -> Option<Type> {
    match erased(ty) {
        Type::Infer(_) => None,
        ty => Some(ty),
    }
}

/// The same for the output of a future.
pub(super) fn of_type(ty: &Type) -> Returns {
    match ty {
        Type::Never(_) => Returns::Never,
        Type::Tuple(tuple) if tuple.elems.is_empty() => Returns::Unit,
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) | Type::Reference(_) | Type::Ptr(_) => {
            Returns::Plain(ty.clone())
        }
        Type::Group(inside) => of_type(&inside.elem),
        Type::Paren(inside) => of_type(&inside.elem),
        Type::Path(path) if path.qself.is_none() && is_plain(&path.path) => Returns::Plain(ty.clone()),
        _ => Returns::Checked(ty.clone()),
    }
}

fn is_plain(path: &Path) -> bool {
    let (Some(first), Some(last)) = (path.segments.first(), path.segments.last()) else {
        return false;
    };
    let std = ["std", "core", "alloc"].iter().any(|root| first.ident == root);
    let name = &last.ident;
    (path.segments.len() == 1 || std) && (name == "Box" || PLAIN.iter().any(|plain| name == plain))
}

/// `impl Future`, `Pin<Box<dyn Future>>`, and the usual names for them.
fn future(ty: &Type) -> Option<Returns> {
    match ty {
        Type::Group(inside) => future(&inside.elem),
        Type::Paren(inside) => future(&inside.elem),
        Type::ImplTrait(inside) => bounds(inside.bounds.iter()),
        Type::TraitObject(inside) => bounds(inside.bounds.iter()),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            if FUTURES.iter().any(|name| last.ident == name) {
                return Some(Returns::Future(types(&last.arguments).next().cloned()));
            }
            let wraps = last.ident == "Pin" || last.ident == "Box";
            types(&last.arguments).next().filter(|_| wraps).and_then(future)
        }
        _ => None,
    }
}

fn bounds<'a>(mut bounds: impl Iterator<Item = &'a TypeParamBound>) -> Option<Returns> {
    bounds.find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = bound.path.segments.last()?;
        (last.ident == "Future").then(|| Returns::Future(output(&last.arguments)))
    })
}

/// `T` of `<Output = T>`
fn output(arguments: &PathArguments) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(output.ty.clone()),
        _ => None,
    })
}

fn types(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let listed = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    listed.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// With `_` for each `impl Trait`, which may not be written inside a body.
pub(super) fn erased(ty: &Type) -> Type {
    let mut ty = ty.clone();
    erase(&mut ty);
    ty
}

fn erase(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => {
            *ty = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token: Token![_](Span::mixed_site()) });
        }
        Type::Array(inside) => erase(&mut inside.elem),
        Type::Group(inside) => erase(&mut inside.elem),
        Type::Paren(inside) => erase(&mut inside.elem),
        Type::Reference(inside) => erase(&mut inside.elem),
        Type::Slice(inside) => erase(&mut inside.elem),
        Type::Tuple(inside) => inside.elems.iter_mut().for_each(erase),
        Type::Path(inside) => {
            for segment in &mut inside.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    erase_arguments(arguments);
                }
            }
        }
        _ => {}
    }
}

fn erase_arguments(arguments: &mut AngleBracketedGenericArguments) {
    for argument in &mut arguments.args {
        if let GenericArgument::Type(ty) = argument {
            erase(ty);
        }
    }
}
