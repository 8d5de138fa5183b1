//! How a call ended, by the returned value and what the user says about it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Path, Result, Type};

use super::hygienic;
use super::returns::Returns;
use crate::item::Function;
use crate::model::{Arguments, Errors, Rules};

/// What a value needs to be looked at although its type alone says nothing.
pub(super) fn looked_at(returns: Returns, arguments: &Arguments) -> Returns {
    match (returns, &arguments.errors) {
        (Returns::Plain(ty), Some(errors)) if applies(errors, Some(&ty)) => Returns::Checked(ty),
        (Returns::Plain(ty), _) if arguments.on_ok.is_some() || arguments.on_err.is_some() => Returns::Checked(ty),
        (returns, _) => returns,
    }
}

/// `Ended` of a reference to what was returned
pub(super) fn of(arguments: &Arguments, ty: Option<&Type>, result: &TokenStream) -> TokenStream {
    let krate = &arguments.krate;
    judged(arguments, ty, result, hygienic!(#krate::__private::Probe(#result).ended()))
}

/// The same of a plain function: what turns out to be a future or a stream is refused at its type.
pub(super) fn of_plain(arguments: &Arguments, ty: &Type, result: &TokenStream) -> TokenStream {
    if arguments.future.is_some() || ends_in(Some(ty), "Result") {
        return of(arguments, Some(ty), result);
    }
    let (krate, span) = (&arguments.krate, Span::mixed_site().located_at(ty.span()));
    let ended = quote_spanned!(span=> ended());
    let mut made = hygienic!(#krate::__private::Made(#result));
    if ends_in(Some(ty), "Stream") {
        made = hygienic!(#krate::__private::MadeStream(#made));
    }
    judged(arguments, Some(ty), result, hygienic!(#made.#ended))
}

fn judged(arguments: &Arguments, ty: Option<&Type>, result: &TokenStream, by_type: TokenStream) -> TokenStream {
    let krate = &arguments.krate;
    let Some(errors) = arguments.errors.as_ref().filter(|errors| applies(errors, ty)) else {
        return by_type;
    };
    match &errors.rules {
        Rules::If(closure) => hygienic!(#krate::__private::judged(#result, #closure)),
        Rules::Listed { none: true, ignore } if ignore.is_none() || named(ty, "Option") => {
            let none = located(&errors.key.span(), "none");
            hygienic!(#krate::__private::#none(#result))
        }
        Rules::Listed { ignore: Some(pattern), .. } => {
            let span = Span::mixed_site().located_at(pattern.span());
            // Of a pattern that takes all, the other arm is unreachable.
            quote_spanned! {span=>
                #krate::__private::ignoring(#result, |__meters_error| {
                    #[allow(unreachable_patterns)]
                    match __meters_error {
                        #pattern => true,
                        _ => false,
                    }
                })
            }
        }
        Rules::Listed { .. } => by_type,
    }
}

/// A rule of the function's own applies, or is refused; one of the block applies where the type is one that it is for.
fn applies(errors: &Errors, ty: Option<&Type>) -> bool {
    match &errors.rules {
        Rules::If(_) => true,
        Rules::Listed { none: false, ignore: None } => false,
        Rules::Listed { .. } if errors.own => true,
        Rules::Listed { none, ignore } => (*none && named(ty, "Option")) || (ignore.is_some() && ends_in(ty, "Result")),
    }
}

/// An own rule for which the return type, as written, has no use.
pub(super) fn useful(function: &Function, arguments: &Arguments, returns: &Returns) -> Result<()> {
    let Some(errors) = arguments.errors.as_ref().filter(|errors| errors.own) else {
        return Ok(());
    };
    let name = &function.signature.ident;
    let refused = |message: String| Err(Error::new(errors.key.span(), message));
    match (returns, &errors.rules) {
        (_, Rules::Listed { none: false, ignore: None }) if errors.kind.is_none() => Ok(()),
        (Returns::Unit | Returns::Never, _) => {
            refused(format!("`errors` judges what is returned, and `{name}` returns nothing: remove it"))
        }
        (Returns::Plain(_), _) if errors.kind.is_some() => Err(Error::new(
            errors.kind.as_ref().map_or(errors.key.span(), |(kind, _)| kind.span()),
            format!("`kind` looks at an `Err`, and `{name}` returns no `Result`: remove it"),
        )),
        (Returns::Checked(ty), Rules::Listed { none: true, ignore: None }) if ends_in(Some(ty), "Result") => {
            refused(format!(
                "`none` makes an error of `None`, and `{name}` returns a `Result`, whose `Err` is one anyway: remove it, or write `errors(if = |returned| …)`"
            ))
        }
        (Returns::Plain(ty), Rules::Listed { ignore: None, .. }) if !named(Some(ty), "Option") => refused(format!(
            "`none` makes an error of `None`, and `{name}` returns no `Option`: remove it, or write `errors(if = |returned| …)`"
        )),
        (Returns::Plain(ty), Rules::Listed { ignore: Some(_), none }) if !(*none && named(Some(ty), "Option")) => {
            refused(format!(
                "`ignore` looks at an `Err`, and `{name}` returns no `Result`: remove it, or write `errors(if = |returned| …)`"
            ))
        }
        _ => Ok(()),
    }
}

fn located(span: &Span, name: &str) -> TokenStream {
    proc_macro2::Ident::new(name, Span::mixed_site().located_at(*span)).into_token_stream()
}

pub(super) fn named(ty: Option<&Type>, name: &str) -> bool {
    last(ty).is_some_and(|last| last == name)
}

pub(super) fn ends_in(ty: Option<&Type>, end: &str) -> bool {
    last(ty).is_some_and(|last| last.ends_with(end))
}

fn last(ty: Option<&Type>) -> Option<String> {
    match ty? {
        Type::Group(inside) => last(Some(&inside.elem)),
        Type::Paren(inside) => last(Some(&inside.elem)),
        Type::Path(path) => last_segment(&path.path),
        _ => None,
    }
}

fn last_segment(path: &Path) -> Option<String> {
    path.segments.last().map(|last| last.ident.to_string())
}
