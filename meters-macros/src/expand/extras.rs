//! Arguments that are for some functions only: on others the own ones are refused, and those of the block left out.

use proc_macro2::Ident;
use syn::{Error, Result};

use super::ended::ends_in;
use super::monitored::Shape;
use super::returns::Returns;
use crate::item::Function;
use crate::model::{Arguments, Late, UNSET, Value};

/// `future = …` says something that is not known.
pub(super) fn future(function: &Function, arguments: &Arguments) -> Result<()> {
    let Some((key, told)) = &arguments.future else {
        return Ok(());
    };
    let name = &function.signature.ident;
    let message = match (&function.signature.output, told) {
        _ if function.signature.asyncness.is_some() => {
            format!(
                "`future` is for functions that are not `async`: a call of `{name}` is its future anyway, so remove it"
            )
        }
        (syn::ReturnType::Default, true) => {
            format!("`future = true` says that a future is returned, and `{name}` returns nothing: remove it")
        }
        _ => return Ok(()),
    };
    Err(Error::new(key.span(), message))
}

pub(super) fn fit(function: &Function, arguments: &mut Arguments, shape: Shape, returns: &Returns) -> Result<()> {
    match shape {
        Shape::Future(_) => elsewhere(function, arguments, "a future that was made elsewhere")?,
        Shape::Stream(_) => elsewhere(function, arguments, "a stream")?,
        Shape::Plain => not_async(function, arguments)?,
        Shape::Async | Shape::Tail => {}
    }
    returned(function, arguments, returns)?;
    kind_alone(arguments)?;
    let keys = arguments.keys();
    // Of dimensions that the block has for other methods there is nothing to limit or to merge.
    arguments.limits.retain(|limit| keys.contains(&limit.key));
    if let Some(rollup) = &mut arguments.rollup {
        rollup.retain_useful(&keys);
    }
    Ok(())
}

/// What is polled through a monitor has no place for more.
fn elsewhere(function: &Function, arguments: &mut Arguments, what: &str) -> Result<()> {
    let name = &function.signature.ident;
    let skip = if function.owner.is_some() { "\nor leave the method out: `#[monitored(skip)]`" } else { "" };
    let refused = |key: &Ident, word: &str| {
        Err(Error::new(
            key.span(),
            format!(
                "{word} needs a body that runs inside the call, and `{name}` returns {what}\n\
                 make it an `async fn`, let it end in `async move {{ … }}`, or remove this{skip}"
            ),
        ))
    };
    for late in [&mut arguments.on_ok, &mut arguments.on_err] {
        if let Some(late) = late.take().filter(|late| late.own) {
            return refused(&late.key, &format!("`{}`", late.key));
        }
    }
    if let Some(when) = &arguments.when {
        return refused(&when.key, "`when`");
    }
    if let Some(errors) = &mut arguments.errors
        && let Some((key, _)) = errors.kind.take().filter(|_| errors.own)
    {
        return refused(&key, "`kind`");
    }
    let record = std::mem::take(&mut arguments.record);
    let mut recorded = [&record.in_flight, &record.busy, &record.polls].into_iter().flatten();
    if let Some(key) = recorded.next().filter(|_| record.own) {
        return refused(key, &format!("`{key}`"));
    }
    for dimension in &mut arguments.dimensions {
        if let Value::Late(key, default) = &dimension.value {
            if dimension.own {
                return refused(key, &format!("`{key} = _`"));
            }
            let (text, span) = default.clone().unwrap_or((UNSET.to_owned(), key.span()));
            dimension.value = Value::Text(text, span);
        }
    }
    Ok(())
}

fn not_async(function: &Function, arguments: &mut Arguments) -> Result<()> {
    let record = &mut arguments.record;
    for key in [record.busy.take(), record.polls.take()].into_iter().flatten() {
        if record.own {
            let name = &function.signature.ident;
            return Err(Error::new(
                key.span(),
                format!(
                    "`{key}` is about polls, and `{name}` is not async: its `Duration` is all there is, so remove it"
                ),
            ));
        }
    }
    Ok(())
}

/// `kind` gives the counter `Errors` a dimension, which the call may not have, too.
fn kind_alone(arguments: &Arguments) -> Result<()> {
    if arguments.errors.as_ref().is_none_or(|errors| errors.kind.is_none()) {
        return Ok(());
    }
    let late = arguments.at_the_end();
    match arguments.dimensions.iter().chain(late).find(|dimension| dimension.key == "Kind") {
        Some(dimension) => Err(Error::new(
            dimension.key_span,
            "the dimension `Kind` is given twice: `errors(kind = …)` counts the errors by it, too, so give this one another name",
        )),
        None => Ok(()),
    }
}

/// `on_ok`, `on_err` and `kind` look at what is returned.
fn returned(function: &Function, arguments: &mut Arguments, returns: &Returns) -> Result<()> {
    let name = &function.signature.ident;
    let result = ends_in(returns.ty(), "Result");
    let inherited = |late: &Late| late.own || result;
    arguments.on_ok = arguments.on_ok.take().filter(inherited);
    arguments.on_err = arguments.on_err.take().filter(inherited);
    if let Some(errors) = arguments.errors.as_mut().filter(|errors| !errors.own && !result) {
        errors.kind = None;
    }
    let refused = |late: &Late, why: &str| {
        let key = &late.key;
        Err(Error::new(key.span(), format!("`{key}` looks at what is returned, and `{name}` {why}: remove it")))
    };
    match (returns, &arguments.on_ok, &arguments.on_err) {
        (Returns::Unit | Returns::Never, Some(late), _) | (Returns::Unit | Returns::Never, None, Some(late)) => {
            refused(late, "returns nothing")
        }
        (Returns::Plain(_), _, Some(late)) => refused(late, "returns no `Result`"),
        _ => Ok(()),
    }
}
