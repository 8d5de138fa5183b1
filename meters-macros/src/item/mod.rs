//! The annotated function: its signature parsed, everything else kept as the user's tokens.

mod bindings;
mod block;
mod placement;

pub(crate) use self::bindings::of_pattern as bindings;
pub(crate) use self::block::{Block, Method, Part};
pub(crate) use self::placement::{is_closure, is_function};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Result, Signature, Visibility};

use crate::model::Preset;

/// What the attribute stands on.
pub(crate) enum Annotated {
    Function(Box<Function>),
    Block(Block),
}

#[derive(Clone)]
pub(crate) struct Function {
    /// Of a method in an annotated block: what stands between the module and its name.
    pub(crate) owner: Option<String>,
    /// In an annotated `impl Trait for Type`.
    pub(crate) of_trait: bool,
    /// As written.
    pub(crate) attributes: TokenStream,
    /// Visibility and signature, as written.
    head: TokenStream,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The `#![…]` at the start of the body, which must stay at its start.
    pub(crate) inner: TokenStream,
    /// The statements, unparsed: half-typed bodies still expand.
    pub(crate) body: TokenStream,
    pub(crate) braces: Span,
}

/// `{ statements }` reported at `at`; the user's items may then stand first in it.
pub(crate) fn block(statements: TokenStream, at: Span) -> Group {
    let mut block = Group::new(Delimiter::Brace, statements);
    block.set_span(Span::mixed_site().located_at(at));
    block
}

impl Function {
    fn new(
        (attributes, head): (TokenStream, TokenStream),
        (visibility, signature): (Visibility, Signature),
        braces: &Group,
        owner: Option<String>,
    ) -> Self {
        let (inner, body) = split_inner(braces.stream());
        let of_trait = owner.as_ref().is_some_and(|owner| owner.starts_with('<'));
        Self { owner, of_trait, attributes, head, visibility, signature, inner, body, braces: braces.span() }
    }

    /// The same function under another type's name.
    pub(crate) fn owned_by(&self, owner: String) -> Self {
        Self { owner: Some(owner), ..self.clone() }
    }

    /// The same function with the body as it was.
    fn as_written(&self, body: &Group) -> TokenStream {
        let mut item = self.attributes.clone();
        item.extend(self.head.clone());
        item.extend([TokenTree::Group(body.clone())]);
        item
    }

    /// The same function with one more attribute and other statements.
    pub(crate) fn with(&self, attribute: TokenStream, statements: TokenStream) -> TokenStream {
        let mut content = self.inner.clone();
        content.extend(statements);
        let mut body = Group::new(Delimiter::Brace, content);
        body.set_span(self.braces);
        let mut item = self.attributes.clone();
        item.extend(attribute);
        item.extend(self.head.clone());
        item.extend([TokenTree::Group(body)]);
        item
    }

    /// The user's statements in a block of their own.
    pub(crate) fn block(&self) -> Group {
        block(self.body.clone(), self.braces)
    }

    /// The names that the parameters bind.
    pub(crate) fn bindings(&self) -> Vec<&Ident> {
        bindings::of(&self.signature)
    }
}

pub(crate) fn parse(preset: Preset, item: TokenStream) -> Result<Annotated> {
    let mut trees: Vec<TokenTree> = visible(item).into_iter().collect();
    let body = match trees.pop() {
        Some(TokenTree::Group(last)) => braces(last),
        Some(TokenTree::Punct(last)) if last.as_char() == ';' => None,
        Some(last) => {
            trees.push(last);
            None
        }
        None => None,
    };
    let attributes = attributes(&trees);
    let head: TokenStream = trees.iter().cloned().collect();
    let (visibility, signature) = match (signature.parse2(head.clone()), &body) {
        (Ok(parsed), _) => parsed,
        (Err(_), Some(body)) if placement::is_block(&head) => {
            return block::parse(preset, head, body).map(Annotated::Block);
        }
        (Err(error), _) => return Err(placement::explain(preset, &head, error)),
    };
    let Some(body) = body else {
        return Err(placement::without_body(preset, &signature));
    };
    if let Some(token) = &signature.constness {
        let attribute = preset.written();
        return Err(Error::new_spanned(
            token,
            format!(
                "`{attribute}` cannot stand on a `const fn`: recording happens at run time\n\
                 remove `const`, or annotate the functions that call it"
            ),
        ));
    }
    let head = trees.split_off(attributes).into_iter().collect();
    let parts = (trees.into_iter().collect(), head);
    Ok(Annotated::Function(Box::new(Function::new(parts, (visibility, signature), &body, None))))
}

fn signature(input: ParseStream<'_>) -> Result<(Visibility, Signature)> {
    input.call(Attribute::parse_outer)?;
    Ok((input.parse()?, input.parse()?))
}

/// How many of the trees are attributes: `#[…] #[…]`
fn attributes(trees: &[TokenTree]) -> usize {
    let begins = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '#');
    let pairs = trees.chunks_exact(2).take_while(|pair| begins(&pair[0]) && matches!(pair[1], TokenTree::Group(_)));
    2 * pairs.count()
}

/// Without the invisible group that `macro_rules` puts around an `$item:item`.
fn visible(item: TokenStream) -> TokenStream {
    let mut trees = item.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => visible(group.stream()),
        _ => item,
    }
}

/// The body, also where it came as a `$body:block`.
fn braces(group: Group) -> Option<Group> {
    match group.delimiter() {
        Delimiter::Brace => Some(group),
        Delimiter::None => match group.stream().into_iter().next() {
            Some(TokenTree::Group(inside)) => braces(inside),
            _ => None,
        },
        _ => None,
    }
}

/// `#![…] #![…] rest`
fn split_inner(body: TokenStream) -> (TokenStream, TokenStream) {
    let trees: Vec<TokenTree> = body.into_iter().collect();
    let is = |at: usize, char: char| matches!(&trees.get(at), Some(TokenTree::Punct(p)) if p.as_char() == char);
    let mut end = 0;
    while is(end, '#')
        && is(end + 1, '!')
        && matches!(&trees.get(end + 2), Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Bracket)
    {
        end += 3;
    }
    let mut trees = trees.into_iter();
    let inner = trees.by_ref().take(end).collect();
    (inner, trees.collect())
}
