//! What is to become of one field.

use super::Number;
use super::label::{Labels, joined};
use super::metric::{Kind, Metric};

/// A change of one field, as the script takes it.
#[derive(Debug, PartialEq)]
pub(super) struct Change {
    pub(super) how: &'static str,
    pub(super) field: String,
    pub(super) value: String,
}

impl Change {
    fn add(field: String, number: Number) -> Self {
        let how = if matches!(number, Number::Int(_)) { "i" } else { "f" };
        Self { how, field, value: number.to_string() }
    }

    fn set(field: String, value: impl ToString) -> Self {
        Self { how: "s", field, value: value.to_string() }
    }

    /// Where nothing is there.
    fn set_new(field: String, value: impl ToString) -> Self {
        Self { how: "n", field, value: value.to_string() }
    }
}

/// What was recorded of a series and waits.
#[derive(Debug, Default)]
pub(super) enum Gained {
    #[default]
    Nothing,
    /// To add to what is there, whoever wrote it.
    Total(Number),
    /// To put in the place of what is there.
    Level(Number),
    /// Observations: how many in each bucket and above all of them, and their sum.
    Spread(Box<[u64]>, Number),
}

impl Gained {
    pub(super) fn add(&mut self, number: Number) {
        *self = match std::mem::take(self) {
            Self::Total(total) => Self::Total(total.plus(number)),
            Self::Level(level) => Self::Level(level.plus(number)),
            _ => Self::Total(number),
        };
    }

    /// `counts` are those of the buckets, and of what is above all of them.
    pub(super) fn observe(&mut self, counts: impl ExactSizeIterator<Item = u64>, sum: Number) {
        match self {
            Self::Spread(ours, total) => {
                ours.iter_mut().zip(counts).for_each(|(our, count)| *our = our.saturating_add(count));
                *total = total.plus(sum);
            }
            _ => *self = Self::Spread(counts.collect(), sum),
        }
    }
}

fn field(metric: &Metric, part: &str, labels: &str) -> String {
    format!("{}:{part}:{labels}", metric.name)
}

/// What makes Redis hold what was gained.
pub(super) fn changes(metric: &Metric, labels: &Labels, gained: &Gained, changes: &mut Vec<Change>) {
    let plain = || joined(labels, None);
    match gained {
        Gained::Nothing => {}
        Gained::Total(total) => changes.push(Change::add(field(metric, "", &plain()), *total)),
        Gained::Level(level) => changes.push(Change::set(field(metric, "", &plain()), level)),
        Gained::Spread(counts, sum) => {
            let count = buckets(metric, labels, counts, changes);
            changes.push(Change::add(field(metric, "s", &plain()), *sum));
            changes.push(Change::add(field(metric, "c", &plain()), count.into()));
        }
    }
}

/// Buckets hold all that lies below their bounds. Returns how many there are in all.
fn buckets(metric: &Metric, labels: &Labels, counts: &[u64], changes: &mut Vec<Change>) -> u64 {
    let bounds = metric.bounds.iter().map(|bound| &*bound.text).chain(["+Inf"]);
    let mut below = 0u64;
    for (bound, count) in bounds.zip(counts) {
        below = below.saturating_add(*count);
        if metric.kind == Kind::Histogram {
            let field = field(metric, "b", &joined(labels, Some(bound)));
            // One that is empty is there, too: what reads the page wants all bounds.
            changes.push(if below == 0 { Change::set_new(field, 0) } else { Change::add(field, below.into()) });
        }
    }
    below
}

/// The field that tells the type.
pub(super) fn type_field(metric: &Metric) -> String {
    field(metric, "t", "")
}

/// Type and description, where nobody has written them.
pub(super) fn touch(metric: &Metric, changes: &mut Vec<Change>) {
    changes.push(Change::set_new(type_field(metric), metric.kind.letter()));
    if !metric.help.is_empty() {
        changes.push(Change::set_new(field(metric, "d", ""), &metric.help));
    }
}

/// Type and description, and zero where there are no labels to wait for.
pub(super) fn describe(metric: &Metric, changes: &mut Vec<Change>) {
    changes.push(Change::set(type_field(metric), metric.kind.letter()));
    if !metric.help.is_empty() {
        changes.push(Change::set(field(metric, "d", ""), &metric.help));
    }
    if !metric.zero {
        return;
    }
    match metric.kind {
        Kind::Counter | Kind::Gauge => {
            changes.push(Change::set_new(field(metric, "", ""), metric.initial.unwrap_or(Number::ZERO)));
        }
        Kind::Histogram | Kind::Summary => {
            buckets(metric, &Vec::new(), &vec![0; metric.bounds.len() + 1], changes);
            changes.push(Change::set_new(field(metric, "s", ""), 0));
            changes.push(Change::set_new(field(metric, "c", ""), 0));
        }
    }
}
