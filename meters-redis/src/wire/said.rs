//! What is said of a metric beside what it is, as bytes.

use std::sync::Arc;

use meters_core::{Identity, Level, Said, Shape};

use super::bytes::{Reader, put_number, put_slice, put_text, put_varint};
use super::damaged::Flaw;
use super::sets::Sets;

const ROLLUPS: u8 = 1;
const DESCRIPTION: u8 = 2;
const LEVEL: u8 = 4;
const INTERNAL: u8 = 8;
const BUCKETS: u8 = 16;
const QUANTILES: u8 = 32;
/// Nobody knows them.
const UNKNOWN: u8 = !63;

/// By their numbers on the wire, which stay as they are.
const LEVELS: [Level; 3] = [Level::Disabled, Level::Runtime, Level::Debug];
/// Bytes of a description; what is longer is cut.
const LONGEST: usize = 4096;
const MOST_QUANTILES: usize = 100;

/// Nothing, where nothing is said.
pub(super) fn put(out: &mut Vec<u8>, metric: Identity, keys: &[&str], sets: &Sets<'_>) {
    let all = metric.said();
    if all.is_empty() {
        return;
    }
    put_varint(out, all.len() as u64);
    for (function, said) in all {
        put_text(out, &function);
        let start = out.len();
        out.push(if said.internal { INTERNAL } else { 0 });
        if !said.rollups.is_empty() {
            out[start] |= ROLLUPS;
            put_rollups(out, said.rollups, keys);
        }
        if let Some(text) = said.description {
            out[start] |= DESCRIPTION;
            let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
            put_text(out, &text[..end.unwrap_or(0)]);
        }
        if let Some(level) = said.level.and_then(|level| LEVELS.iter().position(|known| *known == level)) {
            out[start] |= LEVEL;
            out.push(level as u8);
        }
        match said.shape {
            Some(Shape::Buckets(bounds)) => {
                if let Some(set) = sets.number(bounds) {
                    out[start] |= BUCKETS;
                    put_varint(out, set as u64);
                }
            }
            Some(Shape::Quantiles(quantiles)) if are_quantiles(quantiles) => {
                out[start] |= QUANTILES;
                put_varint(out, quantiles.len() as u64);
                quantiles.iter().for_each(|quantile| put_number(out, *quantile));
            }
            _ => {}
        }
    }
}

fn put_rollups(out: &mut Vec<u8>, rollups: &[&[&str]], keys: &[&str]) {
    // A set with a dimension that the metric has not says nothing of it.
    let place = |key: &&str| keys.iter().position(|own| own == key).map(|place| place as u8);
    let rollups: Vec<Vec<u8>> = rollups.iter().filter_map(|kept| kept.iter().map(place).collect()).collect();
    put_varint(out, rollups.len() as u64);
    rollups.iter().for_each(|kept| put_slice(out, kept));
}

fn are_quantiles(quantiles: &[f64]) -> bool {
    let within = quantiles.iter().all(|quantile| (0.0..=1.0).contains(quantile));
    let few = (1..=MOST_QUANTILES).contains(&quantiles.len());
    few && within && quantiles.is_sorted_by(|one, next| one < next)
}

/// Calls `each` with function and what is said of it; of that nothing is kept here.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    keys: &[&'a str],
    sets: &[Arc<[f64]>],
    mut each: impl FnMut(&'a str, &Said<'_>),
) -> Result<(), Flaw> {
    let mut reader = Reader(bytes);
    if bytes.is_empty() {
        return Ok(());
    }
    for _ in 0..reader.count()? {
        let function = reader.text()?;
        let parts = reader.byte()?;
        if parts & UNKNOWN != 0 {
            return Err("a part that nobody knows");
        }
        let has = |part: u8| parts & part != 0;
        let rollups = if has(ROLLUPS) { rollups(&mut reader, keys)? } else { Vec::new() };
        let description = if has(DESCRIPTION) { Some(description(&mut reader)?) } else { None };
        let level = if has(LEVEL) { Some(level(&mut reader)?) } else { None };
        let buckets = if has(BUCKETS) { Some(Shape::Buckets(buckets(&mut reader, sets)?)) } else { None };
        let quantiles = if has(QUANTILES) { Some(Shape::Quantiles(quantiles(&mut reader)?)) } else { None };
        if buckets.is_some() && quantiles.is_some() {
            return Err("buckets and quantiles of one metric");
        }
        let (shape, internal) = (buckets.or(quantiles), has(INTERNAL));
        let rollups: Vec<&[&str]> = rollups.iter().map(Vec::as_slice).collect();
        each(function, &Said { rollups: &rollups, description, shape: shape.as_ref(), level, internal });
    }
    reader.end()
}

fn rollups<'a>(reader: &mut Reader<'a>, keys: &[&'a str]) -> Result<Vec<Vec<&'a str>>, Flaw> {
    let mut all = Vec::new();
    for _ in 0..reader.count()? {
        let key = |place: &u8| keys.get(usize::from(*place)).copied().ok_or("a roll-up by what is no dimension");
        let kept = reader.slice()?;
        if kept.len() > keys.len() {
            return Err("a roll-up by more than the dimensions");
        }
        all.push(kept.iter().map(key).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(all)
}

fn description<'a>(reader: &mut Reader<'a>) -> Result<&'a str, Flaw> {
    let text = reader.text()?;
    if text.len() > LONGEST { Err("a description that is too long") } else { Ok(text) }
}

fn level(reader: &mut Reader<'_>) -> Result<Level, Flaw> {
    LEVELS.get(usize::from(reader.byte()?)).copied().ok_or("a level of recording that nobody knows")
}

fn buckets(reader: &mut Reader<'_>, sets: &[Arc<[f64]>]) -> Result<Box<[f64]>, Flaw> {
    let set = usize::try_from(reader.varint()?).unwrap_or(usize::MAX);
    sets.get(set).map(|bounds| Box::from(&**bounds)).ok_or("buckets of a set that is none")
}

fn quantiles(reader: &mut Reader<'_>) -> Result<Box<[f64]>, Flaw> {
    let count = reader.count()?.min(MOST_QUANTILES + 1);
    let quantiles = (0..count).map(|_| reader.number()).collect::<Result<Box<[f64]>, _>>()?;
    if are_quantiles(&quantiles) { Ok(quantiles) } else { Err("quantiles that are none") }
}
