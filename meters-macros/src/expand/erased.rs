//! A return type as it may be written inside a body.

use proc_macro2::Span;
use syn::{
    AngleBracketedGenericArguments, GenericArgument, Path, PathArguments, Token, Type, TypeInfer, TypeParamBound,
};

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
        Type::Path(inside) => erase_path(&mut inside.path),
        // `dyn Iterator<Item = impl Display>`
        Type::TraitObject(inside) => {
            for bound in &mut inside.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    erase_path(&mut bound.path);
                }
            }
        }
        _ => {}
    }
}

fn erase_path(path: &mut Path) {
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            erase_arguments(arguments);
        }
    }
}

fn erase_arguments(arguments: &mut AngleBracketedGenericArguments) {
    for argument in &mut arguments.args {
        match argument {
            GenericArgument::Type(ty) => erase(ty),
            GenericArgument::AssocType(output) => erase(&mut output.ty),
            _ => {}
        }
    }
}
