//! What a page needs beside the values: bounds that stay, and times.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use meters_core::{Distribution, Recent, Series, Value};

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

/// What a page shows of a group beside its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Empty for those without buckets.
    pub(crate) bounds: Vec<Bounds>,
    /// By the place in the group, as its shape has them; empty for those without quantiles.
    pub(crate) quantiles: Vec<Box<[f64]>>,
}

/// The distribution of what is told in buckets.
pub(crate) fn distribution(value: &Value) -> Option<&Distribution> {
    match value {
        Value::Histogram(distribution) => Some(distribution),
        Value::Calls(calls) => Some(&calls.duration),
        _ => None,
    }
}

/// Grows the bounds of a group so that they enclose its values and what always stands, as far as they may.
pub(crate) fn grow(known: &mut Vec<Bounds>, group: &Group, items: &[(Series, Value)], config: &Config) {
    if config.classic_buckets == 0 {
        return;
    }
    let base = group.who.base();
    let mut wanted: Vec<(f64, Ladder)> = Vec::new();
    for place in &group.places {
        let Some(distribution) = distribution(&items[*place as usize].1) else { continue };
        if distribution.explicit().is_some() {
            continue;
        }
        let origin = base.convert(distribution.origin());
        let standing = Ladder::standing(base.name, origin);
        let ladder = Ladder::around(distribution).map_or(standing, |around| standing.grown(around, usize::MAX));
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
    told: Option<Told>,
}

/// Of the latest snapshot that was shown: when all of it began, its age, and in which process.
#[derive(Clone, Copy, Debug)]
struct Told {
    began: SystemTime,
    age: Duration,
    generation: u32,
}

/// How much later than another snapshot one may be shown that was taken before it: two scrapers come at once.
const LATE: Duration = Duration::from_secs(10);

impl Beginning {
    /// When all of a snapshot began, and whether a later one was shown before it.
    pub(crate) fn of(&mut self, taken: SystemTime, age: Duration, generation: u32) -> (Option<SystemTime>, bool) {
        match &mut self.told {
            // The same registry, or one that is as old.
            Some(told) if told.generation == generation && told.age <= age + LATE => {
                let is_late = age < told.age;
                told.age = told.age.max(age);
                (Some(told.began), is_late)
            }
            told => {
                let began = taken.checked_sub(age);
                *told = began.map(|began| Told { began, age, generation });
                (began, false)
            }
        }
    }
}

/// What is kept from page to page by what it is of, as orders come and go.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    bounds: HashMap<Who, Vec<Bounds>>,
    /// How the distributions of summaries stood.
    recent: HashMap<Series, Recent>,
}

/// In how many parts what came lately is remembered.
const PARTS: u32 = 10;

impl Kept {
    /// Forgets series that are not shown any more. Names and bounds of metrics stay.
    pub(crate) fn prune(&mut self, order: &Order, items: &[(Series, Value)]) {
        let summaries = order.groups.iter().filter(|group| group.who.form == Form::Summary);
        let shown: HashSet<_> = summaries.flat_map(|group| &group.places).map(|at| &items[*at as usize].0).collect();
        self.recent.retain(|series, _| shown.contains(series));
    }

    /// Of each group, at this moment; whether a later snapshot was shown before.
    pub(crate) fn views(
        &mut self,
        when: (Instant, bool),
        order: &Order,
        items: &[(Series, Value)],
        config: &Config,
    ) -> Vec<View> {
        let of = |group: &Group| match group.who.form {
            Form::Histogram | Form::Calls => {
                let known = self.bounds.entry(group.who).or_default();
                grow(known, group, items, config);
                View { bounds: known.clone(), ..View::default() }
            }
            Form::Summary => {
                let mut quantiles = Vec::with_capacity(group.places.len());
                for (place, wanted) in group.places.iter().zip(&group.quantiles) {
                    quantiles.push(self.lately(when, &items[*place as usize], wanted, config));
                }
                View { quantiles, ..View::default() }
            }
            _ => View::default(),
        };
        order.groups.iter().map(of).collect()
    }

    /// The quantiles of what came lately; NaN where nothing did.
    fn lately(
        &mut self,
        (now, is_late): (Instant, bool),
        (series, value): &(Series, Value),
        wanted: &[f64],
        config: &Config,
    ) -> Box<[f64]> {
        let Value::Histogram(total) = value else { return Box::default() };
        let lately = match self.recent.get_mut(series) {
            Some(recent) => {
                // Told of fewer values than before, it would begin anew.
                if !is_late {
                    recent.push(now, total);
                }
                recent.distribution(now)
            }
            None => {
                let mut recent = Recent::new(config.quantile_window, PARTS);
                recent.push(now, total);
                self.recent.insert(series.clone(), recent);
                Some((**total).clone())
            }
        };
        let quantile = |q: &f64| lately.as_ref().and_then(|lately| lately.quantile(*q)).unwrap_or(f64::NAN);
        wanted.iter().map(quantile).collect()
    }
}
