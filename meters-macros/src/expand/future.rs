//! A plain function that returns a future: the call is the future's, not its making.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Result, ReturnType, Type};

use super::returns::{self, Returns};
use super::{ended, monitored, site};
use crate::item::{Function, block};
use crate::model::Arguments;

/// Instruments the async block that ends the body, bare or in `Box::pin(…)`: what
/// `#[async_trait]` makes, and what people write.
pub(super) fn expand(function: &Function, arguments: &Arguments, output: Option<&Type>) -> Result<TokenStream> {
    let enter = site::of_call(function, arguments, "enter_async");
    let returns = output.map_or(Returns::Future(None), returns::of_type);
    ended::useful(function, arguments, &returns)?;
    let returns = ended::looked_at(returns, arguments);
    let instrument = |captured: &TokenStream, body: &Group| {
        let body = block(body.stream(), body.span());
        monitored::in_async(&enter, captured, &body, &returns, arguments)
    };
    at_the_end(function.body.clone(), &instrument).ok_or_else(|| {
        let at = match &function.signature.output {
            ReturnType::Type(_, ty) => ty.to_token_stream(),
            ReturnType::Default => function.signature.ident.to_token_stream(),
        };
        let skip = if function.owner.is_some() { "\nor leave the method out: `#[monitored(skip)]`" } else { "" };
        Error::new_spanned(
            at,
            format!(
                "`#[monitored]` would time how long it takes to make this future, not to run it\n\
                 make the function an `async fn`, or let its body end in `async move {{ … }}` or \
                 `Box::pin(async move {{ … }})`{skip}"
            ),
        )
    })
}

fn at_the_end(body: TokenStream, instrument: &impl Fn(&TokenStream, &Group) -> TokenStream) -> Option<TokenStream> {
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
        Delimiter::Parenthesis if ends_in_pin(&trees) => at_the_end(last.stream(), instrument)?,
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
