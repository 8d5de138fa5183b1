//! Whether the sets of a `rollup` are there, and tell something that the metric itself does not.

use syn::{Error, Result};

use super::exists;
use crate::model::Rollup;

/// Each set names dimensions that are there.
pub(crate) fn sets_exist(rollup: &Rollup, keys: &[String]) -> Result<()> {
    let mut names = rollup.sets.iter().flat_map(|(set, _)| set);
    names.try_for_each(|(key, span)| exists("`rollup`", key, *span, keys))
}

/// No dimension twice in a set, and no set twice.
pub(crate) fn sets_differ(rollup: &Rollup) -> Result<()> {
    let mut earlier: Vec<Vec<&str>> = Vec::new();
    for (set, span) in &rollup.sets {
        for (position, (key, span)) in set.iter().enumerate() {
            if set[..position].iter().any(|(other, _)| other == key) {
                return Err(Error::new(*span, format!("the dimension `{key}` is given twice: keep one")));
            }
        }
        let sorted = sorted(set);
        if earlier.contains(&sorted) {
            return Err(Error::new(*span, "`rollup` lists these dimensions twice: keep one"));
        }
        earlier.push(sorted);
    }
    Ok(())
}

/// Checked against the dimensions of one function; what a block says for others is left out.
pub(crate) fn rollup(mut rollup: Rollup, keys: &[String]) -> Result<Rollup> {
    if !rollup.own {
        rollup.retain_useful(keys);
        return Ok(rollup);
    }
    sets_exist(&rollup, keys)?;
    sets_differ(&rollup)?;
    match rollup.sets.iter().find(|(set, _)| set.len() == keys.len()) {
        Some((_, span)) => Err(Error::new(
            *span,
            "`rollup` lists all dimensions here, which is what the metric itself reports: leave some out, or remove it",
        )),
        None => Ok(rollup),
    }
}

fn sorted<S>(set: &[(String, S)]) -> Vec<&str> {
    let mut sorted: Vec<&str> = set.iter().map(|(key, _)| key.as_str()).collect();
    sorted.sort_unstable();
    sorted
}
