//! A plain function whose body ends in an async block, bare or in `Box::pin(…)`: what `#[async_trait]` makes, and what
//! people write. The call is the future's, not its making.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use syn::{Error, Expr};

use crate::item::{Function, block};
use crate::model::{Arguments, Dimension, Own, Value};

/// Whether there is such a block, and no way to leave before it, with another future.
pub(super) fn at_the_end(function: &Function) -> bool {
    let whole = |_: &TokenStream, _: &Group| TokenStream::new();
    replaced(function.body.clone(), &whole).is_some_and(|before| !leaves(before))
}

/// `return` or `?`, also of a closure: then it is only not the cheapest way.
fn leaves(statements: TokenStream) -> bool {
    // Behind a value: `T: ?Sized` and `debug!(?value)` stay.
    let mut behind_value = false;
    statements.into_iter().any(|tree| {
        let may_leave = std::mem::replace(&mut behind_value, !matches!(tree, TokenTree::Punct(_)));
        match tree {
            TokenTree::Ident(word) => word == "return",
            TokenTree::Punct(mark) => mark.as_char() == '?' && may_leave,
            TokenTree::Group(group) => leaves(group.stream()),
            TokenTree::Literal(_) => false,
        }
    })
}

/// Whether what the attribute says of the arguments would be read within that block, although they may be others by then:
/// hidden or moved by statements before it, or never captured.
pub(super) fn reads_too_late(function: &Function, arguments: &Arguments) -> bool {
    let (moves, alone) = (std::cell::Cell::new(false), std::cell::Cell::new(true));
    let look = |captured: &TokenStream, _: &Group| {
        moves.set(!captured.is_empty());
        TokenStream::new()
    };
    if let Some(before) = replaced(function.body.clone(), &look) {
        alone.set(!has_statements(before));
    }
    let own = arguments.metric.as_ref().is_some_and(|own| reads_arguments(own, function));
    (own || arguments.dimensions.iter().any(open)) && !(moves.get() && alone.get())
}

/// All but a `static`, or another item.
fn reads_arguments(own: &Own, function: &Function) -> bool {
    match &own.metric {
        Expr::Path(path) => {
            path.path.get_ident().is_some_and(|name| name == "self" || function.bindings().contains(&name))
        }
        _ => true,
    }
}

fn open(dimension: &Dimension) -> bool {
    matches!(dimension.value, Value::Named(_) | Value::Expression(_))
}

/// And more is wanted than a monitor does.
pub(super) fn too_late(function: &Function, arguments: &Arguments) -> Error {
    let name = &function.signature.ident;
    let at = arguments.dimensions.iter().find(|dimension| open(dimension));
    let own = arguments.metric.as_ref().map(|own| ("metric", own.key.span()));
    let at = at.map(|dimension| (&*dimension.key, dimension.key_span)).or(own);
    let (key, span) = at.unwrap_or(("", name.span()));
    Error::new(
        span,
        format!(
            "`{key}` would be read where the future runs, behind the statements that `{name}` begins with\n\
             make it an `async fn`, or let `async move {{ … }}` be the whole of its body"
        ),
    )
}

/// Ended by `;` or by a block, which the last tree does not count for.
fn has_statements(body: TokenStream) -> bool {
    let trees: Vec<TokenTree> = body.into_iter().collect();
    let before = trees.split_last().map_or(&[][..], |(_, before)| before);
    before.iter().any(|tree| match tree {
        TokenTree::Punct(mark) => mark.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    })
}

/// The statements with that block instrumented.
pub(super) fn expand(function: &Function, instrument: &dyn Fn(&TokenStream, &Group) -> TokenStream) -> TokenStream {
    let body = function.body.clone();
    let instrument = |captured: &TokenStream, body: &Group| instrument(captured, &block(body.stream(), body.span()));
    replaced(body.clone(), &instrument).unwrap_or(body)
}

fn replaced(body: TokenStream, instrument: &dyn Fn(&TokenStream, &Group) -> TokenStream) -> Option<TokenStream> {
    let mut trees: Vec<TokenTree> = body.into_iter().collect();
    let Some(TokenTree::Group(last)) = trees.pop() else {
        return None;
    };
    let content = match last.delimiter() {
        Delimiter::Brace => {
            let moves = matches!(trees.last(), Some(t) if is_word(t, "move"));
            let word = trees.len().checked_sub(1 + usize::from(moves))?;
            if !is_word(&trees[word], "async") {
                return None;
            }
            let captured = trees[word + 1..].iter().cloned().collect();
            instrument(&captured, &last)
        }
        Delimiter::Parenthesis if ends_in_pin(&trees) => replaced(last.stream(), instrument)?,
        _ => return None,
    };
    let mut group = Group::new(last.delimiter(), content);
    group.set_span(last.span());
    trees.push(TokenTree::Group(group));
    Some(trees.into_iter().collect())
}

/// `…::pin`, the function.
fn ends_in_pin(trees: &[TokenTree]) -> bool {
    let [.., TokenTree::Punct(first), TokenTree::Punct(_), name] = trees else {
        return false;
    };
    first.as_char() == ':' && first.spacing() == Spacing::Joint && is_word(name, "pin")
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}
