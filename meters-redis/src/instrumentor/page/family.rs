//! One metric of a page: its type, its description, its samples.

use std::collections::HashMap;

use super::entry::Part;
use super::figure::Figure;
use crate::instrumentor::Number;
use crate::instrumentor::metric::Kind;

/// One line of a page.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) part: Part,
    /// In the order of the field, escaped.
    pub(super) labels: Vec<(String, String)>,
    pub(super) figure: Figure,
}

impl Sample {
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The bound of a bucket.
    pub(super) fn bound(&self) -> Option<f64> {
        self.label("le")?.parse().ok().filter(|bound: &f64| !bound.is_nan())
    }

    /// What no two samples of a metric share: a bound is one, however it is written.
    fn identity(&self) -> (Part, Vec<(String, String)>) {
        let mut labels = self.labels.clone();
        for (name, value) in &mut labels {
            if name == "le"
                && let Some(bound) = self.bound()
            {
                *value = Number::from(bound).to_string();
            }
        }
        labels.sort_unstable();
        (self.part, labels)
    }

    fn fits(&self, kind: Option<Kind>) -> bool {
        let free = || self.label("le").is_none() && self.label("quantile").is_none();
        match (kind, self.part) {
            (Some(Kind::Histogram), Part::Bucket) => self.bound().is_some(),
            (Some(Kind::Histogram | Kind::Summary), Part::Sum | Part::Count) => free(),
            (Some(Kind::Summary), Part::Value) => self
                .label("quantile")
                .and_then(|text| text.parse::<f64>().ok())
                .is_some_and(|quantile| (0.0..=1.0).contains(&quantile)),
            (None | Some(Kind::Counter | Kind::Gauge), Part::Value) => true,
            _ => false,
        }
    }
}

/// All that a hash holds of one metric.
#[derive(Clone, Debug, Default)]
pub(super) struct Family {
    pub(super) name: String,
    /// None where nothing tells.
    pub(super) kind: Option<Kind>,
    pub(super) help: Option<String>,
    pub(super) samples: Vec<Sample>,
}

impl Family {
    pub(super) fn kind_text(&self) -> &'static str {
        self.kind.map_or("untyped", Kind::word)
    }

    /// Leaves out what its type does not have, and adds up what is there twice; returns how many fields were left out.
    pub(super) fn settle(&mut self) -> usize {
        let has = |part: Part| self.samples.iter().any(|sample| sample.part == part);
        // Python writes the type with its first update, and never again after a flush.
        if self.kind.is_none() {
            self.kind = if has(Part::Bucket) {
                Some(Kind::Histogram)
            } else if has(Part::Sum) || has(Part::Count) {
                Some(Kind::Summary)
            } else {
                None
            };
        }
        let kind = self.kind;
        let before = self.samples.len();
        self.samples.retain(|sample| sample.fits(kind));
        let mut skipped = before - self.samples.len();
        let mut places = HashMap::new();
        let mut kept = Vec::<Sample>::with_capacity(self.samples.len());
        for sample in self.samples.drain(..) {
            match places.get(&sample.identity()) {
                None => {
                    places.insert(sample.identity(), kept.len());
                    kept.push(sample);
                }
                // Two writers spell the labels of one series differently.
                Some(&place) if kind == Some(Kind::Counter) || sample.part != Part::Value => {
                    kept[place].figure.add(&sample.figure);
                }
                Some(_) => skipped += 1,
            }
        }
        self.samples = kept;
        skipped
    }

    /// The names of its lines, which no other metric may have.
    pub(super) fn names(&self) -> Vec<String> {
        let endings: &[&str] = match self.kind {
            Some(Kind::Histogram) => &["", "_bucket", "_count", "_sum"],
            Some(Kind::Summary) => &["", "_count", "_sum"],
            _ => &[""],
        };
        endings.iter().map(|ending| format!("{}{ending}", self.name)).collect()
    }
}
