//! What a page needs beside the values: bounds that stay, and times.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use meters_core::{Distribution, Series, Value};

use crate::config::Config;
use crate::ladder::Ladder;
use crate::name::{Form, Who};
use crate::order::{Group, Order};

/// The bounds of a group's classic buckets, where the lattice stands on `origin` of the base unit. One for almost every group:
/// what a storage made up may stand on something else.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) origin: f64,
    pub(crate) ladder: Ladder,
    pub(crate) texts: Arc<[String]>,
}

/// Of each group of an order; empty for those without buckets.
pub(crate) type Views = Vec<Vec<Bounds>>;

/// The distribution of what is told in buckets.
pub(crate) fn distribution(value: &Value) -> Option<&Distribution> {
    match value {
        Value::Histogram(distribution) => Some(distribution),
        Value::Calls(calls) => Some(&calls.duration),
        _ => None,
    }
}

/// The user's own bounds, inclusive and in recorded units, and how many values are in each bucket that they close.
pub(crate) fn explicit(_distribution: &Distribution) -> Option<(&[f64], &[u64])> {
    None
}

/// Grows the bounds of a group so that they enclose its values, as far as they may.
pub(crate) fn grow(known: &mut Vec<Bounds>, group: &Group, items: &[(Series, Value)], config: &Config) {
    if config.classic_buckets == 0 {
        return;
    }
    let base = group.who.base();
    let mut wanted: Vec<(f64, Ladder)> = Vec::new();
    for place in &group.places {
        let Some(distribution) = distribution(&items[*place as usize].1) else { continue };
        if explicit(distribution).is_some() {
            continue;
        }
        let Some(ladder) = Ladder::around(distribution) else { continue };
        let origin = base.convert(distribution.origin());
        match wanted.iter_mut().find(|(known, _)| *known == origin) {
            Some((_, known)) => *known = known.grown(ladder, usize::MAX),
            None => wanted.push((origin, ladder)),
        }
    }
    for (origin, wanted) in wanted {
        match known.iter_mut().find(|bounds| bounds.origin == origin) {
            Some(bounds) => {
                let ladder = bounds.ladder.grown(wanted, config.classic_buckets);
                if ladder != bounds.ladder {
                    (bounds.ladder, bounds.texts) = (ladder, ladder.texts(origin).into());
                }
            }
            None => {
                let ladder = wanted.at_most(config.classic_buckets);
                known.push(Bounds { origin, ladder, texts: ladder.texts(origin).into() });
            }
        }
    }
}

/// When all that counts began, told the same on every page: a clock that is corrected must not make counters begin anew.
#[derive(Debug, Default)]
pub(crate) struct Beginning {
    told: Option<(SystemTime, Duration)>,
}

impl Beginning {
    pub(crate) fn of(&mut self, taken: SystemTime, age: Duration) -> Option<SystemTime> {
        match &mut self.told {
            // The same registry, or one that is as old.
            Some((began, known)) if *known <= age => {
                *known = age;
                Some(*began)
            }
            told => {
                let began = taken.checked_sub(age)?;
                *told = Some((began, age));
                Some(began)
            }
        }
    }
}

/// Bounds that were shown, kept by what they are of, as orders come and go.
pub(crate) fn views(
    kept: &mut HashMap<Who, Vec<Bounds>>,
    order: &Order,
    items: &[(Series, Value)],
    config: &Config,
) -> Views {
    let has_buckets = |group: &Group| matches!(group.who.form, Form::Histogram | Form::Calls);
    let of = |group: &Group| {
        if !has_buckets(group) {
            return Vec::new();
        }
        let known = kept.entry(group.who).or_default();
        grow(known, group, items, config);
        known.clone()
    };
    order.groups.iter().map(of).collect()
}
