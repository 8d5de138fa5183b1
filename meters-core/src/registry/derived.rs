//! Series that follow from another one: with dimensions that became known late, or of another metric of the same call.

use std::borrow::Cow;
use std::cell::RefCell;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::OnceLock;

use super::entry::Entry;
use super::home;
use super::index::Wanted;
use super::shut::Asks;
use super::task::Late;
use crate::fork;
use crate::model::policy::{FUNCTION, Policy};
use crate::model::series::{Metric, SEPARATOR};
use crate::model::{Across, Dimension, Dimensions, Kind, Unit};

/// Which metric of a call, or of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// The calls themselves.
    Calls,
    /// How many are under way.
    InFlight,
    /// The time inside polls.
    Busy,
    /// How often it was polled.
    Polls,
    /// Errors of one kind.
    Errors,
    /// The items of a stream.
    Items,
    /// The time to the first of them.
    TimeToFirst,
    /// Values of a summary above its maximum.
    Above,
}

/// The series that follows from `base` with these values, of which the last of each name counts.
pub(super) fn of(base: &'static Entry, what: What, late: &[Late]) -> &'static Entry {
    if what == What::Calls && late.is_empty() { base } else { without(base, what, late, &[]) }
}

/// The same without some of its dimensions, which for a series and a metric are always the same.
pub(super) fn without(base: &'static Entry, what: What, late: &[Late], left_out: &[&str]) -> &'static Entry {
    let hasher = hasher();
    let hash = hasher.hash_one((std::ptr::from_ref(base).addr(), what, late));
    let known = |known: &RefCell<HashTable<Known>>| {
        let known = known.try_borrow().ok()?;
        known.find(hash, |known| known.is(base, what, late)).map(|known| known.entry)
    };
    // Past its end a thread remembers nothing.
    if let Some(entry) = KNOWN.try_with(known).ok().flatten() {
        return entry;
    }
    let entry = make(base, what, late, left_out);
    // A value may be as long as a stranger likes: what is remembered is bounded in bytes, too.
    if late.iter().map(|(_, value)| value.len()).sum::<usize>() > LONGEST {
        return entry;
    }
    let remember = |known: &RefCell<HashTable<Known>>| {
        let Ok(mut known) = known.try_borrow_mut() else { return };
        if known.len() >= MOST {
            known.clear();
        }
        let hashed = |known: &Known| hasher.hash_one((std::ptr::from_ref(known.base).addr(), known.what, &*known.late));
        known.insert_unique(hash, Known { base, what, late: late.into(), entry }, hashed);
    };
    _ = KNOWN.try_with(remember);
    entry
}

/// How many a thread remembers before it begins anew, and how long the values of one may be together.
const MOST: usize = 1024;
const LONGEST: usize = Dimension::MAX_VALUE_LEN;

fn hasher() -> &'static RandomState {
    static HASHER: OnceLock<RandomState> = OnceLock::new();
    if let Some(known) = HASHER.get() {
        return known;
    }
    let _inside = fork::enter();
    HASHER.get_or_init(RandomState::default)
}

thread_local! {
    static KNOWN: RefCell<HashTable<Known>> = const { RefCell::new(HashTable::new()) };
}

struct Known {
    base: &'static Entry,
    what: What,
    late: Box<[Late]>,
    entry: &'static Entry,
}

impl Known {
    fn is(&self, base: &Entry, what: What, late: &[Late]) -> bool {
        std::ptr::eq(self.base, base) && self.what == what && *self.late == *late
    }
}

#[cold]
fn make(base: &'static Entry, what: What, late: &[Late], left_out: &[&str]) -> &'static Entry {
    let mut all: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::with_capacity(base.metric.keys.len() + late.len());
    let keys = base.metric.keys.iter().map(|key| Cow::Borrowed(&**key));
    let pairs = keys.zip(base.values.split(SEPARATOR).map(Cow::Borrowed));
    all.extend(pairs.filter(|(key, _)| !left_out.contains(&&**key)));
    for (key, value) in late {
        let (key, value) = (Dimension::cleaned_name(key), Dimension::cleaned_value(value));
        match all.iter().position(|(known, _)| *known == key) {
            Some(place) => all[place].1 = value,
            None if all.len() < Dimensions::MAX => all.push((key, value)),
            None => too_many(base, &key),
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    let registry = home::of(base);
    // All series of a function are limited together. Its base keeps to a limit: where nothing comes late, there are no more.
    let is_late = |key: &str| late.iter().any(|(late, _)| Dimension::cleaned_name(late) == key);
    let dynamic = all.iter().map(|(key, _)| !late.is_empty() && (key != FUNCTION || is_late(key))).collect();
    // What is known from the beginning stays known over the limit.
    let other = all.iter().map(|(key, _)| is_late(key)).collect();
    let (keys, values): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let metric = what.metric(base, keys.into_iter().map(|key| key.as_ref().into()).collect()).intern();
    let policy = base.metric.policy(base.values);
    // The sum over all kinds of errors is what the calls tell themselves.
    let policy = if what == What::Errors { Policy { rollups: &[], ..policy } } else { policy };
    // Calls under way are so in each process.
    let across = (what == What::InFlight).then_some(Across::Sum);
    // Of another metric it is not said what it is.
    let (description, doc) = if what == What::Calls { (policy.description, policy.doc) } else { (None, None) };
    let policy = Policy { across, description, doc, shape: None, maximum: None, ..policy };
    metric.adopt(base.metric.function(base.values), policy);
    registry.entry(&Wanted { metric, values, dynamic, other, limit: registry.limit(), asks: Asks::Handle })
}

impl What {
    fn suffix(self) -> &'static str {
        match self {
            Self::Calls => "",
            Self::InFlight => "InFlight",
            Self::Busy => "Busy",
            Self::Polls => "Polls",
            Self::Errors => "Errors",
            Self::Items => "Items",
            Self::TimeToFirst => "TimeToFirst",
            Self::Above => "Above",
        }
    }

    fn metric(self, base: &Entry, keys: Box<[Box<str>]>) -> Metric {
        let calls = base.metric;
        let (kind, unit) = match self {
            Self::Calls => {
                let Metric { kind, unit, resolution, named, .. } = *calls;
                return Metric { name: calls.name.clone(), kind, unit, resolution, named, keys };
            }
            Self::InFlight => (Kind::Gauge, Unit::Count),
            Self::Busy => (Kind::Histogram, calls.unit),
            Self::Polls => (Kind::Histogram, Unit::Count),
            Self::Errors => (Kind::Counter, Unit::Count),
            Self::Items => (Kind::Counter, Unit::Count),
            Self::TimeToFirst => (Kind::Histogram, calls.unit),
            Self::Above => (Kind::Counter, Unit::Count),
        };
        Metric {
            name: calls.derived(self.suffix()).into(),
            kind,
            unit,
            resolution: calls.resolution,
            named: true,
            keys,
        }
    }
}

/// The names of what follows from the series of a metric, where that was given one.
pub(super) fn names(metric: &'static Metric) -> Vec<String> {
    use What::{Above, Busy, Errors, InFlight, Items, Polls, TimeToFirst};
    let all: &[What] = match metric.kind {
        Kind::Calls if metric.named => &[InFlight, Busy, Polls, Errors, Items, TimeToFirst],
        Kind::Histogram if metric.policy("").maximum.is_some() => &[Above],
        _ => &[],
    };
    all.iter().map(|what| metric.derived(what.suffix())).collect()
}

#[cold]
fn too_many(base: &Entry, dimension: &str) {
    tracing::warn!(
        metric = &*base.metric.name,
        dimension,
        "a call has {} dimensions already, and CloudWatch takes no more: this one is left out",
        Dimensions::MAX
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn what_a_thread_remembers_is_bounded_in_number_and_in_bytes() {
        let remembered = || KNOWN.with_borrow(HashTable::len);
        let registry = Registry::new();
        _ = registry.monitor("Remembered").register();
        let base = registry.entries()[0];
        let with = |value: String| of(base, What::Calls, &[("Late", Cow::Owned(value))]);
        let before = remembered();
        for (length, more) in [(LONGEST - 1, 1), (LONGEST, 2), (LONGEST + 1, 2), (1 << 20, 2)] {
            with("x".repeat(length));
            assert_eq!(remembered() - before, more, "{length}");
        }
        let long = with("x".repeat(LONGEST + 1));
        assert!(std::ptr::eq(long, with("x".repeat(LONGEST))), "what is cut is the same series");
        for number in 0..2 * MOST {
            with(number.to_string());
            assert!(remembered() <= MOST);
        }
    }
}
