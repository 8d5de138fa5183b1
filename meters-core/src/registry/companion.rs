//! Series that stand beside another one: same dimensions, a name that derives from it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use foldhash::fast::RandomState;

use super::Registry;
use super::entry::Entry;
use super::index::Wanted;
use crate::model::series::{Metric, SEPARATOR};
use crate::model::{Kind, Unit};

/// By the address of the series that they stand beside, which lives as long as the process, and by what they are.
type Known = HashMap<(usize, &'static str), &'static Entry, RandomState>;

static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);

/// The series called `suffix`, or `Name.suffix` where the metric of `entry` was named, beside `entry` in its registry.
pub(super) fn of(
    registry: &Registry,
    entry: &'static Entry,
    suffix: &'static str,
    kind: Kind,
    unit: Unit,
) -> &'static Entry {
    let key = (std::ptr::from_ref(entry).addr(), suffix);
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return known;
    }
    let companion = make(registry, entry, suffix, kind, unit);
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(key, companion);
    companion
}

#[cold]
fn make(registry: &Registry, entry: &Entry, suffix: &str, kind: Kind, unit: Unit) -> &'static Entry {
    let metric = Metric {
        name: entry.series().derived(suffix).into(),
        kind,
        unit,
        resolution: entry.metric.resolution,
        named: true,
        keys: entry.metric.keys.clone(),
    };
    let values: Vec<Cow<'_, str>> = entry.values.split(SEPARATOR).take(metric.keys.len()).map(Cow::Borrowed).collect();
    // The metric beside which it stands keeps to a limit: so does this one.
    let dynamic = vec![true; values.len()];
    registry.entry(&Wanted { metric: metric.intern(), values, dynamic, limit: usize::MAX })
}
