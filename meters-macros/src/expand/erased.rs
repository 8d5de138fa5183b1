//! A return type as it may be written inside a body.

use proc_macro2::Span;
use syn::{AngleBracketedGenericArguments, GenericArgument, PathArguments, Token, Type, TypeInfer};

/// An output as it may be written in `let x: R`; `None` for what can only be inferred.
pub(super) fn annotation(ty: &Type) -> Option<Type> {
    match erased(ty) {
        Type::Infer(_) => None,
        ty => Some(ty),
    }
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
