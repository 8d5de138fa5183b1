//! The values of dimensions that are known only at run time.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::site::text;
use crate::model::{Arguments, Dimension, Sigil, UNSET, Value};

/// `(&a, (&(b + c), ()))`, or nothing where all is known now.
///
/// All of it in the values' own spans, so that a type which is no `DimensionValue` is reported
/// at the value that has it; there is nothing in it that needs hygiene.
pub(super) fn values(arguments: &Arguments) -> Option<TokenStream> {
    let mut values = None;
    for dimension in arguments.dimensions.iter().rev() {
        let Ok((value, span)) = value(dimension, &arguments.krate) else { continue };
        let rest = values.unwrap_or_else(|| quote_spanned!(span=> ()));
        values = Some(quote_spanned!(span=> (&#value, #rest)));
    }
    values
}

/// What may stand after `&`, and where it was written; a literal for what is known now.
pub(super) fn value(dimension: &Dimension, krate: &TokenStream) -> Result<(TokenStream, Span), Literal> {
    let (value, span) = match &dimension.value {
        Value::Text(value, _) | Value::Late(_, Some((value, _))) => return Err(text(value)),
        Value::Late(_, None) => return Err(text(UNSET)),
        Value::Named(name) => (name.to_token_stream(), name.span()),
        Value::Expression(value) => (operand(value), value.span()),
    };
    let value = match dimension.sigil {
        None => value,
        Some(sigil) => formatted(sigil, &value, span, krate),
    };
    Ok((value, span))
}

/// The value's text, made once a call.
pub(super) fn formatted(sigil: Sigil, value: &TokenStream, at: Span, krate: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(at);
    let function = Ident::new(sigil.function(), span);
    quote_spanned!(span=> #krate::__private::#function(&#value))
}

/// What may stand after `&`: in parentheses only where that is needed, which no lint minds.
pub(super) fn operand(value: &Expr) -> TokenStream {
    match value {
        // The compiler does not see the invisible group of an `$value:expr`.
        Expr::Group(group) => operand(&group.expr),
        Expr::Array(_)
        | Expr::Call(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Macro(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_)
        | Expr::Reference(_)
        | Expr::Unary(_) => value.to_token_stream(),
        _ => quote_spanned!(value.span()=> (#value)),
    }
}
