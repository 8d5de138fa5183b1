//! A registry of `meters`, whose windows become changes of the hash.

mod names;

use std::collections::HashMap;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use meters_core::{Calls, Distribution, Reader, Registry, Series, Shape, Value};

use self::names::{labels, legal};
use super::Number;
use super::instrument::{Counter, Gauge, Histogram};
use super::label::Labels;
use super::metric::{Definition, Kind, Metric};
use super::register::enter;
use super::shared::Shared;

#[derive(Debug)]
pub(super) struct Mirror {
    reader: Reader,
    known: HashMap<Series, Targets>,
}

/// Where the values of one series go; nowhere where their name is another type's.
#[derive(Debug, Default)]
struct Targets {
    counter: Option<Counter>,
    gauge: Option<(Gauge, Option<u64>)>,
    histogram: Option<Histogram>,
    errors: Option<Counter>,
    cancelled: Option<Counter>,
}

impl Mirror {
    pub(super) fn new(registry: &Registry) -> Self {
        Self { reader: registry.reader(), known: HashMap::new() }
    }

    fn pull(&mut self, shared: &Arc<Shared>) {
        for (series, value) in self.reader.window().iter().filter(|(series, _)| !series.is_internal()) {
            let targets = || Targets::of(shared, series, value).unwrap_or_default();
            self.known.entry(series.clone()).or_insert_with(targets).record(shared, series, value);
        }
    }
}

/// Records what all registries that are mirrored gained. Not under a lock: gauges may be functions of the user's.
pub(super) fn pull(shared: &Arc<Shared>) {
    let mut mirrors = mem::take(&mut *shared.mirrors.lock());
    for mirror in &mut mirrors {
        // A function that panics costs one window's gauges, not the thread.
        if catch_unwind(AssertUnwindSafe(|| mirror.pull(shared))).is_err() {
            tracing::warn!(namespace = shared.namespace, "a function that a gauge is read from panicked");
        }
    }
    shared.mirrors.lock().append(&mut mirrors);
}

impl Targets {
    /// None where there can be none.
    fn of(shared: &Arc<Shared>, series: &Series, value: &Value) -> Option<Self> {
        let name = series.name();
        let mut targets = Self::default();
        match value {
            Value::Counter(_) | Value::Meter(_) | Value::FloatCounter(_) => {
                targets.counter = Some(counter(shared, series, name)?)
            }
            Value::Gauge(_) => {
                let (metric, labels) = metric(shared, series, Kind::Gauge, name)?;
                targets.gauge = Some((Gauge::new(Arc::clone(shared), metric.series(labels, usize::MAX)), None));
            }
            Value::Histogram(_) => targets.histogram = Some(histogram(shared, series, Kind::Histogram, name)?),
            Value::Calls(_) => {
                let name = format!("{name}_seconds");
                targets.histogram = Some(histogram(shared, series, Kind::Histogram, &name)?);
            }
            Value::Values(_) | Value::Statistic(_) => {
                targets.histogram = Some(histogram(shared, series, Kind::Summary, name)?);
            }
            _ => return None,
        }
        Some(targets)
    }

    fn record(&mut self, shared: &Arc<Shared>, series: &Series, value: &Value) {
        match value {
            Value::Counter(total) | Value::Meter(total) => {
                if let Some(counter) = &self.counter {
                    counter.inc(*total);
                }
            }
            Value::FloatCounter(total) => {
                if let Some(counter) = &self.counter {
                    counter.inc(*total);
                }
            }
            Value::Gauge(level) => {
                // Each window has it; to say it again would undo what others say.
                if let Some((gauge, said)) = &mut self.gauge
                    && said.replace(level.to_bits()) != Some(level.to_bits())
                {
                    gauge.set(plain(*level));
                }
            }
            Value::Histogram(distribution) => self.observe(distribution, 1.0),
            Value::Calls(calls) => {
                self.observe(&calls.duration, 1e9);
                self.outcomes(shared, series, calls);
            }
            Value::Values(values) => {
                let exact: f64 = values.exact().iter().map(|(value, n)| value * *n as f64).sum();
                let negative = values.negative_rest().map_or(0.0, |set| set.sum());
                self.total(values.count(), exact + values.rest().sum() + negative);
            }
            Value::Statistic(Some(set)) => self.total(set.sample_count() as u64, set.sum()),
            _ => {}
        }
    }

    fn total(&self, count: u64, sum: f64) {
        if let Some(histogram) = &self.histogram {
            histogram.observe_counts([count].into_iter(), sum);
        }
    }

    fn observe(&self, distribution: &Distribution, per: f64) {
        let Some(histogram) = &self.histogram else { return };
        let mut counts = vec![0u64; histogram.buckets()];
        let (mut left, last) = (distribution.count(), counts.len() - 1);
        let mut add = |bucket: usize, count: u64| {
            counts[bucket] += count;
            left = left.saturating_sub(count);
        };
        match distribution.explicit() {
            Some((bounds, within)) => {
                bounds.iter().zip(within).for_each(|(bound, count)| add(histogram.bucket(bound / per), *count));
                counts[last] += left;
            }
            None => {
                let middle = |lower: f64, upper: f64| (lower * upper).sqrt() / per;
                distribution
                    .bounds()
                    .for_each(|(lower, upper, count)| add(histogram.bucket(middle(lower, upper)), count));
                // Zeros.
                counts[histogram.bucket(0.0)] += left;
            }
        }
        histogram.observe_counts(counts.into_iter(), distribution.sum() / per);
    }

    fn outcomes(&mut self, shared: &Arc<Shared>, series: &Series, calls: &Calls) {
        let add = |target: &mut Option<Counter>, events: u64, name: fn(&Series) -> String| {
            if events > 0 {
                *target = target.take().or_else(|| counter(shared, series, &name(series)));
                if let Some(target) = target {
                    target.inc(events);
                }
            }
        };
        add(&mut self.errors, calls.errors.saturating_add(calls.panics), Series::errors_name);
        add(&mut self.cancelled, calls.cancelled, Series::cancelled_name);
    }
}

fn counter(shared: &Arc<Shared>, series: &Series, name: &str) -> Option<Counter> {
    let (metric, labels) = metric(shared, series, Kind::Counter, name)?;
    Some(Counter::new(Arc::clone(shared), metric.series(labels, usize::MAX)))
}

fn histogram(shared: &Arc<Shared>, series: &Series, kind: Kind, name: &str) -> Option<Histogram> {
    let (metric, labels) = metric(shared, series, kind, name)?;
    Some(Histogram::new(Arc::clone(shared), metric.series(labels, usize::MAX)))
}

fn metric(shared: &Shared, series: &Series, kind: Kind, name: &str) -> Option<(Arc<Metric>, Labels)> {
    let buckets = match (kind, series.shape()) {
        (Kind::Histogram, Some(Shape::Buckets(bounds))) => bounds.iter().map(|&bound| Number::Float(bound)).collect(),
        (Kind::Histogram, _) => shared.buckets.clone(),
        _ => Vec::new(),
    };
    let definition = Definition {
        name: legal(name),
        kind,
        description: series.description().unwrap_or_default().to_owned(),
        labels: Vec::new(),
        buckets,
        initial: None,
        zero: false,
    };
    match enter(shared, definition) {
        Ok(metric) => Some((metric, labels(series))),
        Err(error) => {
            if shared.counts.series.fetch_add(1, Relaxed) == 0 {
                tracing::warn!(?error, %series, "this series is not shared");
            }
            None
        }
    }
}

/// Whole where it can be, so that Python processes can add whole numbers.
fn plain(level: f64) -> Number {
    let whole = level as i64;
    if whole as f64 == level && whole.unsigned_abs() < 1 << 53 { Number::Int(whole) } else { Number::Float(level) }
}
