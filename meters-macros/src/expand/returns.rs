//! What a return type, as written, says about the outcome of a call.

use syn::{GenericArgument, Path, PathArguments, ReturnType, Signature, Type, TypeParamBound};

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
    Future(Option<Type>, Wrap),
    /// A stream; its item, where that is written.
    Stream(Option<Type>, Wrap),
}

impl Returns {
    /// What is looked at, where that is written.
    pub(super) fn ty(&self) -> Option<&Type> {
        match self {
            Self::Plain(ty) | Self::Checked(ty) => Some(ty),
            Self::Future(ty, _) | Self::Stream(ty, _) => ty.as_ref(),
            Self::Unit | Self::Never => None,
        }
    }
}

/// What stands around a returned future or stream.
#[derive(Clone, Copy)]
pub(super) enum Wrap {
    /// `impl Future`
    Bare,
    /// `Pin<Box<dyn Future>>`
    Pinned,
    /// `Box<dyn Future + Unpin>`
    Boxed,
}

/// Types of the standard library that are never an error.
const PLAIN: [&str; 20] = [
    "bool", "char", "str", "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "Vec", "Option",
];

/// Names under which futures are returned by type: boxed, or it could not be a plain name.
const FUTURES: [&str; 3] = ["Future", "BoxFuture", "LocalBoxFuture"];

const STREAMS: [&str; 2] = ["BoxStream", "LocalBoxStream"];

/// Outcomes that are errors or not also where a reference or a `Box` of them is returned.
const BEHIND: [&str; 2] = ["Poll", "ControlFlow"];

/// `told` is what `future = …` says.
pub(super) fn of(signature: &Signature, told: Option<bool>) -> Returns {
    let ty = match &signature.output {
        ReturnType::Default => return Returns::Unit,
        ReturnType::Type(_, ty) => &**ty,
    };
    if signature.asyncness.is_some() {
        return of_type(ty);
    }
    let later = if told == Some(false) { None } else { later(ty) };
    match (later, ty) {
        (Some(later), _) => later,
        (None, Type::ImplTrait(_)) if told == Some(true) => Returns::Future(None, Wrap::Bare),
        (None, _) if told == Some(true) => Returns::Future(None, Wrap::Pinned),
        // Outside an async fn the bounds guide the inference of the body: leave it alone.
        (None, Type::ImplTrait(_)) => Returns::Plain(ty.clone()),
        (None, _) => of_type(ty),
    }
}

/// The same for the output of a future, or the item of a stream.
pub(super) fn of_type(ty: &Type) -> Returns {
    match ty {
        Type::Never(_) => Returns::Never,
        Type::Tuple(tuple) if tuple.elems.is_empty() => Returns::Unit,
        Type::Reference(inside) if is_outcome(&inside.elem) => Returns::Checked(ty.clone()),
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) | Type::Reference(_) | Type::Ptr(_) => {
            Returns::Plain(ty.clone())
        }
        Type::Path(path) if boxed(&path.path).is_some_and(is_outcome) => Returns::Checked(ty.clone()),
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

/// `T` of `Box<T>`
fn boxed(path: &Path) -> Option<&Type> {
    let last = path.segments.last().filter(|last| last.ident == "Box")?;
    types(&last.arguments).next()
}

/// Surely one, by its name.
fn is_outcome(ty: &Type) -> bool {
    match ty {
        Type::Group(inside) => is_outcome(&inside.elem),
        Type::Paren(inside) => is_outcome(&inside.elem),
        Type::Reference(inside) => is_outcome(&inside.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            last.ident.to_string().ends_with("Result") || BEHIND.iter().any(|name| last.ident == name)
        }),
        _ => false,
    }
}

/// `impl Future`, `Pin<Box<dyn Stream>>`, and the usual names for them.
fn later(ty: &Type) -> Option<Returns> {
    match ty {
        Type::Group(inside) => later(&inside.elem),
        Type::Paren(inside) => later(&inside.elem),
        Type::ImplTrait(inside) => bounds(inside.bounds.iter()),
        Type::TraitObject(inside) => bounds(inside.bounds.iter()),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let one_of = |names: &[&str]| names.iter().any(|name| last.ident == name);
            let first = types(&last.arguments).next();
            if one_of(&FUTURES) {
                return Some(Returns::Future(first.cloned(), Wrap::Pinned));
            }
            if one_of(&STREAMS) {
                return Some(Returns::Stream(first.cloned(), Wrap::Pinned));
            }
            let wrap = match () {
                () if last.ident == "Pin" => Wrap::Pinned,
                () if last.ident == "Box" => Wrap::Boxed,
                () => return None,
            };
            // What a reference is pinned to was made elsewhere, and is no box.
            match later(first?)? {
                Returns::Future(output, _) => Some(Returns::Future(output, wrap)),
                Returns::Stream(item, _) => Some(Returns::Stream(item, wrap)),
                _ => None,
            }
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
        match () {
            () if last.ident == "Future" => Some(Returns::Future(bound_to("Output", &last.arguments), Wrap::Bare)),
            () if last.ident == "Stream" => Some(Returns::Stream(bound_to("Item", &last.arguments), Wrap::Bare)),
            () => None,
        }
    })
}

/// `T` of `<Output = T>`
fn bound_to(name: &str, arguments: &PathArguments) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == name => Some(output.ty.clone()),
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
