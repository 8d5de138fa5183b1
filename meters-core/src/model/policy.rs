//! What call sites say of a metric as a whole: how many series it may have, which sums of them are told as well, and what the
//! levels of several processes come to.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

use foldhash::fast::RandomState;

use super::said::Said;
use super::series::{Metric, SEPARATOR};
use super::shape;
use super::{Across, Level, Shape};
use crate::fork::{self, Lock, Locked};

/// The dimension that tells annotated functions apart, which would else share a metric, and with it a policy.
pub(crate) const FUNCTION: &str = "Function";

/// Limits and roll-ups of a metric. Each part that is not said is `None` or empty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Policy {
    /// The most series, in place of the registry's limit.
    pub(crate) limit: Option<usize>,
    /// (dimension, the most values that it may have).
    pub(crate) limits: &'static [(&'static str, usize)],
    /// The dimensions that each roll-up keeps.
    pub(crate) rollups: &'static [&'static [&'static str]],
    /// What the levels of several processes come to.
    pub(crate) across: Option<Across>,
    /// What it is, in words.
    pub(crate) description: Option<&'static str>,
    /// The documentation of the function that reports it, for want of a description: others may say otherwise.
    pub(crate) doc: Option<&'static str>,
    /// How a distribution is shown beside its lattice.
    pub(crate) shape: Option<&'static Shape>,
    /// The largest value of a summary.
    pub(crate) maximum: Option<f64>,
    /// For whom it is recorded.
    pub(crate) level: Option<Level>,
    /// No exporter sends it.
    pub(crate) internal: bool,
}

impl Policy {
    pub(crate) const NONE: Self = Self {
        limit: None,
        limits: &[],
        rollups: &[],
        across: None,
        description: None,
        doc: None,
        shape: None,
        maximum: None,
        level: None,
        internal: false,
    };

    /// What it is, as far as anybody said.
    pub(crate) fn in_words(self) -> Option<&'static str> {
        self.description.or(self.doc)
    }

    /// With the names of dimensions as `spell` has them. What it changes is kept for the life of the process, as sites are.
    pub(crate) fn spelt(self, spell: impl Fn(&'static str) -> &'static str) -> Self {
        let mut names = self.limits.iter().map(|(name, _)| name).chain(self.rollups.iter().copied().flatten());
        if names.all(|name| spell(name) == *name) {
            return self;
        }
        let limits: Vec<_> = self.limits.iter().map(|&(name, most)| (spell(name), most)).collect();
        let rollups = self.rollups.iter().map(|kept| &*kept.iter().map(|name| spell(name)).collect::<Vec<_>>().leak());
        let rollups: Vec<&'static [&'static str]> = rollups.collect();
        Self { limits: limits.leak(), rollups: rollups.leak(), ..self }
    }

    /// Keeps what was said before, and takes over what was not.
    fn or(self, later: Self) -> Self {
        Self {
            limit: self.limit.or(later.limit),
            limits: if self.limits.is_empty() { later.limits } else { self.limits },
            rollups: if self.rollups.is_empty() { later.rollups } else { self.rollups },
            across: self.across.or(later.across),
            description: self.description.or(later.description),
            doc: self.doc.or(later.doc),
            shape: self.shape.or(later.shape),
            maximum: self.maximum.or(later.maximum),
            level: self.level.or(later.level),
            internal: self.internal || later.internal,
        }
    }

    /// What other processes should know of it.
    pub(super) fn said(&self) -> Said<'static> {
        let &Self { rollups, shape, level, internal, .. } = self;
        Said { rollups, description: self.in_words(), shape, level, internal }
    }

    /// Whether all of it is part of `other`; of documentation nobody expects that it says the same everywhere.
    fn is_within(self, other: Self) -> bool {
        let said = Self { doc: other.doc, ..self };
        said.or(other) == other
    }
}

/// By the addresses of metrics, which are never freed: one policy, or one for each annotated function that reports the
/// metric under its own name. Not in [`Metric`], whose series are keys of maps and must not change inside.
type Policies = HashMap<usize, HashMap<Box<str>, Policy, RandomState>, RandomState>;

static POLICIES: LazyLock<Lock<Policies>> = LazyLock::new(Lock::default);

/// Whether any policy has roll-ups: most programs have none, and shall not look for them.
static ROLLED_UP: AtomicBool = AtomicBool::new(false);

/// How often something new was said of any metric.
static SAID: AtomicUsize = AtomicUsize::new(0);

pub(super) fn said() -> usize {
    SAID.load(Acquire)
}

/// Addresses of metrics of which it was said that they are internal, or for whom they are recorded, in this order; and how
/// many these are. Registries keep both with each series, and look again at those that are new here.
static TURNED: LazyLock<Lock<Vec<usize>>> = LazyLock::new(Lock::default);
static TURNS: AtomicUsize = AtomicUsize::new(0);

/// These from a place on, which becomes the next one.
pub(crate) fn turned(from: &mut usize) -> Vec<usize> {
    if TURNS.load(Acquire) == *from {
        return Vec::new();
    }
    let _inside = fork::enter();
    let turned = TURNED.lock();
    let new = turned[*from..].to_vec();
    *from = turned.len();
    new
}

pub(super) fn any_rolled_up() -> bool {
    ROLLED_UP.load(Acquire)
}

fn policies() -> Locked<'static, Policies> {
    let _inside = fork::enter();
    POLICIES.lock()
}

impl Metric {
    /// Takes over what a site says of this metric; of two that say the same part differently, the first is heard: false for
    /// the other. `function` is the literal value of the site's dimension `Function`, if it has one: what one annotated function says
    /// is not said of others.
    pub(crate) fn adopt(&'static self, function: Option<&str>, policy: Policy) -> bool {
        if policy == Policy::NONE {
            return true;
        }
        let mut policies = policies();
        let known = policies.entry(self.address()).or_default().entry(function.unwrap_or("").into()).or_default();
        let before = std::mem::replace(known, known.or(policy));
        if before != *known {
            SAID.fetch_add(1, Release);
        }
        if (before.internal, before.level) != (known.internal, known.level) {
            let mut turned = TURNED.lock();
            turned.push(self.address());
            TURNS.store(turned.len(), Release);
        }
        ROLLED_UP.fetch_or(!known.rollups.is_empty(), Release);
        policy.is_within(*known)
    }

    /// What was said of the series with these packed values.
    pub(crate) fn policy(&'static self, values: &str) -> Policy {
        let policies = policies();
        let Some(policies) = policies.get(&self.address()) else {
            return Policy::NONE;
        };
        let function = self.function(values).and_then(|function| policies.get(function));
        // No value is empty: this is what was said of all.
        function.or_else(|| policies.get("")).copied().unwrap_or_default()
    }

    /// Whether any of its series are rolled up.
    pub(super) fn is_rolled_up(&'static self) -> bool {
        policies().get(&self.address()).is_some_and(|all| all.values().any(|policy| !policy.rollups.is_empty()))
    }

    /// What is said of each function, or of all of them (""), that other processes should know.
    pub(super) fn said(&'static self) -> Vec<(Box<str>, Policy)> {
        let policies = policies();
        let said =
            policies.get(&self.address()).into_iter().flatten().filter(|(_, policy)| !policy.said().is_nothing());
        said.map(|(function, policy)| (function.clone(), *policy)).collect()
    }

    /// Adopts what another process says, where nothing is known. False where there is no room for it.
    pub(super) fn hear(&'static self, function: &str, said: &Said<'_>) -> bool {
        self.hear_within(function, said, |bytes| room(128 + function.len() + bytes))
    }

    /// The roll-ups that follow from a policy of this process: there are as many as it has sites.
    pub(super) fn roll_up_own(&'static self, function: &str, rollups: &[&[&str]]) {
        self.hear_within(function, &Said { rollups, ..Said::NOTHING }, |_| true);
    }

    fn hear_within(&'static self, function: &str, said: &Said<'_>, room: impl FnOnce(usize) -> bool) -> bool {
        let mut policies = policies();
        let known = policies.get(&self.address()).and_then(|all| all.get(function)).copied().unwrap_or_default();
        // What is known is not kept again.
        let new = said.beyond(&known.said());
        if new.is_nothing() {
            return true;
        }
        if !room(new.size()) {
            return false;
        }
        let text = |key: &&str| &*String::leak((*key).to_owned());
        let rollups: Vec<&'static [&'static str]> =
            new.rollups.iter().map(|kept| &*kept.iter().map(text).collect::<Vec<&'static str>>().leak()).collect();
        let heard = Policy {
            rollups: rollups.leak(),
            description: new.description.map(kept),
            shape: new.shape.map(|shape| shape::kept(shape.clone())),
            level: new.level,
            internal: new.internal,
            ..Policy::NONE
        };
        let said = known.or(heard);
        policies.entry(self.address()).or_default().insert(function.into(), said);
        SAID.fetch_add(1, Release);
        ROLLED_UP.fetch_or(!said.rollups.is_empty(), Release);
        true
    }

    pub(crate) fn address(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The metric that differs in its dimensions alone, whatever order they are given in. It has no policy until it adopts
    /// one.
    pub(crate) fn keyed(&self, keys: &[&str]) -> &'static Metric {
        let mut keys: Vec<Box<str>> = keys.iter().map(|key| (*key).into()).collect();
        keys.sort_unstable();
        keys.dedup();
        let Self { name, kind, unit, resolution, named, .. } = self;
        let (name, keys) = (name.clone(), keys.into());
        Metric { name, kind: *kind, unit: *unit, resolution: *resolution, named: *named, keys }.intern()
    }

    /// Whose series has these packed values, as far as a policy tells functions apart.
    pub(crate) fn function<'v>(&self, values: &'v str) -> Option<&'v str> {
        let place = self.keys.iter().position(|key| **key == *FUNCTION)?;
        values.split(SEPARATOR).nth(place)
    }
}

/// The one copy of a text that says something of a metric.
pub(crate) fn kept(text: &str) -> &'static str {
    static TEXTS: LazyLock<Lock<HashSet<&'static str>>> = LazyLock::new(Lock::default);
    let _inside = fork::enter();
    let mut texts = TEXTS.lock();
    if let Some(known) = texts.get(text) {
        return known;
    }
    let text = String::leak(text.to_owned());
    texts.insert(text);
    text
}

/// How many bytes of what other processes say a process keeps for its life.
const MOST_FOREIGN: usize = 16 << 20;

/// Takes so many bytes of that, if they are there.
pub(super) fn room(bytes: usize) -> bool {
    static FOREIGN: AtomicUsize = AtomicUsize::new(0);
    FOREIGN.fetch_update(Relaxed, Relaxed, |kept| Some(kept + bytes).filter(|kept| *kept <= MOST_FOREIGN)).is_ok()
}

/// The function that a site's policy is for.
pub(crate) fn function<'s>(keys: impl IntoIterator<Item = (&'s str, Option<&'s str>)>) -> Option<&'s str> {
    keys.into_iter().find(|(key, _)| *key == FUNCTION).and_then(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Resolution, Unit};

    fn metric(name: &str, keys: &[&str]) -> &'static Metric {
        let keys = keys.iter().map(|key| (*key).into()).collect();
        let (kind, unit, resolution) = (Kind::Calls, Unit::Microseconds, Resolution::Standard);
        Metric { name: name.into(), kind, unit, resolution, named: false, keys }.intern()
    }

    const ROLLED: Policy = Policy { rollups: &[&[]], ..Policy::NONE };
    const LIMITED: Policy = Policy { limit: Some(3), limits: &[("Route", 2)], ..Policy::NONE };

    #[test]
    fn what_one_function_says_is_not_said_of_another() {
        let metric = metric("PolicyApart", &["Function", "Route"]);
        metric.adopt(Some("f"), ROLLED);
        metric.adopt(Some("g"), LIMITED);
        assert_eq!(metric.policy("f\u{1f}a"), ROLLED);
        assert_eq!(metric.policy("g\u{1f}a"), LIMITED);
        assert_eq!(metric.policy("h\u{1f}a"), Policy::NONE);
        let derived = metric.keyed(&["Route", "Late", "Function"]);
        derived.adopt(metric.function("f\u{1f}a"), metric.policy("f\u{1f}a"));
        assert_eq!(derived.policy("f\u{1f}x\u{1f}a"), ROLLED);
    }

    #[test]
    fn the_first_that_says_a_part_is_heard() {
        let metric = metric("PolicyFirst", &["Route"]);
        assert!(metric.adopt(None, ROLLED) && metric.adopt(None, LIMITED) && metric.adopt(None, ROLLED));
        assert!(!metric.adopt(None, Policy { limit: Some(9), ..Policy::NONE }));
        assert!(!metric.adopt(None, Policy { limits: LIMITED.limits, rollups: &[&["Route"]], ..Policy::NONE }));
        assert_eq!(metric.policy("a"), Policy { rollups: ROLLED.rollups, ..LIMITED });
    }

    #[test]
    fn documentation_stands_in_for_a_description() {
        let metric = metric("PolicyDoc", &["Route"]);
        let doc = |doc| Policy { doc: Some(doc), ..Policy::NONE };
        assert!(
            metric.adopt(None, doc("One function.")) && metric.adopt(None, doc("Another one.")),
            "nobody disagrees"
        );
        assert_eq!(metric.policy("a").in_words(), Some("One function."));
        assert!(metric.adopt(None, Policy { description: Some("Said."), ..Policy::NONE }));
        assert_eq!(metric.policy("a").in_words(), Some("Said."));
        assert!(!metric.adopt(None, Policy { description: Some("Otherwise."), ..doc("A third.") }));
    }

    #[test]
    fn a_policy_is_no_identity() {
        let one = metric("PolicyIdentity", &["Route"]);
        one.adopt(None, ROLLED);
        assert!(std::ptr::eq(one, metric("PolicyIdentity", &["Route"])));
    }

    #[test]
    fn names_are_spelt_as_those_of_the_dimensions() {
        let policy =
            Policy { limit: None, limits: &[("route", 2)], rollups: &[&[], &["tenant", "route"]], ..Policy::NONE };
        let spell = |name: &'static str| if name == "route" { "Route" } else { name };
        let expected =
            Policy { limit: None, limits: &[("Route", 2)], rollups: &[&[], &["tenant", "Route"]], ..Policy::NONE };
        assert_eq!(policy.spelt(spell), expected);
        assert!(std::ptr::eq(policy.spelt(|name| name).rollups, policy.rollups), "what is right is not copied");
    }
}
