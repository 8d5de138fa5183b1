//! What an attribute says of calls whose metric is the user's own.

use std::sync::OnceLock;

use super::Extras;
use crate::fork;
use crate::registry::rename::{Rename, Spelling, Told};
use crate::registry::{AsyncCall, Call, FullCall, Monitor, Slot};

/// The static behind an annotated function that reports to a monitor which was made elsewhere.
#[doc(hidden)]
pub struct OwnSite {
    /// The dimensions that become known late.
    keys: &'static [&'static str],
    extras: Extras,
    spelling: Spelling,
    told: OnceLock<Told>,
}

impl OwnSite {
    /// A site of calls with these slots.
    pub const fn new(keys: &'static [&'static str]) -> Self {
        Self { keys, extras: Extras::NONE, spelling: Spelling::AS_WRITTEN, told: OnceLock::new() }
    }

    /// One of so many calls is timed, from 2 on; all are counted.
    #[must_use]
    pub const fn sample(mut self, every: u32) -> Self {
        self.extras.sample = every;
        self
    }

    /// How many calls are under way is a gauge.
    #[must_use]
    pub const fn in_flight(mut self) -> Self {
        self.extras.in_flight = true;
        self
    }

    /// The time inside polls is a histogram.
    #[must_use]
    pub const fn busy(mut self) -> Self {
        self.extras.busy = true;
        self
    }

    /// The number of polls is a histogram.
    #[must_use]
    pub const fn polls(mut self) -> Self {
        self.extras.polls = true;
        self
    }

    /// Keys written as identifiers are spelt so; `identifiers` says of each slot whether it is one.
    #[must_use]
    pub const fn renamed(mut self, rename: Rename, identifiers: &'static [bool]) -> Self {
        self.spelling = Spelling { rename, identifiers };
        self
    }

    fn told(&self) -> Told {
        let keyed = || self.keys.iter().map(|key| (*key, ())).collect::<Vec<_>>();
        *fork::once(&self.told, || self.spelling.told(&keyed()))
    }

    /// Begins a call of which more is wanted.
    pub fn enter_full<'s>(&'static self, monitor: Monitor, slots: &'s [&'s Slot]) -> FullCall<'s> {
        FullCall::enter(monitor.0, self.extras, (slots, self.told()), false)
    }

    /// The same of an async function.
    pub fn enter_full_async<'s>(&'static self, monitor: Monitor, slots: &'s [&'s Slot]) -> FullCall<'s> {
        FullCall::enter(monitor.0, self.extras, (slots, self.told()), true)
    }

    /// Begins a call of a plain function of which one in so many is timed.
    #[inline]
    pub fn enter_sampled(&'static self, monitor: Monitor) -> Call<true> {
        Call::enter_sampled(monitor.0, self.extras.sample)
    }

    /// Begins a call of an async function of which one in so many is timed.
    #[inline]
    pub fn enter_async_sampled(&'static self, monitor: Monitor) -> AsyncCall<true> {
        AsyncCall::enter_sampled(monitor.0, self.extras.sample)
    }
}
