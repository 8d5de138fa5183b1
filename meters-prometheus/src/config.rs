//! What a page shall be like.

use std::time::Duration;

use meters_core::{Dimensions, Error};

use crate::name::{Labels, escaped, is_label, is_metric, is_reserved};

#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// With the `_` that ends it; empty where there is none.
    pub(crate) prefix: String,
    pub(crate) labels: Labels,
    pub(crate) classic_buckets: usize,
    pub(crate) native_buckets: usize,
    pub(crate) created: bool,
    /// How far back the quantiles of summaries look.
    pub(crate) quantile_window: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            labels: Labels::default(),
            classic_buckets: 64,
            native_buckets: 160,
            created: true,
            quantile_window: Duration::from_secs(600),
        }
    }
}

impl Config {
    /// Adds labels for these, but where one of that name is there already.
    pub(crate) fn dimensions(&mut self, dimensions: &Dimensions) {
        for (name, value) in dimensions.iter() {
            let name = Labels::default().name(name);
            if self.labels.standing.iter().all(|(known, _)| *known != name) {
                self.labels.standing.push((name, value.to_owned()));
            }
        }
    }

    /// The first mistake in it.
    pub(crate) fn checked(mut self) -> Result<Self, Error> {
        if !self.prefix.is_empty() {
            if !is_metric(&self.prefix) {
                return Err(Error::invalid_input(format!(
                    "invalid prefix {:?}: use letters, digits, \"_\" and \":\", and no digit first",
                    self.prefix
                )));
            }
            if !self.prefix.ends_with(['_', ':']) {
                self.prefix.push('_');
            }
        }
        let mut names: Vec<_> = self.labels.standing.iter().map(|(name, _)| name.as_str()).collect();
        if let Some(name) = names.iter().find(|name| name.is_empty() || is_reserved(name)) {
            return Err(Error::invalid_input(format!(
                "invalid label {name:?}: use another name, neither \"le\" nor \"quantile\" nor one that begins with \"__\""
            )));
        }
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::invalid_input(format!("label {:?} is given twice: keep one of them", twice[0])));
        }
        if let Some((name, _)) = self.labels.standing.iter().find(|(_, value)| value.is_empty()) {
            return Err(Error::invalid_input(format!(
                "label {name:?} has no value, which is no label to Prometheus: give it one, or leave it out"
            )));
        }
        self.labels.standing.sort();
        Ok(self)
    }

    /// (name in every scraper's characters, name, value) of the labels that stand on every series.
    pub(crate) fn standing(&self) -> impl Iterator<Item = (String, &str, &str)> {
        self.labels.standing.iter().map(|(name, value)| (escaped(name, is_label), name.as_str(), value.as_str()))
    }
}
