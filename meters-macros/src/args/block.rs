//! What only an `impl` block may say, what it may not, and what its methods may say besides.

use syn::{Error, Result};

use super::written::Written;
use crate::model::{Dimension, Preset};
use crate::validate::{self, IMPLIED, Text};

/// On a function that stands alone.
pub(crate) fn on_function(preset: Preset, written: &Written) -> Result<()> {
    let attribute = preset.written();
    if let Some((prefix, _)) = &written.prefix {
        return Err(Error::new(
            prefix.span(),
            format!(
                "`prefix` stands on an `impl` block, where it replaces the type in `Function`, and this is a function\n\
                 move it to `{attribute}` on the block, or name the metric: `name = \"…\"`"
            ),
        ));
    }
    if let Some(skip) = &written.skip {
        return Err(Error::new(
            skip.span(),
            format!(
                "`skip` leaves a method out of an `impl` block that has `{attribute}`, and there is none around\n\
                 remove the attribute"
            ),
        ));
    }
    Ok(())
}

/// On a method of a block.
pub(crate) fn on_method(preset: Preset, written: &Written) -> Result<()> {
    let alone = Written { skip: None, ..written.clone() };
    on_function(preset, &alone)?;
    match &written.skip {
        Some(skip) if written.says_more() => Err(Error::new(
            skip.span(),
            "`skip` leaves the method out, so that nothing else can be said: remove `skip`, or the rest",
        )),
        _ => Ok(()),
    }
}

/// On the block itself.
pub(crate) fn on_block(preset: Preset, written: &Written) -> Result<()> {
    let attribute = preset.written();
    if let Some(name) = &written.name {
        return Err(Error::new(
            name.span(),
            "a `name` on an `impl` block would make one metric of all its methods\n\
             write `prefix = \"…\"` to replace the type in `Function`, or `name = \"…\"` on single methods",
        ));
    }
    if let Some(own) = &written.metric {
        return Err(Error::new(
            own.key.span(),
            format!(
                "a `metric` on an `impl` block would be that of all its methods: write `{attribute}` with it on single methods"
            ),
        ));
    }
    if let Some(skip) = &written.skip {
        return Err(Error::new(
            skip.span(),
            format!("`skip` stands on a method: to leave out the whole `impl` block, remove its `{attribute}`"),
        ));
    }
    if let Some((future, _)) = &written.future {
        return Err(Error::new(
            future.span(),
            format!("`future` says what one function returns: write `{attribute}` with it on the method"),
        ));
    }
    let key = |dimension: &Dimension| dimension.key.clone();
    let keys: Vec<String> = written.dimensions.iter().flatten().chain(written.at_the_end()).map(key).collect();
    validate::limits(written.limits.iter().flatten(), &keys)?;
    if let Some(rollup) = &written.rollup {
        let keys: Vec<String> = keys.into_iter().chain([IMPLIED.to_owned()]).collect();
        validate::sets_exist(rollup, &keys)?;
        validate::sets_differ(rollup)?;
    }
    if let Some((_, prefix)) = &written.prefix {
        validate::text(Text::DimensionValue, &prefix.value(), prefix.span())?;
    }
    Ok(())
}
