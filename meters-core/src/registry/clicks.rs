//! Clicks: how many events came in the last so many seconds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;

use super::Registry;
use super::entry::Entry;
use super::function::Total;
use super::register::Register;
use crate::instrument::{Gauge, Sliding};
use crate::model::{Across, DimensionValue, Level, Unit};

/// The clicks of a registry, by the addresses of their gauges.
pub(super) type AllClicks = HashMap<usize, &'static Sliding, RandomState>;

/// The shortest window: in less nobody looks twice.
const SHORTEST: Duration = Duration::from_millis(1);
/// The dimension that tells how long a window is.
const PERIOD: &str = "Period";

/// A handle that notes events, of which gauges tell how many came in the last so many seconds. Cheap to copy; made by
/// [`Registry::clicks`].
#[derive(Clone, Copy)]
pub struct Clicks {
    sliding: &'static Sliding,
    /// Of its first window.
    entry: &'static Entry,
}

impl Clicks {
    /// Notes `n` events. Reads the clock; threads that click do not wait for each other, but for one in each hundredth of the
    /// shortest window.
    #[inline]
    pub fn click(&self, n: u64) {
        if !self.entry.gate().is_shut() {
            self.sliding.add(n);
        }
    }
}

/// Says what clicks are, before their windows are said.
#[must_use = "nothing is registered until `windows()`"]
pub struct RegisterClicks<'r> {
    gauge: Register<'r, Gauge>,
}

impl Registry {
    /// How many events came in the last so many seconds, for each of some windows a gauge with the dimension `Period`, in
    /// seconds.
    ///
    /// A window counts all clicks that are not older than it, and may count those that are up to a hundredth of it older:
    /// of 60 s, the last 60.0 to 60.6. It keeps 101 totals, however many clicks there are: 0.8 kB. In a child of `fork` there were none
    /// yet; where processes share their metrics, theirs are added up. Over [the limit of series](Self::set_limit), further ones are
    /// counted together as `_other`, in each window.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use std::time::Duration;
    /// let registry = meters::Registry::new();
    /// let hits = registry.clicks("Hits").windows([Duration::from_secs(1), Duration::from_secs(60)]);
    /// hits.click(2);
    /// assert_eq!(registry.snapshot().metric("Hits").with("Period", "60").gauge(), Some(2.0));
    /// ```
    pub fn clicks(&self, name: &str) -> RegisterClicks<'_> {
        RegisterClicks { gauge: self.gauge(name).unit(Unit::Count).across(Across::Sum) }
    }
}

impl RegisterClicks<'_> {
    /// One more dimension. The value is cleaned as [`Dimension::cleaned_value`](crate::Dimension::cleaned_value) says.
    pub fn dimension(mut self, name: &str, value: impl DimensionValue) -> Self {
        self.gauge = self.gauge.dimension(name, value);
        self
    }

    /// What they are, in words; see [`Register::description`].
    pub fn description(mut self, text: &str) -> Self {
        self.gauge = self.gauge.description(text);
        self
    }

    /// For this process alone; see [`Register::internal`].
    pub fn internal(mut self) -> Self {
        self.gauge = self.gauge.internal();
        self
    }

    /// For whom they are counted; see [`Register::level`].
    pub fn level(mut self, level: Level) -> Self {
        self.gauge = self.gauge.level(level);
        self
    }

    /// Registers a gauge for each of these windows; one of a second where there is none. The shortest is a millisecond: what
    /// is shorter is taken for that. Registering the same again gives a handle on the same clicks.
    pub fn windows(self, windows: impl IntoIterator<Item = Duration>) -> Clicks {
        let Self { gauge } = self;
        let registry = gauge.registry().clone();
        let mut windows: Vec<Duration> = windows.into_iter().map(|length| length.max(SHORTEST)).collect();
        if windows.is_empty() {
            windows.push(Duration::from_secs(1));
        }
        let told = |length: &Duration| {
            // Over the limit there is one series a window, of all the rest.
            gauge.clone().dimension(PERIOD, &*length.as_secs_f64().to_string()).literal(PERIOD)
        };
        let gauges: Vec<_> = windows.iter().map(told).collect();
        let entries: Vec<_> = gauges.iter().map(Register::told).collect();
        let sliding = registry.sliding(&entries);
        for (entry, length) in entries.iter().zip(windows) {
            let place = sliding.window(length);
            registry.read_from(entry, Total::Kept, Arc::new(move || sliding.count(place) as f64));
        }
        Clicks { sliding, entry: entries[0] }
    }
}

impl Registry {
    /// What the first of these that was told before is read from, and so all of them.
    fn sliding(&self, entries: &[&'static Entry]) -> &'static Sliding {
        // Made before the lock is taken: it reads the clock, which has locks of its own.
        let new = Sliding::new();
        let address = |entry: &&'static Entry| std::ptr::from_ref(*entry).addr();
        let mut clicks = self.0.clicks.lock();
        let known = entries.iter().find_map(|entry| clicks.get(&address(entry)).copied());
        let sliding = known.unwrap_or_else(|| Box::leak(Box::new(new)));
        entries.iter().for_each(|entry| _ = clicks.entry(address(entry)).or_insert(sliding));
        sliding
    }

    /// There were no clicks yet.
    pub(super) fn forget_clicks(&self) {
        // Once more for each of its windows does no harm.
        let all: Vec<_> = self.0.clicks.lock().values().copied().collect();
        all.into_iter().for_each(Sliding::forget);
    }
}
