//! Which metric has which name: every one has some, no two the same, and none another one later.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use meters_core::{Kind, Resolution, Unit};

use super::beside::spelt;
use crate::base::Base;

/// What the series of a metric look like to Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Form {
    Counter,
    Gauge,
    /// A distribution in buckets.
    Histogram,
    /// A distribution by its quantiles.
    Summary,
    /// Durations in buckets, and how the calls ended.
    Calls,
    /// Count and sum, with minimum and maximum apart.
    Extremes,
}

/// One family of those that a metric is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Errors,
    Panics,
    Cancelled,
    Sum,
    Minimum,
    Maximum,
}

/// Tells metrics apart whose series may not be in one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Who {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) resolution: Resolution,
    /// Not the other way about: those whose name was chosen come first.
    pub(crate) unnamed: bool,
    pub(crate) form: Form,
}

impl Form {
    /// The families, each with what its name ends in after the unit.
    pub(crate) fn parts(self) -> &'static [(Part, &'static str)] {
        match self {
            Self::Counter => &[(Part::Counter, "_total")],
            Self::Gauge => &[(Part::Gauge, "")],
            Self::Histogram => &[(Part::Histogram, "")],
            Self::Summary => &[(Part::Summary, "")],
            Self::Calls => &[
                (Part::Histogram, ""),
                (Part::Errors, "_errors_total"),
                (Part::Panics, "_panics_total"),
                (Part::Cancelled, "_cancelled_total"),
            ],
            Self::Extremes => &[(Part::Sum, ""), (Part::Minimum, "_min"), (Part::Maximum, "_max")],
        }
    }
}

impl Part {
    /// What the names of samples, in any format, may have after that of the family without `_total`.
    fn samples(self) -> &'static [&'static str] {
        match self {
            Self::Gauge | Self::Minimum | Self::Maximum => &[""],
            Self::Counter | Self::Errors | Self::Panics | Self::Cancelled => &["", "_total", "_created"],
            Self::Histogram => &["", "_bucket", "_count", "_sum", "_created"],
            Self::Summary | Self::Sum => &["", "_count", "_sum", "_created"],
        }
    }

    /// Whether it counts how calls ended: then the unit of their durations is not its own.
    pub(crate) fn is_outcome(self) -> bool {
        matches!(self, Self::Errors | Self::Panics | Self::Cancelled)
    }
}

impl Who {
    pub(crate) fn base(&self) -> Base {
        if self.kind == Kind::Calls { Base::NANOSECONDS } else { Base::of(self.kind, self.unit) }
    }

    /// The names of the families of a metric that is called `name`, unescaped.
    fn families(&self, prefix: &str, name: &str) -> Vec<(Part, String)> {
        let stem = if self.form == Form::Counter { name.strip_suffix("_total").unwrap_or(name) } else { name };
        let unit = self.base().name;
        // What ends in its unit already does not do so twice.
        let bare = stem.strip_suffix(unit).and_then(|stem| stem.strip_suffix('_'));
        let stem = bare.filter(|bare| !unit.is_empty() && !bare.is_empty()).unwrap_or(stem);
        let unit = if unit.is_empty() { String::new() } else { format!("_{unit}") };
        let name = |part: Part, end| {
            let unit = if part.is_outcome() { "" } else { unit.as_str() };
            match part {
                // The unit stands last of all but `_total`.
                Part::Minimum | Part::Maximum => format!("{prefix}{stem}{end}{unit}"),
                _ => format!("{prefix}{stem}{unit}{end}"),
            }
        };
        self.form.parts().iter().map(|&(part, end)| (part, name(part, end))).collect()
    }

    /// Names to try in turn. Those from the fourth on hold what no name of a metric can, and differ by all that tells this one
    /// from others.
    fn called(&self, attempt: usize) -> String {
        let Self { name, kind, unit, resolution, unnamed, form } = self;
        let kind = format!("{kind:?}").to_lowercase();
        let unit = unit.as_str().replace('/', "_per_").to_lowercase();
        let whole = spelt(name);
        let name = if *form == Form::Counter { whole.strip_suffix("_total").unwrap_or(&whole) } else { &whole };
        match attempt {
            0 => whole.into_owned(),
            1 => format!("{name}_{kind}"),
            2 => format!("{name}_{kind}_{unit}"),
            more => {
                let beside = if *whole == *self.name { "" } else { "·beside" };
                format!("{whole}·{kind}·{unit}·{}·{unnamed}·{form:?}{beside}·{more}", resolution.seconds())
            }
        }
    }
}

/// The names that were given. A metric keeps its own as long as this lives, whichever else come and go.
#[derive(Debug, Default)]
pub(crate) struct Book {
    given: HashMap<Who, Arc<[(Part, String)]>>,
    taken: HashSet<String>,
}

impl Book {
    /// Gives names to all of these that have none. Those whose own name says all come first, then by name, kind and unit: which
    /// one gets the plain name does not depend on the order in which they were registered.
    pub(crate) fn enter(&mut self, prefix: &str, all: impl IntoIterator<Item = Who>) {
        let mut new: Vec<_> = all.into_iter().filter(|who| !self.given.contains_key(who)).collect();
        new.sort_unstable();
        new.dedup();
        new.sort_by_cached_key(|who| who.families("", &who.called(0))[0].1 != who.name);
        for who in new {
            let families = (0..).map(|attempt| who.families(prefix, &who.called(attempt)));
            let free = families.map(Some).find(|families| families.as_ref().is_some_and(|all| self.are_free(all)));
            let families = free.flatten().unwrap_or_default();
            self.taken.extend(claims(&families));
            self.given.insert(who, families.into());
        }
    }

    /// The families of a metric that was entered, unescaped.
    pub(crate) fn families(&self, who: &Who) -> Arc<[(Part, String)]> {
        self.given.get(who).cloned().unwrap_or_default()
    }

    fn are_free(&self, families: &[(Part, String)]) -> bool {
        claims(families).all(|name| !self.taken.contains(&name))
    }
}

/// All names that samples of these families have in any format, and those of the families themselves.
fn claims(families: &[(Part, String)]) -> impl Iterator<Item = String> + '_ {
    families.iter().flat_map(|(part, name)| {
        let counts = part.samples().contains(&"_total");
        let bare = if counts { name.strip_suffix("_total").unwrap_or(name) } else { name };
        part.samples().iter().map(move |end| format!("{bare}{end}"))
    })
}
