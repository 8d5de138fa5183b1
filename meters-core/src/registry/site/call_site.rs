//! The site of an annotated function: what is recorded of its calls, and the ways into one.

use super::CallSite;
use crate::registry::{AsyncCall, Call, FullCall, Slot, Values};

/// What is recorded of a call besides its time and its outcome.
#[derive(Clone, Copy)]
pub(in crate::registry) struct Extras {
    /// One of so many calls is timed.
    pub(in crate::registry) sample: u32,
    pub(in crate::registry) in_flight: bool,
    pub(in crate::registry) busy: bool,
    pub(in crate::registry) polls: bool,
}

impl Extras {
    pub(in crate::registry) const NONE: Self = Self { sample: 1, in_flight: false, busy: false, polls: false };
}

impl CallSite {
    /// Made once: the compiler does not evaluate the same for each function.
    #[allow(clippy::declare_interior_mutable_const)]
    const UNNAMED: Self = Self::new("Duration", &[]);

    /// A site of `Duration` with no dimension but the implied one, as most are.
    pub const fn of(function: &'static str) -> Self {
        let mut site = Self::UNNAMED;
        site.0.function = Some(function);
        site
    }

    /// The user chose the metric's name.
    #[must_use]
    pub const fn named(mut self) -> Self {
        self.0.named = true;
        self
    }

    /// One of so many calls is timed, from 2 on; all are counted.
    #[must_use]
    pub const fn sample(mut self, every: u32) -> Self {
        self.0.extras.sample = every;
        self
    }

    /// How many calls are under way is a gauge.
    #[must_use]
    pub const fn in_flight(mut self) -> Self {
        self.0.extras.in_flight = true;
        self
    }

    /// The time inside polls is a histogram.
    #[must_use]
    pub const fn busy(mut self) -> Self {
        self.0.extras.busy = true;
        self
    }

    /// The number of polls is a histogram.
    #[must_use]
    pub const fn polls(mut self) -> Self {
        self.0.extras.polls = true;
        self
    }

    /// Begins a call of which more is wanted, with the values of its dynamic dimensions (`()` where there are none), and the
    /// slots of those that become known later.
    pub fn enter_full<'s, V: Values>(&'static self, values: V, slots: &'s [&'s Slot]) -> FullCall<'s> {
        FullCall::enter(self.0.with(&values), self.0.extras, (slots, self.0.layout().told), false)
    }

    /// The same of an async function.
    pub fn enter_full_async<'s, V: Values>(&'static self, values: V, slots: &'s [&'s Slot]) -> FullCall<'s> {
        FullCall::enter(self.0.with(&values), self.0.extras, (slots, self.0.layout().told), true)
    }

    /// Begins a call of a plain function.
    #[inline]
    pub fn enter(&'static self) -> Call {
        Call::enter(self.0.only())
    }

    /// Begins a call of a plain function, with the values of its dynamic dimensions.
    #[inline]
    pub fn enter_with<V: Values>(&'static self, values: V) -> Call {
        Call::enter(self.0.with(&values))
    }

    /// Begins a call of an async function.
    #[inline]
    pub fn enter_async(&'static self) -> AsyncCall {
        AsyncCall::enter(self.0.only())
    }

    /// Begins a call of an async function, with the values of its dynamic dimensions.
    #[inline]
    pub fn enter_async_with<V: Values>(&'static self, values: V) -> AsyncCall {
        AsyncCall::enter(self.0.with(&values))
    }

    /// Begins a call of a plain function of which one in so many is timed.
    #[inline]
    pub fn enter_sampled(&'static self) -> Call<true> {
        Call::enter_sampled(self.0.only(), self.0.extras.sample)
    }

    /// Begins a call of a plain function of which one in so many is timed, with the values of its dynamic dimensions.
    #[inline]
    pub fn enter_sampled_with<V: Values>(&'static self, values: V) -> Call<true> {
        Call::enter_sampled(self.0.with(&values), self.0.extras.sample)
    }

    /// Begins a call of an async function of which one in so many is timed.
    #[inline]
    pub fn enter_async_sampled(&'static self) -> AsyncCall<true> {
        AsyncCall::enter_sampled(self.0.only(), self.0.extras.sample)
    }

    /// Begins a call of an async function of which one in so many is timed, with the values of its dynamic dimensions.
    #[inline]
    pub fn enter_async_sampled_with<V: Values>(&'static self, values: V) -> AsyncCall<true> {
        AsyncCall::enter_sampled(self.0.with(&values), self.0.extras.sample)
    }
}
