//! What a user chooses of a registry.

use std::sync::Arc;
use std::time::Duration;

use meters_core::Error;

use super::shared::{Mode, Shared};
use super::{CollectorRegistry, Number};
use crate::RedisStorage;
use crate::connection::Role;

/// Series of one metric.
const LIMIT: usize = 10_000;
/// Those of the Prometheus clients, as Python writes them.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Settings of a [`CollectorRegistry`].
#[derive(Clone, Debug)]
#[must_use = "call .start()"]
pub struct CollectorRegistryBuilder {
    storage: RedisStorage,
    namespace: String,
    mode: Mode,
    limit: usize,
    buckets: Vec<Number>,
}

impl CollectorRegistryBuilder {
    pub(super) fn new(storage: &RedisStorage, namespace: &str) -> Self {
        Self {
            storage: storage.clone(),
            namespace: namespace.to_owned(),
            mode: Mode::ByHand,
            limit: LIMIT,
            buckets: BUCKETS.map(Number::from).into(),
        }
    }

    /// Sends what is recorded at once: one call for all that was recorded while the last was under way, and never less than
    /// all of one observation. Nobody who records waits for it.
    pub fn eager(mut self) -> Self {
        self.mode = Mode::Eager;
        self
    }

    /// Sends what was recorded each `interval`.
    pub fn every(mut self, interval: Duration) -> Self {
        self.mode = Mode::Every(interval);
        self
    }

    /// How many label sets a metric may have, 10,000 by default; what further ones record goes to one whose values are
    /// `_other`.
    pub fn limit(mut self, series: usize) -> Self {
        self.limit = series;
        self
    }

    /// The buckets of histograms that have none of their own, and of those that are [mirrored](CollectorRegistry::mirror).
    /// By default those of the Prometheus clients, 0.005 to 10.0.
    pub fn buckets<N: Into<Number>>(mut self, bounds: impl IntoIterator<Item = N>) -> Self {
        self.buckets = bounds.into_iter().map(Into::into).collect();
        self
    }

    /// The registry. It connects when there is something to do.
    ///
    /// # Errors
    ///
    /// [`Error::is_configuration`] where the URL or the interval cannot be used.
    pub fn start(self) -> Result<CollectorRegistry, Error> {
        if self.namespace.is_empty() {
            return Err(Error::configuration("the namespace is empty: name the key of the hash"));
        }
        if self.mode == Mode::Every(Duration::ZERO) {
            return Err(Error::configuration("every(0s): use a longer interval, or eager()"));
        }
        // Brings with it what is done at a fork.
        meters_core::Registry::global();
        let way = self.storage.settings().way(Role::Instrumentor)?;
        let shared = Arc::new(Shared::new(self.namespace, way, self.mode, self.limit, self.buckets));
        shared.recorded();
        Ok(CollectorRegistry { shared })
    }
}
