//! What is recorded through the facade [`metrics`](https://docs.rs/metrics) is recorded here: with the feature `metrics`.
//!
//! Many libraries tell what they do by `metrics::counter!` and its like. One line in `main` brings all of it to wherever `meters`
//! exports to, with units and descriptions:
//!
//! ```
//! meters::metrics_bridge::install()?;
//!
//! // In some library:
//! metrics::describe_histogram!("query_time", metrics::Unit::Seconds, "Time that a query takes");
//! metrics::histogram!("query_time", "table" => "orders").record(0.25);
//! metrics::counter!("queries", "table" => "orders").increment(1);
//!
//! let seen = meters::snapshot();
//! assert_eq!(seen.metric("queries").with("table", "orders").count(), 1);
//! let (series, _) = seen.metric("query_time").series().next().unwrap();
//! assert_eq!((series.unit(), series.description()), (meters::Unit::Seconds, Some("Time that a query takes")));
//! # Ok::<(), meters::Error>(())
//! ```
//!
//! For a registry of one's own, for tests as well, there is [`Bridge::new`], to be handed to
//! `metrics::set_global_recorder` or `metrics::with_local_recorder`.
//!
//! # What becomes of it
//!
//! | facade | here |
//! |---|---|
//! | counter, `increment` | [`Counter`](crate::Counter) |
//! | counter, `absolute` | what came since the greatest value so far, of all threads; the first value counts whole |
//! | counter in `Nanoseconds` | [`FloatCounter`](meters_core::FloatCounter) in Microseconds |
//! | gauge | [`Gauge`](crate::Gauge) |
//! | histogram | [`Histogram`](crate::Histogram) |
//! | label | dimension: cleaned as [`Register::dimension`](crate::Register::dimension) says, 30 at the most; the last of a name counts |
//! | level `TRACE`, `DEBUG` | [`Level::Debug`], recorded where [`Registry::set_level`] says so; `INFO` and above are `Runtime` |
//! | target, module path | nothing |
//!
//! Units are those of CloudWatch, and values are converted where it has none of that size:
//!
//! | facade | here |
//! |---|---|
//! | `Count`, `Percent`, `Seconds`, `Milliseconds`, `Microseconds`, `Bytes`, bits per second of each size, `CountPerSecond` | the same |
//! | `Nanoseconds` | Microseconds, divided by 1,000 |
//! | `Kibibytes`, `Mebibytes`, `Gibibytes`, `Tebibytes` | Bytes, multiplied by 2^10, 2^20, 2^30, 2^40 |
//! | none | Count of a counter, None of others |
//!
//! A unit is heard until a metric of that name is recorded, as values under two units would be two metrics; the description may
//! come at any time. Of either, the first is heard.
//!
//! # What has no counterpart
//!
//! * Negative, NaN and infinite values of a histogram, and NaN and infinite levels, are refused and counted
//!   ([`refused`](crate::refused)).
//! * A counter is fed by `increment` or by `absolute`: fed by both, it is the sum of what either says.
//! * Series [expire](crate::Registry::expire_after) as others do, and come back when they are recorded again.
//!
//! # Limits
//!
//! A metric has [as many series](crate::Registry::set_limit) as any other; beyond, they are counted together as `_other`.
//! Of counters that are told absolute values, 10,000 combinations of name and labels are remembered; those of further ones are
//! ignored, which `tracing` is told once, while `increment` goes on. Of names, 10,000 may have units and descriptions.
//!
//! # Its cost
//!
//! `metrics::counter!("n", "k" => v)` looks its series up in a table of the thread's own, without a lock; a handle that is kept
//! saves that, too.

mod described;
mod handles;
mod remembered;
mod units;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use meters_core::{Error, Handle, Level, Register, Registry};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use self::described::{Described, What};
use self::handles::{Count, Counted, Counters, Leveled, Measured};
use self::remembered::Remembered;
use self::units::Scaled;

/// Hands what is recorded through the facade to a registry; a `metrics::Recorder`. Cheap to clone: clones are one.
#[derive(Clone)]
pub struct Bridge(Arc<Inner>);

struct Inner {
    /// Tells it from all others of the process, also from those that are no more.
    number: u64,
    registry: Registry,
    described: Described,
    counters: Arc<Counters>,
}

/// Has all that this process records through the facade recorded in [`Registry::global`](crate::Registry::global).
///
/// # Errors
/// [`Error::is_configuration`](crate::Error::is_configuration) where the facade was given something else before.
pub fn install() -> Result<(), Error> {
    metrics::set_global_recorder(Bridge::new(Registry::global())).map_err(|_| {
        Error::configuration(
            "the facade `metrics` has a recorder already: install the bridge first, or hand `Bridge::new` to what fans out",
        )
    })
}

impl Bridge {
    /// To this registry.
    ///
    /// ```
    /// use meters::{Registry, metrics_bridge::Bridge};
    /// let registry = Registry::new();
    /// metrics::with_local_recorder(&Bridge::new(&registry), || metrics::gauge!("depth").set(3));
    /// assert_eq!(registry.snapshot().metric("depth").gauge(), Some(3.0));
    /// ```
    pub fn new(registry: &Registry) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(Arc::new(Inner {
            number: NEXT.fetch_add(1, Relaxed),
            registry: registry.clone(),
            described: Described::default(),
            counters: Arc::default(),
        }))
    }

    fn of(&self) -> remembered::Of {
        (self.0.number, self.0.described.changes())
    }

    fn said<'r, H: Handle>(
        &self,
        register: Register<'r, H>,
        key: &Key,
        metadata: &Metadata<'_>,
        text: Option<&str>,
    ) -> H {
        let level = if *metadata.level() < metrics::Level::INFO { Level::Debug } else { Level::Runtime };
        let register =
            key.labels().fold(register.level(level), |register, label| register.dimension(label.key(), label.value()));
        match text {
            Some(text) => register.description(text).register(),
            None => register.register(),
        }
    }

    fn counted(&self, key: &Key, metadata: &Metadata<'_>) -> Counted {
        let (unit, text) = self.0.described.take(What::Counter, key.name());
        let (registry, text) = (&self.0.registry, text.as_deref());
        let Scaled { unit, factor } = units::of(unit.unwrap_or(Unit::Count));
        if factor < 1.0 {
            let counter = self.said(registry.float_counter(key.name()).unit(unit), key, metadata, text);
            return Counted::Amounts(counter, factor);
        }
        Counted::Whole(self.said(registry.counter(key.name()).unit(unit), key, metadata, text), factor as u64)
    }
}

impl Recorder for Bridge {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.0.described.describe(What::Counter, name.as_str(), unit, &text);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.0.described.describe(What::Gauge, name.as_str(), unit, &text);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.0.described.describe(What::Histogram, name.as_str(), unit, &text);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        remembered::find(self.of(), What::Counter, key, || {
            let counted = self.counted(key, metadata);
            Remembered::Counter(Counter::from_arc(Arc::new(Count::new(counted, key, &self.0.counters))))
        })
        .counter()
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        remembered::find(self.of(), What::Gauge, key, || {
            let (unit, text) = self.0.described.take(What::Gauge, key.name());
            let Scaled { unit, factor } = unit.map_or(Scaled::NONE, units::of);
            let gauge = self.0.registry.gauge(key.name()).unit(unit);
            let level = self.said(gauge, key, metadata, text.as_deref());
            Remembered::Gauge(Gauge::from_arc(Arc::new(Leveled { level, factor })))
        })
        .gauge()
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        remembered::find(self.of(), What::Histogram, key, || {
            let (unit, text) = self.0.described.take(What::Histogram, key.name());
            let Scaled { unit, factor } = unit.map_or(Scaled::NONE, units::of);
            let histogram = self.0.registry.histogram(key.name()).unit(unit);
            let values = self.said(histogram, key, metadata, text.as_deref());
            Remembered::Histogram(Histogram::from_arc(Arc::new(Measured { values, factor })))
        })
        .histogram()
    }
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("registry", &self.0.registry).finish_non_exhaustive()
    }
}
