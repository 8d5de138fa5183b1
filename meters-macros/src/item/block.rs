//! An annotated `impl` block: its functions with a body, and all else as the user's tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseBuffer, ParseStream, Parser};
use syn::{Attribute, ItemImpl, Meta, Path, Result, Signature, Token, Type, TypeParamBound, Visibility, token};

use super::{Function, braces};
use crate::model::Preset;

pub(crate) struct Block {
    head: TokenStream,
    braces: Span,
    pub(crate) parts: Vec<Part>,
}

pub(crate) enum Part {
    Method(Box<Method>),
    /// Constants, types, macros, and functions that cannot be measured.
    Other(TokenStream),
}

pub(crate) struct Method {
    pub(crate) function: Function,
    /// The arguments of its own attribute of the block's kind.
    pub(crate) own: Option<TokenStream>,
    body: Group,
}

impl Block {
    /// The same block with other items.
    pub(crate) fn with(&self, items: TokenStream) -> TokenStream {
        let mut braces = Group::new(Delimiter::Brace, items);
        braces.set_span(self.braces);
        let mut block = self.head.clone();
        block.extend([TokenTree::Group(braces)]);
        block
    }

    /// As without the attribute, on the block and on its methods.
    pub(crate) fn plain(&self) -> TokenStream {
        self.with(self.parts.iter().map(Part::plain).collect())
    }

    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.parts.iter().filter_map(|part| match part {
            Part::Method(method) => Some(&**method),
            Part::Other(_) => None,
        })
    }
}

impl Part {
    fn plain(&self) -> TokenStream {
        match self {
            Self::Method(method) => method.plain(),
            Self::Other(tokens) => tokens.clone(),
        }
    }
}

impl Method {
    /// Without its own attribute of the block's kind.
    pub(crate) fn plain(&self) -> TokenStream {
        self.function.as_written(&self.body)
    }
}

pub(super) fn parse(preset: Preset, head: TokenStream, body: &Group) -> Result<Block> {
    let mut empty = head.clone();
    empty.extend([TokenTree::Group(Group::new(body.delimiter(), TokenStream::new()))]);
    let parsed: ItemImpl = syn::parse2(empty)?;
    let owner = owner(&parsed);
    let parser = |input: ParseStream<'_>| {
        let mut parts = Vec::new();
        while !input.is_empty() {
            parts.push(part(preset, &owner, input)?);
        }
        Ok(parts)
    };
    Ok(Block { head, braces: body.span(), parts: parser.parse2(visible_items(body.stream()))? })
}

/// Without the invisible groups that `macro_rules` puts around each `$item:item`.
fn visible_items(items: TokenStream) -> TokenStream {
    let item = |group: &Group| {
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        match inside.as_slice() {
            [_, .., TokenTree::Group(last)] => last.delimiter() == Delimiter::Brace,
            [_, .., TokenTree::Punct(last)] => last.as_char() == ';',
            _ => false,
        }
    };
    let visible = items.into_iter().map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None && item(&group) => group.stream(),
        tree => tree.into(),
    });
    visible.collect()
}

fn part(preset: Preset, owner: &str, input: ParseStream<'_>) -> Result<Part> {
    let begin = input.fork();
    let mut attributes = input.call(Attribute::parse_outer)?;
    let ahead = input.fork();
    let signature = signature(&ahead).ok().filter(|(_, s)| s.constness.is_none() && ahead.peek(token::Brace));
    let Some(signature) = signature else {
        skip_item(input)?;
        return Ok(Part::Other(tokens(&begin, input)?));
    };
    let own = attributes.iter().position(|attribute| is_own(preset, attribute)).map(|at| attributes.remove(at));
    let attributes = attributes.iter().map(ToTokens::to_token_stream).collect();
    let head = tokens(input, &ahead)?;
    let body = match input.parse()? {
        TokenTree::Group(group) => braces(group),
        _ => None,
    };
    let body = body.ok_or_else(|| input.error("expected the body of a function"))?;
    let own = own.map(|attribute| match attribute.meta {
        Meta::List(list) => list.tokens,
        Meta::Path(_) => TokenStream::new(),
        Meta::NameValue(pair) => pair.eq_token.into_token_stream(),
    });
    let function = Function::new((attributes, head), signature, &body, Some(owner.to_owned()));
    Ok(Part::Method(Box::new(Method { function, own, body })))
}

/// The attribute of the block's own kind, under whatever path.
fn is_own(preset: Preset, attribute: &Attribute) -> bool {
    let name = attribute.path().segments.last().map(|last| &last.ident);
    name.is_some_and(|name| name == preset.name())
}

fn signature(input: ParseStream<'_>) -> Result<(Visibility, Signature)> {
    let visibility = input.parse()?;
    // `default fn`, but not a macro called `default`.
    if input.peek(Token![default]) && !input.peek2(Token![!]) {
        input.parse::<Token![default]>()?;
    }
    Ok((visibility, input.parse()?))
}

/// To the `;` of a constant or type, or the end of a macro or of a function that is left alone.
fn skip_item(input: ParseStream<'_>) -> Result<()> {
    let ahead = input.fork();
    if signature(&ahead).is_ok() {
        tokens(input, &ahead)?;
        input.parse::<TokenTree>()?;
        return Ok(());
    }
    let (mut after_bang, mut after_fn) = (false, false);
    while !input.is_empty() {
        // Half-typed functions end with their body, too.
        let called = (after_bang || after_fn) && input.peek(token::Brace);
        after_fn |= input.peek(Token![fn]) && !input.peek2(token::Paren);
        after_bang = input.peek(Token![!]);
        let end = input.peek(Token![;]) || called;
        // An `$item:item`, whole.
        let whole = matches!(input.parse()?, TokenTree::Group(g) if g.delimiter() == Delimiter::None);
        if end || whole {
            break;
        }
    }
    Ok(())
}

/// What stands between two places; the first is moved to the second.
fn tokens(from: &ParseBuffer<'_>, to: &ParseBuffer<'_>) -> Result<TokenStream> {
    let mut between = TokenStream::new();
    while !from.is_empty() && from.cursor() != to.cursor() {
        between.extend([from.parse::<TokenTree>()?]);
    }
    Ok(between)
}

/// `Type`, or `<Type as Trait>`
fn owner(block: &ItemImpl) -> String {
    let ty = shortened(&block.self_ty);
    match &block.trait_ {
        Some((path, _)) => format!("<{ty} as {}>", last(path)),
        None => ty,
    }
}

fn shortened(ty: &Type) -> String {
    match ty {
        Type::Group(inside) => shortened(&inside.elem),
        Type::Paren(inside) => shortened(&inside.elem),
        Type::Path(path) => last(&path.path),
        Type::Reference(inside) => format!("&{}", shortened(&inside.elem)),
        Type::Slice(inside) => format!("[{}]", shortened(&inside.elem)),
        Type::TraitObject(object) => {
            let traits = object.bounds.iter().filter_map(|bound| match bound {
                TypeParamBound::Trait(bound) => Some(last(&bound.path)),
                _ => None,
            });
            format!("dyn {}", traits.collect::<Vec<_>>().join(" + "))
        }
        Type::Tuple(inside) => {
            let elements: Vec<String> = inside.elems.iter().map(shortened).collect();
            format!("({})", elements.join(", "))
        }
        other => other.to_token_stream().to_string(),
    }
}

fn last(path: &Path) -> String {
    path.segments.last().map_or_else(String::new, |last| last.ident.unraw().to_string())
}
