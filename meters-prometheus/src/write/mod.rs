//! The formats, each written series by series.

mod exemplar;
mod labels;
mod message;
mod protobuf;
mod text;

use meters_core::{Series, Snapshot, Value};

use crate::config::Config;
use crate::format::{Format, Syntax};
use crate::order::{Family, Group, Order, Run};
use crate::view::{Bounds, View};

pub(crate) use protobuf::Protobuf;
pub(crate) use text::Text;

/// A page that is being written.
#[derive(Clone, Copy)]
pub(crate) struct Sheet<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) order: &'a Order,
    pub(crate) views: &'a [View],
    pub(crate) config: &'a Config,
    pub(crate) format: Format,
    /// Whole seconds and nanoseconds since 1970, where that is known and to be told.
    pub(crate) created: Option<(u64, u32)>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn group(&self, family: &Family) -> &'a Group {
        &self.order.groups[family.group]
    }

    pub(crate) fn bounds(&self, family: &Family, origin: f64) -> Option<&'a Bounds> {
        self.views[family.group].bounds.iter().find(|bounds| bounds.origin == origin)
    }

    /// (quantile, value) of a summary, in recorded units.
    pub(crate) fn quantiles(&self, family: &Family, at: usize) -> impl Iterator<Item = (f64, f64)> + 'a {
        let wanted = self.group(family).quantiles.get(at).copied().unwrap_or_default();
        let values = self.views[family.group].quantiles.get(at).map(|values| &**values).unwrap_or_default();
        wanted.iter().copied().zip(values.iter().copied())
    }

    pub(crate) fn item(&self, group: &Group, at: usize) -> &'a (Series, Value) {
        &self.snapshot.items()[group.places[at] as usize]
    }

    pub(crate) fn is_open_metrics(&self) -> bool {
        matches!(self.format.kind, Syntax::OpenMetrics { .. })
    }
}

/// The run that a place of a group is in.
pub(crate) fn run_of(group: &Group, at: usize) -> &Run {
    let after = group.runs.partition_point(|run| run.range.end <= at);
    &group.runs[after]
}

/// What a family is, in a line.
pub(crate) fn help(sheet: &Sheet<'_>, family: &Family) -> Option<String> {
    use crate::name::Part;
    let said = sheet.group(family).description.map(str::trim).filter(|said| !said.is_empty());
    let what = match family.part {
        Part::Errors => "Calls that returned an error",
        Part::Panics => "Calls that ended in a panic",
        Part::Cancelled => "Calls that were dropped before they ended",
        Part::Minimum => "Smallest value since the start",
        Part::Maximum => "Largest value since the start",
        _ => return said.map(str::to_owned),
    };
    Some(match said {
        Some(said) => format!("{what}: {said}"),
        None => format!("{what}."),
    })
}
