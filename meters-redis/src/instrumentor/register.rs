//! Registering a metric: what it is called, and what it takes.

use std::marker::PhantomData;
use std::sync::Arc;

use meters_core::Error;

use super::instrument::{Counter, Gauge, Histogram};
use super::metric::{Definition, Kind, Metric};
use super::shared::Shared;
use super::{CollectorRegistry, Number};

/// A metric that is about to be registered.
#[derive(Debug)]
#[must_use = "call .register()"]
pub struct Register<'r, I> {
    registry: &'r CollectorRegistry,
    definition: Definition,
    instrument: PhantomData<I>,
}

impl<'r, I> Register<'r, I> {
    fn new(registry: &'r CollectorRegistry, kind: Kind, name: &str, description: &str) -> Self {
        let definition = Definition {
            name: name.to_owned(),
            kind,
            description: description.to_owned(),
            labels: Vec::new(),
            buckets: Vec::new(),
            initial: None,
            zero: true,
        };
        Self { registry, definition, instrument: PhantomData }
    }

    /// The labels that it may have. A metric without any is in Redis with zero as soon as it is registered and transferred,
    /// one with labels as soon as something is recorded.
    pub fn labels<L: Into<String>>(mut self, labels: impl IntoIterator<Item = L>) -> Self {
        self.definition.labels.extend(labels.into_iter().map(Into::into));
        self
    }
}

macro_rules! register {
    ($($name:ident),*) => {
        $(impl Register<'_, $name> {
            /// The metric: the one that is registered already, where both say the same.
            ///
            /// # Errors
            ///
            /// [`Error::is_invalid_input`] where a name cannot be used or is reserved, a bucket is NaN, or another metric of
            /// that name is registered.
            pub fn register(self) -> Result<$name, Error> {
                let shared = &self.registry.shared;
                let metric = enter(shared, self.definition)?;
                let series = metric.series(Vec::new(), shared.limit);
                shared.recorded();
                Ok($name::new(Arc::clone(shared), series))
            }
        })*
    };
}

register!(Counter, Gauge, Histogram);

impl Register<'_, Gauge> {
    /// What it is, without labels, where no process has written it yet. By default 0.
    pub fn initial(mut self, value: impl Into<Number>) -> Self {
        self.definition.initial = Some(value.into());
        self
    }
}

impl Register<'_, Histogram> {
    /// The inclusive upper ends of its buckets; that of all, `+Inf`, is always there. Python's `1` and `1.0` are two fields:
    /// processes that share a histogram must write the same. For rows of bounds see [`Buckets`](meters_core::Buckets). Without this, those of the [registry](super::CollectorRegistryBuilder::buckets).
    pub fn buckets<N: Into<Number>>(mut self, bounds: impl IntoIterator<Item = N>) -> Self {
        self.definition.buckets = bounds.into_iter().map(Into::into).collect();
        self
    }
}

impl CollectorRegistry {
    /// A counter of this name, with this description.
    pub fn counter(&self, name: &str, description: &str) -> Register<'_, Counter> {
        Register::new(self, Kind::Counter, name, description)
    }

    /// A gauge of this name, with this description.
    pub fn gauge(&self, name: &str, description: &str) -> Register<'_, Gauge> {
        Register::new(self, Kind::Gauge, name, description)
    }

    /// A histogram of this name, with this description.
    pub fn histogram(&self, name: &str, description: &str) -> Register<'_, Histogram> {
        let register = Register::new(self, Kind::Histogram, name, description);
        register.buckets(self.shared.buckets.iter().copied())
    }
}

/// The one metric of this name.
pub(super) fn enter(shared: &Shared, definition: Definition) -> Result<Arc<Metric>, Error> {
    let mirrored = !definition.zero;
    let metric = Metric::new(definition)?;
    let mut metrics = shared.metrics.lock();
    match metrics.iter().find(|known| known.name == metric.name) {
        Some(known) if known.agrees(&metric) || (mirrored && known.kind == metric.kind) => Ok(Arc::clone(known)),
        Some(known) => Err(Error::invalid_input(format!(
            "metric {:?} is registered as another {}: use one description, one set of labels and buckets, or another name",
            known.name,
            known.kind.word()
        ))),
        None => {
            let metric = Arc::new(metric);
            metrics.push(Arc::clone(&metric));
            Ok(metric)
        }
    }
}
