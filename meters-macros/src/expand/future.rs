//! A plain function whose body ends in an async block, bare or in `Box::pin(…)`: what `#[async_trait]` makes, and what
//! people write. The call is the future's, not its making.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use crate::item::{Function, block};

/// Whether there is such a block, and no way to leave before it, with another future.
pub(super) fn at_the_end(function: &Function) -> bool {
    let whole = |_: &TokenStream, _: &Group| TokenStream::new();
    replaced(function.body.clone(), &whole).is_some_and(|before| !leaves(before))
}

/// `return` or `?`, also of a closure: then it is only not the cheapest way.
fn leaves(statements: TokenStream) -> bool {
    statements.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => word == "return",
        TokenTree::Punct(mark) => mark.as_char() == '?',
        TokenTree::Group(group) => leaves(group.stream()),
        TokenTree::Literal(_) => false,
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
